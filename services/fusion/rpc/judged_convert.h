// What a journal keeps of a frame, between messages and the core's values. Stateless, thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "aislewatch/v1/fusion.pb.h"
#include "services/fusion/core/judged_frame.h"
#include "services/fusion/core/rehearsal.h"

namespace aislewatch::fusion {

/// The most frames that one message may stand for.
inline constexpr uint64_t kMaxJudgedFrames = 20'000;

/// Numbers are rounded to 1/1024, so that journals compress well.
v1::JudgedFrame JudgedToProto(const JudgedFrame& frame);

/// The frames that the messages stand for, those without anybody written out. INVALID_ARGUMENT
/// names what cannot be used: no capture time or size, too many frames or people.
absl::StatusOr<std::vector<JudgedFrame>> JudgedFramesFromProto(const v1::JudgedFrames& from);

v1::RehearseRulesResponse OutcomesToProto(const std::vector<RuleOutcome>& outcomes,
                                          const v1::StreamIdentity& identity);

}  // namespace aislewatch::fusion
