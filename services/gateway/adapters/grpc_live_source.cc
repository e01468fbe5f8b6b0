#include "services/gateway/adapters/grpc_live_source.h"

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "common/rpc/convert.h"
#include "services/gateway/adapters/json.h"

namespace aislewatch::gateway {
namespace {

// One for slow name servers, one for the rest.
constexpr int kThreads = 2;
// Cameras whose replica is remembered.
constexpr size_t kMaxRemembered = 10'000;

}  // namespace

// What outlives the source's calls.
struct GrpcLiveSource::Calls {
  absl::Mutex mutex;
  int open ABSL_GUARDED_BY(mutex) = 0;
  std::map<std::string, std::string> address_by_camera ABSL_GUARDED_BY(mutex);
};

// One watch: a call to one replica after the other. Lives as long as its call or its watcher.
struct GrpcLiveSource::Attempt : std::enable_shared_from_this<Attempt> {
  void Cancel() {
    absl::MutexLock lock(&mutex);
    cancelled = true;
    if (context != nullptr) context->TryCancel();
  }
  // Tries the next replica; tells the sink `why` where there is none left.
  void Next(const absl::Status& why);

  std::shared_ptr<Calls> calls;
  v1::WatchLiveRequest request;
  std::weak_ptr<LiveSink> sink;
  absl::Mutex mutex;
  std::vector<std::shared_ptr<IngestReplica>> replicas ABSL_GUARDED_BY(mutex);
  grpc::ClientContext* context ABSL_GUARDED_BY(mutex) = nullptr;
  bool cancelled ABSL_GUARDED_BY(mutex) = false;
};

// One call. Owns itself until OnDone.
class GrpcLiveSource::Reader final : public grpc::ClientReadReactor<v1::WatchLiveResponse> {
 public:
  Reader(std::shared_ptr<Attempt> attempt, std::shared_ptr<IngestReplica> replica)
      : attempt_(std::move(attempt)), replica_(std::move(replica)) {}

  grpc::ClientContext& context() { return context_; }
  void Start() {
    replica_->stub->async()->WatchLive(&context_, &attempt_->request, this);
    StartRead(&response_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (!had_frame_) {
      had_frame_ = true;
      absl::MutexLock lock(&attempt_->calls->mutex);
      auto& known = attempt_->calls->address_by_camera;
      if (known.size() >= kMaxRemembered) known.clear();
      known[attempt_->request.camera_id()] = replica_->address;
    }
    if (const auto sink = attempt_->sink.lock()) {
      auto frame = std::make_shared<LiveFrame>();
      auto json = ToJson(response_);
      if (json.ok()) frame->json = *std::move(json);
      if (response_.image().encoding() == v1::IMAGE_ENCODING_JPEG) {
        frame->jpeg = std::move(*response_.mutable_image()->mutable_data());
      }
      if (json.ok()) sink->OnFrame(std::move(frame));
    }
    StartRead(&response_);
  }

  void OnDone(const grpc::Status& status) override {
    {
      absl::MutexLock lock(&attempt_->mutex);
      attempt_->context = nullptr;
    }
    // A camera that ran here until now may run elsewhere: the hub asks all of them again.
    if (had_frame_) {
      absl::MutexLock lock(&attempt_->mutex);
      attempt_->replicas.clear();
    }
    attempt_->Next(FromGrpc(status));
    const std::shared_ptr<Calls> calls = attempt_->calls;
    delete this;
    absl::MutexLock lock(&calls->mutex);
    --calls->open;
  }

 private:
  const std::shared_ptr<Attempt> attempt_;
  const std::shared_ptr<IngestReplica> replica_;
  grpc::ClientContext context_;
  v1::WatchLiveResponse response_;
  bool had_frame_ = false;
};

void GrpcLiveSource::Attempt::Next(const absl::Status& why) {
  Reader* reader = nullptr;
  {
    absl::MutexLock lock(&mutex);
    if (cancelled) return;
    if (!replicas.empty()) {
      reader = new Reader(shared_from_this(), std::move(replicas.back()));
      replicas.pop_back();
      context = &reader->context();
    }
  }
  if (reader != nullptr) {
    {
      absl::MutexLock lock(&calls->mutex);
      ++calls->open;
    }
    reader->Start();
    return;
  }
  // Which replica said what is of no use to a viewer.
  const bool away = !why.ok() && !absl::IsNotFound(why);
  if (const auto held = sink.lock()) {
    held->OnEnd(away ? absl::UnavailableError("the service that runs cameras is away")
                     : absl::NotFoundError("the camera is not running"));
  }
}

GrpcLiveSource::GrpcLiveSource(IngestReplicas& replicas)
    : replicas_(replicas), calls_(std::make_shared<Calls>()), threads_(kThreads) {}

GrpcLiveSource::~GrpcLiveSource() {
  const auto none = [calls = calls_.get()]()
                        ABSL_SHARED_LOCKS_REQUIRED(calls->mutex) { return calls->open == 0; };
  absl::MutexLock lock(&calls_->mutex);
  calls_->mutex.Await(absl::Condition(&none));
}

std::shared_ptr<void> GrpcLiveSource::Watch(const std::string& camera_id, bool images,
                                            std::weak_ptr<LiveSink> sink) {
  auto attempt = std::make_shared<Attempt>();
  attempt->calls = calls_;
  attempt->request.set_camera_id(camera_id);
  attempt->request.set_include_image(images);
  attempt->sink = std::move(sink);
  threads_.Post([this, attempt] {
    std::vector<std::shared_ptr<IngestReplica>> replicas = replicas_.List();
    std::string last;
    {
      absl::MutexLock lock(&calls_->mutex);
      const auto known = calls_->address_by_camera.find(attempt->request.camera_id());
      if (known != calls_->address_by_camera.end()) last = known->second;
    }
    // Taken from the back.
    std::stable_partition(replicas.begin(), replicas.end(),
                          [&last](const auto& replica) { return replica->address != last; });
    {
      absl::MutexLock lock(&attempt->mutex);
      attempt->replicas = replicas;
    }
    attempt->Next(replicas.empty() ? absl::UnavailableError("no address") : absl::OkStatus());
  });
  return std::shared_ptr<void>(attempt.get(), [attempt](void*) { attempt->Cancel(); });
}

}  // namespace aislewatch::gateway
