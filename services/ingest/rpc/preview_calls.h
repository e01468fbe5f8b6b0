// PreviewRules: tries zones and rules, a few at a time.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "aislewatch/v1/ingest.pb.h"
#include "common/concurrency/thread_pool.h"
#include "services/ingest/core/camera_host.h"

namespace aislewatch::ingest {

struct PreviewOptions {
  /// At once; more are refused, as is a second one of a camera.
  int most = 2;
  /// The longest that one may take, whatever its caller's deadline.
  absl::Duration timeout = absl::Minutes(1);
};

/// Thread-safe. Owns one thread for each preview that may run.
class PreviewCalls {
 public:
  /// Tries the request on what the camera saw, and blocks for it. Ends early where the context is
  /// cancelled.
  using Preview = std::function<absl::StatusOr<v1::PreviewRulesResponse>(
      const CameraSettings& camera, const v1::PreviewRulesRequest& request,
      grpc::ClientContext& context)>;

  /// `cameras` outlives it. `preview` is empty where no journal is kept.
  PreviewCalls(CameraHost& cameras, PreviewOptions options, Preview preview);
  /// Cancels the previews under way and waits for them.
  ~PreviewCalls() ABSL_LOCKS_EXCLUDED(mutex_);

  /// The reactor of one call. INVALID_ARGUMENT names every fault of zones and rules, NOT_FOUND
  /// where the camera does not run here, RESOURCE_EXHAUSTED where too many run, FAILED_PRECONDITION
  /// without a journal. `request` and `response` live until it is finished.
  grpc::ServerUnaryReactor* Start(grpc::CallbackServerContext* context,
                                  const v1::PreviewRulesRequest& request,
                                  v1::PreviewRulesResponse* response) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Call;
  absl::StatusOr<CameraSettings> Admit(const v1::PreviewRulesRequest& request, Call* call)
      ABSL_LOCKS_EXCLUDED(mutex_);

  CameraHost& cameras_;
  const PreviewOptions options_;
  const Preview preview_;

  absl::Mutex mutex_;
  std::set<std::string> running_ ABSL_GUARDED_BY(mutex_);
  std::set<Call*> calls_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  ThreadPool pool_;
};

}  // namespace aislewatch::ingest
