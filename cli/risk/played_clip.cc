#include "cli/risk/played_clip.h"

#include "cli/analysis/video_analysis.h"
#include "cli/risk/moment_log.h"
#include "common/base/status.h"

namespace aislewatch {

absl::StatusOr<PlayedClip> PlayClip(const std::shared_ptr<grpc::Channel>& ingest,
                                    const clip_training::ClipFile& clip,
                                    const std::string& camera_id) {
  VideoAnalysisOptions options;
  options.video = clip.path;
  options.camera_id = camera_id;
  PlayedClip played;
  MomentLog log({});
  AW_RETURN_IF_ERROR(AnalyzeVideo(ingest, options, [&](const AnalysedFrame& frame) {
                       played.length = frame.time;
                       log.Add(frame);
                       for (const auto& transition : frame.verdict.transitions()) {
                         if (transition.kind() != v1::TRANSITION_KIND_OPENED) continue;
                         played.opened.insert(transition.incident().kind());
                       }
                     }).status());
  played.conceals = (clip.actions & clip_training::ConcealingActions()).any();
  played.fights = clip.actions.test(static_cast<size_t>(Action::kFighting));
  played.episode.source = clip.dataset;
  played.episode.conceals = played.conceals;
  played.episode.fights = played.fights;
  played.episode.tracks = log.AllTracks();
  return played;
}

}  // namespace aislewatch
