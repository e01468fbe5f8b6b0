// How one camera is to be run.
#pragma once

#include <cstdint>
#include <string>

namespace aislewatch::ingest {

struct CameraSettings {
  std::string camera_id;
  std::string store_id;
  /// As ParseSourceUrl reads it, with its password; empty for pushed frames.
  std::string source_url;
  /// Frames analysed per second.
  double analysis_fps = 10;
  /// Longer side of the analysed frame in pixels.
  int analysis_size = 640;
  bool blur_heads = true;
  /// For files.
  bool loop = false;
  bool as_fast_as_possible = false;
  /// Rises with every change in the registry.
  uint64_t revision = 0;
  /// An aislewatch.v1.FusionStreamConfig with the zones and rules; only handed on.
  std::string judging;
};

}  // namespace aislewatch::ingest
