#include "services/ingest/core/leased_camera.h"

#include <utility>

#include "common/base/log.h"

namespace aislewatch::ingest {

LeasedCamera::LeasedCamera(const PipelineHome& home, CameraSettings settings,
                           SourceSupervisor::MakeSource make_source, SupervisorOptions options)
    : home_(home),
      settings_(std::move(settings)),
      lossless_(options.overflow == Overflow::kBlock),
      supervisor_(
          std::move(make_source), options,
          [this](CapturedFrame captured) {
            const std::shared_ptr<ManagedPipeline> pipeline = Pipeline();
            Frame frame;
            frame.sequence = ++sequence_;
            frame.capture_time = captured.capture_time;
            frame.picture = std::make_shared<const Picture>(std::move(captured.image));
            pipeline->pipeline().Submit(std::move(frame));
          },
          [this](uint64_t frames) { Pipeline()->pipeline().CountDrop("newest_wins", frames); },
          home.clock),
      thread_([this] { Run(); }) {}

LeasedCamera::~LeasedCamera() {
  StopTaking();
  const std::shared_ptr<ManagedPipeline> pipeline = Pipeline();
  // Lets a Submit that waits for room return.
  if (pipeline != nullptr) pipeline->pipeline().Close();
  if (thread_.joinable()) thread_.join();
}

void LeasedCamera::StartEnding() {
  ending_ = true;
  StopTaking();
}

void LeasedCamera::AwaitEnd() { thread_.join(); }

void LeasedCamera::Run() {
  // Here, because it asks event storage, which may take its time.
  std::shared_ptr<ManagedPipeline> pipeline =
      ManagedPipeline::Create(home_, settings_, lossless_, nullptr);
  {
    absl::MutexLock lock(&mutex_);
    pipeline_ = pipeline;
  }
  LogInfo("camera started", {{"camera", settings_.camera_id}, {"store", settings_.store_id}});
  supervisor_.Run();
  if (ending_ || supervisor_.status().state == SourceState::kEnded) {
    pipeline->pipeline().End(home_.clock.Now() + kEndPatience);
  }
}

void LeasedCamera::StopTaking() { supervisor_.Stop(); }

void LeasedCamera::Drain(absl::Time deadline) {
  const std::shared_ptr<ManagedPipeline> pipeline = Pipeline();
  if (pipeline != nullptr) pipeline->pipeline().Drain(deadline);
}

PipelineReport LeasedCamera::Report() const {
  PipelineReport report;
  report.camera_id = settings_.camera_id;
  report.store_id = settings_.store_id;
  report.source = supervisor_.status();
  report.outbox_pending = home_.outbox.pending();
  const std::shared_ptr<ManagedPipeline> pipeline = Pipeline();
  if (pipeline == nullptr) return report;
  report.counts = pipeline->pipeline().counts();
  report.degraded = pipeline->pipeline().degraded();
  return report;
}

std::shared_ptr<LiveBroadcast> LeasedCamera::live() const {
  const std::shared_ptr<ManagedPipeline> pipeline = Pipeline();
  return pipeline == nullptr ? nullptr : pipeline->shared_live();
}

std::shared_ptr<ManagedPipeline> LeasedCamera::Pipeline() const {
  absl::MutexLock lock(&mutex_);
  return pipeline_;
}

}  // namespace aislewatch::ingest
