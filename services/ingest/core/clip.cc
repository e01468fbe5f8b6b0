#include "services/ingest/core/clip.h"

namespace aislewatch::ingest {
namespace {
constexpr size_t kMaxErrorBytes = 900;
}

std::vector<SharedFrame> ShownFrames(const ClipRecording& recording) {
  std::vector<SharedFrame> shown;
  for (const SharedFrame& frame : recording.frames) {
    if (frame->capture_time < recording.from || frame->capture_time > recording.until) continue;
    const bool rises =
        shown.empty() || frame->capture_time >= shown.back()->capture_time + absl::Milliseconds(1);
    if (rises) shown.push_back(frame);
  }
  return shown;
}

OutboxItem DescribeClip(const ClipRecording& recording, EvidenceState state, std::string error) {
  const std::vector<SharedFrame> shown = ShownFrames(recording);
  OutboxItem item;
  item.kind = OutboxKind::kEvidence;
  item.camera_id = recording.camera_id;
  item.incident_id = recording.incident_id;
  item.evidence_id = recording.clip_id;
  item.evidence_kind = EvidenceKind::kClip;
  item.evidence_state = state;
  item.capture_time = shown.empty() ? recording.from : shown.front()->capture_time;
  // Event storage takes 1,000 characters.
  item.body = error.substr(0, kMaxErrorBytes);
  return item;
}

}  // namespace aislewatch::ingest
