// Why looks are missed: the figures of bench attention with parts of what the pose model and the
// tracker found replaced by the truth, and how well the joints of heads are found. JSON on standard
// output.
//
//   attention_causes MODEL_REPOSITORY [FIRST_SEED [SEEDS [SECONDS [FOLDER]]]]
//
// MODEL_REPOSITORY holds movenet-multipose (scripts/fetch-models puts it into build/models). FOLDER
// keeps what was seen of each seed, so that another run takes seconds. Seeds below 1000000 are
// those to choose constants on. Figures are on synthetic footage.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "benchmarks/attention/seen_corridor.h"
#include "common/base/status.h"
#include "models/pose_model_loader/pose_model_loader.h"
#include "services/fusion/core/fusion_stream.h"
#include "services/fusion/core/head_heading.h"
#include "services/fusion/core/standing_point.h"
#include "simulator/attention_scoring.h"
#include "simulator/scoring.h"

namespace aislewatch {
namespace {

using Json = nlohmann::ordered_json;
using simulator::TruthFrame;
using simulator::TruthPerson;
using simulator::Visibility;

constexpr FrameSize kSize{640, 360};
constexpr float kAspect = 640.0f / 360;
constexpr int kHeadJoints = 5;
constexpr const char* kHeadJointNames[] = {"nose", "left_eye", "right_eye", "left_ear",
                                           "right_ear"};
constexpr float kLeastOverlap = 0.3f;
// Off by more, a look goes past the zone.
constexpr float kFarOff = 0.52f;

// What of a found person is replaced by the truth.
struct Replaced {
  const char* name;
  bool tracks = false;
  bool heads = false;
  bool bodies = false;
  bool everything = false;
};

constexpr Replaced kVariants[] = {
    {"as_found"},
    {"true_tracks", true},
    {"true_heads", false, true},
    {"true_bodies", false, false, true},
    {"true_tracks_and_heads", true, true},
    {"true_heads_and_bodies", false, true, true},
    {"true_tracks_heads_and_bodies", true, true, true},
    {"everybody_true", false, false, false, true},
};

const TruthPerson* MatchOf(const TruthFrame& truth, const NormalizedBox& box) {
  const TruthPerson* best = nullptr;
  float most = kLeastOverlap;
  for (const TruthPerson& person : truth.people) {
    const float overlap = IntersectionOverUnion(person.box, box);
    if (overlap < most) continue;
    most = overlap;
    best = &person;
  }
  return best;
}

void ReplaceJoints(const TruthPerson& truth, int from, int to, Pose& pose) {
  for (int i = from; i < to; ++i) {
    const auto& joint = truth.keypoints[static_cast<size_t>(i)];
    pose[static_cast<size_t>(i)] = {joint.point.x, joint.point.y,
                                    joint.visibility == Visibility::kVisible ? 0.9f : 0.0f};
  }
}

std::vector<fusion::ObservedPerson> PeopleOf(const Replaced& replaced, const TruthFrame& truth,
                                             const std::vector<TrackedPerson>& found) {
  std::vector<fusion::ObservedPerson> people;
  if (replaced.everything) {
    for (const TruthPerson& person : truth.people) {
      if (person.visible <= 0) continue;
      fusion::ObservedPerson& out = people.emplace_back();
      out.tracked.track_id = person.id;
      out.tracked.person.box = person.box;
      ReplaceJoints(person, 0, kJointCount, out.tracked.person.keypoints);
    }
    return people;
  }
  for (const TrackedPerson& person : found) {
    fusion::ObservedPerson out;
    out.tracked = person;
    // Far from the people's own ids: tracks of nobody stay.
    if (replaced.tracks) out.tracked.track_id += 1'000'000;
    if (const TruthPerson* match = MatchOf(truth, person.person.box)) {
      if (replaced.tracks) out.tracked.track_id = match->id;
      if (replaced.heads) ReplaceJoints(*match, 0, kHeadJoints, out.tracked.person.keypoints);
      if (replaced.bodies) {
        ReplaceJoints(*match, kHeadJoints, kJointCount, out.tracked.person.keypoints);
        out.tracked.person.box = match->box;
      }
    }
    people.push_back(std::move(out));
  }
  return people;
}

std::vector<Zone> ZonesOf(const simulator::SceneTruth& scene) {
  std::vector<Zone> zones;
  for (const simulator::TruthZone& truth : scene.zones) {
    const ZoneKind kind = truth.kind == "shelf" ? ZoneKind::kShelf : ZoneKind::kStorefront;
    zones.push_back({truth.id, "", kind, truth.polygon});
  }
  return zones;
}

simulator::AttentionScores ScoreOf(const SeenCorridor& corridor, const Replaced& replaced) {
  FakeMetrics metrics;
  fusion::FusionMetrics fusion_metrics(metrics);
  fusion::FusionStream::Options options;
  options.scene.zones = ZonesOf(corridor.truth.scene);
  options.new_id = [] { return std::string("visit"); };
  fusion::FusionStream stream(std::move(options), fusion_metrics);
  simulator::TrackMatcher matcher;
  std::vector<fusion::Visit> visits;
  for (size_t i = 0; i < corridor.found.size(); ++i) {
    const TruthFrame& truth = corridor.truth.frames[i];
    fusion::Observation observation;
    observation.capture_time = absl::UnixEpoch() + absl::Seconds(truth.time_s);
    observation.frame = kSize;
    observation.people = PeopleOf(replaced, truth, corridor.found[i]);
    observation.last = i + 1 == corridor.found.size();
    std::vector<TrackedPerson> tracked;
    for (const auto& person : observation.people) tracked.push_back(person.tracked);
    matcher.Observe(truth, tracked);
    for (auto& visit : stream.Judge(observation).visits) visits.push_back(std::move(visit));
  }
  std::vector<simulator::FoundVisit> found;
  for (const fusion::Visit& visit : visits) {
    found.push_back({matcher.PersonOf(visit.track_id).value_or(0), visit.zone_id,
                     absl::ToDoubleSeconds(visit.looking_time), absl::ToDoubleSeconds(visit.dwell),
                     visit.looked, visit.entered, visit.looked_before_entering});
  }
  return simulator::ScoreAttention(corridor.truth.visits, found);
}

double Share(double part, double whole) { return whole > 0 ? part / whole : 0; }

// How well one joint of heads is found.
struct JointTally {
  int seen = 0, shown = 0, hidden = 0, hidden_shown = 0;
  std::vector<float> errors;  // Across, pixels.

