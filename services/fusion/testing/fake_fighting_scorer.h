// A scorer of fights whose answers a test writes into the poses themselves.
//
// The y of a person's nose is the probability; a nose at 0 says that they are alone. Like a real
// scorer it insists that time rises and nobody is there twice.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "common/roles/fighting_scorer.h"
#include "gtest/gtest.h"

namespace aislewatch::fusion {

class FakeFightingScorer : public FightingScorer {
 public:
  std::unique_ptr<FightingTracks> NewTracks() const override { return std::make_unique<Tracks>(); }
  const ModelInfo& info() const override { return info_; }

 private:
  class Tracks : public FightingTracks {
   public:
    std::vector<std::optional<FightingEvidence>> Push(const PosedFrame& frame) override {
      if (last_) {
        EXPECT_GT(frame.time, *last_);
      }
      last_ = frame.time;
      std::set<uint64_t> ids;
      std::vector<std::optional<FightingEvidence>> evidence;
      for (const PersonPose& person : frame.people) {
        EXPECT_TRUE(ids.insert(person.track_id).second);
        const float y = At(person.pose, Joint::kNose).y;
        evidence.push_back(FightingEvidence{y, y == 0});
      }
      return evidence;
    }

   private:
    std::optional<absl::Time> last_;
  };

  const ModelInfo info_{"fake-fighting", "1"};
};

}  // namespace aislewatch::fusion
