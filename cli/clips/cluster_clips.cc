#include "cli/clips/cluster_clips.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/clips/run_stage.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "common/rpc/image_convert.h"
#include "common/rpc/stages.h"
#include "common/vision/crop.h"

namespace aislewatch {
namespace {

/// Cuts the people of a frame out; at most as many as one message may hold.
absl::StatusOr<v1::PersonCrops> CropsOf(const CapturedFrame& frame,
                                        const std::vector<clip_training::FoundPerson>& people) {
  constexpr int kMost = 64;
  v1::PersonCrops crops;
  *crops.mutable_capture_time() = ToProto(frame.capture_time);
  for (const clip_training::FoundPerson& person : people) {
    if (crops.crops_size() == kMost) break;
    v1::PersonCrop& crop = *crops.add_crops();
    crop.set_track_id(person.track_id);
    AW_ASSIGN_OR_RETURN(*crop.mutable_image(),
                        ToProto(CropPerson(frame.image, person.box), v1::IMAGE_ENCODING_BGR8));
    for (const Keypoint& joint :
         KeypointsInCrop(person.keypoints, {frame.image.cols, frame.image.rows}, person.box)) {
      *crop.add_keypoints() = ToProto(joint);
    }
  }
  return crops;
}

ActionScores FromProto(const v1::TrackClipScore& score) {
  ActionScores scores;
  scores.shoplifting = score.shoplifting();
  for (const v1::ActionProbability& action : score.actions()) {
    const int index = static_cast<int>(action.action()) - 1;  // UNSPECIFIED is 0.
    if (index >= 0 && index < kActionCount) scores.probability[index] = action.probability();
  }
  return scores;
}

bool IsFinite(const ActionScores& scores) {
  return std::all_of(scores.probability.begin(), scores.probability.end(),
                     [](float probability) { return std::isfinite(probability); });
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> ClipCluster::Channel(const std::string& service) {
  absl::MutexLock lock(&mutex_);
  if (cluster_ == nullptr) {
    AW_ASSIGN_OR_RETURN(cluster_, LocalCluster::Start(options_));
  }
  return cluster_->Channel(service);
}

absl::StatusOr<clip_training::PeopleByFrame> ClusterPersonFinder::Find(
    absl::Span<const CapturedFrame> frames) {
  AW_ASSIGN_OR_RETURN(const auto channel, cluster_.Channel("pose"));
  v1::PoseStreamConfig config;
  config.mutable_identity()->set_camera_id("clip");
  config.mutable_identity()->set_store_id("clips");
  AW_ASSIGN_OR_RETURN(
      const std::vector<v1::PoseFrame> answers,
      RunStage<PoseStageTraits>(
          channel, config, frames.size(), [&](size_t i) -> absl::StatusOr<v1::Frame> {
            v1::Frame frame;
            *frame.mutable_capture_time() = ToProto(frames[i].capture_time);
            AW_ASSIGN_OR_RETURN(*frame.mutable_image(),
                                ToProto(frames[i].image, v1::IMAGE_ENCODING_BGR8));
            return frame;
          }));
  clip_training::PeopleByFrame people;
  for (const v1::PoseFrame& answer : answers) {
    auto& found = people.emplace_back();
    for (const v1::TrackedPerson& person : answer.people()) {
      AW_ASSIGN_OR_RETURN(const TrackedPerson tracked, aislewatch::FromProto(person));
      found.push_back({tracked.track_id, tracked.person.box, tracked.person.keypoints});
    }
  }
  return people;
}

absl::StatusOr<ServiceVerdict> JudgeClip(ClipCluster& cluster,
                                         absl::Span<const CapturedFrame> frames,
                                         const clip_training::PeopleByFrame& people) {
  AW_ASSIGN_OR_RETURN(const auto channel, cluster.Channel("classifier"));
  v1::ClassificationStreamConfig config;
  config.mutable_identity()->set_camera_id("clip");
  config.mutable_identity()->set_store_id("clips");
  AW_ASSIGN_OR_RETURN(
      const std::vector<v1::ClipScores> answers,
      RunStage<ClassifierStageTraits>(channel, config, frames.size(),
                                      [&](size_t i) { return CropsOf(frames[i], people[i]); }));
  ServiceVerdict judged;
  for (size_t frame = 0; frame < answers.size(); ++frame) {
    const v1::ClipScores& answer = answers[frame];
    judged.model = {answer.model().name(), answer.model().version()};
    for (const v1::TrackClipScore& score : answer.scores()) {
      if (score.status().outcome() != v1::OUTCOME_OK) continue;
      const ActionScores scores = FromProto(score);
      if (!IsFinite(scores)) {
        return absl::InternalError(absl::StrCat("the classifier service gave track ",
                                                score.track_id(), " in frame ", frame,
                                                " a score that is not a number"));
      }
      judged.verdict.Push(score.track_id(), scores, frame);
    }
  }
  return judged;
}

}  // namespace aislewatch
