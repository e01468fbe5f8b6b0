// Data sets of hands, cut out as the pose service looks at them (common/vision/hand_region.h).
#pragma once

#include <cstdint>
#include <functional>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/roles/pose_model.h"
#include "common/vision/geometry.h"
#include "models/object_training/coco.h"

namespace aislewatch::object_training {

struct CutPicture {
  /// A part of the picture that it was cut from, whose pixels it shares.
  cv::Mat image;
  std::vector<LabelledBox> boxes;
};

/// A picture for each region of `people`'s hands. A thing of which it shows less than a third, or
/// less than five pixels both ways, is ignored there.
std::vector<CutPicture> CutHands(const cv::Mat& picture, absl::Span<const DetectedPerson> people,
                                 absl::Span<const LabelledBox> boxes);

/// Writes pictures as a data set in COCO's format. Not thread-safe.
class PictureSetWriter {
 public:
  /// Makes `folder`/images. UNAVAILABLE where that cannot be made.
  static absl::StatusOr<PictureSetWriter> Create(std::string folder,
                                                 std::vector<ObjectClass> classes);

  /// Writes what was cut from one picture as `number`-0.jpg, `number`-1.jpg, ... UNAVAILABLE where
  /// the disk takes no more.
  absl::Status Add(uint64_t number, absl::Span<const CutPicture> pictures);

  /// Writes the annotations, without which the pictures are no data set. `description`: see
  /// WriteCoco. INVALID_ARGUMENT where there is no picture.
  absl::StatusOr<ObjectDataset> Finish(const std::string& description) &&;

 private:
  PictureSetWriter(std::string folder, std::vector<ObjectClass> classes);

  std::string folder_;
  ObjectDataset dataset_;
};

struct CutDataset {
  /// Of hands; what could not be read of the other one is counted in it.
  ObjectDataset hands;
  /// Labelled things that were not ignored, and those of them that a picture of a hand shows.
  int things = 0;
  int things_at_hands = 0;
};

/// Finds the people in the pictures of `dataset` with `poses` and writes their hands to `folder`.
/// Pictures that cannot be read are left out and counted. Errors as PictureSetWriter's, and the
/// pose model's. Blocks for an inference a picture; `progress` is told how many are done.
absl::StatusOr<CutDataset> CutHandsOfDataset(const ObjectDataset& dataset, PoseModel& poses,
                                             const std::string& folder,
                                             const std::function<void(int64_t done)>& progress);

}  // namespace aislewatch::object_training
