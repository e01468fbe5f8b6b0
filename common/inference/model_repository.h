// Models as files: folders NAME/VERSION/{model.json, weights.safetensors}.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/inference/model_manifest.h"
#include "common/roles/model_info.h"

namespace aislewatch {

/// A model whose manifest is valid and whose weights are those that the manifest names.
struct ModelFiles {
  ModelManifest manifest;
  /// Folder of the version.
  std::string folder;
  std::string weights_path;
};

/// A version on the disk, of which nothing but its place has been looked at.
struct ModelPlace {
  ModelInfo model;
  /// Folder of the version.
  std::string folder;
};

/// Finds models in one or several folders, for example models/pretrained and build/models. The
/// disk is read at every call, so that a version that is put there later is found. Immutable and
/// thread-safe; its calls block for the disk.
///
/// Versions are one to four dotted numbers ("1", "2.10") and compare by their numbers. Where two
/// folders hold the same version of a model, the folder that was given first wins.
class ModelRepository {
 public:
  /// Folders that do not exist count as empty: fetched models may not be there yet.
  explicit ModelRepository(std::vector<std::string> folders);

  /// Every NAME/VERSION with a model.json, sorted by name and version, none twice.
  std::vector<ModelInfo> List() const;

  /// The model `name` in `version`, or in its newest one where `version` is empty. Reads the
  /// manifest and checks the weights' sha256. NOT_FOUND lists what there is; INVALID_ARGUMENT and
  /// DATA_LOSS (other bytes than the manifest promises) name the file.
  absl::StatusOr<ModelFiles> Find(absl::string_view name, absl::string_view version = "") const;

  /// Where the newest version of `name` lies. NOT_FOUND where there is none, UNAVAILABLE where a
  /// folder is there and cannot be read: what is in it is not known then.
  absl::StatusOr<ModelPlace> Newest(absl::string_view name) const;

  const std::vector<std::string>& folders() const { return folders_; }

 private:
  const std::vector<std::string> folders_;
};

/// Name and version at the end of a folder ".../NAME/VERSION", as a trainer's --out gives it.
/// INVALID_ARGUMENT for any other path.
absl::StatusOr<ModelInfo> ModelInfoOfFolder(const std::string& folder);

/// Writes `manifest` as model.json into `folder`, which must hold the weights already: their
/// sha256 is computed and put into it. Replaces an older manifest atomically.
absl::Status WriteManifest(const std::string& folder, ModelManifest manifest);

}  // namespace aislewatch
