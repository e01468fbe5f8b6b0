#include "common/vision/head_blur.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace aislewatch {
namespace {

constexpr float kSeen = 0.1f;
// Proportions of the adult body (Drillis and Contini 1966): the head is 0.13 of the height, the
// shoulders are 0.26 wide; half the head plus hair and error gives these radii.
constexpr float kRadiusPerHeight = 0.09f;
constexpr float kRadiusPerShoulders = 0.45f;
constexpr float kRadiusPerEars = 1.1f;
constexpr float kMinRadiusPixels = 6;
// The whole picture in blocks: people are then shapes without features.
constexpr int kBlocksAcross = 24;

struct Pixel {
  float x;
  float y;
};

class Joints {
 public:
  Joints(const DetectedPerson& person, FrameSize frame) : person_(person), frame_(frame) {}

  std::optional<Pixel> operator[](Joint joint) const {
    const Keypoint& k = At(person_.keypoints, joint);
    // NaN fails every comparison, so it counts as unseen.
    if (!(k.confidence >= kSeen && std::abs(k.x) < 4 && std::abs(k.y) < 4)) return std::nullopt;
    return Pixel{k.x * static_cast<float>(frame_.width), k.y * static_cast<float>(frame_.height)};
  }

  float Distance(Joint a, Joint b) const {
    const auto p = (*this)[a];
    const auto q = (*this)[b];
    return p && q ? std::hypot(p->x - q->x, p->y - q->y) : 0;
  }

 private:
  const DetectedPerson& person_;
  const FrameSize frame_;
};

}  // namespace

std::optional<HeadCircle> FindHead(const DetectedPerson& person, FrameSize frame) {
  const Joints joints(person, frame);
  const NormalizedBox& box = person.box;
  const bool has_box = box.width > 0 && box.height > 0 && std::abs(box.x) < 4 &&
                       std::abs(box.y) < 4 && box.width < 4 && box.height < 4;
  const float box_height = has_box ? box.height * static_cast<float>(frame.height) : 0;
  const float radius = std::max(
      {kRadiusPerHeight * box_height,
       kRadiusPerShoulders * joints.Distance(Joint::kLeftShoulder, Joint::kRightShoulder),
       kRadiusPerEars * joints.Distance(Joint::kLeftEar, Joint::kRightEar), kMinRadiusPixels});

  HeadCircle head{0, 0, radius};
  int seen = 0;
  for (const Joint joint : {Joint::kNose, Joint::kLeftEye, Joint::kRightEye, Joint::kLeftEar,
                            Joint::kRightEar}) {
    if (const auto p = joints[joint]) {
      head.x += p->x;
      head.y += p->y;
      ++seen;
    }
  }
  if (seen > 0) {
    head.x /= static_cast<float>(seen);
    head.y /= static_cast<float>(seen);
    return head;
  }
  const auto left = joints[Joint::kLeftShoulder];
  const auto right = joints[Joint::kRightShoulder];
  if (left && right) {
    return HeadCircle{(left->x + right->x) / 2, (left->y + right->y) / 2 - 0.8f * radius,
                      1.3f * radius};
  }
  if (!has_box) return std::nullopt;
  // Nothing of the head or shoulders is known: the top of the box, generously.
  return HeadCircle{(box.x + box.width / 2) * static_cast<float>(frame.width),
                    box.y * static_cast<float>(frame.height) + radius,
                    std::max(1.6f * radius, 0.5f * box.width * static_cast<float>(frame.width))};
}

void BlurHeads(cv::Mat& frame, absl::Span<const TrackedPerson> people) {
  const cv::Rect whole(0, 0, frame.cols, frame.rows);
  for (const TrackedPerson& person : people) {
    const auto head = FindHead(person.person, {frame.cols, frame.rows});
    if (!head.has_value()) continue;
    const int r = static_cast<int>(std::ceil(head->radius));
    const cv::Point centre(static_cast<int>(head->x), static_cast<int>(head->y));
    const cv::Rect square = cv::Rect(centre.x - r, centre.y - r, 2 * r + 1, 2 * r + 1) & whole;
    if (square.area() == 0) continue;
    cv::Mat region = frame(square);
    const int block = std::max(4, r / 4);
    cv::Mat blocks, pixelated;
    cv::resize(region, blocks, cv::Size(std::max(1, square.width / block),
                                        std::max(1, square.height / block)), 0, 0, cv::INTER_AREA);
    cv::resize(blocks, pixelated, region.size(), 0, 0, cv::INTER_NEAREST);
    cv::Mat mask(region.size(), CV_8UC1, cv::Scalar(0));
    cv::circle(mask, centre - square.tl(), r, cv::Scalar(255), cv::FILLED);
    pixelated.copyTo(region, mask);
  }
}

void BlurEverything(cv::Mat& frame) {
  cv::Mat blocks, pixelated;
  const int across = std::min(kBlocksAcross, frame.cols);
  const int down = std::max(1, frame.rows * across / frame.cols);
  cv::resize(frame, blocks, cv::Size(across, down), 0, 0, cv::INTER_AREA);
  cv::resize(blocks, pixelated, frame.size(), 0, 0, cv::INTER_NEAREST);
  pixelated.copyTo(frame);
}

}  // namespace aislewatch
