// A pipeline with everything that it needs of its own: stage streams, open incidents, onlookers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/concurrency/thread_pool.h"
#include "services/ingest/core/camera_pipeline.h"
#include "services/ingest/core/camera_settings.h"
#include "services/ingest/core/event_sink.h"
#include "services/ingest/core/live_broadcast.h"
#include "services/ingest/core/open_incidents.h"
#include "services/ingest/core/outbox.h"
#include "services/ingest/core/stages.h"

namespace aislewatch::ingest {

/// The stages of one camera, each a stream of its own.
struct StageSet {
  std::unique_ptr<PoseStage> pose;
  std::unique_ptr<ClassifierStage> classifier;
  std::unique_ptr<FusionStage> fusion;
};

/// Opens stage streams. Thread-safe; does not block.
class StageFactory {
 public:
  virtual ~StageFactory() = default;
  /// `trace` is the trace id of the streams. `incidents` outlives the stages; the fusion stage
  /// hands over what is open there each time its stream is opened. `lossless`: items wait for a
  /// stage that is away much longer.
  virtual StageSet Open(const CameraSettings& settings, const std::string& trace,
                        const OpenIncidents& incidents, bool lossless) = 0;
};

/// What all pipelines of a replica share. Everything outlives them.
struct PipelineHome {
  StageFactory& stages;
  EventSink& events;
  Outbox& outbox;
  std::function<void()> outbox_changed;
  ThreadPool& pool;
  Metrics& metrics;
  Clock& clock;
  /// Defaults; camera_id, lossless and blur_heads are the camera's.
  PipelineOptions options;
  /// Null where incidents get no clips.
  ClipSink* clips = nullptr;
  /// Null where rules cannot be tried on what was seen.
  FrameJournal* journal = nullptr;
};

/// How long a stream that is over waits for its last frames and for its incidents to be closed.
inline constexpr absl::Duration kEndPatience = absl::Seconds(15);

/// Thread-safe.
class ManagedPipeline {
 public:
  /// Asks event storage for the camera's open incidents (blocks; where it is away the camera starts
  /// without them), adds what still waits in the outbox, and opens the stage streams.
  static std::unique_ptr<ManagedPipeline> Create(const PipelineHome& home,
                                                 const CameraSettings& settings, bool lossless,
                                                 CameraPipeline::OnVerdict on_verdict);
  /// Closes the pipeline: every frame has had its verdict.
  ~ManagedPipeline();

  CameraPipeline& pipeline() { return *pipeline_; }
  const OpenIncidents& incidents() const { return incidents_; }
  LiveBroadcast& live() { return *live_; }
  std::shared_ptr<LiveBroadcast> shared_live() { return live_; }

 private:
  ManagedPipeline(const PipelineHome& home, const CameraSettings& settings, bool lossless,
                  std::vector<OpenIncident> open, CameraPipeline::OnVerdict on_verdict);

  const std::string trace_;
  const std::shared_ptr<LiveBroadcast> live_;
  OpenIncidents incidents_;
  StageSet stages_;
  std::unique_ptr<CameraPipeline> pipeline_;
};

/// The camera's open incidents as event storage and the outbox know them together.
std::vector<OpenIncident> FindOpenIncidents(EventSink& events, Outbox& outbox,
                                            const std::string& camera_id);

}  // namespace aislewatch::ingest
