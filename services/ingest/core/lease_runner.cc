#include "services/ingest/core/lease_runner.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/base/log.h"

namespace aislewatch::ingest {
namespace {

Gauge* CamerasGauge(Metrics& metrics, const char* state) {
  return &metrics.GetGauge("aislewatch_ingest_cameras",
                           "Cameras that this replica runs, by how their source is",
                           {{"state", state}});
}

Counter& MovesTotal(Metrics& metrics, const char* direction) {
  return metrics.GetCounter("aislewatch_ingest_lease_moves_total",
                            "Cameras that came to this replica, and that another one may have now",
                            {{"direction", direction}});
}

}  // namespace

LeaseRunner::LeaseRunner(LeaseClient& client, CameraRunner& runner, LeaseOptions options,
                         Metrics& metrics, Clock& clock)
    : client_(client),
      runner_(runner),
      options_(std::move(options)),
      clock_(clock),
      leased_(metrics.GetGauge("aislewatch_ingest_leased_cameras", "Cameras run by lease")),
      unleased_(metrics.GetGauge("aislewatch_ingest_unleased_cameras",
                                 "Enabled cameras that no replica runs")),
      failures_(metrics.GetCounter("aislewatch_ingest_lease_failures_total",
                                   "Lease renewals that failed")),
      gained_(MovesTotal(metrics, "gained")),
      lost_(MovesTotal(metrics, "lost")),
      // In the order of SourceState.
      states_{CamerasGauge(metrics, "connecting"), CamerasGauge(metrics, "online"),
              CamerasGauge(metrics, "offline"), CamerasGauge(metrics, "ended")},
      thread_([this] { Run(); }) {
  metrics.GetGauge("aislewatch_ingest_max_cameras", "Leased cameras that this replica runs at most")
      .Set(options_.max_cameras);
}

LeaseRunner::~LeaseRunner() { Stop(); }

void LeaseRunner::Stop(absl::Duration drain) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_) drain_ = drain;
    stopping_ = true;
    changed_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
}

void LeaseRunner::Run() {
  while (true) {
    SyncOnce(/*final_release=*/false);
    const absl::Time next = clock_.Now() + options_.interval;
    absl::MutexLock lock(&mutex_);
    while (!stopping_ && clock_.Now() < next) clock_.WaitUntil(changed_, mutex_, next);
    if (stopping_) break;
  }
  absl::Duration drain;
  {
    absl::MutexLock lock(&mutex_);
    drain = drain_;
  }
  StopAll(drain);
  SyncOnce(/*final_release=*/true);
}

void LeaseRunner::SyncOnce(bool final_release) {
  if (final_release && release_.empty()) return;
  LeaseRequest request{options_.holder, options_.duration, final_release ? 0 : options_.max_cameras,
                       release_, runner_.Reports()};
  ShowStates(request.reports);
  const absl::Time sent = clock_.Now();
  // The timeout leaves time to stop the cameras before their leases end.
  const auto answer = client_.Sync(request, std::min(absl::Seconds(2), Margin()));
  if (final_release) {
    if (!answer.ok()) {
      LogWarning("leases could not be given back; they run out by themselves",
                 {{"error", std::string(answer.status().message())}});
    }
    return;
  }
  if (answer.ok() && answer->hold) {
    if (!holding_) LogWarning("event storage has no database; leases are held until it is back");
    holding_ = true;
    valid_until_ = sent + options_.duration;
  } else if (answer.ok()) {
    holding_ = false;
    valid_until_ = sent + options_.duration;
    release_.clear();
    unleased_.Set(answer->unleased);
    Follow(*answer);
  } else {
    failures_.Add();
    LogWarning("leases cannot be renewed", {{"error", std::string(answer.status().message())}});
    if (!running_.empty() && clock_.Now() + options_.interval >= valid_until_ - Margin()) {
      LogError("the leases run out; stopping all leased cameras",
               {{"error", std::string(answer.status().message())}});
      StopAll(absl::ZeroDuration());
    }
  }
  leased_.Set(static_cast<double>(running_.size()));
}

void LeaseRunner::Follow(const LeaseAnswer& answer) {
  std::map<std::string, const CameraSettings*> wanted;
  for (const CameraSettings& settings : answer.cameras) wanted[settings.camera_id] = &settings;
  for (const std::string& id : answer.ended) {
    if (wanted.contains(id) || running_.erase(id) == 0) continue;
    LogInfo("the camera is disabled or removed; ending it", {{"camera", id}});
    runner_.End(id);
  }
  std::vector<std::string> unwanted;
  for (const auto& [id, revision] : running_) {
    const auto it = wanted.find(id);
    if (it == wanted.end() || it->second->revision != revision) unwanted.push_back(id);
  }
  std::set<std::string> changed;
  for (const std::string& id : unwanted) {
    if (wanted.contains(id)) changed.insert(id);
    if (!wanted.contains(id)) lost_.Add();
    LogInfo(wanted.contains(id) ? "the camera's settings changed; starting it anew"
                                : "the camera is no longer ours; stopping it",
            {{"camera", id}});
    runner_.Stop(id, absl::ZeroDuration());
    running_.erase(id);
  }
  for (const auto& [id, settings] : wanted) {
    if (running_.contains(id)) continue;
    if (StartOne(*settings) && !changed.contains(id)) gained_.Add();
  }
}

bool LeaseRunner::StartOne(const CameraSettings& settings) {
  const absl::Status started = runner_.Start(settings);
  if (started.ok()) {
    running_[settings.camera_id] = settings.revision;
    return true;
  }
  LogError("a leased camera cannot be run; its lease is given back",
           {{"camera", settings.camera_id}, {"error", std::string(started.message())}});
  release_.push_back(settings.camera_id);
  return false;
}

void LeaseRunner::StopAll(absl::Duration drain) {
  // All share one drain.
  const absl::Time until = clock_.Now() + drain;
  for (const auto& [id, revision] : running_) {
    runner_.Stop(id, std::max(absl::ZeroDuration(), until - clock_.Now()));
    release_.push_back(id);
    lost_.Add();
  }
  running_.clear();
  leased_.Set(0);
}

void LeaseRunner::ShowStates(const std::vector<PipelineReport>& reports) {
  std::array<int, 4> counts{};
  for (const PipelineReport& report : reports) ++counts[static_cast<size_t>(report.source.state)];
  for (size_t i = 0; i < counts.size(); ++i) states_[i]->Set(counts[i]);
}

}  // namespace aislewatch::ingest
