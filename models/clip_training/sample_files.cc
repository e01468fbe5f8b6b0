#include "models/clip_training/sample_files.h"

#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/safetensors.h"
#include "common/inference/torch_guard.h"
#include "common/inference/torch_tensors.h"

namespace aislewatch::clip_training {
namespace {

constexpr char kTracks[] = "tracks";

absl::StatusOr<torch::Tensor> Read(const SafetensorsFile& file, const std::string& name) {
  const TensorView* view = file.Find(name);
  if (view == nullptr) return absl::DataLossError(absl::StrCat("no tensor ", name));
  return ToTensor(*view);
}

absl::StatusOr<TrackMaps> ReadTrack(const SafetensorsFile& file, int index) {
  TrackMaps track;
  const std::string maps = absl::StrCat(index, ".maps");
  if (file.Find(maps) != nullptr) {
    AW_ASSIGN_OR_RETURN(track.maps, Read(file, maps));
  }
  AW_ASSIGN_OR_RETURN(track.keypoints, Read(file, absl::StrCat(index, ".keypoints")));
  AW_ASSIGN_OR_RETURN(const torch::Tensor id, Read(file, absl::StrCat(index, ".id")));
  AW_ASSIGN_OR_RETURN(const torch::Tensor targets, Read(file, absl::StrCat(index, ".targets")));
  const int64_t crops = track.keypoints.dim() == 3 ? track.crops() : 0;
  const bool maps_fit =
      !track.maps.defined() || (track.maps.dim() == 4 && track.maps.size(0) == crops);
  if (crops == 0 || !maps_fit ||
      track.keypoints.sizes() != torch::IntArrayRef({crops, kJointCount, 3}) ||
      id.scalar_type() != torch::kInt64 || id.numel() != 1 ||
      targets.scalar_type() != torch::kUInt8 ||
      (targets.numel() != crops + 1 && targets.numel() != 1)) {
    return absl::DataLossError(absl::StrCat("track ", index, " has tensors of other shapes"));
  }
  track.track_id = static_cast<uint64_t>(id.item<int64_t>());
  // The first entry stands for nothing: safetensors has no empty tensors that everybody reads.
  for (int64_t i = 1; i < targets.numel(); ++i) {
    track.targets.emplace_back(targets.data_ptr<uint8_t>()[i]);
  }
  return track;
}

}  // namespace

absl::Status WriteView(const std::string& path, const SampleView& view) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot make the folder of ", path, ": ", error.message()));
  }
  return CatchTorch("keeping a sample", [&]() -> absl::Status {
    std::map<std::string, torch::Tensor> tensors;
    for (size_t i = 0; i < view.tracks.size(); ++i) {
      const TrackMaps& track = view.tracks[i];
      std::vector<int64_t> targets = {0};
      for (const ActionSet& target : track.targets) {
        targets.push_back(static_cast<int64_t>(target.to_ulong()));
      }
      if (track.maps.defined()) tensors[absl::StrCat(i, ".maps")] = track.maps;
      tensors[absl::StrCat(i, ".keypoints")] = track.keypoints;
      tensors[absl::StrCat(i, ".id")] = torch::tensor({static_cast<int64_t>(track.track_id)});
      tensors[absl::StrCat(i, ".targets")] = torch::tensor(targets).to(torch::kUInt8);
    }
    return SaveTensors(path, tensors, {{kTracks, absl::StrCat(view.tracks.size())}});
  });
}

absl::StatusOr<SampleView> ReadView(const std::string& path) {
  AW_ASSIGN_OR_RETURN(const SafetensorsFile file, SafetensorsFile::Open(path));
  const auto count = file.metadata().find(kTracks);
  int tracks = 0;
  if (count == file.metadata().end() || !absl::SimpleAtoi(count->second, &tracks)) {
    return absl::DataLossError(absl::StrCat(path, " holds no samples; delete it"));
  }
  return CatchTorch("reading a sample", [&]() -> absl::StatusOr<SampleView> {
    SampleView view;
    for (int i = 0; i < tracks; ++i) {
      auto track = ReadTrack(file, i);
      if (!track.ok()) return Annotate(track.status(), path);
      view.tracks.push_back(*std::move(track));
    }
    return view;
  });
}

}  // namespace aislewatch::clip_training
