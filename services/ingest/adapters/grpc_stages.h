// The stages of the cluster over gRPC: one stream per stage and camera.
#pragma once

#include <memory>
#include <string>

#include <grpcpp/channel.h>

#include "aislewatch/v1/types.pb.h"
#include "common/base/clock.h"
#include "common/concurrency/timer_queue.h"
#include "services/ingest/core/managed_pipeline.h"

namespace aislewatch::ingest {

/// Where the stages are.
struct StageChannels {
  std::shared_ptr<grpc::Channel> pose;
  std::shared_ptr<grpc::Channel> classifier;
  std::shared_ptr<grpc::Channel> fusion;
};

/// How a stage's stream behaves where it is away, for live cameras and for files.
struct StagePatience {
  absl::Duration live_patience = absl::Milliseconds(300);
  /// A live stage that owes an answer for so long hangs; its stream is opened anew.
  absl::Duration live_stall = absl::Seconds(3);
  absl::Duration lossless_patience = absl::Seconds(20);
  absl::Duration lossless_stall = absl::Seconds(30);
};

/// Thread-safe. `timers` and `clock` must outlive the stages that it makes.
class GrpcStageFactory : public StageFactory {
 public:
  /// `encoding` of frames and crops: raw on the same machine, else JPEG. `tell_judged`: fusion tells
  /// what a journal keeps.
  GrpcStageFactory(StageChannels channels, v1::ImageEncoding encoding, StagePatience patience,
                   TimerQueue& timers, Clock& clock = RealClock(), bool tell_judged = false)
      : channels_(std::move(channels)),
        encoding_(encoding),
        patience_(patience),
        timers_(timers),
        clock_(clock),
        tell_judged_(tell_judged) {}

  StageSet Open(const CameraSettings& settings, const std::string& trace,
                const OpenIncidents& incidents, bool lossless) override;

 private:
  const StageChannels channels_;
  const v1::ImageEncoding encoding_;
  const StagePatience patience_;
  TimerQueue& timers_;
  Clock& clock_;
  const bool tell_judged_;
};

}  // namespace aislewatch::ingest
