// The way of a camera's frames through the cluster:
//
//   capture -> pose -> classification -> fusion -> incident
//
// Several frames are under way at once, one behind the other, as on a conveyor: while one is with
// the classifier the next is with the pose stage. At each step frames stay in order, whatever the
// order of the answers. A stage that is away is passed by, and the verdict says so.
//
// Flow control: at most max_in_flight frames are under way. Of those that wait for room the newest
// win, or, where no frame may be lost, Submit blocks.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/log_pace.h"
#include "common/base/metrics.h"
#include "common/concurrency/thread_pool.h"
#include "services/ingest/core/clip.h"
#include "services/ingest/core/frame_journal.h"
#include "services/ingest/core/frame_ring.h"
#include "services/ingest/core/incident_evidence.h"
#include "services/ingest/core/incident_recorder.h"
#include "services/ingest/core/open_incidents.h"
#include "services/ingest/core/outbox.h"
#include "services/ingest/core/stages.h"
#include "services/ingest/core/verdict.h"

namespace aislewatch::ingest {

struct PipelineOptions {
  std::string camera_id;
  /// Of the camera's streams, for the log.
  std::string trace;
  /// Submit blocks instead of dropping, and frames never expire.
  bool lossless = false;
  /// Frames under way; >= 1.
  int max_in_flight = 6;
  /// Frames that wait for room; >= 1.
  int max_waiting = 2;
  /// For live cameras: how long after its capture a frame is worth analysing.
  absl::Duration lifetime = absl::Milliseconds(1500);
  /// The part of the lifetime after which a frame goes on without the classifier, 0..1.
  double classifier_deadline = 0.7;
  /// Crops of a frame that are classified; the largest people first.
  int max_people = 64;
  int crop_size = 112;
  bool blur_heads = true;
  /// Longer where a clip's pre-roll needs it.
  absl::Duration ring_length = absl::Seconds(10);
  /// For ten seconds; more for a longer ring.
  size_t ring_bytes = size_t{16} << 20;
  ClipOptions clips;
};

/// The stages of one camera. They outlive the pipeline and are closed before it ends.
struct PipelineStages {
  PoseStage& pose;
  ClassifierStage& classifier;
  FusionStage& fusion;
};

/// Counters of a pipeline since its start.
struct PipelineCounts {
  /// Frames submitted = analysed + all of dropped + those under way.
  uint64_t submitted = 0;
  uint64_t analysed = 0;
  std::map<std::string, uint64_t> dropped;
  uint64_t incidents_opened = 0;
};

/// Runs one camera's frames. Thread-safe. Work happens on the pool, one step at a time.
class CameraPipeline {
 public:
  /// Called once for every submitted frame, one at a time, with no lock held, on the pool's
  /// threads. Analysed frames come in order of sequence; dropped ones when they are dropped. Must
  /// not block.
  using OnVerdict = std::function<void(std::shared_ptr<const Verdict>)>;

  /// All references must outlive the pipeline. `incidents` are those that are open. `clips` may be
  /// null: then incidents get none; so may `journal`.
  CameraPipeline(PipelineOptions options, PipelineStages stages, OpenIncidents& incidents,
                 Outbox& outbox, std::function<void()> outbox_changed, OnVerdict on_verdict,
                 ThreadPool& pool, Metrics& metrics, Clock& clock = RealClock(),
                 ClipSink* clips = nullptr, FrameJournal* journal = nullptr);
  /// Close must have been called.
  ~CameraPipeline();
  CameraPipeline(const CameraPipeline&) = delete;
  CameraPipeline& operator=(const CameraPipeline&) = delete;

  /// Takes a frame; its sequence must be above that of the frame before. Blocks in lossless mode
  /// while max_waiting others wait. After Close the frame is dropped as "closed".
  void Submit(Frame frame) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Waits until every frame has its verdict, or `deadline`. Returns whether they all have.
  bool Drain(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mutex_);

  /// The stream is over for good: waits until every frame has its verdict, then has fusion close
  /// what is open and end visits, and returns when that is in the outbox; or at `deadline`. Clips end there too. No
  /// Submit may follow.
  void End(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Drops what waits, lets a blocked Submit return, closes the stages and returns once every
  /// frame has had its verdict. Idempotent; one caller at a time.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

  PipelineCounts counts() const ABSL_LOCKS_EXCLUDED(mutex_);
  /// Stages that were away for the last frame.
  std::vector<std::string> degraded() const ABSL_LOCKS_EXCLUDED(mutex_);
  /// Counts a frame that was lost before Submit.
  void CountDrop(const std::string& reason, uint64_t frames = 1) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Job;
  using JobPtr = std::shared_ptr<Job>;
  using Belt = std::deque<JobPtr>;
  using Step = void (CameraPipeline::*)(const JobPtr&);

  // The steps, top to bottom; all but Admit run on the strand.
  void Admit() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StartPose(const JobPtr& job);
  void StartClassification(const JobPtr& job);
  void StartFusion(const JobPtr& job);
  void Conclude(const JobPtr& job);

  // What the steps are made of.
  template <class Answer, class Take>
  absl::AnyInvocable<void(absl::StatusOr<Answer>)> WhenAnswered(const JobPtr& job, Take take);
  void Advance(Belt& belt, Step next);
  bool StillWorthIt(const JobPtr& job, const char* stage);
  void PassBy(const JobPtr& job, const char* stage, const absl::Status& why);
  void Remember(const JobPtr& job);
  std::vector<PersonCrop> CutOut(const Job& job) const;
  // `at` and `sequence` are those of the frame that caused the transitions.
  void Store(const std::vector<Transition>& transitions, absl::Time at, uint64_t sequence);
  void StoreVisits(const std::vector<Visit>& visits);
  void NoteJudged(FusionAnswer& answer);
  void CloseStream();
  void EndClips();
  void NoteDegraded(const std::vector<std::string>& now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LogLost(const Verdict& verdict, const char* reason);
  void Drop(const JobPtr& job, const char* reason, absl::Status status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Count(const std::string& reason, uint64_t frames) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Counter& DroppedFrames(const std::string& reason);
  Counter& DegradedFrames(const std::string& stage);

  const PipelineOptions options_;
  const PipelineStages stages_;
  const std::function<void()> outbox_changed_;
  const OnVerdict on_verdict_;

  OpenIncidents& incidents_;
  Outbox& outbox_;
  Metrics& metrics_;
  Clock& clock_;
  Strand strand_;
  Counter& analysed_;
  Histogram& end_to_end_;
  Counter& without_evidence_;
  FrameJournal* const journal_;

  // Used on the strand alone: frames that are with a stage, oldest first.
  Belt with_pose_;
  Belt with_classifier_;
  Belt with_fusion_;
  LogPace lost_pace_;
  FrameRing ring_;
  IncidentEvidence evidence_;
  IncidentRecorder recorder_;

  mutable absl::Mutex mutex_;
  std::deque<JobPtr> waiting_ ABSL_GUARDED_BY(mutex_);
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  // Dropped frames whose verdicts are being delivered.
  int dropping_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  // Of the newest frame.
  uint64_t last_sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time last_capture_ ABSL_GUARDED_BY(mutex_);
  FrameSize last_size_ ABSL_GUARDED_BY(mutex_);
  PipelineCounts counts_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> degraded_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch::ingest
