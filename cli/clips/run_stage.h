// Many items through one stage, as quickly as it takes them.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/base/trace.h"
#include "common/concurrency/timer_queue.h"
#include "common/rpc/stage_client.h"
#include "common/rpc/stages.h"

namespace aislewatch {

/// Items that are under way; more would only wait in the stage.
inline constexpr size_t kStageItemsUnderWay = 8;
inline constexpr absl::Duration kStagePatience = absl::Seconds(60);

/// Sends `count` items over one stream and returns their answers in order. The first item that is
/// not answered with OK is the error. Blocks.
template <class Traits>
absl::StatusOr<std::vector<typename Traits::Answer>> RunStage(
    const std::shared_ptr<grpc::Channel>& channel, const typename Traits::Config& config,
    size_t count, const std::function<absl::StatusOr<typename Traits::Item>(size_t)>& make) {
  // Shared with callbacks, which the client's destructor waits for.
  absl::Mutex mutex;
  std::vector<typename Traits::Answer> answers(count);
  size_t answered = 0;
  absl::Status error;

  TimerQueue timers;
  StageClient<Traits> client(
      channel, [config] { return config; }, NewTraceId(),
      {.patience = kStagePatience, .stall_timeout = kStagePatience}, timers);
  size_t sent = 0;
  const auto room = [&] { return sent - answered < kStageItemsUnderWay || !error.ok(); };
  const auto all = [&] { return answered == sent || !error.ok(); };
  for (; sent < count; ++sent) {
    {
      absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&room));
      if (!error.ok()) break;
    }
    AW_ASSIGN_OR_RETURN(typename Traits::Item item, make(sent));
    item.set_sequence(sent + 1);
    client.Send(std::move(item), absl::InfiniteFuture(),
                [&, index = sent](absl::StatusOr<typename Traits::Answer> answer) {
                  absl::MutexLock lock(&mutex);
                  ++answered;
                  if (!answer.ok()) {
                    error.Update(answer.status());
                  } else if (answer->status().outcome() != v1::OUTCOME_OK) {
                    error.Update(absl::InternalError(
                        absl::StrCat("the ", Traits::kName, " service refused frame ", index, ": ",
                                     answer->status().reason())));
                  } else {
                    answers[index] = *std::move(answer);
                  }
                });
  }
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&all));
  if (!error.ok()) return error;
  return answers;
}

}  // namespace aislewatch
