#include "services/pose/core/tracker.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/pose/core/assignment.h"
#include "services/pose/core/similarity.h"

namespace aislewatch::pose {
namespace {

// Poses are compared across time, so joints may be this many times further off than COCO allows for
// two annotations of one picture.
constexpr double kMotionSlack = 2.0;
// Distance from the prediction, in bodies, at which a track that overlaps nothing may still be
// continued: at once, for each second unseen, and at most.
constexpr double kReach = 0.35;
constexpr double kReachPerSecond = 0.8;
constexpr double kMaxReach = 1.25;
// Sizes that differ by more than this factor are no continuation across a gap.
constexpr double kMaxSizeRatio = 1.6;
// A second unseen makes a track this much dearer, so that of two the fresher one is continued.
constexpr double kLostCostPerSecond = 0.1;
// Of two lost people dressed alike, distance decides: all of a person's reach is worth as much as
// this difference of similarity.
constexpr double kReturnDistanceCost = 0.1;
// A box is at the picture's edge from this distance on, in fractions of the picture.
constexpr float kBorder = 0.015f;
// A change of width by height up to this is rounding, not another picture.
constexpr double kSameAspect = 0.02;
constexpr double kForbidden = 1.0;

bool IsUsable(const DetectedPerson& person) {
  const NormalizedBox& box = person.box;
  for (float v : {box.x, box.y, box.width, box.height, person.score}) {
    // Far outside the picture is as wrong as infinite, and its square would overflow.
    if (!std::isfinite(v) || std::abs(v) > 100) return false;
  }
  return box.width > 0 && box.height > 0 &&
         std::all_of(person.keypoints.begin(), person.keypoints.end(), [](const Keypoint& joint) {
           return std::isfinite(joint.x) && std::isfinite(joint.y) &&
                  std::isfinite(joint.confidence);
         });
}

Edges TouchedEdges(const NormalizedBox& box) {
  return {.left = box.x < kBorder,
          .right = box.right() > 1 - kBorder,
          .top = box.y < kBorder,
          .bottom = box.bottom() > 1 - kBorder};
}

double Distance(const BodyBox& a, const BodyBox& b) { return std::hypot(a.x - b.x, a.y - b.y); }

}  // namespace

absl::StatusOr<Tracker> Tracker::Create(const TrackerOptions& options) {
  std::vector<std::string> faults;
  const auto check = [&](bool valid, const char* fault) {
    if (!valid) faults.push_back(fault);
  };
  const auto fraction = [](double v) { return v >= 0 && v <= 1; };
  check(fraction(options.low_score), "low_score must be 0..1");
  check(options.high_score >= options.low_score && options.high_score <= 1,
        "high_score must be low_score..1");
  check(options.confirm_frames >= 1 && options.confirm_frames <= 30,
        "confirm_frames must be 1..30");
  check(options.keep_tentative > absl::ZeroDuration(), "keep_tentative must be above 0");
  check(options.keep_lost >= options.keep_tentative && options.keep_lost <= absl::Minutes(1),
        "keep_lost must be keep_tentative..1m");
  check(options.keep_leaving >= absl::ZeroDuration() &&
            options.keep_leaving <= options.keep_lost,
        "keep_leaving must be 0..keep_lost");
  check(options.max_speed > 0, "max_speed must be above 0");
  check(options.gate_slack >= 0, "gate_slack must not be negative");
  check(fraction(options.min_affinity), "min_affinity must be 0..1");
  check(fraction(options.min_affinity_low), "min_affinity_low must be 0..1");
  check(fraction(options.appearance_weight), "appearance_weight must be 0..1");
  check(options.keep_absent >= options.keep_lost && options.keep_absent <= absl::Minutes(10),
        "keep_absent must be keep_lost..10m");
  check(fraction(options.min_return_similarity), "min_return_similarity must be 0..1");
  check(fraction(options.duplicate_similarity), "duplicate_similarity must be 0..1");
  check(fraction(options.duplicate_overlap), "duplicate_overlap must be 0..1");
  check(options.max_people >= 1 && options.max_people <= 1000, "max_people must be 1..1000");
  check(options.motion.measurement_noise > 0 && options.motion.velocity_noise > 0 &&
            options.motion.initial_velocity > 0 &&
            options.motion.coasting_time > absl::ZeroDuration(),
        "every motion option must be above 0");
  if (faults.empty()) return Tracker(options);
  return absl::InvalidArgumentError(absl::StrCat("tracker: ", absl::StrJoin(faults, "; ")));
}

std::vector<TrackedPerson> Tracker::Update(absl::Time time, FrameSize frame,
                                           absl::Span<const DetectedPerson> people,
                                           absl::Span<const Appearance> looks) {
  Advance(time, frame);
  const std::vector<Detection> detections = Prepare(people, looks);
  Associate(detections);
  return Report(detections);
}

size_t Tracker::confirmed_tracks() const {
  return std::count_if(tracks_.begin(), tracks_.end(),
                       [](const Track& track) { return track.confirmed(); });
}

void Tracker::Advance(absl::Time time, FrameSize frame) {
  const absl::Duration dt =
      last_time_.has_value() ? std::max(absl::ZeroDuration(), time - *last_time_)
                             : absl::ZeroDuration();
  last_time_ = time;
  const double aspect = static_cast<double>(frame.width) / std::max(1, frame.height);
  if (std::abs(aspect - aspect_) > kSameAspect * aspect_) tracks_.clear();
  aspect_ = aspect;
  std::erase_if(tracks_,
                [&](const Track& track) { return track.unseen() + dt > options_.keep_absent; });
  for (Track& track : tracks_) track.Predict(dt);
}

std::vector<Detection> Tracker::Prepare(absl::Span<const DetectedPerson> people,
                                        absl::Span<const Appearance> looks) const {
  std::vector<size_t> usable;
  for (size_t i = 0; i < people.size(); ++i) {
    if (IsUsable(people[i]) && people[i].score >= options_.low_score) usable.push_back(i);
  }
  std::stable_sort(usable.begin(), usable.end(),
                   [&](size_t a, size_t b) { return people[a].score > people[b].score; });
  std::vector<Detection> detections;
  for (const size_t i : usable) {
    if (detections.size() >= static_cast<size_t>(options_.max_people)) break;
    const DetectedPerson& person = people[i];
    Detection next{person, ToBodyBox(person.box, aspect_), ToBodyPose(person.keypoints, aspect_),
                   TouchedEdges(person.box), i < looks.size() ? looks[i] : Appearance{},
                   person.score >= options_.high_score};
    const bool duplicate =
        std::any_of(detections.begin(), detections.end(),
                    [&](const Detection& better) { return IsDuplicate(better, next); });
    if (!duplicate) detections.push_back(std::move(next));
  }
  return detections;
}

bool Tracker::IsDuplicate(const Detection& a, const Detection& b) const {
  const double overlap = Overlap(a.box, b.box);
  if (overlap <= 0) return false;
  const double area = std::max(a.box.area(), b.box.area());
  const double alike = PoseSimilarity(a.pose, b.pose, area, 1.0);
  return alike >= 0 ? alike >= options_.duplicate_similarity
                    : overlap >= options_.duplicate_overlap;
}

void Tracker::Associate(const std::vector<Detection>& detections) {
  // Stages read from the surest to the boldest; each sees only what the ones before left over.
  const auto confirmed = [this](const Track& track) {
    return track.confirmed() && !IsAbsent(track);
  };
  const auto tentative = [](const Track& track) { return !track.confirmed(); };
  const auto overlaps = [this](const Track& track, const Detection& seen) {
    return OverlapCost(track, seen, options_.min_affinity);
  };
  const auto overlaps_well = [this](const Track& track, const Detection& seen) {
    return OverlapCost(track, seen, options_.min_affinity_low);
  };
  const auto within_reach = [this](const Track& track, const Detection& seen) {
    return ReachCost(track, seen);
  };

  Open sure, unsure;
  for (size_t t = 0; t < tracks_.size(); ++t) sure.tracks.push_back(t);
  for (size_t d = 0; d < detections.size(); ++d) {
    Open& open = detections[d].sure ? sure : unsure;
    open.detections.push_back(d);
  }
  Match(detections, overlaps, confirmed, sure);
  unsure.tracks = std::move(sure.tracks);
  Match(detections, overlaps_well, confirmed, unsure);
  sure.tracks = std::move(unsure.tracks);
  Match(detections, overlaps, tentative, sure);
  Match(detections, within_reach, confirmed, sure);
  Match(detections, within_reach, tentative, sure);

  std::erase_if(tracks_, [this](const Track& track) {
    const bool may_return = track.confirmed() && track.look().known && !track.leaving();
    return !track.seen_now() && IsAbsent(track) && !may_return;
  });
  for (size_t d : sure.detections) tracks_.emplace_back(detections[d], d, options_.motion);
}

void Tracker::Match(const std::vector<Detection>& detections, const Cost& cost,
                    const std::function<bool(const Track&)>& wanted, Open& open) {
  std::vector<size_t> rows;
  std::copy_if(open.tracks.begin(), open.tracks.end(), std::back_inserter(rows),
               [&](size_t t) { return wanted(tracks_[t]); });
  CostMatrix costs(rows.size(), open.detections.size());
  for (size_t r = 0; r < costs.rows(); ++r) {
    for (size_t c = 0; c < costs.columns(); ++c) {
      costs.at(r, c) = cost(tracks_[rows[r]], detections[open.detections[c]]);
    }
  }
  const std::vector<int> columns = Assign(costs, kForbidden);
  std::vector<size_t> paired;
  for (size_t r = 0; r < rows.size(); ++r) {
    if (columns[r] == kUnassigned) continue;
    const size_t d = open.detections[columns[r]];
    tracks_[rows[r]].See(detections[d], d);
    paired.push_back(d);
  }
  std::erase_if(open.tracks, [this](size_t t) { return tracks_[t].seen_now(); });
  std::erase_if(open.detections, [&](size_t d) {
    return std::find(paired.begin(), paired.end(), d) != paired.end();
  });
}

std::vector<TrackedPerson> Tracker::Report(const std::vector<Detection>& detections) {
  std::vector<TrackedPerson> people;
  std::vector<size_t> found;
  for (Track& track : tracks_) {
    if (!track.seen_now()) continue;
    const bool ready = track.age_frames() >= static_cast<uint32_t>(options_.confirm_frames);
    if (!track.confirmed() && ready) {
      if (const std::optional<size_t> lost = FindLost(track, found)) {
        track.Continue(tracks_[*lost]);
        found.push_back(*lost);
      } else {
        track.Confirm(++last_id_);
      }
    }
    if (!track.confirmed()) continue;
    people.push_back({track.id(), detections[*track.seen_now()].person, track.age_frames()});
  }
  std::sort(found.rbegin(), found.rend());
  for (const size_t lost : found) tracks_.erase(tracks_.begin() + static_cast<ptrdiff_t>(lost));
  std::sort(people.begin(), people.end(), [](const TrackedPerson& a, const TrackedPerson& b) {
    return a.track_id < b.track_id;
  });
  return people;
}

absl::Duration Tracker::KeepUnseen(const Track& track) const {
  if (!track.confirmed()) return options_.keep_tentative;
  return track.leaving() ? options_.keep_leaving : options_.keep_lost;
}

bool Tracker::PassesGate(const Track& track, const Detection& seen) const {
  const double reach =
      options_.gate_slack + options_.max_speed * absl::ToDoubleSeconds(track.unseen());
  return Distance(track.last_box(), seen.box) <= reach * track.box().size();
}

std::optional<size_t> Tracker::FindLost(const Track& newcomer,
                                        const std::vector<size_t>& found) const {
  std::optional<size_t> best_track;
  double best = -1;
  for (size_t t = 0; t < tracks_.size(); ++t) {
    const Track& lost = tracks_[t];
    if (!lost.confirmed() || lost.seen_now()) continue;
    if (std::find(found.begin(), found.end(), t) != found.end()) continue;
    const BodyBox& before = lost.settled_box();
    const BodyBox& now = newcomer.settled_box();
    const double ratio = std::max(before.size(), now.size()) / std::min(before.size(), now.size());
    const double reach = (options_.gate_slack +
                          options_.max_speed * absl::ToDoubleSeconds(lost.unseen())) *
                         before.size();
    const double distance = Distance(before, now);
    if (ratio > kMaxSizeRatio || distance > reach) continue;
    double alike = AppearanceSimilarity(lost.look(), newcomer.look());
    if (alike < 0) {
      // Who cannot be looked at is whoever stood in the same place a moment ago.
      const bool same_place = !IsAbsent(lost) && distance < kReach * before.size();
      if (!same_place) continue;
      alike = options_.min_return_similarity;
    }
    if (alike < options_.min_return_similarity) continue;
    const double score = alike - kReturnDistanceCost * distance / reach;
    if (score <= best) continue;
    best = score;
    best_track = t;
  }
  return best_track;
}

double Tracker::AppearanceCost(const Track& track, const Detection& seen) const {
  const double alike = AppearanceSimilarity(track.look(), seen.look);
  return alike < 0 ? 0 : options_.appearance_weight * (1 - alike);
}

double Tracker::OverlapCost(const Track& track, const Detection& seen, double min_affinity) const {
  if (!PassesGate(track, seen)) return kForbidden;
  const BodyBox expected = track.box();
  const double overlap = Overlap(expected, seen.box);
  // The mean in factors: neither a half-hidden box nor a huge one decides alone what is near.
  const double area = std::sqrt(expected.area() * seen.box.area());
  const double alike = PoseSimilarity(track.PredictedPose(), seen.pose, area, kMotionSlack);
  const double affinity =
      (alike >= 0 ? (overlap + alike) / 2 : overlap) - AppearanceCost(track, seen);
  if (affinity < min_affinity) return kForbidden;
  return 1 - affinity + kLostCostPerSecond * absl::ToDoubleSeconds(track.unseen());
}

double Tracker::ReachCost(const Track& track, const Detection& seen) const {
  if (!PassesGate(track, seen)) return kForbidden;
  const double size = track.box().size();
  const double ratio = std::max(size, seen.box.size()) / std::min(size, seen.box.size());
  if (ratio > kMaxSizeRatio) return kForbidden;
  const double reach =
      std::min(kMaxReach, kReach + kReachPerSecond * absl::ToDoubleSeconds(track.unseen()));
  return Distance(track.box(), seen.box) / (reach * size) + AppearanceCost(track, seen);
}

}  // namespace aislewatch::pose