  Json Report() {
    std::sort(errors.begin(), errors.end());
    const auto quantile = [&](double q) {
      return errors.empty() ? 0.0f : errors[static_cast<size_t>(q * (errors.size() - 1))];
    };
    return {{"visible", seen},
            {"of_them_shown", Share(shown, seen)},
            {"hidden", hidden},
            {"of_them_shown_all_the_same", Share(hidden_shown, hidden)},
            {"error_across_px_median", quantile(0.5)},
            {"error_across_px_p90", quantile(0.9)}};
  }
};

// What becomes of a moment at which somebody looks at a zone.
struct MomentTally {
  int all = 0, not_found = 0, not_told = 0, truly_away = 0, far_off = 0, fine = 0;
  // Of those whose head is not told, the first reason.
  int no_nose = 0, no_eye = 0, no_ear = 0, other = 0;
  Json Report() const {
    return {{"moments", all},
            {"person_not_found", Share(not_found, all)},
            {"head_not_told", Share(not_told, all)},
            {"  no_nose", Share(no_nose, all)},
            {"  no_eye", Share(no_eye, all)},
            {"  no_ear", Share(no_ear, all)},
            {"  points_of_no_head_or_turned_away", Share(other, all)},
            {"head_off_by_more_than_30_degrees", Share(far_off, all)},
            {"head_told_though_truly_turned_away", Share(truly_away, all)},
            {"head_fine", Share(fine, all)}};
  }
};

// Heads with left and right the wrong way round, of those that clearly face the camera or show
// their back to it.
struct ExchangeTally {
  int heads = 0, exchanged = 0;
};
// By the height of a head (0.13 of the body's) in pixels.
constexpr float kHeadHeights[] = {0, 11, 13, 16, 20};
constexpr float kHeadByBody = 0.13f;

bool Shown(const Pose& pose, Joint joint) { return At(pose, joint).confidence >= kShownConfidence; }

class Causes {
 public:
  void Look(const SeenCorridor& corridor) {
    for (size_t i = 0; i < corridor.found.size(); ++i) {
      const TruthFrame& truth = corridor.truth.frames[i];
      std::map<uint64_t, const TrackedPerson*> found;
      for (const TrackedPerson& person : corridor.found[i]) {
        if (const TruthPerson* match = MatchOf(truth, person.person.box))
          found[match->id] = &person;
      }
      for (const TruthPerson& person : truth.people) {
        const auto it = found.find(person.id);
        Look(person, it == found.end() ? nullptr : &it->second->person);
      }
    }
  }

