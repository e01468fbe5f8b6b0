// Simulated scenes as a data set in COCO's format.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "models/object_training/coco.h"

namespace aislewatch::object_training {

/// What is written of a scene: pictures of everybody's hands, three or so, as the pose service
/// looks at them (hand_pictures.h); or the whole picture, for CutHandsOfDataset and for videos.
enum class ScenePart { kHands, kWhole };

/// Renders `scenes` scenes (simulator/object_scene.h) of the seeds from `seed` on and writes `part`
/// of them into `folder`/images, with annotations. Things of which less than a third is visible are
/// "iscrowd". Blocks for about 0.1 s a scene; `progress` is told how many are done. The same
/// arguments give the same files on the same build.
absl::StatusOr<ObjectDataset> WriteSimulatedDataset(
    const std::string& folder, uint64_t seed, int scenes, ScenePart part,
    const std::function<void(int64_t done)>& progress);

}  // namespace aislewatch::object_training
