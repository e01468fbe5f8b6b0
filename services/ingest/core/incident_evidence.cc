#include "services/ingest/core/incident_evidence.h"

#include <utility>

#include "common/base/ids.h"
#include "common/base/log.h"
#include "common/vision/head_blur.h"
#include "common/vision/image_codec.h"
#include "common/vision/overlay.h"

namespace aislewatch::ingest {

std::vector<OutboxItem> IncidentEvidence::Take(const Transition& transition,
                                               const FrameRing& ring) {
  Candidate& candidate = candidates_[transition.incident_id];
  const bool new_peak = candidate.frame.jpeg == nullptr ||
                        transition.peak_time > candidate.peak_time;
  if (new_peak) {
    // At the peak, not at the close: by then the ring may have moved on.
    if (auto frame = ring.At(transition.peak_time)) {
      candidate = {transition.peak_time, *std::move(frame), false};
    }
  }
  std::vector<OutboxItem> evidence;
  const bool due = transition.kind != TransitionKind::kUpdated;
  if (due && !candidate.stored && candidate.frame.jpeg != nullptr) {
    evidence = Snapshots(transition, candidate.frame);
    candidate.stored = true;
  }
  if (transition.kind == TransitionKind::kClosed) candidates_.erase(transition.incident_id);
  return evidence;
}

std::vector<OutboxItem> IncidentEvidence::Snapshots(const Transition& transition,
                                                    const RingFrame& frame) const {
  auto picture = DecodeJpeg(*frame.jpeg);
  if (!picture.ok()) return {};
  if (blur_heads_ && frame.poses_known) BlurHeads(*picture, frame.people);
  if (blur_heads_ && !frame.poses_known) BlurEverything(*picture);

  OutboxItem plain;
  plain.kind = OutboxKind::kEvidence;
  plain.camera_id = camera_id_;
  plain.incident_id = transition.incident_id;
  plain.capture_time = frame.capture_time;
  OutboxItem overlay = plain;
  plain.evidence_id = NewUuid();
  plain.evidence_kind = EvidenceKind::kSnapshot;
  overlay.evidence_id = NewUuid();
  overlay.evidence_kind = EvidenceKind::kSnapshotOverlay;

  auto plain_jpeg = EncodeJpeg(*picture);
  std::vector<OverlayPerson> people;
  for (const TrackedPerson& person : frame.people) people.push_back({person, std::nullopt, ""});
  DrawOverlay(*picture, people, transition.label);
  auto overlay_jpeg = EncodeJpeg(*picture);
  if (!plain_jpeg.ok() || !overlay_jpeg.ok()) {
    LogError("a snapshot could not be encoded", {{"incident", transition.incident_id}});
    return {};
  }
  plain.body = *std::move(plain_jpeg);
  overlay.body = *std::move(overlay_jpeg);
  return {std::move(plain), std::move(overlay)};
}

}  // namespace aislewatch::ingest