  Json Report() {
    Json joints, looking;
    for (int i = 0; i < kHeadJoints; ++i) {
      joints[kHeadJointNames[i]] = joints_[static_cast<size_t>(i)].Report();
      looking[kHeadJointNames[i]] = looking_joints_[static_cast<size_t>(i)].Report();
    }
    Json exchanged = Json::array();
    for (size_t i = 0; i < exchanged_.size(); ++i) {
      exchanged.push_back({{"head_px_from", kHeadHeights[i]},
                           {"heads", exchanged_[i].heads},
                           {"exchanged", Share(exchanged_[i].exchanged, exchanged_[i].heads)}});
    }
    return {{"moments_of_looks", looks_.Report()},
            {"left_and_right_exchanged", exchanged},
            {"joints_of_who_looks", looking},
            {"joints_of_everybody", joints}};
  }

 private:
  static void Count(const TruthPerson& truth, const DetectedPerson& found,
                    std::array<JointTally, kHeadJoints>& joints) {
    for (size_t i = 0; i < kHeadJoints; ++i) {
      const auto& joint = truth.keypoints[i];
      if (joint.visibility == Visibility::kOutside) continue;
      const bool visible = joint.visibility == Visibility::kVisible;
      const bool shown = found.keypoints[i].confidence >= kShownConfidence;
      (visible ? joints[i].seen : joints[i].hidden) += 1;
      (visible ? joints[i].shown : joints[i].hidden_shown) += shown;
      if (!visible || !shown) continue;
      joints[i].errors.push_back(std::abs(found.keypoints[i].x - joint.point.x) *
                                 static_cast<float>(kSize.width));
    }
  }

  void Look(const TruthPerson& truth, const DetectedPerson* found) {
    if (found != nullptr) {
      Count(truth, *found, joints_);
      CountExchange(truth, *found);
    }
    if (truth.looks_at.empty()) return;
    ++looks_.all;
    if (found == nullptr) {
      ++looks_.not_found;
      return;
    }
    Count(truth, *found, looking_joints_);
    const auto head = HeadOf(*found);
    if (!head) {
      NotTold(found->keypoints);
      return;
    }
    Pose true_pose{};
    for (size_t i = 0; i < true_pose.size(); ++i) {
      true_pose[i] = {truth.keypoints[i].point.x, truth.keypoints[i].point.y, 1};
    }
    const auto right = fusion::HeadHeading(true_pose, kAspect, truth.box.height);
    if (!right) {
      ++looks_.truly_away;
      return;
    }
    const float cosine = head->right * right->right + head->towards * right->towards;
    (cosine < std::cos(kFarOff) ? looks_.far_off : looks_.fine) += 1;
  }

  static std::optional<fusion::Heading> HeadOf(const DetectedPerson& person) {
    return fusion::HeadHeading(person.keypoints, kAspect,
                               fusion::StandingPoint(person).y - person.box.y);
  }

