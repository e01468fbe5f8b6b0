#include "services/pose/core/object_spotter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/vision/hand_region.h"

namespace aislewatch::pose {
namespace {

// As the contract has it.
constexpr size_t kMaxClassName = 64;
// What the model doubts more than this is not worth its bytes.
constexpr float kLeastScore = 0.1f;
// Nobody holds more; of a picture full of nonsense the surest is enough.
constexpr size_t kMaxObjectsOfOne = 8;
constexpr float kSamePlace = 0.5f;
constexpr int kHands = 2;

constexpr char kLooksHelp[] = "People looked at by the object model, by outcome.";
constexpr char kObjectsHelp[] =
    "Things seen with at least the object model's own threshold, each look anew, by kind.";

// Pixels from a point, in fractions of the frame, to a box; 0 inside.
float PixelsTo(float x, float y, const NormalizedBox& box, FrameSize frame) {
  const float across = std::max({0.0f, box.x - x, x - box.right()});
  const float along = std::max({0.0f, box.y - y, y - box.bottom()});
  return std::hypot(across * static_cast<float>(frame.width),
                    along * static_cast<float>(frame.height));
}

// Pixels from the nearest hand of a person to a thing; where no hand is seen, from their middle.
float HandDistance(const DetectedPerson& person, const NormalizedBox& thing, FrameSize frame) {
  float nearest = std::numeric_limits<float>::infinity();
  for (const Joint joint : {Joint::kLeftWrist, Joint::kRightWrist}) {
    const Keypoint& wrist = At(person.keypoints, joint);
    if (!(wrist.confidence >= kLeastWristConfidence)) continue;
    nearest = std::min(nearest, PixelsTo(wrist.x, wrist.y, thing, frame));
  }
  if (std::isfinite(nearest)) return nearest;
  const NormalizedBox& box = person.box;
  return PixelsTo(box.x + box.width / 2, box.y + box.height / 2, thing, frame);
}

// The index of whoever holds the thing, among those whose hands could be told at all: `hands` are
// everybody's.
size_t HolderOf(const NormalizedBox& thing, absl::Span<const TrackedPerson> people,
                const std::vector<std::vector<cv::Rect>>& hands, FrameSize frame,
                size_t looked_at) {
  size_t holder = looked_at;
  float nearest = HandDistance(people[looked_at].person, thing, frame);
  for (size_t i = 0; i < people.size(); ++i) {
    if (hands[i].empty()) continue;
    const float distance = HandDistance(people[i].person, thing, frame);
    if (distance < nearest) {
      nearest = distance;
      holder = i;
    }
  }
  return holder;
}

// The surest thing of each place, best first.
std::vector<SeenObject> Surest(std::vector<SeenObject> found) {
  std::stable_sort(found.begin(), found.end(),
                   [](const SeenObject& a, const SeenObject& b) { return a.score > b.score; });
  std::vector<SeenObject> kept;
  for (SeenObject& seen : found) {
    if (kept.size() == kMaxObjectsOfOne) break;
    const bool taken = std::any_of(kept.begin(), kept.end(), [&seen](const SeenObject& surer) {
      return IntersectionOverUnion(seen.box, surer.box) > kSamePlace;
    });
    if (!taken) kept.push_back(std::move(seen));
  }
  return kept;
}

}  // namespace

ObjectSpotter::ObjectSpotter(std::unique_ptr<ObjectDetector> detector, Clock& clock,
                             Metrics& metrics)
    : clock_(clock),
      looks_(metrics.GetCounter("aislewatch_pose_object_looks_total", kLooksHelp,
                                {{"outcome", "ok"}})),
      failed_looks_(metrics.GetCounter("aislewatch_pose_object_looks_total", kLooksHelp,
                                       {{"outcome", "failed"}})),
      weapons_(
          metrics.GetCounter("aislewatch_pose_objects_total", kObjectsHelp, {{"kind", "weapon"}})),
      look_alikes_(metrics.GetCounter("aislewatch_pose_objects_total", kObjectsHelp,
                                      {{"kind", "look_alike"}})),
      run_seconds_(metrics.GetHistogram("aislewatch_pose_object_run_seconds",
                                        "Inference of the object model for one frame.",
                                        LatencyBuckets())),
      detector_(std::move(detector)) {}

absl::Status ObjectSpotter::Prepare(int max_people) {
  for (const ObjectClass& kind : detector_->classes()) {
    const bool printable = std::all_of(kind.name.begin(), kind.name.end(), absl::ascii_isprint);
    if (!kind.name.empty() && kind.name.size() <= kMaxClassName && printable) continue;
    return absl::InvalidArgumentError(absl::StrCat("class \"", kind.name, "\" of ", model().name,
                                                   "/", model().version, " must be named by 1..",
                                                   kMaxClassName, " printable ASCII characters"));
  }
  const cv::Mat grey(128, 128, CV_8UC3, cv::Scalar::all(114));
  absl::MutexLock lock(&mutex_);
  for (int count = 1; count <= kHands * max_people; ++count) {
    const std::vector<cv::Mat> crops(static_cast<size_t>(count), grey);
    const auto found = detector_->Detect(crops);
    if (found.ok()) continue;
    return Annotate(found.status(), absl::StrCat("warming up ", model().name, "/", model().version,
                                                 " with ", count, " pictures"));
  }
  return absl::OkStatus();
}

ObjectLooks ObjectSpotter::Look(const cv::Mat& picture, absl::Span<const TrackedPerson> people,
                                absl::Span<const size_t> whom) {
  ObjectLooks looks;
  if (whom.empty()) return looks;
  const FrameSize frame{picture.cols, picture.rows};
  std::vector<std::vector<cv::Rect>> hands;
  for (const TrackedPerson& person : people) hands.push_back(HandRegions(person.person, frame));
  std::vector<cv::Mat> crops;
  for (const size_t index : whom) {
    for (const cv::Rect& region : hands[index]) crops.push_back(picture(region));
  }
  const auto found = Detect(crops, whom.size());
  if (!found.ok()) return looks;
  auto in_crop = found->begin();
  for (const size_t index : whom) {
    looks.track_ids.push_back(people[index].track_id);
    std::vector<SeenObject> all;
    for (const cv::Rect& region : hands[index]) {
      for (const DetectedObject& object : *in_crop) {
        if (object.score >= kLeastScore) all.push_back(Named(object, region, frame));
      }
      ++in_crop;
    }
    for (SeenObject& seen : Surest(std::move(all))) {
      if (HolderOf(seen.box, people, hands, frame, index) != index) continue;
      seen.track_id = looks.track_ids.back();
      looks.objects.push_back(std::move(seen));
    }
  }
  Count(looks);
  return looks;
}

absl::StatusOr<std::vector<std::vector<DetectedObject>>> ObjectSpotter::Detect(
    const std::vector<cv::Mat>& crops, size_t people) {
  absl::StatusOr<std::vector<std::vector<DetectedObject>>> found;
  bool failed_before = false;
  {
    absl::MutexLock lock(&mutex_);
    const absl::Time start = clock_.Now();
    found = detector_->Detect(crops);
    run_seconds_.Observe(absl::ToDoubleSeconds(clock_.Now() - start));
    failed_before = std::exchange(failing_, !found.ok());
  }
  (found.ok() ? looks_ : failed_looks_).Add(static_cast<double>(people));
  // Once for each stretch: a model that fails does so several times a second.
  if (!found.ok() && !failed_before) {
    LogWarning("the object model fails; poses go on without it",
               {{"error", std::string(found.status().message())}});
  }
  return found;
}

SeenObject ObjectSpotter::Named(const DetectedObject& object, const cv::Rect& region,
                                FrameSize frame) const {
  const ObjectClass& kind = detector_->classes()[static_cast<size_t>(object.class_index)];
  const auto width = static_cast<float>(frame.width);
  const auto height = static_cast<float>(frame.height);
  const auto across = static_cast<float>(region.width);
  const auto along = static_cast<float>(region.height);
  SeenObject seen;
  seen.name = kind.name;
  seen.weapon = kind.weapon;
  seen.score = object.score;
  seen.box = {(static_cast<float>(region.x) + object.box.x * across) / width,
              (static_cast<float>(region.y) + object.box.y * along) / height,
              object.box.width * across / width, object.box.height * along / height};
  return seen;
}

void ObjectSpotter::Count(const ObjectLooks& looks) {
  for (const SeenObject& object : looks.objects) {
    if (object.score < detector_->threshold()) continue;
    (object.weapon ? weapons_ : look_alikes_).Add();
  }
}

}  // namespace aislewatch::pose
