#include "common/capture/source_reader.h"

#include <optional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace aislewatch {

// Shared by the reader and its thread.
struct SourceReader::State {
  State(std::unique_ptr<FrameSource> s, const ReaderOptions& o)
      : source(std::move(s)), overflow(o.overflow), want(o.want), shape(o.shape) {}

  // Returns false where the reader is gone and the thread shall end.
  bool Put(CapturedFrame frame) {
    absl::MutexLock lock(&mutex);
    while (overflow == Overflow::kBlock && slot.has_value() && !cancelled) changed.Wait(&mutex);
    if (cancelled) return false;
    if (slot.has_value()) ++counts.overtaken;
    slot = std::move(frame);
    ++progress;
    changed.SignalAll();
    return true;
  }

  // Notes that the source moved on, though without a frame for the reader.
  bool Moved(bool grabbed) {
    absl::MutexLock lock(&mutex);
    ++progress;
    if (grabbed) ++counts.grabbed;
    changed.SignalAll();
    return !cancelled;
  }

  void End(absl::Status why) {
    absl::MutexLock lock(&mutex);
    end = std::move(why);
    changed.SignalAll();
  }

  const std::unique_ptr<FrameSource> source;
  const Overflow overflow;
  const std::function<bool(absl::Time)> want;
  const std::function<cv::Mat(cv::Mat)> shape;

  absl::Mutex mutex;
  absl::CondVar changed;
  std::optional<CapturedFrame> slot ABSL_GUARDED_BY(mutex);
  std::optional<absl::Status> end ABSL_GUARDED_BY(mutex);
  // Rises with everything that the source does; what the timeouts watch.
  uint64_t progress ABSL_GUARDED_BY(mutex) = 0;
  bool opened ABSL_GUARDED_BY(mutex) = false;
  bool cancelled ABSL_GUARDED_BY(mutex) = false;
  SourceInfo info ABSL_GUARDED_BY(mutex);
  ReaderCounts counts ABSL_GUARDED_BY(mutex);
};

SourceReader::SourceReader(std::unique_ptr<FrameSource> source, ReaderOptions options,
                           Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      state_(std::make_shared<State>(std::move(source), options_)) {
  std::thread(&SourceReader::Run, state_).detach();
}

SourceReader::~SourceReader() { Cancel(); }

void SourceReader::Run(std::shared_ptr<State> state) {
  FrameSource& source = *state->source;
  if (absl::Status opened = source.Open(); !opened.ok()) return state->End(std::move(opened));
  {
    absl::MutexLock lock(&state->mutex);
    state->opened = true;
    state->info = source.info();
  }
  if (!state->Moved(/*grabbed=*/false)) return;
  while (true) {
    const absl::StatusOr<absl::Time> time = source.Grab();
    if (!time.ok()) return state->End(time.status());
    if (!state->Moved(/*grabbed=*/true)) return;
    if (state->want && !state->want(*time)) continue;
    absl::StatusOr<cv::Mat> image = source.Retrieve();
    if (!image.ok()) return state->End(std::move(image).status());
    cv::Mat shaped = state->shape ? state->shape(*std::move(image)) : *std::move(image);
    if (!state->Put({std::move(shaped), *time})) return;
  }
}

absl::StatusOr<CapturedFrame> SourceReader::Next() {
  State& state = *state_;
  absl::MutexLock lock(&state.mutex);
  uint64_t seen = state.progress;
  absl::Time since = clock_.Now();
  while (true) {
    if (state.cancelled) return absl::CancelledError("the reader was cancelled");
    if (state.slot.has_value()) {
      CapturedFrame frame = *std::exchange(state.slot, std::nullopt);
      ++state.counts.taken;
      state.changed.SignalAll();
      return frame;
    }
    if (state.end.has_value()) return *state.end;
    if (state.progress != seen) {
      seen = state.progress;
      since = clock_.Now();
    }
    const absl::Duration patience = state.opened ? options_.read_timeout : options_.open_timeout;
    if (clock_.Now() >= since + patience) {
      state.end = absl::DeadlineExceededError(absl::StrCat(
          state.opened ? "no frame" : "no answer", " for ", absl::FormatDuration(patience),
          "; the reader hangs in the video library and was given up"));
      continue;
    }
    clock_.WaitUntil(state.changed, state.mutex, since + patience);
  }
}

void SourceReader::Cancel() {
  {
    absl::MutexLock lock(&state_->mutex);
    state_->cancelled = true;
    state_->changed.SignalAll();
  }
  state_->source->Cancel();
}

bool SourceReader::opened() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->opened;
}

SourceInfo SourceReader::info() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->info;
}

ReaderCounts SourceReader::counts() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->counts;
}

std::weak_ptr<const void> SourceReader::lifetime() const { return state_; }

}  // namespace aislewatch
