#include "services/pose/core/appearance.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "services/pose/core/similarity.h"

namespace aislewatch::pose {
namespace {

// A trunk of fewer pixels along a side says little of colours.
constexpr int kLeastPixels = 4;
// Trunks are looked at in about this many pixels along a side: more say the same.
constexpr int kEnoughSide = 24;
// Somebody nearer who covers more than this share of the trunk hides it.
constexpr double kCovered = 0.15;
// Shops' colours lie this close to grey, in units of Cr and Cb; brighter ones share the last bin.
constexpr float kColourReach = 64;
// The trunk is looked at without its margins, where background shows.
constexpr float kInner = 0.15f;

// The box around shoulders and hips, without margins; the box's middle where they are not shown.
NormalizedBox TrunkOf(const DetectedPerson& person) {
  constexpr Joint kCorners[] = {Joint::kLeftShoulder, Joint::kRightShoulder, Joint::kLeftHip,
                                Joint::kRightHip};
  const NormalizedBox& box = person.box;
  NormalizedBox trunk{box.x + 0.25f * box.width, box.y + 0.2f * box.height, 0.5f * box.width,
                      0.3f * box.height};
  float left = 1e9f, right = -1e9f, top = 1e9f, bottom = -1e9f;
  for (const Joint corner : kCorners) {
    const Keypoint& joint = person.keypoints[static_cast<size_t>(corner)];
    if (!(joint.confidence >= kShownConfidence)) return trunk;
    left = std::min(left, joint.x);
    right = std::max(right, joint.x);
    top = std::min(top, joint.y);
    bottom = std::max(bottom, joint.y);
  }
  // Seen from the side, shoulders and hips make a line; the body is wider.
  const float widened = std::max(right - left, 0.3f * box.width);
  const float middle = (left + right) / 2;
  trunk = {middle - widened / 2, top, widened, bottom - top};
  return {trunk.x + kInner * trunk.width, trunk.y + kInner * trunk.height,
          (1 - 2 * kInner) * trunk.width, (1 - 2 * kInner) * trunk.height};
}

// A value shared out between the two bins whose centres it lies between, so that light that
// changes a little changes the histogram a little.
struct Shares {
  int first;
  int second;
  float second_share;
};

Shares Share(float value, float low, float high, int bins) {
  const float at = std::clamp((value - low) / (high - low) * static_cast<float>(bins) - 0.5f, 0.0f,
                              static_cast<float>(bins - 1));
  const int first = static_cast<int>(at);
  return {first, std::min(first + 1, bins - 1), at - static_cast<float>(first)};
}

Appearance Measure(const cv::Mat& trunk) {
  cv::Mat small = trunk;
  if (std::max(trunk.cols, trunk.rows) > kEnoughSide) {
    cv::resize(trunk, small, {std::min(trunk.cols, kEnoughSide), std::min(trunk.rows, kEnoughSide)},
               0, 0, cv::INTER_AREA);
  }
  cv::Mat colours;
  cv::cvtColor(small, colours, cv::COLOR_BGR2YCrCb);
  Appearance look;
  look.known = true;
  const float one = 1.0f / static_cast<float>(colours.total());
  for (int y = 0; y < colours.rows; ++y) {
    for (int x = 0; x < colours.cols; ++x) {
      const auto& pixel = colours.at<cv::Vec3b>(y, x);
      const Shares luma = Share(pixel[0], 0, 256, Appearance::kBrightnessBins);
      look.brightness[static_cast<size_t>(luma.first)] += one * (1 - luma.second_share);
      look.brightness[static_cast<size_t>(luma.second)] += one * luma.second_share;
      const Shares red =
          Share(pixel[1], 128 - kColourReach, 128 + kColourReach, Appearance::kColourBins);
      const Shares blue =
          Share(pixel[2], 128 - kColourReach, 128 + kColourReach, Appearance::kColourBins);
      const auto add = [&](int r, int b, float share) {
        look.colour[static_cast<size_t>(r * Appearance::kColourBins + b)] += one * share;
      };
      add(red.first, blue.first, (1 - red.second_share) * (1 - blue.second_share));
      add(red.first, blue.second, (1 - red.second_share) * blue.second_share);
      add(red.second, blue.first, red.second_share * (1 - blue.second_share));
      add(red.second, blue.second, red.second_share * blue.second_share);
    }
  }
  return look;
}

template <size_t kBins>
double Bhattacharyya(const std::array<float, kBins>& a, const std::array<float, kBins>& b) {
  double sum = 0;
  for (size_t i = 0; i < kBins; ++i) sum += std::sqrt(static_cast<double>(a[i]) * b[i]);
  return std::min(1.0, sum);
}

template <size_t kBins>
void BlendBins(std::array<float, kBins>& kept, const std::array<float, kBins>& seen, float rate) {
  for (size_t i = 0; i < kBins; ++i) kept[i] += rate * (seen[i] - kept[i]);
}

}  // namespace

double AppearanceSimilarity(const Appearance& a, const Appearance& b) {
  if (!a.known || !b.known) return -1;
  return (Bhattacharyya(a.brightness, b.brightness) + Bhattacharyya(a.colour, b.colour)) / 2;
}

void Blend(Appearance& kept, const Appearance& seen, float rate) {
  if (!seen.known) return;
  if (!kept.known) {
    kept = seen;
    return;
  }
  BlendBins(kept.brightness, seen.brightness, rate);
  BlendBins(kept.colour, seen.colour, rate);
}

std::vector<Appearance> AppearancesOf(const cv::Mat& picture,
                                      absl::Span<const DetectedPerson> people) {
  std::vector<Appearance> looks(people.size());
  for (size_t i = 0; i < people.size(); ++i) {
    const NormalizedBox trunk = TrunkOf(people[i]);
    // Detections may hold anything, infinities too; comparisons that are false for NaN reject them.
    const bool inside = trunk.x >= 0 && trunk.y >= 0 && trunk.right() <= 1 && trunk.bottom() <= 1;
    if (!inside) continue;
    const cv::Rect pixels(static_cast<int>(trunk.x * static_cast<float>(picture.cols)),
                          static_cast<int>(trunk.y * static_cast<float>(picture.rows)),
                          static_cast<int>(trunk.width * static_cast<float>(picture.cols)),
                          static_cast<int>(trunk.height * static_cast<float>(picture.rows)));
    if (pixels.width < kLeastPixels || pixels.height < kLeastPixels) continue;
    const double area = static_cast<double>(trunk.width) * trunk.height;
    const bool covered =
        std::any_of(people.begin(), people.end(), [&](const DetectedPerson& other) {
          return &other != &people[i] && other.box.bottom() > people[i].box.bottom() &&
                 IntersectionArea(other.box, trunk) > kCovered * area;
        });
    if (!covered) looks[i] = Measure(picture(pixels));
  }
  return looks;
}

}  // namespace aislewatch::pose
