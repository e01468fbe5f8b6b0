#include "cli/analysis/attention_sums.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aislewatch/v1/attention.grpc.pb.h"
#include "common/rpc/convert.h"

namespace aislewatch {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::ZoneVisit VisitTo(const std::string& zone, double looking_s, bool entered = false) {
  v1::ZoneVisit visit;
  visit.set_camera_id("corridor-1");
  visit.set_zone_id(zone);
  visit.set_zone_kind(v1::ZONE_KIND_STOREFRONT);
  *visit.mutable_looking_time() = ToProto(absl::Seconds(looking_s));
  visit.set_looked(looking_s > 0);
  visit.set_entered(entered);
  visit.set_looked_before_entering(entered && looking_s > 0);
  *visit.mutable_dwell() = ToProto(entered ? absl::Seconds(4) : absl::ZeroDuration());
  return visit;
}

TEST(AttentionSumsTest, VisitsOfAZoneAreAddedUp) {
  const auto sums =
      AddUp({VisitTo("shop-1", 1.5), VisitTo("shop-1", 2, true), VisitTo("shop-2", 0)});
  ASSERT_EQ(sums.size(), 2u);
  const AttentionTotals& shop = sums.begin()->second;
  EXPECT_EQ(shop.passers_by, 2u);
  EXPECT_EQ(shop.looked, 2u);
  EXPECT_EQ(shop.entered, 1u);
  EXPECT_EQ(shop.looked_and_entered, 1u);
  EXPECT_EQ(shop.looking_time, absl::Seconds(3.5));
  EXPECT_EQ(shop.dwell, absl::Seconds(4));
}

TEST(AttentionSumsTest, MicrosecondsThatRoundingTakesAreNoDifference) {
  auto told = AddUp({VisitTo("shop-1", 1.5)});
  const auto stored = told;
  told.begin()->second.looking_time += absl::Nanoseconds(900);
  EXPECT_THAT(Differences(told, stored), IsEmpty());
  told.begin()->second.looking_time += absl::Milliseconds(1);
  EXPECT_THAT(Differences(told, stored), ElementsAre(HasSubstr("shop-1")));
}

TEST(AttentionSumsTest, WhatIsLostAndWhatIsCountedTwiceAreDifferences) {
  const auto once = AddUp({VisitTo("shop-1", 1.5)});
  const auto twice = AddUp({VisitTo("shop-1", 1.5), VisitTo("shop-1", 1.5)});
  const auto elsewhere = AddUp({VisitTo("shop-1", 1.5), VisitTo("shop-2", 0)});
  EXPECT_THAT(Differences(once, once), IsEmpty());
  EXPECT_THAT(Differences(once, twice),
              ElementsAre(AllOf(HasSubstr("told 1 visits"), HasSubstr("stored 2 visits"))));
  EXPECT_THAT(Differences(elsewhere, once),
              ElementsAre(AllOf(HasSubstr("shop-2"), HasSubstr("stored 0 visits"))));
}

// Answers as event storage does, with sums that a test sets.
class FakeAttention final : public v1::AttentionService::Service {
 public:
  grpc::Status ListAttention(grpc::ServerContext*, const v1::ListAttentionRequest* request,
                             v1::ListAttentionResponse* response) override {
    if (request->step() != v1::ATTENTION_STEP_TOTAL || request->camera_ids_size() != 1) {
      return {grpc::StatusCode::INVALID_ARGUMENT, "not what is asked here"};
    }
    *response = answer;
    return grpc::Status::OK;
  }

  v1::ListAttentionResponse answer;
};

class StoredAttentionTest : public ::testing::Test {
 protected:
  StoredAttentionTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    channel_ =
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
    v1::AttentionSum& sum = *service_.answer.add_sums();
    sum.set_camera_id("corridor-1");
    sum.set_zone_id("shop-1");
    sum.set_zone_kind(v1::ZONE_KIND_STOREFRONT);
    sum.set_passers_by(2);
    sum.set_looked(1);
    *sum.mutable_looking_time() = ToProto(absl::Seconds(1.5));
    *sum.mutable_dwell() = ToProto(absl::ZeroDuration());
  }
  ~StoredAttentionTest() override { server_->Shutdown(); }

  // The deadline is over: asks once.
  absl::Status Await(const AttentionByZone& told) {
    const absl::Time now = absl::Now();
    return AwaitAttention(channel_, {"corridor-1"}, now - absl::Hours(1), now, told, now);
  }

  FakeAttention service_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(StoredAttentionTest, WhatIsStoredAsToldIsFine) {
  EXPECT_TRUE(Await(AddUp({VisitTo("shop-1", 1.5), VisitTo("shop-1", 0)})).ok());
}

TEST_F(StoredAttentionTest, AVisitThatIsNotStoredIsNamedAsALoss) {
  const absl::Status status =
      Await(AddUp({VisitTo("shop-1", 1.5), VisitTo("shop-1", 0), VisitTo("shop-1", 0)}));
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("shop-1"), HasSubstr("told 3 visits"), HasSubstr("stored 2 visits")));
}

TEST_F(StoredAttentionTest, StorageThatCannotAnswerIsAnError) {
  server_->Shutdown();
  EXPECT_EQ(Await({}).code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace aislewatch
