// What tells from a sequence of person crops what the person does.
#pragma once

#include <array>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/roles/model_info.h"
#include "common/vision/geometry.h"

namespace aislewatch {

/// What a person does; the order is that of aislewatch.v1.Action less its UNSPECIFIED.
enum class Action : uint8_t {
  kNormal,
  kTaking,
  kReturning,
  kExamining,
  kConcealingInClothes,
  kConcealingInBag,
  kFighting
};
inline constexpr int kActionCount = 7;

/// Lower-case names with underscores, as datasets' folders and manifests write them.
inline constexpr std::array<absl::string_view, kActionCount> kActionNames = {
    "normal",  "taking", "returning", "examining", "concealing_in_clothes", "concealing_in_bag",
    "fighting"};

/// Probabilities of all actions; they sum to 1. A model that does not know an action gives it 0.
struct ActionScores {
  std::array<float, kActionCount> probability{};
  /// Probability that an item is concealed: both concealing actions, or what the model's own
  /// binary head says.
  float shoplifting = 0;
};

/// One person in one frame, as a classifier gets to see them.
struct PersonView {
  /// 8-bit BGR, any size, not empty: the person's square surroundings.
  cv::Mat crop;
  /// In fractions of the crop, some may lie outside of it; every confidence is 0 where the pose is
  /// not known.
  Pose keypoints{};
  /// The same person's crop before this one, for models that look at motion; empty where there is none.
  cv::Mat previous = {};
};

/// One crop's features, `[feature_size]` float32. Opaque outside the model that made it.
using CropFeatures = std::vector<float>;

/// Features are computed once per crop and kept by the caller; only the short sequence model sees
/// the window, so that a sliding window costs one CNN pass per frame.
///
/// Both calls come from one thread at a time and block for the inference.
class ClipClassifier {
 public:
  virtual ~ClipClassifier() = default;
  /// One CropFeatures for each view. INVALID_ARGUMENT names a crop that is empty or not 8-bit BGR.
  virtual absl::StatusOr<std::vector<CropFeatures>> Embed(absl::Span<const PersonView> views) = 0;
  /// `windows`: for each person the features of their last crops, oldest first, 1..window().
  virtual absl::StatusOr<std::vector<ActionScores>> Score(
      absl::Span<const std::vector<CropFeatures>> windows) = 0;
  /// Longest window that Score uses, in crops at the rate the model was trained at (10 per second).
  virtual int window() const = 0;
  /// Whether a view without a known pose tells it nothing, since it does not look at pictures.
  virtual bool needs_keypoints() const { return false; }
  virtual const ModelInfo& info() const = 0;
};

}  // namespace aislewatch
