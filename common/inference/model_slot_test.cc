#include "common/inference/model_slot.h"

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

struct Number {
  explicit Number(int v) : value(v) {}
  ~Number() { value = -1; }
  int value;
};

ModelSlot<Number>::Loader Load(int value) {
  return [value] { return std::make_unique<Number>(value); };
}

absl::Status NoWarmUp(Number&) { return absl::OkStatus(); }

TEST(ModelSlot, IsEmptyUntilAModelIsLoaded) {
  ModelSlot<Number> slot;
  EXPECT_EQ(slot.Current(), nullptr);
  ASSERT_TRUE(slot.Replace(Load(1), NoWarmUp).ok());
  EXPECT_EQ(slot.Current()->value, 1);
}

TEST(ModelSlot, KeepsTheOldModelWhereTheNewOneIsBad) {
  ModelSlot<Number> slot;
  ASSERT_TRUE(slot.Replace(Load(1), NoWarmUp).ok());
  const auto cannot_load = []() -> absl::StatusOr<std::unique_ptr<Number>> {
    return absl::DataLossError("torn");
  };
  const auto cannot_warm = [](Number&) { return absl::InternalError("crashes"); };
  EXPECT_EQ(slot.Replace(cannot_load, NoWarmUp).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(slot.Replace(Load(2), cannot_warm).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(slot.Current()->value, 1);
}

TEST(ModelSlot, LetsWhoeverWorksWithTheOldModelFinish) {
  ModelSlot<Number> slot;
  ASSERT_TRUE(slot.Replace(Load(1), NoWarmUp).ok());
  const std::shared_ptr<Number> working = slot.Current();
  ASSERT_TRUE(slot.Replace(Load(2), NoWarmUp).ok());
  EXPECT_EQ(working->value, 1);
  EXPECT_EQ(slot.Current()->value, 2);
}

TEST(ModelSlot, ServesTheOldModelWhileTheNewOneWarms) {
  ModelSlot<Number> slot;
  ASSERT_TRUE(slot.Replace(Load(1), NoWarmUp).ok());
  absl::Notification warming, go_on;
  std::thread replacer([&] {
    EXPECT_TRUE(slot.Replace(Load(2), [&](Number&) {
                      warming.Notify();
                      go_on.WaitForNotification();
                      return absl::OkStatus();
                    }).ok());
  });
  warming.WaitForNotification();
  EXPECT_EQ(slot.Current()->value, 1);
  go_on.Notify();
  replacer.join();
  EXPECT_EQ(slot.Current()->value, 2);
}

}  // namespace
}  // namespace aislewatch
