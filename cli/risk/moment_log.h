// Writes down what fusion knew of everybody, frame by frame, as the risk's weights are fitted to
// it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "aislewatch/v1/ingest.pb.h"
#include "cli/analysis/video_analysis.h"
#include "common/scene/scene.h"
#include "models/risk/episode.h"

namespace aislewatch {

/// What the named parts of a risk say. A part that is not known by name is left out.
void AddKnownParts(const google::protobuf::RepeatedPtrField<v1::RiskPart>& parts,
                   RiskInputs& inputs);

/// Not thread-safe.
class MomentLog {
 public:
  /// `zones` are the camera's.
  explicit MomentLog(absl::Span<const Zone> zones);

  /// Takes a frame's verdict. One that fusion did not answer adds nothing.
  void Add(const AnalysedFrame& frame);

  /// By track id.
  const std::map<uint64_t, risk_training::TrackMoments>& tracks() const { return tracks_; }
  /// The same, in any order.
  std::vector<risk_training::TrackMoments> AllTracks() const;

 private:
  std::map<std::string, ZoneKind> kinds_;
  std::map<uint64_t, risk_training::TrackMoments> tracks_;
};

}  // namespace aislewatch
