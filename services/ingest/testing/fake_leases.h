// A camera registry in memory, for tests.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/ingest/core/lease_client.h"

namespace aislewatch::ingest {

/// Leases whatever it is told to. Thread-safe.
class FakeLeaseClient : public LeaseClient {
 public:
  void SetAnswer(absl::StatusOr<LeaseAnswer> answer) {
    absl::MutexLock lock(&mutex_);
    answer_ = std::move(answer);
  }
  absl::StatusOr<LeaseAnswer> Sync(const LeaseRequest& request, absl::Duration) override {
    absl::MutexLock lock(&mutex_);
    requests_.push_back(request);
    return answer_;
  }
  absl::StatusOr<CameraSettings> Find(const std::string& camera_id, absl::Duration) override {
    absl::MutexLock lock(&mutex_);
    if (answer_.ok()) {
      for (const CameraSettings& settings : answer_->cameras) {
        if (settings.camera_id == camera_id) return settings;
      }
    }
    return absl::NotFoundError("no such camera");
  }
  std::vector<LeaseRequest> requests() {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }

 private:
  absl::Mutex mutex_;
  absl::StatusOr<LeaseAnswer> answer_ ABSL_GUARDED_BY(mutex_) = LeaseAnswer{};
  std::vector<LeaseRequest> requests_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch::ingest
