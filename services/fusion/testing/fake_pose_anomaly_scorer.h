// A pose anomaly scorer whose answers a test writes into the pose itself.
//
// The x of the nose is the score; the first two poses of a track are its warm-up. Like a real
// scorer it insists that time rises within a track.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/roles/pose_anomaly_scorer.h"
#include "gtest/gtest.h"

namespace aislewatch::fusion {

class FakePoseAnomalyScorer : public PoseAnomalyScorer {
 public:
  explicit FakePoseAnomalyScorer(std::string version = "1")
      : info_{"fake-anomaly", std::move(version)} {}
  std::unique_ptr<PoseAnomalyTrack> NewTrack() const override { return std::make_unique<Track>(); }
  const ModelInfo& info() const override { return info_; }

 private:
  class Track : public PoseAnomalyTrack {
   public:
    std::optional<float> Push(const PoseSample& sample) override {
      if (last_) {
        EXPECT_GT(sample.time, *last_);
      }
      last_ = sample.time;
      if (++samples_ <= 2) return std::nullopt;
      return At(sample.pose, Joint::kNose).x;
    }

   private:
    std::optional<absl::Time> last_;
    int samples_ = 0;
  };

  const ModelInfo info_;
};

}  // namespace aislewatch::fusion
