// Ground truth of simulated footage. Plain values; times in seconds from the first frame.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/roles/clip_classifier.h"
#include "common/vision/geometry.h"

namespace aislewatch::simulator {

/// As COCO counts it.
enum class Visibility : uint8_t {
  kOutside = 0,  // not in the picture; the coordinates mean nothing
  kHidden = 1,   // in the picture, behind something
  kVisible = 2,
};

struct TruthKeypoint {
  NormalizedPoint point;
  Visibility visibility = Visibility::kOutside;
};

struct TruthPerson {
  /// >= 1, unique over the simulation.
  uint64_t id = 0;
  /// Around the whole body whether hidden or not, cut at the picture's edges; without what is
  /// carried. Every keypoint in the picture lies inside.
  NormalizedBox box;
  /// COCO's order.
  std::array<TruthKeypoint, kJointCount> keypoints{};
  /// Share of the 17 keypoints that are visible, 0..1.
  float visible = 0;
  Action action = Action::kNormal;
  /// Finer than action: "walk", "look", "phone", ...
  std::string activity;
  /// How much of the activity is over, 0..1; 0 while walking.
  float progress = 0;
  bool holds_item = false;
  /// What was brought and is shown: "knife", "pistol", "phone", "bottle", "umbrella", or nothing.
  std::string shows;
  /// Where the head is turned on the floor, radians from the camera's right (x) towards what is ahead of it (y).
  float head_yaw = 0;
  /// The zone that they look at, on purpose and with the head turned there; empty where none is known.
  std::string looks_at;
};

struct TruthFrame {
  int index = 0;
  double time_s = 0;
  /// Everybody with a part of the body in the picture, by id.
  std::vector<TruthPerson> people;
};

/// What an alarm is about.
enum class ActKind : uint8_t { kConcealment, kLoitering, kRestrictedZone, kFight, kWeapon };
inline constexpr std::array<ActKind, 5> kActKinds = {ActKind::kConcealment, ActKind::kLoitering,
                                                     ActKind::kRestrictedZone, ActKind::kFight,
                                                     ActKind::kWeapon};

/// Lower-case names with underscores, as aislewatch.v1.IncidentKind has them.
absl::string_view ActName(ActKind kind);

/// Something that the cluster shall report.
struct TruthIncident {
  ActKind kind = ActKind::kConcealment;
  /// One person, two for a fight.
  std::vector<uint64_t> person_ids;
  double start_s = 0;
  /// For concealment the moment when the hand has left the clothes or bag.
  double end_s = 0;
  /// False where the footage ends during the act; end_s is the end of the footage then.
  bool complete = false;
};

/// What one person gave a zone of attention; as aislewatch.v1.ZoneVisit has it.
struct TruthVisit {
  uint64_t person_id = 0;
  std::string zone_id;
  /// First and last moment within 2.55 m of the zone.
  double begin_s = 0;
  double end_s = 0;
  double looking_s = 0;
  bool looked = false;
  bool entered = false;
  bool looked_before_entering = false;
  double dwell_s = 0;
};

/// A region in the picture, with the fields and names of aislewatch.v1.Zone.
struct TruthZone {
  std::string id;
  /// "shelf", "checkout", "exit", "restricted" or "storefront".
  std::string kind;
  /// Convex, at least 3 corners, each in 0..1.
  std::vector<NormalizedPoint> polygon;
};

/// What holds for the whole footage.
struct SceneTruth {
  uint64_t seed = 0;
  FrameSize size;
  double fps = 0;
  std::vector<TruthZone> zones;
};

}  // namespace aislewatch::simulator
