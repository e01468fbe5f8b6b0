#include "services/ingest/core/source_supervisor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/capture/rate_sampler.h"
#include "common/capture/scale.h"
#include "common/capture/source_url.h"

namespace aislewatch::ingest {

SourceSupervisor::SourceSupervisor(MakeSource make_source, SupervisorOptions options,
                                   OnFrame on_frame, OnOvertaken on_overtaken, Clock& clock)
    : make_source_(std::move(make_source)),
      options_(options),
      on_frame_(std::move(on_frame)),
      on_overtaken_(std::move(on_overtaken)),
      clock_(clock),
      backoff_(options.backoff_min) {}

void SourceSupervisor::Run() {
  do {
    const absl::Status why = ReadUntilFailure();
    if (absl::IsOutOfRange(why)) return Set(SourceState::kEnded, std::string(why.message()));
    if (!absl::IsCancelled(why)) {
      Set(SourceState::kOffline, MaskPasswords(std::string(why.message())));
    }
  } while (Pause());
}

// One life of a reader.
absl::Status SourceSupervisor::ReadUntilFailure() {
  std::erase_if(left_behind_, [](const auto& lifetime) { return lifetime.expired(); });
  if (left_behind_.size() >= static_cast<size_t>(options_.max_abandoned)) {
    return absl::UnavailableError(absl::StrCat(
        left_behind_.size(), " readers of this camera hang in the video library; it is opened "
                             "again when one of them returns"));
  }
  const auto reader =
      std::make_shared<SourceReader>(make_source_(), OptionsOfReader(), clock_);
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::CancelledError("stopping");
    reader_ = reader;
  }
  uint64_t overtaken = 0;
  absl::StatusOr<CapturedFrame> frame = reader->Next();
  for (; frame.ok(); frame = reader->Next()) {
    backoff_ = options_.backoff_min;
    Set(SourceState::kOnline, "");
    const uint64_t now = reader->counts().overtaken;
    if (now > overtaken) on_overtaken_(now - overtaken);
    overtaken = now;
    on_frame_(*std::move(frame));
  }
  {
    absl::MutexLock lock(&mutex_);
    decoded_before_ += reader->counts().grabbed;
    reader_.reset();
  }
  left_behind_.push_back(reader->lifetime());
  return frame.status();
}

ReaderOptions SourceSupervisor::OptionsOfReader() const {
  ReaderOptions reader;
  reader.open_timeout = options_.open_timeout;
  reader.read_timeout = options_.read_timeout;
  reader.overflow = options_.overflow;
  reader.want = [sampler = RateSampler(options_.analysis_fps)](absl::Time time) mutable {
    return sampler.Take(time);
  };
  reader.shape = [size = options_.analysis_size](cv::Mat image) {
    return ScaleToFit(image, size);
  };
  return reader;
}

void SourceSupervisor::Set(SourceState state, std::string error) {
  absl::MutexLock lock(&mutex_);
  status_.state = state;
  status_.error = std::move(error);
}

// Waits out the back-off. Returns whether to go on.
bool SourceSupervisor::Pause() {
  const absl::Time until = clock_.Now() + backoff_ * absl::Uniform(random_, 0.8, 1.2);
  backoff_ = std::min(2 * backoff_, options_.backoff_max);
  absl::MutexLock lock(&mutex_);
  while (!stopping_ && clock_.Now() < until) clock_.WaitUntil(changed_, mutex_, until);
  return !stopping_;
}

void SourceSupervisor::Stop() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  changed_.SignalAll();
  if (reader_ != nullptr) reader_->Cancel();
}

SourceStatus SourceSupervisor::status() const {
  absl::MutexLock lock(&mutex_);
  SourceStatus status = status_;
  status.decoded = decoded_before_ + (reader_ != nullptr ? reader_->counts().grabbed : 0);
  return status;
}

}  // namespace aislewatch::ingest
