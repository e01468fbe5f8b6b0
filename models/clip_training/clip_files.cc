#include "models/clip_training/clip_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch::clip_training {
namespace {

namespace fs = std::filesystem;

constexpr std::array<absl::string_view, 5> kVideoExtensions = {".mp4", ".avi", ".mkv", ".mov",
                                                               ".webm"};

bool IsVideo(const fs::path& path) {
  const std::string extension = absl::AsciiStrToLower(path.extension().string());
  return std::find(kVideoExtensions.begin(), kVideoExtensions.end(), extension) !=
         kVideoExtensions.end();
}

std::vector<fs::path> SortedEntries(const fs::path& directory, std::error_code& error) {
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(it->path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

absl::Status Unreadable(const fs::path& path, const std::error_code& error) {
  return absl::NotFoundError(
      absl::StrCat("cannot read the folder ", path.string(), ": ", error.message()));
}

}  // namespace

absl::StatusOr<std::vector<ClipFile>> ListClips(const std::string& dataset,
                                                const std::string& directory) {
  std::error_code error;
  const std::vector<fs::path> folders = SortedEntries(directory, error);
  if (error) return Unreadable(directory, error);
  std::vector<ClipFile> clips;
  for (const fs::path& folder : folders) {
    if (!fs::is_directory(folder, error)) continue;
    const std::string name = folder.filename().string();
    AW_ASSIGN_OR_RETURN(const ActionSet actions, ActionsOfFolder(name));
    const std::vector<fs::path> files = SortedEntries(folder, error);
    if (error) return Unreadable(folder, error);
    for (const fs::path& file : files) {
      if (IsVideo(file)) clips.push_back({file.string(), dataset, name, actions});
    }
  }
  if (clips.empty()) {
    return absl::NotFoundError(absl::StrCat(
        directory, " holds no clips; it must have one folder of videos per class, for example ",
        directory, "/normal/001.mp4"));
  }
  return clips;
}

absl::StatusOr<std::vector<ClipFile>> ListFootage(const std::string& dataset,
                                                  const std::string& directory) {
  std::error_code error;
  const std::vector<fs::path> files = SortedEntries(directory, error);
  if (error) return Unreadable(directory, error);
  // Whether or not there is a slash at the end.
  const fs::path folder = fs::path(directory + "/.").lexically_normal().parent_path();
  std::vector<ClipFile> clips;
  for (const fs::path& file : files) {
    if (!IsVideo(file) || fs::is_directory(file, error)) continue;
    clips.push_back({file.string(), dataset, folder.filename().string(), {}});
  }
  if (clips.empty()) return absl::NotFoundError(absl::StrCat(directory, " holds no videos"));
  return clips;
}

ClipSplit SplitByBlocks(const std::vector<ClipFile>& clips, const Fold& fold) {
  const auto index = static_cast<size_t>(fold.index);
  const auto count = static_cast<size_t>(fold.count);
  std::map<std::pair<std::string, std::string>, std::vector<ClipFile>> classes;
  for (const ClipFile& clip : clips) classes[{clip.dataset, clip.folder}].push_back(clip);
  ClipSplit split;
  for (const auto& [key, members] : classes) {
    const size_t size = members.size();
    const size_t begin = size - (count - index + 1) * size / count;
    const size_t end = size - (count - index) * size / count;
    const size_t rest = size - (end - begin);
    const size_t train = rest - rest / 5;
    for (size_t i = 0, kept = 0; i < size; ++i) {
      const bool is_test = i >= begin && i < end;
      std::vector<ClipFile>& part = is_test        ? split.test
                                    : kept < train ? split.train
                                                   : split.validation;
      part.push_back(members[i]);
      if (!is_test) ++kept;
    }
  }
  return split;
}

absl::Status RequireSeveralClasses(const std::vector<ClipFile>& clips) {
  std::set<std::string> folders;
  for (const ClipFile& clip : clips) folders.insert(clip.folder);
  if (folders.size() > 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(folders.empty() ? "there is no clip"
                                   : absl::StrCat("all clips are of the class ", *folders.begin()),
                   "; to tell classes apart, or to measure how well that goes, give a data set "
                   "with at least two "
                   "folders of clips, three clips each where only the test part is asked for"));
}

}  // namespace aislewatch::clip_training
