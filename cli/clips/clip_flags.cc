#include "cli/clips/clip_flags.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch {
namespace {

std::string DefaultCache() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME")) return absl::StrCat(cache, "/aislewatch");
  const char* home = std::getenv("HOME");
  return absl::StrCat(home == nullptr ? "." : home, "/.cache/aislewatch");
}

}  // namespace

void AddClipClusterFlags(CLI::App& command, ClipClusterFlags& flags) {
  flags.cache = DefaultCache();
  command.add_option("--cache", flags.cache, "Folder that remembers where people are in the clips")
      ->capture_default_str();
  AddRunClusterFlags(command, flags.cluster);
}

absl::StatusOr<std::string> PoseModelVersion(const ModelRepository& repository) {
  AW_ASSIGN_OR_RETURN(const ModelFiles files, repository.Find("movenet-multipose"));
  return absl::StrCat(files.manifest.info.name, "-", files.manifest.info.version);
}

}  // namespace aislewatch
