// Draws what the cluster found into a frame: skeletons, track ids, risks.
//
// Stateless and thread-safe.
#pragma once

#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/vision/geometry.h"
#include "common/vision/seen_object.h"

namespace aislewatch {

/// A person to draw.
struct OverlayPerson {
  TrackedPerson person;
  /// Fused risk, 0..1; unset where fusion was away.
  std::optional<float> risk;
  /// Written behind the track id, for example an action; may be empty.
  std::string label;
};

/// Draws into `frame` (8-bit BGR, not empty): for each person the box, the joints of at least 0.2
/// confidence and the limbs between them, "#id label risk"; green at risk 0, red at 1, grey where
/// there is none. `banner` is written at the top, for example an open incident; may be empty.
/// Absurd coordinates draw nothing.
void DrawOverlay(cv::Mat& frame, absl::Span<const OverlayPerson> people,
                 absl::string_view banner = "");

/// Draws the things of at least kShownObjectScore into `frame` (8-bit BGR, not empty): the box and
/// "name score", weapons in magenta, look-alikes in light blue. Absurd coordinates draw nothing.
void DrawObjects(cv::Mat& frame, absl::Span<const SeenObject> objects);

}  // namespace aislewatch
