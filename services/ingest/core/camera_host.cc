#include "services/ingest/core/camera_host.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch::ingest {
namespace {

// How long a stream waits for the end of the one before it.
constexpr absl::Duration kHandOver = absl::Seconds(2);

absl::Status NotHere(const std::string& camera_id) {
  return absl::NotFoundError(
      absl::StrCat("this replica does not run camera ", camera_id,
                   "; GetCamera of the camera registry names the replica that does, if any"));
}

}  // namespace

PushedCamera::~PushedCamera() {
  if (managed_ == nullptr) return;
  managed_->pipeline().Close();
  host_.Remove(settings_.camera_id);
}

void PushedCamera::Ending() {
  absl::MutexLock lock(&host_.mutex_);
  host_.cameras_[settings_.camera_id].ending = true;
}

void PushedCamera::End() { managed_->pipeline().End(host_.home_.clock.Now() + kEndPatience); }

CameraHost::CameraHost(PipelineHome home, MakeSource make_source, SupervisorOptions options)
    : home_(std::move(home)), make_source_(std::move(make_source)), options_(options) {}

CameraHost::~CameraHost() = default;

SupervisorOptions CameraHost::OptionsFor(const CameraSettings& settings) const {
  SupervisorOptions options = options_;
  options.analysis_fps = settings.analysis_fps;
  options.analysis_size = settings.analysis_size;
  options.overflow = settings.as_fast_as_possible ? Overflow::kBlock : Overflow::kNewestWins;
  // A file keeps its own pace, which may be a frame a minute, and a disk does not hang like a
  // camera.
  const bool file = !absl::StrContains(settings.source_url, "://") ||
                    absl::StartsWithIgnoreCase(settings.source_url, "file:");
  if (file && !absl::StartsWith(settings.source_url, "device:")) {
    options.open_timeout = options.read_timeout = absl::Minutes(10);
  }
  return options;
}

absl::Status CameraHost::Start(const CameraSettings& settings) {
  absl::MutexLock lock(&mutex_);
  Entry& entry = cameras_[settings.camera_id];
  if (!entry.settings.camera_id.empty()) {
    return absl::AlreadyExistsError(
        absl::StrCat("camera ", settings.camera_id, " is being run here already",
                     entry.ending              ? ": it is being ended"
                     : entry.leased == nullptr ? ": a store system pushes its frames"
                                               : ""));
  }
  entry.settings = settings;
  entry.leased = std::make_shared<LeasedCamera>(
      home_, settings, [this, settings] { return make_source_(settings); }, OptionsFor(settings));
  return absl::OkStatus();
}

void CameraHost::Stop(const std::string& camera_id, absl::Duration drain) {
  std::shared_ptr<LeasedCamera> camera;
  {
    absl::MutexLock lock(&mutex_);
    const auto it = cameras_.find(camera_id);
    if (it == cameras_.end() || it->second.leased == nullptr) return;
    camera = it->second.leased;
  }
  camera->StopTaking();
  if (drain > absl::ZeroDuration()) camera->Drain(home_.clock.Now() + drain);
  {
    absl::MutexLock lock(&mutex_);
    cameras_.erase(camera_id);
  }
  // The last reference, unless an answer about it is being made: joins the camera's thread.
  camera.reset();
}

void CameraHost::End(const std::string& camera_id) {
  std::shared_ptr<LeasedCamera> camera;
  {
    absl::MutexLock lock(&mutex_);
    const auto it = cameras_.find(camera_id);
    if (it == cameras_.end() || it->second.leased == nullptr) return;
    camera = it->second.leased;
    // From here on nobody stops it but the task below; its id stays taken until it has ended.
    it->second.leased = nullptr;
    it->second.ending = true;
  }
  camera->StartEnding();
  ender_.Post([this, camera = std::move(camera), camera_id]() mutable {
    camera->AwaitEnd();
    camera.reset();
    Remove(camera_id);
  });
}

