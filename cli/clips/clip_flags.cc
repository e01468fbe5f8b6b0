#include "cli/clips/clip_flags.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"

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
  command.add_option("--pose-model", flags.pose_model, "What finds them, in the model repository")
      ->capture_default_str();
  AddRunClusterFlags(command, flags.cluster);
}

}  // namespace aislewatch
