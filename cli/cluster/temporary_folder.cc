#include "cli/cluster/temporary_folder.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace aislewatch {

absl::StatusOr<TemporaryFolder> TemporaryFolder::Create() {
  std::string pattern = (std::filesystem::temp_directory_path() / "aislewatch-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot create a folder like ", pattern));
  }
  // PostgreSQL's own user must be able to pass through.
  std::error_code ignored;
  std::filesystem::permissions(pattern, std::filesystem::perms(0755), ignored);
  return TemporaryFolder(pattern);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace aislewatch
