#include "services/ingest/core/camera_pipeline.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "common/base/log.h"
#include "common/vision/crop.h"
#include "services/ingest/core/clip_maker.h"

namespace aislewatch::ingest {
namespace {

constexpr char kPose[] = "pose";
constexpr char kClassifier[] = "classifier";
constexpr char kFusion[] = "fusion";

// The reason for which a frame that was under way counts as dropped; null for one that was
// analysed.
const char* WhyLost(const absl::Status& status) {
  if (absl::IsDeadlineExceeded(status)) return "expired";
  if (absl::IsInvalidArgument(status)) return "rejected";
  if (absl::IsCancelled(status)) return "closed";
  return nullptr;
}

// Left beyond the pre-roll: a frame is judged a second or two after its capture.
constexpr absl::Duration kBehind = absl::Seconds(4);

absl::Duration RingLength(const PipelineOptions& options) {
  return options.clips.enabled ? std::max(options.ring_length, options.clips.pre_roll + kBehind)
                               : options.ring_length;
}

size_t RingBytes(const PipelineOptions& options) {
  const double longer = absl::FDivDuration(RingLength(options), absl::Seconds(10));
  return static_cast<size_t>(static_cast<double>(options.ring_bytes) * std::max(1.0, longer));
}

}  // namespace

// A frame under way, with everything that has been found out about it.
struct CameraPipeline::Job {
  explicit Job(Frame f) : verdict(std::make_shared<Verdict>()) { verdict->frame = std::move(f); }

  const Frame& frame() const { return verdict->frame; }
  FrameSize size() const { return {frame().picture->bgr().cols, frame().picture->bgr().rows}; }
  bool ok() const { return verdict->status.ok(); }

  const std::shared_ptr<Verdict> verdict;
  std::vector<ModelInfo> models;
  absl::Time arrived;
  // When it was sent to the stage that it is with, and whether that one has answered.
  absl::Time sent;
  bool answered = false;
};

CameraPipeline::CameraPipeline(PipelineOptions options, PipelineStages stages,
                               OpenIncidents& incidents, Outbox& outbox,
                               std::function<void()> outbox_changed, OnVerdict on_verdict,
                               ThreadPool& pool, Metrics& metrics, Clock& clock, ClipSink* clips,
                               FrameJournal* journal)
    : options_(std::move(options)),
      stages_(stages),
      outbox_changed_(std::move(outbox_changed)),
      on_verdict_(std::move(on_verdict)),
      incidents_(incidents),
      outbox_(outbox),
      metrics_(metrics),
      clock_(clock),
      strand_(pool),
      analysed_(metrics.GetCounter("aislewatch_ingest_frames_analysed_total",
                                   "Frames that went through the whole pipeline")),
      end_to_end_(metrics.GetHistogram("aislewatch_ingest_end_to_end_seconds",
                                       "Capture (of files: arrival) to verdict",
                                       LatencyBuckets())),
      without_evidence_(metrics.GetCounter("aislewatch_ingest_evidence_missing_total",
                                           "Incidents opened without a snapshot")),
      journal_(journal),
      ring_(RingLength(options_), RingBytes(options_)),
      evidence_(options_.camera_id, options_.blur_heads),
      recorder_(options_.camera_id, options_.blur_heads, options_.clips, clips) {
  // A counter that appears with its first event hides that event: Prometheus sees no rise.
  for (const char* reason : {"newest_wins", "expired", "rejected", "bad_image", "closed"}) {
    DroppedFrames(reason);
  }
  for (const char* stage : {kPose, kClassifier, kFusion}) DegradedFrames(stage);
}

CameraPipeline::~CameraPipeline() {
  // Steps that are under way use this.
  const auto idle = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return in_flight_ == 0 && dropping_ == 0 && waiting_.empty();
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&idle));
}

// --- capture -------------------------------------------------------------------------------------

void CameraPipeline::Submit(Frame frame) {
  const auto has_room = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return closed_ || waiting_.size() < static_cast<size_t>(options_.max_waiting);
  };
  if (!options_.lossless) {
    frame.expire_time = std::min(frame.expire_time, frame.capture_time + options_.lifetime);
  }
  const auto job = std::make_shared<Job>(std::move(frame));
  job->arrived = clock_.Now();
  absl::MutexLock lock(&mutex_);
  if (options_.lossless) mutex_.Await(absl::Condition(&has_room));
  ++counts_.submitted;
  last_sequence_ = job->frame().sequence;
  last_capture_ = job->frame().capture_time;
  last_size_ = job->size();
  if (closed_) {
    Drop(job, "closed", absl::CancelledError("the camera's pipeline has been stopped"));
    return;
  }
  if (!has_room()) {
    Drop(waiting_.front(), "newest_wins",
         absl::DeadlineExceededError("overtaken by a newer frame while it waited for the cluster"));
    waiting_.pop_front();
  }
  waiting_.push_back(job);
  Admit();
}

