// One store system's stream of pushed frames.
#pragma once

#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/concurrency/thread_pool.h"
#include "common/rpc/stage_server.h"
#include "common/rpc/stages.h"
#include "services/ingest/core/camera_host.h"

namespace aislewatch::ingest {

/// The frames that wait for their verdicts. Thread-safe.
class PushAnswers {
 public:
  using Done = StageSession<PushStageTraits>::Done;

  void Expect(uint64_t sequence, Done done) ABSL_LOCKS_EXCLUDED(mutex_);
  /// Answers the verdict's frame; ignores frames that nobody expects.
  void Give(const Verdict& verdict) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Mutex mutex_;
  std::map<uint64_t, Done> waiting_ ABSL_GUARDED_BY(mutex_);
};

/// Puts pushed frames into the camera's pipeline. Its destructor does not wait for the pipeline:
/// the last verdict may destroy it on the pipeline's own thread.
class PushSession : public StageSession<PushStageTraits> {
 public:
  /// `reaper` ends pipelines and must outlive the session.
  PushSession(std::unique_ptr<PushedCamera> camera, std::shared_ptr<PushAnswers> answers,
              int analysis_size, ThreadPool& reaper);
  ~PushSession() override;

  /// Blocks for decoding and scaling, and in a lossless stream while the pipeline is full.
  void Process(v1::Frame frame, Done done) override;
  /// Lets the store system's next stream wait for this one's end instead of being refused.
  void Ending() override;
  /// Has the camera's incidents closed.
  void End() override;

 private:
  std::unique_ptr<PushedCamera> camera_;
  const std::shared_ptr<PushAnswers> answers_;
  const int analysis_size_;
  ThreadPool& reaper_;
};

}  // namespace aislewatch::ingest
