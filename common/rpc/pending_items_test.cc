#include "common/rpc/pending_items.h"

#include <memory>
#include <optional>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Numbered {
  uint64_t number = 0;
  uint64_t sequence() const { return number; }
};

constexpr absl::Time kStart = absl::UnixEpoch();
constexpr absl::Time kNever = absl::InfiniteFuture();
constexpr char kStage[] = "pose";

class PendingItemsTest : public ::testing::Test {
 protected:
  using Items = PendingItems<Numbered, Numbered>;

  static StageClientOptions Options() {
    StageClientOptions options;
    options.max_waiting = 2;
    options.max_attempts = 2;
    return options;
  }
  void Add(uint64_t number, absl::Time expiry = kNever) {
    items_.Add({number}, expiry, now_, [](absl::StatusOr<Numbered>) {}, completions_);
  }
  /// The number of the next item for the wire; 0 where there is none.
  uint64_t Take(size_t max_in_flight = 8) {
    const Numbered* next = items_.TakeNext(max_in_flight, now_);
    return next == nullptr ? 0 : next->number;
  }
  bool Sweep(bool is_away = false) {
    return items_.Sweep(is_away, kStage, absl::UnavailableError("no address"), now_, completions_);
  }
  std::vector<absl::StatusCode> Codes() const {
    std::vector<absl::StatusCode> codes;
    for (const auto& completion : completions_) codes.push_back(completion.answer.status().code());
    return codes;
  }

  absl::Time now_ = kStart;
  Items items_{Options()};
  Items::Completions completions_;
};

TEST_F(PendingItemsTest, GivesItemsInOrderAsFarAsTheWindowGoes) {
  Add(1);
  Add(2);
  EXPECT_EQ(Take(1), 1u);
  EXPECT_EQ(Take(1), 0u) << "one is on the wire";
  items_.Resolve({1}, completions_);
  EXPECT_EQ(Take(1), 2u);
  EXPECT_EQ(items_.size(), 1u);
  EXPECT_THAT(Codes(), ElementsAre(absl::StatusCode::kOk));
}

TEST_F(PendingItemsTest, RefusesTheOldestThatWaitsWhereTooManyDo) {
  Add(1);
  EXPECT_EQ(Take(), 1u);
  Add(2);
  Add(3);
  EXPECT_THAT(completions_, IsEmpty());
  Add(4);
  EXPECT_THAT(Codes(), ElementsAre(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(Take(), 3u) << "2 was refused, 1 is on the wire";
}

TEST_F(PendingItemsTest, ABrokenStreamsItemsAreSentAgainInOrderButNotForEver) {
  Add(1);
  Add(2);
  Take();
  items_.Requeue(absl::UnavailableError("broke"), now_, completions_);
  EXPECT_EQ(Take(), 1u);
  EXPECT_EQ(Take(), 2u);
  EXPECT_THAT(completions_, IsEmpty());
  items_.Requeue(absl::UnavailableError("broke"), now_, completions_);
  ASSERT_THAT(Codes(), ElementsAre(absl::StatusCode::kUnavailable)) << "1 was on two streams";
  EXPECT_EQ(Take(), 2u);
}

TEST_F(PendingItemsTest, ExpiredItemsAreRefusedUnlessTheyAreOnTheWire) {
  Add(1, kStart + absl::Seconds(1));
  Add(2, kStart + absl::Seconds(1));
  Take();
  now_ += absl::Seconds(1);
  EXPECT_FALSE(Sweep());
  EXPECT_THAT(Codes(), ElementsAre(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(items_.size(), 1u);
}

TEST_F(PendingItemsTest, PatienceEndsOnlyWhileTheStageIsAway) {
  Add(1);
  now_ += Options().patience;
  Sweep(/*is_away=*/false);
  EXPECT_THAT(completions_, IsEmpty());
  Sweep(/*is_away=*/true);
  ASSERT_THAT(Codes(), ElementsAre(absl::StatusCode::kUnavailable));
  EXPECT_THAT(std::string(completions_[0].answer.status().message()),
              HasSubstr("pose is away: no address"));
}

TEST_F(PendingItemsTest, AnItemThatIsNeverAnsweredMeansThatTheStreamHangs) {
  Add(1);
  Take();
  now_ += Options().stall_timeout;
  EXPECT_FALSE(Sweep());
  now_ += absl::Milliseconds(1);
  EXPECT_TRUE(Sweep());
}

TEST_F(PendingItemsTest, AnswersToNothingAreIgnoredAndTheRestIsRefusedTogether) {
  Add(1);
  Add(2);
  Take();
  items_.Resolve({7}, completions_);
  EXPECT_THAT(completions_, IsEmpty());
  items_.RefuseAll(absl::CancelledError("closed"), completions_);
  EXPECT_THAT(Codes(), ElementsAre(absl::StatusCode::kCancelled, absl::StatusCode::kCancelled));
  EXPECT_EQ(items_.size(), 0u);
  EXPECT_EQ(Take(), 0u);
}

}  // namespace
}  // namespace aislewatch