void CameraPipeline::Admit() {
  while (in_flight_ < options_.max_in_flight && !waiting_.empty()) {
    ++in_flight_;
    strand_.Post([this, job = std::move(waiting_.front())] { StartPose(job); });
    waiting_.pop_front();
  }
}

// --- pose ----------------------------------------------------------------------------------------

void CameraPipeline::StartPose(const JobPtr& job) {
  job->verdict->times.capture =
      std::max(absl::ZeroDuration(), job->arrived - job->frame().capture_time);
  with_pose_.push_back(job);
  if (!StillWorthIt(job, kPose)) return Advance(with_pose_, &CameraPipeline::StartClassification);
  stages_.pose.Send(job->frame(), WhenAnswered<PoseAnswer>(
                                      job, [this, job](absl::StatusOr<PoseAnswer> answer) {
    job->verdict->times.pose = clock_.Now() - job->sent;
    if (answer.ok()) {
      for (TrackedPerson& person : answer->people) {
        job->verdict->people.push_back({std::move(person), std::nullopt});
      }
      job->models.push_back(std::move(answer->model));
      job->verdict->looks = std::move(answer->looks);
      if (answer->object_model) job->models.push_back(*std::move(answer->object_model));
    } else {
      PassBy(job, kPose, answer.status());
    }
    Advance(with_pose_, &CameraPipeline::StartClassification);
  }));
  // While the pose stage works: the ring wants it, and other stages may.
  job->frame().picture->Jpeg().status().IgnoreError();
}

// --- classification ------------------------------------------------------------------------------

void CameraPipeline::StartClassification(const JobPtr& job) {
  Remember(job);
  with_classifier_.push_back(job);
  // Nobody to classify: nothing to send, since the classifier does not mind gaps.
  const bool needed = StillWorthIt(job, kClassifier) && !job->verdict->people.empty();
  if (!needed) {
    job->answered = true;
    return Advance(with_classifier_, &CameraPipeline::StartFusion);
  }
  CropBatch batch{job->frame().sequence, job->frame().capture_time, job->frame().expire_time,
                  CutOut(*job)};
  if (batch.expire_time != absl::InfiniteFuture()) {
    batch.expire_time = std::min(
        batch.expire_time,
        job->frame().capture_time + options_.classifier_deadline * options_.lifetime);
  }
  stages_.classifier.Send(std::move(batch), WhenAnswered<ClassifierAnswer>(
                                  job, [this, job](absl::StatusOr<ClassifierAnswer> answer) {
    job->verdict->times.classifier = clock_.Now() - job->sent;
    if (answer.ok()) {
      for (ObservedPerson& person : job->verdict->people) {
        const auto score = std::find_if(
            answer->scores.begin(), answer->scores.end(),
            [&](const ClipScore& s) { return s.track_id == person.person.track_id; });
        if (score != answer->scores.end()) person.clip = *score;
      }
      job->models.push_back(std::move(answer->model));
    } else {
      PassBy(job, kClassifier, answer.status());
    }
    Advance(with_classifier_, &CameraPipeline::StartFusion);
  }));
}

// --- fusion --------------------------------------------------------------------------------------

void CameraPipeline::StartFusion(const JobPtr& job) {
  with_fusion_.push_back(job);
  if (!StillWorthIt(job, kFusion)) return Advance(with_fusion_, &CameraPipeline::Conclude);
  const Verdict& v = *job->verdict;
  Observation observation{.sequence = v.frame.sequence,
                          .capture_time = v.frame.capture_time,
                          .expire_time = v.frame.expire_time,
                          .frame = job->size(),
                          .people = v.people,
                          .looks = v.looks,
                          .degraded = v.degraded,
                          .models = job->models};
  auto done = WhenAnswered<FusionAnswer>(job, [this, job](absl::StatusOr<FusionAnswer> answer) {
    job->verdict->times.fusion = clock_.Now() - job->sent;
    if (answer.ok()) {
      job->verdict->risks = std::move(answer->risks);
      job->verdict->transitions = std::move(answer->transitions);
      job->verdict->visits = std::move(answer->visits);
      NoteJudged(*answer);
    } else {
      PassBy(job, kFusion, answer.status());
    }
    Advance(with_fusion_, &CameraPipeline::Conclude);
  });
  stages_.fusion.Send(std::move(observation),
                      [this, done = std::move(done)](absl::StatusOr<FusionAnswer> answer) mutable {
    // Here and not on the strand: the stream may be opened anew right after this answer, and must
    // then hand over the incidents as this answer left them.
    if (answer.ok()) {
      for (const Transition& t : answer->transitions) incidents_.Apply(t);
    }
    done(std::move(answer));
  });
}