std::vector<PipelineReport> CameraHost::Reports() {
  std::map<std::string, Entry> cameras;
  {
    absl::MutexLock lock(&mutex_);
    cameras = cameras_;
  }
  std::vector<PipelineReport> reports;
  for (const auto& [id, entry] : cameras) {
    if (entry.leased != nullptr) {
      reports.push_back(entry.leased->Report());
      continue;
    }
    if (entry.ending && entry.pushed == nullptr) continue;
    PipelineReport report;
    report.camera_id = id;
    report.store_id = entry.settings.store_id;
    report.outbox_pending = home_.outbox.pending();
    if (entry.pushed != nullptr) {
      report.source.state = SourceState::kOnline;
      report.counts = entry.pushed->pipeline().counts();
      report.source.decoded = report.counts.submitted;
      report.degraded = entry.pushed->pipeline().degraded();
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

absl::StatusOr<std::unique_ptr<PushedCamera>> CameraHost::OpenPush(
    const CameraSettings& settings, bool lossless, CameraPipeline::OnVerdict on_verdict) {
  {
    absl::MutexLock lock(&mutex_);
    AW_RETURN_IF_ERROR(AwaitEndOfPush(settings.camera_id));
    Entry& entry = cameras_[settings.camera_id];
    if (!entry.settings.camera_id.empty()) {
      return absl::AlreadyExistsError(absl::StrCat(
          "camera ", settings.camera_id,
          entry.leased != nullptr ? " is run by lease; disable it in the camera registry to push "
                                    "its frames"
                                  : " has another stream that pushes its frames; end that first"));
    }
    entry.settings = settings;
  }
  std::unique_ptr<PushedCamera> camera(new PushedCamera(*this, settings));
  camera->managed_ = ManagedPipeline::Create(home_, settings, lossless, std::move(on_verdict));
  absl::MutexLock lock(&mutex_);
  cameras_[settings.camera_id].pushed = camera->managed_;
  return camera;
}

void CameraHost::ClosePushes() {
  std::vector<std::shared_ptr<ManagedPipeline>> pushes;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [id, entry] : cameras_) {
      if (entry.pushed != nullptr) pushes.push_back(entry.pushed);
    }
  }
  for (const auto& push : pushes) push->pipeline().Close();
}

void CameraHost::Remove(const std::string& camera_id) {
  absl::MutexLock lock(&mutex_);
  cameras_.erase(camera_id);
  removed_.SignalAll();
}

// A store system may open its next stream as soon as the last one is over, which it learns before
// the camera's incidents are closed.
absl::Status CameraHost::AwaitEndOfPush(const std::string& camera_id) {
  const absl::Time deadline = home_.clock.Now() + kHandOver;
  while (true) {
    const auto it = cameras_.find(camera_id);
    if (it == cameras_.end() || it->second.pushed == nullptr || !it->second.ending) break;
    if (home_.clock.Now() >= deadline) {
      return absl::UnavailableError(
          absl::StrCat("the incidents of camera ", camera_id,
                       "'s last stream are still being closed; open the stream again in a moment"));
    }
    home_.clock.WaitUntil(removed_, mutex_, deadline);
  }
  return absl::OkStatus();
}

absl::StatusOr<CameraSettings> CameraHost::SettingsOf(const std::string& camera_id) {
  absl::MutexLock lock(&mutex_);
  const auto it = cameras_.find(camera_id);
  if (it == cameras_.end() || it->second.ending) return NotHere(camera_id);
  return it->second.settings;
}

absl::StatusOr<std::shared_ptr<LiveSubscription>> CameraHost::Watch(
    const std::string& camera_id, std::function<void()> on_change) {
  std::shared_ptr<LiveBroadcast> live;
  {
    absl::MutexLock lock(&mutex_);
    const auto it = cameras_.find(camera_id);
    if (it != cameras_.end()) {
      if (it->second.leased != nullptr) live = it->second.leased->live();
      if (it->second.pushed != nullptr) live = it->second.pushed->shared_live();
    }
  }
  if (live == nullptr) return NotHere(camera_id);
  return live->Subscribe(std::move(on_change));
}

}  // namespace aislewatch::ingest
