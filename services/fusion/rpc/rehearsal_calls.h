// RehearseRules: plays judged frames to a Rehearsal, message by message.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "aislewatch/v1/fusion.pb.h"
#include "common/concurrency/thread_pool.h"
#include "services/fusion/core/rehearsal.h"

namespace aislewatch::fusion {

struct RehearsalLimits {
  /// At once; more are refused.
  int most = 2;
  /// What one may play: a day of a camera of 60 frames per second.
  uint64_t max_frames = 60 * 60 * 60 * 24;
};

/// Thread-safe. A message is played on `workers`, the next is read after it, so that live streams
/// wait for one message of a rehearsal at most.
class RehearsalCalls {
 public:
  using Opener =
      std::function<absl::StatusOr<Rehearsal::Options>(const v1::RehearsalConfig& config)>;

  /// `workers` must outlive every call, that is, the gRPC server must be shut down before it goes.
  RehearsalCalls(Opener opener, RehearsalLimits limits, ThreadPool& workers);
  ~RehearsalCalls();

  /// The reactor of one call. RESOURCE_EXHAUSTED where too many run.
  grpc::ServerReadReactor<v1::RehearseRulesRequest>* Open(grpc::CallbackServerContext* context,
                                                          v1::RehearseRulesResponse* response);

  /// Ends the calls under way with UNAVAILABLE, and new ones. Does not wait.
  void Drain();

 private:
  struct State;
  class Call;
  const std::shared_ptr<State> state_;
};

}  // namespace aislewatch::fusion
