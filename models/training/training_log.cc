#include "models/training/training_log.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/atomic_write.h"

namespace aislewatch::training {

absl::Status LogEpoch(const std::string& path, absl::string_view title, int epoch,
                      absl::string_view line) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot make the folder of ", path, ": ", error.message()));
  }
  std::string table = absl::StrCat(title, "\n");
  std::ifstream before(path);
  std::string row;
  std::getline(before, row);  // The title.
  while (std::getline(before, row)) {
    if (std::atoi(row.c_str()) < epoch) absl::StrAppend(&table, row, "\n");
  }
  absl::StrAppend(&table, line, "\n");
  const absl::Status written = WriteFileAtomically(path, table);
  if (written.ok()) return written;
  return absl::Status(written.code(),
                      absl::StrCat(written.message(),
                                   "; make room or the folder writable, then go on with --resume"));
}

}  // namespace aislewatch::training
