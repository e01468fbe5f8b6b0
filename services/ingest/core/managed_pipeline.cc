#include "services/ingest/core/managed_pipeline.h"

#include <map>
#include <utility>

#include "common/base/log.h"
#include "common/base/trace.h"

namespace aislewatch::ingest {

std::vector<OpenIncident> FindOpenIncidents(EventSink& events, Outbox& outbox,
                                            const std::string& camera_id) {
  std::map<std::string, OpenIncident> open;
  // The outbox is read first: what leaves it in between is then in event storage's answer.
  const auto waiting = outbox.TransitionsOf(camera_id);
  auto stored = events.ListOpen(camera_id);
  if (stored.ok()) {
    for (OpenIncident& incident : *stored) open[incident.incident_id] = std::move(incident);
  } else {
    LogWarning("event storage does not tell which incidents are open; those of a former replica "
               "are not gone on with",
               {{"camera", camera_id}, {"error", std::string(stored.status().message())}});
  }
  if (waiting.ok()) {
    for (const OutboxItem& item : *waiting) {
      const auto known = open.find(item.incident_id);
      if (known != open.end() && known->second.number >= item.number) continue;
      open[item.incident_id] = {item.incident_id, item.number, item.body};
      if (!item.leaves_open) open.erase(item.incident_id);
    }
  }
  std::vector<OpenIncident> all;
  for (auto& [id, incident] : open) all.push_back(std::move(incident));
  return all;
}

std::unique_ptr<ManagedPipeline> ManagedPipeline::Create(const PipelineHome& home,
                                                         const CameraSettings& settings,
                                                         bool lossless,
                                                         CameraPipeline::OnVerdict on_verdict) {
  std::vector<OpenIncident> open =
      FindOpenIncidents(home.events, home.outbox, settings.camera_id);
  return std::unique_ptr<ManagedPipeline>(new ManagedPipeline(
      home, settings, lossless, std::move(open), std::move(on_verdict)));
}

ManagedPipeline::ManagedPipeline(const PipelineHome& home, const CameraSettings& settings,
                                 bool lossless, std::vector<OpenIncident> open,
                                 CameraPipeline::OnVerdict on_verdict)
    : trace_(NewTraceId()),
      live_(std::make_shared<LiveBroadcast>(settings.blur_heads)),
      incidents_(std::move(open)),
      stages_(home.stages.Open(settings, trace_, incidents_, lossless)) {
  LogInfo("pipeline started",
          {{"camera", settings.camera_id}, {"store", settings.store_id}, {"trace", trace_}});
  PipelineOptions options = home.options;
  options.camera_id = settings.camera_id;
  options.trace = trace_;
  options.lossless = lossless;
  options.blur_heads = settings.blur_heads;
  pipeline_ = std::make_unique<CameraPipeline>(
      std::move(options), PipelineStages{*stages_.pose, *stages_.classifier, *stages_.fusion},
      incidents_, home.outbox, home.outbox_changed,
      [live = live_, on_verdict = std::move(on_verdict)](std::shared_ptr<const Verdict> verdict) {
        live->Publish(verdict);
        if (on_verdict) on_verdict(std::move(verdict));
      },
      home.pool, home.metrics, home.clock, home.clips, home.journal);
}

ManagedPipeline::~ManagedPipeline() {
  pipeline_->Close();
  live_->End();
}

}  // namespace aislewatch::ingest
