#include "common/inference/model_slot.h"

#include <thread>

#include "gtest/gtest.h"

namespace aislewatch {
namespace {

struct Number {
  explicit Number(int v) : value(v) {}
  ~Number() { ended_on = std::this_thread::get_id(); }
  int value;
  static std::thread::id ended_on;
};
std::thread::id Number::ended_on;

TEST(ModelSlot, ServesTheFirstOneAndThenTheNext) {
  ModelSlot<Number> slot(std::make_shared<Number>(1));
  EXPECT_EQ(slot.Current()->value, 1);
  slot.Serve(std::make_shared<Number>(2));
  EXPECT_EQ(slot.Current()->value, 2);
  EXPECT_EQ(ModelSlot<Number>(nullptr).Current(), nullptr);
}

TEST(ModelSlot, LetsWhoeverWorksWithTheOldModelFinishAndEndsItItself) {
  ModelSlot<Number> slot(std::make_shared<Number>(1));
  std::shared_ptr<Number> working = slot.Current();
  slot.Serve(std::make_shared<Number>(2));
  EXPECT_EQ(working->value, 1);
  EXPECT_EQ(slot.Current()->value, 2);
  EXPECT_EQ(slot.ReleaseUnused(), 1u);
  const std::weak_ptr<Number> old = working;
  // Who was last must not be the one to end it: that may be the model's own thread.
  std::thread([working = std::move(working)]() mutable { working.reset(); }).join();
  EXPECT_FALSE(old.expired());
  EXPECT_EQ(slot.ReleaseUnused(), 0u);
  EXPECT_TRUE(old.expired());
  EXPECT_EQ(Number::ended_on, std::this_thread::get_id());
}

TEST(ModelSlot, KeepsSeveralOldOnesApart) {
  ModelSlot<Number> slot(std::make_shared<Number>(1));
  const std::shared_ptr<Number> one = slot.Current();
  slot.Serve(std::make_shared<Number>(2));
  slot.Serve(std::make_shared<Number>(3));  // Nobody works with the second.
  EXPECT_EQ(slot.ReleaseUnused(), 1u);
  EXPECT_EQ(one->value, 1);
  EXPECT_EQ(slot.All().size(), 2u);
}

}  // namespace
}  // namespace aislewatch
