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
            std::shared_ptr<ManagedPipeline> pipeline;
            {
              absl::MutexLock lock(&mutex_);
              pipeline = pipeline_;
            }
            Frame frame;
            frame.sequence = ++sequence_;
            frame.capture_time = captured.capture_time;
            frame.picture = std::make_shared<const Picture>(std::move(captured.image));
            pipeline->pipeline().Submit(std::move(frame));
          },
          [this](uint64_t frames) {
            absl::MutexLock lock(&mutex_);
            pipeline_->pipeline().CountDrop("newest_wins", frames);
          },
          home.clock),
      thread_([this] { Run(); }) {}

LeasedCamera::~LeasedCamera() {
  StopTaking();
  std::shared_ptr<ManagedPipeline> pipeline;
  {
    absl::MutexLock lock(&mutex_);
    pipeline = pipeline_;
  }
  // Lets a Submit that waits for room return.
  if (pipeline != nullptr) pipeline->pipeline().Close();
  thread_.join();
}

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
}

void LeasedCamera::StopTaking() { supervisor_.Stop(); }

void LeasedCamera::Drain(absl::Time deadline) {
  std::shared_ptr<ManagedPipeline> pipeline;
  {
    absl::MutexLock lock(&mutex_);
    pipeline = pipeline_;
  }
  if (pipeline != nullptr) pipeline->pipeline().Drain(deadline);
}

PipelineReport LeasedCamera::Report() const {
  PipelineReport report;
  report.camera_id = settings_.camera_id;
  report.store_id = settings_.store_id;
  report.source = supervisor_.status();
  report.outbox_pending = home_.outbox.pending();
  absl::MutexLock lock(&mutex_);
  if (pipeline_ == nullptr) return report;
  report.counts = pipeline_->pipeline().counts();
  report.degraded = pipeline_->pipeline().degraded();
  return report;
}

std::shared_ptr<LiveBroadcast> LeasedCamera::live() const {
  absl::MutexLock lock(&mutex_);
  return pipeline_ == nullptr ? nullptr : pipeline_->shared_live();
}

}  // namespace aislewatch::ingest
