// From MoveNet's six heads to people, without LibTorch.
//
// CenterNet style (arXiv 1904.07850): a person is a peak of the centre heatmap; its cell gives the
// box and a first guess of every joint, and each joint is then drawn to the best peak of its own
// heatmap near that guess. The steps and constants are those of the published graph's own tail,
// which stops at six people; this one does not.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/vision/geometry.h"

namespace aislewatch {

/// One head's values: a grid of cells, row by row, each with `channels` floats that lie together.
/// Reads memory that belongs to somebody else.
class HeadView {
 public:
  HeadView() = default;
  /// `values` holds height * width * channels floats, upright.
  static HeadView Upright(absl::Span<const float> values, int channels);
  /// The same of a picture that was turned by 180 degrees: cells are read from the last to the
  /// first, so nothing is copied to turn them back.
  static HeadView Turned(absl::Span<const float> values, int channels);

  /// The channels of a cell, counted upright from the top left.
  const float* Cell(int cell) const { return first_ + cell * step_; }
  /// Floats that the view covers.
  size_t size() const { return size_; }

 private:
  HeadView(const float* first, ptrdiff_t step, size_t size)
      : first_(first), step_(step), size_(size) {}

  const float* first_ = nullptr;
  ptrdiff_t step_ = 0;
  size_t size_ = 0;
};

/// The heads of one picture. Pairs are (y, x) and distances are in cells, which are 4 pixels wide.
struct MoveNetHeadViews {
  int height = 0;
  int width = 0;
  /// 1: logit that a person's centre is here.
  HeadView center;
  /// 17: logit that the joint is here.
  HeadView kpt_heatmap;
  /// 17 pairs: from a person's centre to the joint.
  HeadView kpt_regress;
  /// 17 pairs: from the joint's cell to the joint.
  HeadView kpt_offset;
  /// 1 pair: height and width of the person whose centre is here.
  HeadView box_scale;
  /// 1 pair: from the cell to the box's middle.
  HeadView box_offset;
};

struct MoveNetDecoderOptions {
  /// Centre peaks below this probability are no people, 0..1.
  float min_center_score = 0.10f;
  /// People whose score (centre times mean confidence of the joints that are seen) is below this
  /// are left out, 0..1.
  float min_score = 0.05f;
  /// Bound on the people of one picture, best centres first, against noise; >= 1.
  int max_people = 64;
};

/// Joints below this confidence count as unseen: they stay in the pose with their confidence but
/// not in the person's score.
inline constexpr float kSeenJointConfidence = 0.126953125f;

/// The people of one picture, best score first, boxes and keypoints in fractions of the network's
/// input (boxes cut to it). Agrees with the graph's tail except that a joint's confidence is the
/// person's own: the graph gives each joint the largest confidence that any of its six people has
/// for that cell, so that somebody half hidden seems to see the wrist of whoever hides them.
/// INVALID_ARGUMENT where a head's size does not fit the grid. Values that are not finite give no
/// people rather than an error. Thread-safe.
absl::StatusOr<std::vector<DetectedPerson>> DecodeMoveNet(const MoveNetHeadViews& heads,
                                                          const MoveNetDecoderOptions& options);

}  // namespace aislewatch
