// Evidence: pictures, clips and score curves that belong to an incident. Plain values; enumerations
// carry the numbers of aislewatch.v1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"

namespace aislewatch::events {

enum class EvidenceKind : int {
  kUnspecified = 0,
  kSnapshot = 1,
  kSnapshotOverlay = 2,
  kClip = 3,
  kScoreCurve = 4,
};
inline constexpr int kLastEvidenceKind = 4;

enum class EvidenceState : int {
  kUnspecified = 0,
  kPending = 1,
  kReady = 2,
  kFailed = 3,
  kExpired = 4,
};
inline constexpr int kLastEvidenceState = 4;

/// The largest piece of evidence.
inline constexpr uint64_t kMaxEvidenceBytes = 64ull << 20;
/// The largest piece of bytes in one message and one database row.
inline constexpr size_t kMaxEvidenceChunkBytes = 1u << 20;

/// A piece of evidence without its bytes.
struct Evidence {
  std::string evidence_id;  // UUID
  std::string incident_id;  // UUID
  EvidenceKind kind = EvidenceKind::kUnspecified;
  EvidenceState state = EvidenceState::kUnspecified;
  std::string media_type;
  uint64_t size_bytes = 0;
  std::string sha256;  // 64 lower-case hexadecimal digits.
  std::optional<absl::Time> capture_time;
  std::string error;  // Why it failed; empty unless kFailed.
};

}  // namespace aislewatch::events
