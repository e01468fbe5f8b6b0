// How each place of a picture moves from frame to frame, against the picture as a whole.
#pragma once

#include <memory>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/capture/frame_source.h"
#include "common/vision/geometry.h"

namespace aislewatch::picture_movement {

/// In picture heights per second, so that neither the size of the picture nor its rate matters.
struct Velocity {
  float x = 0;
  float y = 0;
  float speed() const;
};

/// What moved between two frames, on a grid. Plain value.
struct MovementGrid {
  /// Of the later frame.
  absl::Time time;
  int rows = 0;
  int columns = 0;
  /// `[rows, columns]`, less `camera`.
  std::vector<Velocity> places;
  /// The median of the picture: what the camera itself does, or nothing where it stands still.
  Velocity camera;

  const Velocity& at(int row, int column) const {
    return places[static_cast<size_t>(row) * columns + column];
  }
};

/// Dense inverse search (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016)
/// between neighbouring frames of one camera. Pictures are looked at with 120 lines, whatever they
/// have. Not thread-safe. The same frames give the same numbers, however many cores there are.
class MovementMeter {
 public:
  /// Of a grid; a place is three of 120 lines high, and about as wide.
  static constexpr int kRows = 40;
  /// Between frames further apart nothing is measured.
  static constexpr absl::Duration kLongestStep = absl::Milliseconds(500);

  MovementMeter();
  ~MovementMeter();

  /// `frame.capture_time` rises. Nothing for the first frame, after a gap, or where the picture's
  /// size is another one than before. Blocks for the flow, some milliseconds.
  std::optional<MovementGrid> Push(const CapturedFrame& frame);

 private:
  class Flow;
  const std::unique_ptr<Flow> flow_;
  cv::Mat last_;  // grey, 120 lines
  FrameSize last_size_;
  absl::Time last_time_;
};

/// The grids of a clip's frames before `until` (from the first frame on).
std::vector<MovementGrid> MeasureMovement(absl::Span<const CapturedFrame> frames,
                                          absl::Duration until);

}  // namespace aislewatch::picture_movement
