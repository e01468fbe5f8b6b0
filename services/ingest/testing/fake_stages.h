// Stages that answer when a test says so.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"
#include "services/ingest/core/managed_pipeline.h"
#include "services/ingest/core/stages.h"

namespace aislewatch::ingest {

/// Keeps what it is sent until Answer, or answers at once where a function is set. Thread-safe.
template <class Item, class Answer>
class FakeStage : public Stage<Item, Answer> {
 public:
  using Done = typename Stage<Item, Answer>::Done;
  using Respond = std::function<absl::StatusOr<Answer>(const Item&)>;

  /// Every later item is answered at once with what `respond` returns.
  void AnswerAlways(Respond respond) {
    absl::MutexLock lock(&mutex_);
    respond_ = std::move(respond);
  }

  void Send(Item item, Done done) override {
    Respond respond;
    {
      absl::MutexLock lock(&mutex_);
      sequences_.push_back(item.sequence);
      if (closed_) {
        respond = [](const Item&) { return absl::CancelledError("closed"); };
      } else if (respond_) {
        respond = respond_;
      } else {
        pending_.emplace_back(std::move(item), std::move(done));
        return;
      }
    }
    done(respond(item));
  }

  void Close() override {
    std::deque<std::pair<Item, Done>> pending;
    {
      absl::MutexLock lock(&mutex_);
      closed_ = true;
      pending.swap(pending_);
    }
    for (auto& [item, done] : pending) done(absl::CancelledError("closed"));
  }

  /// Waits until `n` items wait here.
  void AwaitPending(size_t n) {
    const auto enough = [this, n]()
                            ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return pending_.size() >= n; };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&enough));
  }

  /// Answers the `index`th of the waiting items.
  void AnswerOne(size_t index, absl::StatusOr<Answer> answer) {
    Done done;
    {
      absl::MutexLock lock(&mutex_);
      done = std::move(pending_.at(index).second);
      pending_.erase(pending_.begin() + static_cast<long>(index));
    }
    done(std::move(answer));
  }

  Item Peek(size_t index) {
    absl::MutexLock lock(&mutex_);
    return pending_.at(index).first;
  }
  /// Sequences of all items ever sent, in order.
  std::vector<uint64_t> sequences() {
    absl::MutexLock lock(&mutex_);
    return sequences_;
  }

 private:
  absl::Mutex mutex_;
  Respond respond_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::pair<Item, Done>> pending_ ABSL_GUARDED_BY(mutex_);
  std::vector<uint64_t> sequences_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

using FakePoseStage = FakeStage<Frame, PoseAnswer>;
using FakeClassifierStage = FakeStage<CropBatch, ClassifierAnswer>;
using FakeFusionStage = FakeStage<Observation, FusionAnswer>;

/// Somebody who stands in the middle of the picture, all joints seen.
inline TrackedPerson StandingPerson(uint64_t track_id) {
  TrackedPerson p;
  p.track_id = track_id;
  p.age_frames = 1;
  p.person.score = 0.9f;
  p.person.box = {0.4f, 0.2f, 0.2f, 0.7f};
  p.person.keypoints.fill({0.5f, 0.55f, 0.9f});
  for (const int face : {0, 1, 2, 3, 4}) p.person.keypoints[face] = {0.5f, 0.27f, 0.9f};
  p.person.keypoints[5] = {0.55f, 0.35f, 0.9f};
  p.person.keypoints[6] = {0.45f, 0.35f, 0.9f};
  return p;
}

inline void AnswerWithPeople(FakePoseStage& pose, std::vector<uint64_t> track_ids) {
  pose.AnswerAlways([track_ids](const Frame&) {
    PoseAnswer answer;
    for (const uint64_t id : track_ids) answer.people.push_back(StandingPerson(id));
    answer.model = {"fake-pose", "1"};
    return answer;
  });
}

inline void AnswerWithScores(FakeClassifierStage& classifier, float shoplifting) {
  classifier.AnswerAlways([shoplifting](const CropBatch& batch) {
    ClassifierAnswer answer;
    for (const PersonCrop& crop : batch.crops) {
      answer.scores.push_back({crop.track_id, {.shoplifting = shoplifting}, 1});
    }
    answer.model = {"fake-classifier", "1"};
    return answer;
  });
}

inline void AnswerWithoutIncidents(FakeFusionStage& fusion) {
  fusion.AnswerAlways([](const Observation& observation) {
    FusionAnswer answer;
    for (const ObservedPerson& p : observation.people) {
      answer.risks.push_back({p.person.track_id, 0.1f, ""});
    }
    answer.model = {"fake-fusion", "1"};
    return answer;
  });
}

/// Hands out stages that see one person and no incident. Thread-safe.
class FakeStageFactory : public StageFactory {
 public:
  StageSet Open(const CameraSettings& settings, const std::string& trace,
                const OpenIncidents& incidents, bool) override {
    EXPECT_NE(trace, "");
    absl::MutexLock lock(&mutex_);
    opened_.push_back(settings);
    handed_over_.push_back(incidents.All());
    auto pose = std::make_unique<FakePoseStage>();
    auto classifier = std::make_unique<FakeClassifierStage>();
    auto fusion = std::make_unique<FakeFusionStage>();
    AnswerWithPeople(*pose, {1});
    AnswerWithScores(*classifier, 0.2f);
    fusion->AnswerAlways([this](const Observation& observation) {
      absl::MutexLock counting(&mutex_);
      closings_ += observation.last ? 1 : 0;
      return FusionAnswer{};
    });
    return {std::move(pose), std::move(classifier), std::move(fusion)};
  }
  std::vector<CameraSettings> opened() {
    absl::MutexLock lock(&mutex_);
    return opened_;
  }
  /// How often fusion was told to close what is open.
  int closings() {
    absl::MutexLock lock(&mutex_);
    return closings_;
  }
  std::vector<std::vector<OpenIncident>> handed_over() {
    absl::MutexLock lock(&mutex_);
    return handed_over_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<CameraSettings> opened_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::vector<OpenIncident>> handed_over_ ABSL_GUARDED_BY(mutex_);
  int closings_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace aislewatch::ingest