// --- incident ------------------------------------------------------------------------------------

void CameraPipeline::Conclude(const JobPtr& job) {
  Verdict& verdict = *job->verdict;
  const SharedFrame judged = ring_.Judge(verdict.frame.sequence, verdict.risks);
  Store(verdict.transitions, verdict.frame.capture_time, verdict.frame.sequence);
  recorder_.Add(verdict.frame.capture_time, judged);
  const absl::Time now = clock_.Now();
  verdict.times.total = now - job->arrived;
  if (verdict.status.ok()) {
    analysed_.Add();
    end_to_end_.Observe(absl::ToDoubleSeconds(
        options_.lossless ? verdict.times.total : now - verdict.frame.capture_time));
  } else {
    verdict.people.clear();
    verdict.looks = {};
    verdict.risks.clear();
  }
  const char* const lost = WhyLost(verdict.status);
  {
    absl::MutexLock lock(&mutex_);
    if (verdict.status.ok()) ++counts_.analysed;
    if (lost != nullptr) Count(lost, 1);
    if (verdict.status.ok()) NoteDegraded(verdict.degraded);
  }
  if (lost != nullptr) {
    LogLost(verdict, lost);
  } else {
    LogDebug("frame analysed",
             {{"camera", options_.camera_id},
              {"trace", options_.trace},
              {"sequence", absl::StrCat(verdict.frame.sequence)},
              {"seconds", absl::StrCat(absl::ToDoubleSeconds(verdict.times.total))},
              {"degraded", absl::StrJoin(verdict.degraded, ",")}});
  }
  on_verdict_(job->verdict);
  StoreVisits(verdict.visits);
  absl::MutexLock lock(&mutex_);
  --in_flight_;
  Admit();
}

// Writes transitions and their evidence to the outbox, before anybody hears of them.
void CameraPipeline::Store(const std::vector<Transition>& transitions, absl::Time at,
                           uint64_t sequence) {
  if (transitions.empty()) return;
  std::vector<OutboxItem> items;
  std::vector<OutboxItem> evidence;
  uint64_t opened = 0;
  for (const Transition& transition : transitions) {
    OutboxItem item;
    item.camera_id = options_.camera_id;
    item.incident_id = transition.incident_id;
    item.number = transition.number;
    item.leaves_open = transition.kind != TransitionKind::kClosed;
    item.body = transition.message;
    items.push_back(std::move(item));
    std::vector<OutboxItem> pictures = evidence_.Take(transition, ring_);
    if (transition.kind == TransitionKind::kOpened) {
      ++opened;
      if (pictures.empty()) without_evidence_.Add();
    }
    std::move(pictures.begin(), pictures.end(), std::back_inserter(evidence));
    std::vector<OutboxItem> clips = recorder_.Take(transition, at, sequence, ring_);
    for (const OutboxItem& clip : clips) {
      if (clip.evidence_state == EvidenceState::kFailed) FailedEvidence(metrics_).Add();
    }
    std::move(clips.begin(), clips.end(), std::back_inserter(evidence));
  }
  // Apart, so that a disk that is too full for pictures still takes the incident. Errors are
  // logged and counted by the outbox; the camera goes on.
  outbox_.Append(items).IgnoreError();
  if (!evidence.empty()) outbox_.Append(evidence).IgnoreError();
  outbox_changed_();
  absl::MutexLock lock(&mutex_);
  counts_.incidents_opened += opened;
}

// Apart from incidents: where the outbox has no room for visits, it loses visits alone.
void CameraPipeline::StoreVisits(const std::vector<Visit>& visits) {
  if (visits.empty()) return;
  std::vector<OutboxItem> items;
  for (const Visit& visit : visits) {
    OutboxItem item;
    item.kind = OutboxKind::kVisit;
    item.camera_id = options_.camera_id;
    item.evidence_id = visit.visit_id;
    item.capture_time = visit.end_time;
    item.body = visit.message;
    items.push_back(std::move(item));
  }
  outbox_.Append(items).IgnoreError();
  outbox_changed_();
}

