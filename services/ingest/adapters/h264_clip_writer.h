// Clips as H.264 in MP4, encoded with FFmpeg's libraries in memory.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "services/ingest/core/clip_writer.h"

namespace aislewatch::ingest {

/// A file that browsers play and seek: yuv420p, a key picture at least every two seconds, and the
/// index before the pictures. Each picture carries its own time, to a millisecond, so pictures may
/// come at any pace. An odd row or column at the edge is cut off. Uses one thread, and nothing but
/// the processor. UNAVAILABLE where FFmpeg's libraries were built without an H.264 encoder.
absl::StatusOr<std::unique_ptr<ClipWriter>> NewH264ClipWriter(const ClipFormat& format);

}  // namespace aislewatch::ingest
