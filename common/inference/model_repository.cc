#include "common/inference/model_repository.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "common/inference/file_bytes.h"
#include "common/inference/sha256.h"

namespace aislewatch {
namespace {

namespace fs = std::filesystem;

constexpr char kManifestFile[] = "model.json";

using VersionNumbers = std::vector<uint32_t>;

std::optional<VersionNumbers> ParseVersion(absl::string_view text) {
  VersionNumbers numbers;
  for (const absl::string_view part : absl::StrSplit(text, '.')) {
    uint32_t number = 0;
    const bool digits = part.find_first_not_of("0123456789") == absl::string_view::npos;
    if (part.empty() || part.size() > 9 || !digits || !absl::SimpleAtoi(part, &number)) {
      return std::nullopt;
    }
    numbers.push_back(number);
  }
  if (numbers.size() > 4) return std::nullopt;
  return numbers;
}

// Where a version of a model lies.
struct Place {
  std::string name;
  VersionNumbers numbers;
  std::string version;
  std::string folder;
};

std::vector<std::string> SubFolders(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored)) names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// All versions in `folders`, by name and rising version, earlier folders hiding later ones.
std::vector<Place> Places(const std::vector<std::string>& folders) {
  std::map<std::pair<std::string, VersionNumbers>, Place> found;
  for (const std::string& root : folders) {
    for (const std::string& name : SubFolders(root)) {
      for (const std::string& version : SubFolders(fs::path(root) / name)) {
        const std::optional<VersionNumbers> numbers = ParseVersion(version);
        const fs::path folder = fs::path(root) / name / version;
        std::error_code ignored;
        if (!numbers || !fs::exists(folder / kManifestFile, ignored)) continue;
        found.try_emplace({name, *numbers}, Place{name, *numbers, version, folder.string()});
      }
    }
  }
  std::vector<Place> places;
  for (auto& [key, place] : found) places.push_back(std::move(place));
  return places;
}

absl::Status NotFound(absl::string_view name, absl::string_view version,
                      const std::vector<std::string>& folders, const std::vector<Place>& places) {
  std::vector<std::string> there;
  for (const Place& place : places) there.push_back(absl::StrCat(place.name, "/", place.version));
  return absl::NotFoundError(
      absl::StrCat("there is no model '", name, version.empty() ? "" : "/", version, "' in ",
                   absl::StrJoin(folders, ", "), " (there ", there.size() == 1 ? "is " : "are ",
                   there.empty() ? "none" : absl::StrJoin(there, ", "),
                   "); scripts/fetch-models fetches the default pose model"));
}

absl::StatusOr<ModelFiles> ReadModel(const Place& place) {
  const std::string manifest_path = (fs::path(place.folder) / kManifestFile).string();
  AW_ASSIGN_OR_RETURN(const std::shared_ptr<const FileBytes> text,
                      FileBytes::Read(manifest_path));
  absl::StatusOr<ModelManifest> manifest = ParseManifest(
      absl::string_view(reinterpret_cast<const char*>(text->bytes().data()), text->bytes().size()));
  if (!manifest.ok()) return Annotate(manifest.status(), manifest_path);
  if (manifest->info.name != place.name || manifest->info.version != place.version) {
    return absl::InvalidArgumentError(absl::StrCat(
        manifest_path, ": names the model ", manifest->info.name, "/", manifest->info.version,
        ", but its folder says ", place.name, "/", place.version));
  }
  ModelFiles files;
  files.folder = place.folder;
  files.weights_path = (fs::path(place.folder) / manifest->weights_file).string();
  AW_ASSIGN_OR_RETURN(const std::string sha256, Sha256OfFile(files.weights_path));
  if (sha256 != manifest->weights_sha256) {
    return absl::DataLossError(
        absl::StrCat(files.weights_path, ": has sha256 ", sha256, ", but the manifest promises ",
                     manifest->weights_sha256, "; copy the model again or restore its manifest"));
  }
  files.manifest = *std::move(manifest);
  return files;
}

}  // namespace

ModelRepository::ModelRepository(std::vector<std::string> folders) : folders_(std::move(folders)) {}

std::vector<ModelInfo> ModelRepository::List() const {
  std::vector<ModelInfo> models;
  for (const Place& place : Places(folders_)) models.push_back({place.name, place.version});
  return models;
}

absl::StatusOr<ModelPlace> ModelRepository::Newest(absl::string_view name) const {
  for (const std::string& folder : folders_) {
    for (const fs::path& path : {fs::path(folder), fs::path(folder) / std::string(name)}) {
      std::error_code error;
      const fs::directory_iterator readable(path, error);
      if (error && error != std::errc::no_such_file_or_directory) {
        return absl::UnavailableError(
            absl::StrCat("cannot read ", path.string(), ": ", error.message()));
      }
    }
  }
  absl::StatusOr<ModelPlace> newest =
      absl::NotFoundError(absl::StrCat("there is no model "", name, """));
  for (const Place& place : Places(folders_)) {  // Versions of a name rise.
    if (place.name == name) newest = ModelPlace{{place.name, place.version}, place.folder};
  }
  return newest;
}

absl::StatusOr<ModelFiles> ModelRepository::Find(absl::string_view name,
                                                 absl::string_view version) const {
  const std::vector<Place> places = Places(folders_);
  const Place* chosen = nullptr;
  for (const Place& place : places) {
    // Rising versions: the last one that fits is the newest.
    if (place.name == name && (version.empty() || place.version == version)) chosen = &place;
  }
  if (chosen == nullptr) return NotFound(name, version, folders_, places);
  return ReadModel(*chosen);
}

absl::StatusOr<ModelInfo> ModelInfoOfFolder(const std::string& folder) {
  std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // a trailing slash
  ModelInfo info{path.parent_path().filename().string(), path.filename().string()};
  if (info.name.empty() || info.version.empty() || info.name == ".." || info.version == "..") {
    return absl::InvalidArgumentError(
        absl::StrCat("'", folder,
                     "' names no model and version; give a folder NAME/VERSION, for example "
                     "build/models/my-model/2"));
  }
  return info;
}

absl::Status WriteManifest(const std::string& folder, ModelManifest manifest) {
  const fs::path path(folder);
  AW_ASSIGN_OR_RETURN(manifest.weights_sha256,
                      Sha256OfFile((path / manifest.weights_file).string()));
  const std::string text = ManifestText(manifest);
  AW_RETURN_IF_ERROR(ParseManifest(text).status());
  return WriteFileAtomically((path / kManifestFile).string(), text);
}

}  // namespace aislewatch
