#include "services/fusion/rpc/rehearsal_calls.h"

#include <atomic>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "services/fusion/rpc/judged_convert.h"

namespace aislewatch::fusion {

// What the calls share; outlives them.
struct RehearsalCalls::State {
  State(Opener opener_in, RehearsalLimits limits_in, ThreadPool& workers_in)
      : opener(std::move(opener_in)), limits(limits_in), workers(workers_in) {}

  const Opener opener;
  const RehearsalLimits limits;
  ThreadPool& workers;
  std::atomic<bool> draining = false;

  absl::Mutex mutex;
  // Of the calls that have not been answered, to end their reads.
  std::set<grpc::CallbackServerContext*> running ABSL_GUARDED_BY(mutex);
};

// One call. Owns itself until OnDone. Either a read is under way, or a message is being played, or
// Finish was called.
class RehearsalCalls::Call final : public grpc::ServerReadReactor<v1::RehearseRulesRequest> {
 public:
  Call(std::shared_ptr<State> state, grpc::CallbackServerContext* context,
       v1::RehearseRulesResponse* response)
      : state_(std::move(state)), context_(context), response_(response) {
    const absl::Status admitted = Admit();
    if (admitted.ok()) {
      StartSendInitialMetadata();  // Tells the client that there is room for it.
      StartRead(&request_);
    } else {
      Finish(ToGrpc(admitted));
    }
  }

  void OnReadDone(bool ok) override {
    state_->workers.Post([this, ok] { ok ? Take() : End(); });
  }
  void OnCancel() override { cancelled_ = true; }
  void OnDone() override { delete this; }

 private:
  absl::Status Admit() {
    absl::MutexLock lock(&state_->mutex);
    if (state_->draining) return absl::UnavailableError("this replica is draining");
    if (state_->running.size() >= static_cast<size_t>(state_->limits.most)) {
      return absl::ResourceExhaustedError(absl::StrCat(
          state_->limits.most, " rehearsals run here already; try again in some seconds"));
    }
    state_->running.insert(context_);
    return absl::OkStatus();
  }

  void Take() {
    const absl::Status status = Play();
    if (status.ok()) {
      StartRead(&request_);
    } else {
      Leave(status);
    }
  }

  // Makes room before the client hears of the end: it may begin its next rehearsal at once.
  void Leave(const absl::Status& status) {
    {
      absl::MutexLock lock(&state_->mutex);
      state_->running.erase(context_);
    }
    Finish(ToGrpc(status));
  }

  absl::Status Play() {
    if (request_.has_config()) {
      if (rehearsal_) return absl::InvalidArgumentError("the rehearsal is configured already");
      AW_ASSIGN_OR_RETURN(Rehearsal::Options options, state_->opener(request_.config()));
      identity_ = request_.config().identity();
      rehearsal_.emplace(std::move(options));
      return absl::OkStatus();
    }
    if (!rehearsal_) {
      return absl::InvalidArgumentError(
          "the first message of a rehearsal must be its configuration");
    }
    AW_ASSIGN_OR_RETURN(const std::vector<JudgedFrame> frames,
                        JudgedFramesFromProto(request_.frames()));
    frames_ += frames.size();
    if (frames_ > state_->limits.max_frames) {
      return absl::InvalidArgumentError(
          absl::StrCat("a rehearsal plays ", state_->limits.max_frames, " frames at most"));
    }
    for (const JudgedFrame& frame : frames) {
      if (cancelled_) return absl::CancelledError("the client cancelled the rehearsal");
      rehearsal_->Play(frame);
    }
    return absl::OkStatus();
  }

  // The client has sent everything, or is gone, or this replica drains.
  void End() {
    absl::Status status;
    if (state_->draining) {
      status = absl::UnavailableError("this replica is draining; try again");
    } else if (cancelled_) {
      status = absl::CancelledError("the client cancelled the rehearsal");
    } else if (!rehearsal_) {
      status = absl::InvalidArgumentError("the rehearsal ended before its configuration");
    } else {
      *response_ = OutcomesToProto(rehearsal_->Outcomes(), identity_);
    }
    Leave(status);
  }

  const std::shared_ptr<State> state_;
  grpc::CallbackServerContext* const context_;
  v1::RehearseRulesResponse* const response_;
  std::atomic<bool> cancelled_ = false;
  v1::RehearseRulesRequest request_;
  v1::StreamIdentity identity_;
  std::optional<Rehearsal> rehearsal_;
  uint64_t frames_ = 0;
};

RehearsalCalls::RehearsalCalls(Opener opener, RehearsalLimits limits, ThreadPool& workers)
    : state_(std::make_shared<State>(std::move(opener), limits, workers)) {}

RehearsalCalls::~RehearsalCalls() = default;

grpc::ServerReadReactor<v1::RehearseRulesRequest>* RehearsalCalls::Open(
    grpc::CallbackServerContext* context, v1::RehearseRulesResponse* response) {
  return new Call(state_, context, response);
}

void RehearsalCalls::Drain() {
  absl::MutexLock lock(&state_->mutex);
  state_->draining = true;
  for (grpc::CallbackServerContext* context : state_->running) context->TryCancel();
}

}  // namespace aislewatch::fusion
