#include "models/pose_anomaly/evaluation/protocol.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace aislewatch::pose_anomaly {

Protocol ProtocolWords::For(int window) const {
  Protocol protocol;
  protocol.delay_frames = centred ? std::max(0, (window - 1) / 2) : 0;
  protocol.smoothed = smoothed;
  protocol.covered_only = covered;
  return protocol;
}

absl::StatusOr<ProtocolWords> ParseProtocol(absl::string_view text) {
  ProtocolWords words;
  if (text == "causal") return words;
  if (text == "published") return ProtocolWords{true, true, true, false};
  for (const absl::string_view word : absl::StrSplit(text, ',')) {
    if (word == "raw") {
      words.raw = true;
    } else if (word == "centred") {
      words.centred = true;
    } else if (word == "smoothed") {
      words.smoothed = true;
    } else if (word == "covered") {
      words.covered = true;
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("'", word,
                       "' is no protocol; take causal, published, or some of raw, "
                       "centred, smoothed and covered with commas between"));
    }
  }
  return words;
}

}  // namespace aislewatch::pose_anomaly
