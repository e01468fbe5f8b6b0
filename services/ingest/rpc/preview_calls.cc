#include "services/ingest/rpc/preview_calls.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "common/scene/proto_scene.h"

namespace aislewatch::ingest {
namespace {

constexpr absl::Duration kLongestWindow = absl::Hours(24);

absl::Status CheckWindow(const v1::PreviewRulesRequest& request) {
  if (!request.has_window()) return absl::OkStatus();
  const absl::Duration window = aislewatch::FromProto(request.window());
  if (window > absl::ZeroDuration() && window <= kLongestWindow) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("window must be above 0 and at most 24h, not ", absl::FormatDuration(window)));
}

}  // namespace

// One call. Lives until gRPC is done with it, which is after Finish and after the last OnCancel.
class PreviewCalls::Call final : public grpc::ServerUnaryReactor {
 public:
  explicit Call(absl::Time deadline) { context_.set_deadline(absl::ToChronoTime(deadline)); }

  grpc::ClientContext& context() { return context_; }
  void OnCancel() override { context_.TryCancel(); }
  void OnDone() override { delete this; }

 private:
  grpc::ClientContext context_;
};

PreviewCalls::PreviewCalls(CameraHost& cameras, PreviewOptions options, Preview preview)
    : cameras_(cameras), options_(options), preview_(std::move(preview)), pool_(options.most) {}

PreviewCalls::~PreviewCalls() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  for (Call* call : calls_) call->context().TryCancel();
}

absl::StatusOr<CameraSettings> PreviewCalls::Admit(const v1::PreviewRulesRequest& request,
                                                   Call* call) {
  AW_ASSIGN_OR_RETURN(CameraSettings camera, cameras_.SettingsOf(request.camera_id()));
  if (!preview_) {
    return absl::FailedPreconditionError(
        "this replica keeps no journal to try rules on; start ingest without --no-journal");
  }
  AW_RETURN_IF_ERROR(CheckWindow(request));
  AW_RETURN_IF_ERROR(SceneFromProto(request.zones(), request.rules()).status());
  absl::MutexLock lock(&mutex_);
  if (stopping_) return absl::UnavailableError("this replica is stopping");
  if (running_.count(request.camera_id()) != 0) {
    return absl::ResourceExhaustedError(absl::StrCat("rules of camera ", request.camera_id(),
                                                     " are being tried already; try again in some "
                                                     "seconds"));
  }
  if (running_.size() >= static_cast<size_t>(options_.most)) {
    return absl::ResourceExhaustedError(absl::StrCat(
        options_.most, " cameras' rules are being tried here already; try again in some seconds"));
  }
  running_.insert(request.camera_id());
  calls_.insert(call);
  return camera;
}

grpc::ServerUnaryReactor* PreviewCalls::Start(grpc::CallbackServerContext* context,
                                              const v1::PreviewRulesRequest& request,
                                              v1::PreviewRulesResponse* response) {
  const absl::Time deadline =
      std::min(absl::FromChrono(context->deadline()), absl::Now() + options_.timeout);
  Call* const call = new Call(deadline);
  absl::StatusOr<CameraSettings> camera = Admit(request, call);
  if (!camera.ok()) {
    call->Finish(ToGrpc(camera.status()));
    return call;
  }
  pool_.Post([this, call, response, request = &request, camera = *std::move(camera)] {
    auto answer = preview_(camera, *request, call->context());
    {
      absl::MutexLock lock(&mutex_);
      running_.erase(camera.camera_id);
      calls_.erase(call);
    }
    if (answer.ok()) *response = *std::move(answer);
    call->Finish(ToGrpc(answer.status()));
  });
  return call;
}

}  // namespace aislewatch::ingest
