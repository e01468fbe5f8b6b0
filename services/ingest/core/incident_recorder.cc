#include "services/ingest/core/incident_recorder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"

namespace aislewatch::ingest {
namespace {

// What is older shows a camera that gave nothing for a while.
constexpr absl::Duration kLongestFrame = absl::Seconds(2);

}  // namespace

IncidentRecorder::IncidentRecorder(std::string camera_id, bool blur_heads, ClipOptions options,
                                   ClipSink* sink)
    : camera_id_(std::move(camera_id)), blur_heads_(blur_heads), options_(options), sink_(sink) {}

std::vector<OutboxItem> IncidentRecorder::Take(const Transition& transition, absl::Time at,
                                               uint64_t sequence, const FrameRing& ring) {
  if (sink_ == nullptr || !options_.enabled) return {};
  std::vector<OutboxItem> announcements;
  const auto [it, is_new] = followed_.try_emplace(transition.incident_id);
  Followed& followed = it->second;
  if (is_new) {
    // Also an incident that another replica has opened: its clip begins here.
    const absl::Time from = std::min(at, transition.peak_time) - options_.pre_roll;
    Recording recording =
        Begin(transition, std::max(from, at - options_.max_length / 2), sequence, ring);
    if (recordings() >= options_.max_recordings) {
      announcements.push_back(
          DescribeClip(recording.clip, EvidenceState::kFailed,
                       absl::StrCat("the camera was recording ", options_.max_recordings,
                                    " other incidents at the time, the most that it may")));
      followed.covered_until = absl::InfiniteFuture();
    } else {
      announcements.push_back(DescribeClip(recording.clip, EvidenceState::kPending));
      followed.first = std::move(recording);
    }
  } else if (!followed.first.has_value() && transition.peak_time > followed.covered_until &&
             (!followed.later.has_value() ||
              transition.peak_time > followed.later->clip.peak_time)) {
    followed.later = Begin(transition, transition.peak_time - options_.pre_roll, sequence, ring);
    followed.later->clip.until = transition.peak_time + options_.post_roll;
  }
  for (auto* recording : {&followed.first, &followed.later}) {
    if (!recording->has_value()) continue;
    ClipRecording& clip = (*recording)->clip;
    clip.peak_time = recording == &followed.first ? transition.peak_time : clip.peak_time;
    clip.transitions.push_back({at, transition.number, transition.kind});
  }
  if (transition.kind == TransitionKind::kClosed) {
    followed.closed = true;
    if (followed.first.has_value()) followed.first->clip.until = at + options_.post_roll;
    if (!followed.first.has_value() && !followed.later.has_value()) followed_.erase(it);
  }
  return announcements;
}

IncidentRecorder::Recording IncidentRecorder::Begin(const Transition& transition, absl::Time from,
                                                    uint64_t sequence,
                                                    const FrameRing& ring) const {
  Recording recording;
  ClipRecording& clip = recording.clip;
  clip.camera_id = camera_id_;
  clip.incident_id = transition.incident_id;
  clip.clip_id = NewUuid();
  clip.curve_id = NewUuid();
  clip.blur_heads = blur_heads_;
  // The frame that was to be seen then begins it, so that pre-roll is never short by a part of a
  // frame.
  const absl::Time shown = ring.ShownAt(from).value_or(from);
  clip.from = from - shown <= kLongestFrame ? shown : from;
  clip.peak_time = transition.peak_time;
  for (const SharedFrame& frame : ring.Since(clip.from - kHeadNeighbourhood, sequence)) {
    Append(recording, frame);
  }
  return recording;
}

void IncidentRecorder::Append(Recording& recording, const SharedFrame& frame) {
  std::vector<SharedFrame>& frames = recording.clip.frames;
  if (!frames.empty() && frame->sequence <= frames.back()->sequence) return;
  recording.bytes += frame->jpeg->size();
  frames.push_back(frame);
}

// Whether the recording has all that it is to have, which then ends with `at`.
bool IncidentRecorder::Complete(Recording& recording, bool closed, absl::Time at) const {
  ClipRecording& clip = recording.clip;
  if (at >= clip.until) return true;
  const absl::Time longest = clip.from + options_.max_length;
  if (at < longest && recording.bytes <= options_.max_bytes) return false;
  // Where the incident is over already, only post-roll is missing.
  const char* const what = closed ? "the post-roll ends early" : "the incident goes on";
  clip.cut = at >= longest ? absl::StrCat(what, " after the longest clip of ",
                                          absl::FormatDuration(options_.max_length))
                           : absl::StrCat(what, " after the largest clip");
  clip.until = std::min(at, longest);
  return true;
}

void IncidentRecorder::Add(absl::Time at, const SharedFrame& frame) {
  for (auto it = followed_.begin(); it != followed_.end();) {
    Followed& followed = it->second;
    for (auto* recording : {&followed.first, &followed.later}) {
      // A later clip that is complete waits for the close: a higher peak may replace it.
      const bool takes = recording->has_value() && frame != nullptr &&
                         at <= (*recording)->clip.until + kHeadNeighbourhood;
      if (takes) Append(**recording, frame);
    }
    if (followed.first.has_value() && Complete(*followed.first, followed.closed, at)) {
      FinishFirst(followed);
    }
    if (followed.later.has_value() && followed.closed && at >= followed.later->clip.until) {
      sink_->Make(std::move(followed.later->clip));
      followed.later.reset();
    }
    const bool done = followed.closed && !followed.first.has_value() && !followed.later.has_value();
    it = done ? followed_.erase(it) : std::next(it);
  }
}

void IncidentRecorder::FinishFirst(Followed& followed) {
  followed.covered_until = followed.first->clip.until;
  sink_->Make(std::move(followed.first->clip));
  followed.first.reset();
}

void IncidentRecorder::Finish(const std::string& why) {
  for (auto& [id, followed] : followed_) {
    for (auto* recording : {&followed.first, &followed.later}) {
      if (!recording->has_value()) continue;
      ClipRecording& clip = (*recording)->clip;
      if (!followed.closed) clip.cut = why;
      sink_->Make(std::move(clip));
    }
  }
  followed_.clear();
}

size_t IncidentRecorder::recordings() const {
  return static_cast<size_t>(std::count_if(followed_.begin(), followed_.end(), [](const auto& f) {
    return f.second.first.has_value();
  }));
}

}  // namespace aislewatch::ingest