// --- what the steps are made of ------------------------------------------------------------------

// Marks the job as sent; the returned callback comes back to the strand with the answer.
template <class Answer, class Take>
absl::AnyInvocable<void(absl::StatusOr<Answer>)> CameraPipeline::WhenAnswered(const JobPtr& job,
                                                                              Take take) {
  job->sent = clock_.Now();
  job->answered = false;
  return [this, job, take = std::move(take)](absl::StatusOr<Answer> answer) mutable {
    strand_.Post([job, take = std::move(take), answer = std::move(answer)]() mutable {
      job->answered = true;
      take(std::move(answer));
    });
  };
}

// Moves the jobs at the head of the belt that have been answered on to the next step, in order.
void CameraPipeline::Advance(Belt& belt, Step next) {
  while (!belt.empty() && belt.front()->answered) {
    const JobPtr job = std::move(belt.front());
    belt.pop_front();
    (this->*next)(job);
  }
}

// Whether the next stage shall see the frame. Where not, it counts as answered.
bool CameraPipeline::StillWorthIt(const JobPtr& job, const char* stage) {
  if (job->ok() && clock_.Now() >= job->frame().expire_time) {
    job->verdict->status = absl::DeadlineExceededError(
        absl::StrCat("the frame was too old when its turn came for ", stage));
  }
  if (!job->ok()) job->answered = true;
  return job->ok();
}

// A stage gave no result. Decides whether the frame ends here or goes on without it.
void CameraPipeline::PassBy(const JobPtr& job, const char* stage, const absl::Status& why) {
  const bool refused_frame = stage == kPose && absl::IsInvalidArgument(why);
  const bool expired =
      absl::IsDeadlineExceeded(why) && (stage != kClassifier ||
                                        clock_.Now() >= job->frame().expire_time);
  if (refused_frame || expired || absl::IsCancelled(why)) {
    job->verdict->status = absl::Status(why.code(), absl::StrCat(stage, ": ", why.message()));
    return;
  }
  job->verdict->degraded.emplace_back(stage);
  DegradedFrames(stage).Add();
}

// Keeps the frame for evidence.
void CameraPipeline::Remember(const JobPtr& job) {
  auto jpeg = job->frame().picture->Jpeg();
  if (!jpeg.ok()) return;
  const Verdict& v = *job->verdict;
  RingFrame frame{v.frame.capture_time, *std::move(jpeg), {}, job->ok() && v.degraded.empty(),
                  v.frame.sequence};
  for (const ObservedPerson& person : v.people) frame.people.push_back(person.person);
  ring_.Add(std::move(frame));
}

std::vector<PersonCrop> CameraPipeline::CutOut(const Job& job) const {
  std::vector<const TrackedPerson*> people;
  for (const ObservedPerson& p : job.verdict->people) people.push_back(&p.person);
  if (people.size() > static_cast<size_t>(options_.max_people)) {
    std::stable_sort(people.begin(), people.end(), [](const auto* a, const auto* b) {
      return a->person.box.area() > b->person.box.area();
    });
    people.resize(options_.max_people);
  }
  std::vector<PersonCrop> crops;
  crops.reserve(people.size());
  const cv::Mat& frame = job.frame().picture->bgr();
  const CropOptions how{.side = options_.crop_size};
  for (const TrackedPerson* p : people) {
    const NormalizedBox& box = p->person.box;
    crops.push_back({p->track_id, CropPerson(frame, box, how),
                     KeypointsInCrop(p->person.keypoints, {frame.cols, frame.rows}, box, how)});
  }
  return crops;
}

void CameraPipeline::NoteDegraded(const std::vector<std::string>& now) {
  if (now == degraded_) return;
  LogWarning(now.empty() ? "every stage answers again" : "going on without stages",
             {{"camera", options_.camera_id},
              {"trace", options_.trace},
              {"degraded", absl::StrJoin(now, ",")}});
  degraded_ = now;
}

// At info level, but no more than a line a second: a slow cluster loses several frames in each.
void CameraPipeline::LogLost(const Verdict& verdict, const char* reason) {
  const auto write = lost_pace_.Due(clock_.Now()) ? LogInfo : LogDebug;
  write("frame lost", {{"camera", options_.camera_id},
                       {"trace", options_.trace},
                       {"sequence", absl::StrCat(verdict.frame.sequence)},
                       {"reason", reason},
                       {"why", std::string(verdict.status.message())}});
}