  void CountExchange(const TruthPerson& truth, const DetectedPerson& found) {
    constexpr size_t kLeft = static_cast<size_t>(Joint::kLeftEar);
    constexpr size_t kRight = static_cast<size_t>(Joint::kRightEar);
    if (!Shown(found.keypoints, Joint::kLeftEar) || !Shown(found.keypoints, Joint::kRightEar)) {
      return;
    }
    const float scale = kAspect / (truth.box.height * fusion::kEarBreadth);
    const float apart = scale * (truth.keypoints[kLeft].point.x - truth.keypoints[kRight].point.x);
    // Within 60 degrees of the line to the camera; in profile either way is as good.
    if (std::abs(apart) < 0.5f) return;
    const float head = kHeadByBody * truth.box.height * static_cast<float>(kSize.height);
    size_t size = exchanged_.size() - 1;
    while (head < kHeadHeights[size]) --size;
    ++exchanged_[size].heads;
    exchanged_[size].exchanged +=
        (found.keypoints[kLeft].x - found.keypoints[kRight].x) * apart < 0;
  }

  void NotTold(const Pose& pose) {
    ++looks_.not_told;
    if (!Shown(pose, Joint::kNose)) {
      ++looks_.no_nose;
    } else if (!Shown(pose, Joint::kLeftEye) && !Shown(pose, Joint::kRightEye)) {
      ++looks_.no_eye;
    } else if (!Shown(pose, Joint::kLeftEar) && !Shown(pose, Joint::kRightEar)) {
      ++looks_.no_ear;
    } else {
      ++looks_.other;
    }
  }

  std::array<JointTally, kHeadJoints> joints_, looking_joints_;
  MomentTally looks_;
  std::array<ExchangeTally, std::size(kHeadHeights)> exchanged_;
};

Json Report(const simulator::AttentionScores& scores) {
  return {{"passers_by", scores.passers_by},
          {"strangers", scores.strangers},
          {"hits", scores.looked.hits},
          {"false", scores.looked.false_alarms},
          {"missed", scores.looked.misses},
          {"precision", scores.looked.precision().value_or(0)},
          {"recall", scores.looked.recall().value_or(0)},
          {"looking_told_s", scores.looking.found_s},
          {"looking_true_s", scores.looking.truth_s},
          {"entered_hits", scores.entered.hits},
          {"entered_false", scores.entered.false_alarms},
          {"entered_missed", scores.entered.misses}};
}

absl::StatusOr<SeenCorridor> Corridor(PoseModel& model, uint64_t seed, double seconds,
                                      const std::string& folder) {
  if (folder.empty()) return SeeCorridor(model, seed, seconds);
  const std::string file = absl::StrCat(folder, "/", seed, "-", seconds, ".json");
  if (auto corridor = ReadCorridor(file); corridor.ok()) return corridor;
  AW_ASSIGN_OR_RETURN(SeenCorridor corridor, SeeCorridor(model, seed, seconds));
  AW_RETURN_IF_ERROR(WriteCorridor(corridor, file));
  return corridor;
}

absl::Status Run(const std::string& repository, uint64_t first, int seeds, double seconds,
                 const std::string& folder) {
  AW_ASSIGN_OR_RETURN(const auto model,
                      LoadPoseModel(ModelRepository({repository}), "movenet-multipose"));
  Causes causes;
  std::array<simulator::AttentionScores, std::size(kVariants)> scores;
  for (int i = 0; i < seeds; ++i) {
    AW_ASSIGN_OR_RETURN(const SeenCorridor corridor,
                        Corridor(*model, first + static_cast<uint64_t>(i), seconds, folder));
    causes.Look(corridor);
    for (size_t v = 0; v < scores.size(); ++v) scores[v].Add(ScoreOf(corridor, kVariants[v]));
  }
  Json report = {
      {"synthetic", true}, {"first_seed", first}, {"seeds", seeds}, {"seconds", seconds}};
  for (size_t v = 0; v < scores.size(); ++v) report[kVariants[v].name] = Report(scores[v]);
  report.update(causes.Report());
  std::cout << report.dump(2) << "\n";
  return absl::OkStatus();
}

}  // namespace
}  // namespace aislewatch

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr
        << "usage: attention_causes MODEL_REPOSITORY [FIRST_SEED [SEEDS [SECONDS [FOLDER]]]]\n";
    return 2;
  }
  const uint64_t first = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 101;
  const int seeds = argc > 3 ? std::atoi(argv[3]) : 3;
  const double seconds = argc > 4 ? std::atof(argv[4]) : 60;
  const absl::Status status =
      aislewatch::Run(argv[1], first, seeds, seconds, argc > 5 ? argv[5] : "");
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
