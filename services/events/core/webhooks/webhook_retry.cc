#include "services/events/core/webhooks/webhook_retry.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace aislewatch::events {
namespace {

constexpr absl::Duration kFirstPause = absl::Seconds(5);
constexpr absl::Duration kLongestPause = absl::Hours(1);
constexpr size_t kMaxKeptErrorLength = 500;

std::string WhatWentWrong(const HttpAnswer& answer) {
  if (answer.status == 0) {
    std::string error = answer.error.substr(0, kMaxKeptErrorLength);
    for (char& c : error) c = absl::ascii_isprint(static_cast<unsigned char>(c)) ? c : '?';
    return error.empty() ? "there was no answer" : error;
  }
  if (answer.status >= 300 && answer.status < 400) {
    return absl::StrCat("the receiver answered ", answer.status,
                        "; redirects are not followed, so give the webhook the address itself");
  }
  return absl::StrCat("the receiver answered ", answer.status, " instead of 2xx");
}

}  // namespace

absl::Duration RetryPause(uint32_t attempts, double random) {
  const int doublings = static_cast<int>(std::clamp<uint32_t>(attempts, 1, 20)) - 1;
  const absl::Duration pause = std::min(kFirstPause * std::exp2(doublings), kLongestPause);
  return pause * (0.5 + 0.5 * random);
}

DeliveryOutcome JudgeAnswer(const HttpAnswer& answer, uint32_t attempts, absl::Duration age,
                            double random) {
  DeliveryOutcome outcome;
  outcome.status = answer.status;
  if (answer.status >= 200 && answer.status < 300) {
    outcome.state = DeliveryState::kDelivered;
    return outcome;
  }
  outcome.error = WhatWentWrong(answer);
  outcome.retry_in = RetryPause(attempts, random);
  const bool gone = answer.status == 410;
  outcome.state = gone || age + outcome.retry_in > kGiveUpAfter ? DeliveryState::kDead
                                                                : DeliveryState::kWaiting;
  return outcome;
}

}  // namespace aislewatch::events