void CameraPipeline::Drop(const JobPtr& job, const char* reason, absl::Status status) {
  Count(reason, 1);
  ++dropping_;
  job->verdict->status = std::move(status);
  job->verdict->times.total = clock_.Now() - job->arrived;
  // On the strand, where verdicts are delivered one at a time.
  strand_.Post([this, job, reason] {
    LogLost(*job->verdict, reason);
    on_verdict_(job->verdict);
    absl::MutexLock lock(&mutex_);
    --dropping_;
  });
}

void CameraPipeline::Count(const std::string& reason, uint64_t frames) {
  counts_.dropped[reason] += frames;
  DroppedFrames(reason).Add(static_cast<double>(frames));
}

Counter& CameraPipeline::DroppedFrames(const std::string& reason) {
  return metrics_.GetCounter("aislewatch_ingest_frames_dropped_total", "Frames lost, by reason",
                             {{"reason", reason}});
}

Counter& CameraPipeline::DegradedFrames(const std::string& stage) {
  return metrics_.GetCounter("aislewatch_ingest_degraded_frames_total",
                             "Frames that went on without a stage", {{"stage", stage}});
}

// --- from outside --------------------------------------------------------------------------------

bool CameraPipeline::Drain(absl::Time deadline) {
  const auto idle = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return in_flight_ == 0 && dropping_ == 0 && waiting_.empty();
  };
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithDeadline(absl::Condition(&idle), deadline);
}

void CameraPipeline::End(absl::Time deadline) {
  if (!Drain(deadline)) return;
  {
    absl::MutexLock lock(&mutex_);
    if (closed_ || counts_.submitted == 0) return;
    ++in_flight_;
  }
  strand_.Post([this] { CloseStream(); });
  Drain(deadline);
}

void CameraPipeline::NoteJudged(FusionAnswer& answer) {
  if (journal_ == nullptr || answer.judged.empty()) return;
  journal_->Add(options_.camera_id, std::move(answer.judged));
}

void CameraPipeline::EndClips() {
  recorder_.Finish("the stream of the camera ended");
  absl::MutexLock lock(&mutex_);
  --in_flight_;
}

// One more observation, without a frame of its own.
void CameraPipeline::CloseStream() {
  Observation last;
  {
    absl::MutexLock lock(&mutex_);
    last.sequence = last_sequence_ + 1;
    last.capture_time = last_capture_;
    last.frame = last_size_;
    last.last = true;
  }
  const absl::Time at = last.capture_time;
  const uint64_t sequence = last.sequence;
  stages_.fusion.Send(std::move(last), [=, this](absl::StatusOr<FusionAnswer> answer) {
    if (answer.ok()) {
      for (const Transition& t : answer->transitions) incidents_.Apply(t);
    } else if (!incidents_.All().empty()) {
      LogWarning("fusion did not close the incidents of a stream that ended; they stay open",
                 {{"camera", options_.camera_id},
                  {"trace", options_.trace},
                  {"error", std::string(answer.status().message())}});
    }
    strand_.Post([=, this, answer = std::move(answer)]() mutable {
      if (answer.ok()) {
        Store(answer->transitions, at, sequence);
        StoreVisits(answer->visits);
        NoteJudged(*answer);
      }
      EndClips();
    });
  });
}

void CameraPipeline::Close() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    for (const JobPtr& job : waiting_) {
      Drop(job, "closed", absl::CancelledError("the camera's pipeline has been stopped"));
    }
    waiting_.clear();
  }
  stages_.pose.Close();
  stages_.classifier.Close();
  stages_.fusion.Close();
  Drain(absl::InfiniteFuture());
  // The step that gave the last verdict looks at its belt once more before it returns.
  absl::Notification returned;
  strand_.Post([&returned] { returned.Notify(); });
  returned.WaitForNotification();
  // No step runs any more.
  recorder_.Finish("the camera was stopped");
}

PipelineCounts CameraPipeline::counts() const {
  absl::MutexLock lock(&mutex_);
  return counts_;
}

std::vector<std::string> CameraPipeline::degraded() const {
  absl::MutexLock lock(&mutex_);
  return degraded_;
}

void CameraPipeline::CountDrop(const std::string& reason, uint64_t frames) {
  absl::MutexLock lock(&mutex_);
  Count(reason, frames);
}

}  // namespace aislewatch::ingest
