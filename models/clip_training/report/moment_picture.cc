#include "models/clip_training/report/moment_picture.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "common/vision/head_blur.h"
#include "common/vision/image_codec.h"
#include "common/vision/overlay.h"

namespace aislewatch::clip_training {
namespace {

constexpr int kMostWidth = 480;
constexpr int kJpegQuality = 80;

}  // namespace

absl::StatusOr<std::string> MomentPicture(const CapturedFrame& frame,
                                          absl::Span<const FoundPerson> people,
                                          absl::Span<const uint64_t> tracks) {
  if (frame.image.empty()) return absl::InvalidArgumentError("a frame without a picture");
  cv::Mat image = frame.image.clone();
  std::vector<TrackedPerson> all;
  std::vector<OverlayPerson> shown;
  for (const FoundPerson& person : people) {
    all.push_back({person.track_id, {person.box, 1, person.keypoints}, 1});
    const bool drawn = std::find(tracks.begin(), tracks.end(), person.track_id) != tracks.end();
    if (drawn) shown.push_back({all.back(), std::nullopt, ""});
  }
  BlurHeads(image, all);
  if (image.cols > kMostWidth) {
    const double scale = static_cast<double>(kMostWidth) / image.cols;
    cv::resize(image, image, {}, scale, scale, cv::INTER_AREA);
  }
  DrawOverlay(image, shown);
  return EncodeJpeg(image, kJpegQuality);
}

}  // namespace aislewatch::clip_training
