// Simulated scenes as a data set in COCO's format.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "models/object_training/coco.h"

namespace aislewatch::object_training {

/// Renders `count` scenes (simulator/object_scene.h) of the seeds from `seed` on into
/// `folder`/images and writes their annotations. Things of which less than a third is visible, or
/// that are smaller than five pixels both ways, are "iscrowd". Blocks for about 0.1 s a picture;
/// `progress` is told how many are done. The same arguments give the same files on the same build.
absl::StatusOr<ObjectDataset> WriteSimulatedDataset(
    const std::string& folder, uint64_t seed, int count,
    const std::function<void(int64_t done)>& progress);

}  // namespace aislewatch::object_training
