#include "cli/analysis/load_generator.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/base/trace.h"
#include "common/rpc/stage_client.h"
#include "common/rpc/stages.h"
#include "common/scene/proto_scene.h"
#include "common/vision/image_codec.h"
#include "simulator/simulation.h"

namespace aislewatch {
namespace {

// Longest footage that is rendered; longer runs play it again.
constexpr absl::Duration kFootage = absl::Seconds(60);
// How long a frame may wait for an ingest that is away before it counts as lost.
constexpr absl::Duration kLoadPatience = absl::Seconds(5);

// Counts answers of all cameras.
class Tally {
 public:
  void Sent() {
    absl::MutexLock lock(&mutex_);
    ++result_.sent;
  }

  void Answer(int camera, absl::Time captured, const absl::StatusOr<v1::FrameVerdict>& verdict) {
    const absl::Duration latency = absl::Now() - captured;
    absl::MutexLock lock(&mutex_);
    ++result_.answered;
    const bool made = verdict.ok() && verdict->status().outcome() == v1::OUTCOME_OK;
    result_.frames.push_back({captured, made && verdict->degraded_size() == 0, camera, made});
    if (!verdict.ok()) {
      ++result_.dropped[absl::StatusCodeToString(verdict.status().code())];
      return;
    }
    if (verdict->status().outcome() != v1::OUTCOME_OK) {
      const bool expired = verdict->status().outcome() == v1::OUTCOME_EXPIRED;
      ++result_.dropped[expired ? "expired" : "rejected"];
      return;
    }
    result_.latency_s.push_back(absl::ToDoubleSeconds(latency));
    const v1::StageTimings& timings = verdict->timings();
    AddStage("pose", timings.pose());
    AddStage("classifier", timings.classifier());
    AddStage("fusion", timings.fusion());
    result_.degraded += verdict->degraded_size() > 0 ? 1 : 0;
    for (const v1::IncidentTransition& transition : verdict->transitions()) {
      result_.incidents_opened += transition.kind() == v1::TRANSITION_KIND_OPENED ? 1 : 0;
      uint32_t& last = result_.transitions[transition.incident().incident_id()];
      last = std::max(last, transition.number());
    }
  }

  void AwaitAll() {
    const auto all = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return result_.answered == result_.sent;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&all), absl::Seconds(30));
  }

  LoadResult Take() {
    absl::MutexLock lock(&mutex_);
    std::sort(result_.latency_s.begin(), result_.latency_s.end());
    for (auto& [stage, seconds] : result_.stage_s) std::sort(seconds.begin(), seconds.end());
    return std::move(result_);
  }

 private:
  void AddStage(const char* name, const google::protobuf::Duration& took)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    result_.stage_s[name].push_back(absl::ToDoubleSeconds(FromProto(took)));
  }

  absl::Mutex mutex_;
  LoadResult result_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<LoadFootage> RenderFootage(const LoadOptions& options,
                                          const LoadProgress& progress) {
  LoadFootage footage;
  const int stores = std::min(options.cameras, kDistinctFootage);
  int64_t done = 0;
  for (int store = 0; store < stores; ++store) {
    simulator::SimulationOptions simulated;
    simulated.seed = options.seed + store;
    simulated.duration = std::min(options.duration, kFootage);
    simulated.fps = std::max(1.0, options.fps);
    AW_ASSIGN_OR_RETURN(const auto simulation, simulator::Simulation::Create(simulated));
    std::vector<std::string> frames;
    while (auto frame = simulation->Next()) {
      AW_ASSIGN_OR_RETURN(std::string jpeg, EncodeJpeg(frame->image));
      frames.push_back(std::move(jpeg));
      progress("rendering", ++done, int64_t{stores} * simulation->frame_count());
    }
    footage.push_back(std::move(frames));
  }
  return footage;
}

LoadResult RunLoad(const std::shared_ptr<grpc::Channel>& ingest, const LoadOptions& options,
                   const LoadFootage& footage, const LoadProgress& progress) {
  Tally tally;
  TimerQueue timers;
  std::vector<std::unique_ptr<StageClient<PushStageTraits>>> clients;
  for (int i = 0; i < options.cameras; ++i) {
    v1::PushStreamConfig config;
    config.mutable_identity()->set_camera_id(absl::StrCat("bench-", i));
    config.mutable_identity()->set_store_id("bench");
    for (const Zone& zone : options.scene.zones) *config.add_zones() = ToProto(zone);
    for (const Rule& rule : options.scene.rules) *config.add_rules() = ToProto(rule);
    clients.push_back(std::make_unique<StageClient<PushStageTraits>>(
        ingest, [config] { return config; }, NewTraceId(),
        StageClientOptions{.max_waiting = 1000, .patience = kLoadPatience}, timers));
  }
  const int64_t frames = std::llround(absl::ToDoubleSeconds(options.duration) * options.fps);
  const absl::Duration period = absl::Seconds(1) / options.fps;
  const absl::Time start = absl::Now();
  // Cameras are out of step with each other, as real ones are.
  for (int64_t n = 0; n < frames * options.cameras; ++n) {
    const int camera = static_cast<int>(n % options.cameras);
    const int64_t index = n / options.cameras;
    const absl::Time due = start + index * period + camera * period / options.cameras;
    absl::SleepFor(due - absl::Now());
    const auto& pictures = footage[camera % footage.size()];
    v1::Frame frame;
    frame.set_sequence(index + 1);
    const absl::Time captured = absl::Now();
    *frame.mutable_capture_time() = ToProto(captured);
    frame.mutable_image()->set_encoding(v1::IMAGE_ENCODING_JPEG);
    frame.mutable_image()->set_data(
        pictures[(index + camera * 37) % static_cast<int64_t>(pictures.size())]);
    tally.Sent();
    clients[camera]->Send(std::move(frame), absl::InfiniteFuture(),
                          [&tally, camera, captured](absl::StatusOr<v1::FrameVerdict> verdict) {
                            tally.Answer(camera, captured, verdict);
                          });
    progress("running", n + 1, frames * options.cameras);
  }
  tally.AwaitAll();
  for (auto& client : clients) client->Close();
  return tally.Take();
}

LoadGap LongestGap(std::vector<LoadFrame> frames) {
  absl::Time first = absl::InfiniteFuture();
  for (const LoadFrame& frame : frames) first = std::min(first, frame.captured);
  std::sort(frames.begin(), frames.end(), [](const LoadFrame& a, const LoadFrame& b) {
    return std::tie(a.camera, a.captured) < std::tie(b.camera, b.captured);
  });
  LoadGap longest;
  const LoadFrame* last = nullptr;
  for (const LoadFrame& frame : frames) {
    if (!frame.judged) continue;
    if (last != nullptr && last->camera == frame.camera &&
        frame.captured - last->captured > longest.length) {
      longest = {frame.camera, last->captured - first, frame.captured - last->captured};
    }
    last = &frame;
  }
  return longest;
}

}  // namespace aislewatch
