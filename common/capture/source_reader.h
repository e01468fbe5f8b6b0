// Reads a FrameSource on a thread of its own that can be left behind.
//
// cv::VideoCapture can block for ever in open() and read() (opencv#24393, #22677); a thread that
// hangs there cannot be stopped, only forgotten. The reader's thread therefore shares nothing with
// the rest of the process but one small state, and nobody ever joins it.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/capture/frame_source.h"

namespace aislewatch {

/// What happens to a decoded frame while the one before it has not been taken.
enum class Overflow {
  /// The older one is dropped and counted: for live cameras.
  kNewestWins,
  /// The reader waits: for files of which no frame may be lost.
  kBlock,
};

/// How frames are read. The functions run on the reader's thread, also after the reader has been
/// abandoned, so they must own what they use.
struct ReaderOptions {
  absl::Duration open_timeout = absl::Seconds(10);
  absl::Duration read_timeout = absl::Seconds(7);
  Overflow overflow = Overflow::kNewestWins;
  /// Whether the frame of this capture time is wanted; unset means every frame.
  std::function<bool(absl::Time)> want;
  /// Changes a wanted picture, for example its size; unset means as it is.
  std::function<cv::Mat(cv::Mat)> shape;
};

/// What the reader has done so far.
struct ReaderCounts {
  uint64_t grabbed = 0;
  uint64_t taken = 0;
  /// Wanted, decoded, and overtaken by a newer one.
  uint64_t overtaken = 0;
};

/// Owns the source through its thread. Next belongs to one thread at a time; the rest is
/// thread-safe. The destructor cancels and detaches: it never waits for the source.
class SourceReader {
 public:
  /// Starts the thread, which opens `source` and reads. `clock` serves the timeouts only, and
  /// only on the thread that calls Next; the source's own clock must live for ever in programs.
  SourceReader(std::unique_ptr<FrameSource> source, ReaderOptions options,
               Clock& clock = RealClock());
  ~SourceReader();
  SourceReader(const SourceReader&) = delete;
  SourceReader& operator=(const SourceReader&) = delete;

  /// The next frame. Blocks until there is one, the source fails, Cancel is called, or neither
  /// opening nor reading moves on within its timeout (DEADLINE_EXCEEDED: destroy the reader).
  /// After any error it returns the same error.
  absl::StatusOr<CapturedFrame> Next();

  /// Makes Next return CANCELLED, now and later.
  void Cancel();

  /// Whether the source could be opened.
  bool opened() const;
  /// Valid once opened.
  SourceInfo info() const;
  ReaderCounts counts() const;

  /// Expires once the reader is destroyed and its thread has ended: while it lives on after the
  /// reader, a hanging thread has been left behind.
  std::weak_ptr<const void> lifetime() const;

 private:
  struct State;
  static void Run(std::shared_ptr<State> state);

  const ReaderOptions options_;
  Clock& clock_;
  std::shared_ptr<State> state_;
};

}  // namespace aislewatch
