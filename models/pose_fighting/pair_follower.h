// Follows who is beside whom, and measures them.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/roles/fighting_scorer.h"
#include "models/pose_fighting/pair_features.h"

namespace aislewatch::pose_fighting {

/// Two people of a frame within each other's reach, by their places in the frame.
struct Encounter {
  size_t first = 0;
  size_t second = 0;
  PairValues values{};
};

/// What holds for one person of a frame.
enum class Company : uint8_t {
  /// Seen too briefly or too badly, or beside somebody who is.
  kUnknown,
  /// In at least one encounter.
  kBeside,
  /// In none, but was lately, with somebody who is not found any more: two in a clinch are often
  /// found as one.
  kMerged,
  kAlone,
};

struct FramePairs {
  std::vector<Encounter> encounters;
  /// One for each person of the frame.
  std::vector<Company> company;
  /// For each person who is merged or alone what they do, as ValuesOfOneOfTwo.
  std::vector<PairValues> one_of_two;
};

/// Costs of a frame grow with the people in it, not with their square: everybody is measured
/// against a bounded number of those who stand nearest from left to right. Not thread-safe; memory
/// is bounded by who was in view in the last seconds.
class PairFollower {
 public:
  /// Middles of trunks further apart, in trunks, are out of reach: an arm is one and a half long.
  static constexpr float kReach = 3;
  /// |log| of the sizes' ratio from which two do not stand at the same depth.
  static constexpr float kMostDepth = 0.6f;
  /// How many each person is measured against on either side.
  static constexpr size_t kNeighbours = 6;
  /// A partner who was beside somebody so lately is remembered.
  static constexpr absl::Duration kRemember = absl::Seconds(3);

  FramePairs Push(const PosedFrame& frame);

 private:
  struct Person {
    BodyMotion motion;
    absl::Time last_beside = absl::InfinitePast();
    uint64_t partner = 0;
  };
  struct Moment {
    absl::Time time;
    PairMoment at;
  };
  // By both track ids, the lower first.
  using Key = std::pair<uint64_t, uint64_t>;

  void Forget(absl::Time now);
  // The mean of the pair's last second; nothing while they are beside each other too briefly.
  static std::optional<PairMoment> Mean(const std::deque<Moment>& moments);

  std::unordered_map<uint64_t, Person> people_;
  std::map<Key, std::deque<Moment>> pairs_;
};

}  // namespace aislewatch::pose_fighting
