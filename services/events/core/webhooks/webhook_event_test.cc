// Events, signatures, and when a delivery is tried again.
#include "services/events/core/webhooks/webhook_event.h"

#include <nlohmann/json.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/events/core/webhooks/webhook_retry.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;

Occurrence ClosedIncident() {
  Occurrence occurrence;
  occurrence.incident_id = "3f0c1d9e-0000-4000-8000-000000000001";
  occurrence.store_id = "store-1";
  occurrence.camera_id = "aisle:3";
  Transition transition;
  transition.number = 4;
  transition.kind = TransitionKind::kClosed;
  transition.time = absl::FromUnixMillis(1772625600250);
  occurrence.transition = transition;
  return occurrence;
}

TEST(WebhookEvent, IsACloudEvent) {
  const auto event = nlohmann::json::parse(CloudEvent("id-1", ClosedIncident(), "{\"number\":4}"));
  EXPECT_EQ(event["specversion"], "1.0");
  EXPECT_EQ(event["id"], "id-1");
  EXPECT_EQ(event["type"], "aislewatch.incident.closed");
  EXPECT_EQ(event["source"], "/stores/store-1/cameras/aisle:3");
  EXPECT_EQ(event["subject"], "3f0c1d9e-0000-4000-8000-000000000001");
  EXPECT_EQ(event["time"], "2026-03-04T12:00:00.25Z");
  EXPECT_EQ(event["datacontenttype"], "application/json");
  EXPECT_EQ(event["data"]["number"], 4);
}

TEST(WebhookEvent, NamesReviewsAndTests) {
  Occurrence occurrence = ClosedIncident();
  occurrence.transition.reset();
  occurrence.review = Review{};
  occurrence.review->create_time = absl::FromUnixSeconds(1772625700);
  const auto review = nlohmann::json::parse(CloudEvent("id-2", occurrence, "{}"));
  EXPECT_EQ(review["type"], "aislewatch.incident.reviewed");
  EXPECT_EQ(review["time"], "2026-03-04T12:01:40Z");
  const auto test = nlohmann::json::parse(TestEvent("id-3", absl::FromUnixSeconds(0)));
  EXPECT_EQ(test["type"], "aislewatch.test");
  EXPECT_FALSE(test.contains("subject"));
}

TEST(WebhookEvent, SignsTimeAndBody) {
  // By `printf '1772625600.{}' | openssl dgst -sha256 -hmac whsec_x`.
  EXPECT_EQ(SignatureHeader("whsec_x", absl::FromUnixSeconds(1772625600), "{}"),
            "t=1772625600,v1=32688ccde500191a93d861254a1b8e9688591e73e91a4dcdd09f5ce88670f2dc");
  const HttpRequest request =
      SignedRequest("https://h/", "whsec_x", absl::FromUnixSeconds(1772625600), "{}");
  EXPECT_THAT(request.headers, testing::Contains(HasSubstr("application/cloudevents+json")));
  EXPECT_EQ(request.body, "{}");
}

TEST(WebhookEvent, MakesSecretsThatDiffer) {
  const std::string secret = NewWebhookSecret().value();
  EXPECT_EQ(secret.size(), 6u + 43u);
  EXPECT_EQ(secret.substr(0, 6), "whsec_");
  EXPECT_NE(secret, NewWebhookSecret().value());
}

TEST(WebhookRetry, PausesGrowUpToAnHourWithJitter) {
  EXPECT_EQ(RetryPause(1, 1), absl::Seconds(5));
  EXPECT_EQ(RetryPause(1, 0), absl::Seconds(2.5));
  EXPECT_EQ(RetryPause(4, 1), absl::Seconds(40));
  EXPECT_EQ(RetryPause(30, 1), absl::Hours(1));
  EXPECT_EQ(RetryPause(4'000'000'000u, 0), absl::Minutes(30));
}

TEST(WebhookRetry, GivesUpAfterADayAndAtGone) {
  const HttpAnswer broken{503, ""};
  EXPECT_EQ(JudgeAnswer(broken, 20, absl::Hours(22), 1).state, DeliveryState::kWaiting);
  EXPECT_EQ(JudgeAnswer(broken, 20, absl::Hours(23.5), 1).state, DeliveryState::kDead);
  EXPECT_EQ(JudgeAnswer({410, ""}, 1, absl::ZeroDuration(), 1).state, DeliveryState::kDead);
}

TEST(WebhookRetry, TellsAnswersApart) {
  EXPECT_EQ(JudgeAnswer({204, ""}, 1, absl::ZeroDuration(), 1).state, DeliveryState::kDelivered);
  EXPECT_EQ(JudgeAnswer({204, ""}, 1, absl::ZeroDuration(), 1).error, "");
  EXPECT_THAT(JudgeAnswer({302, ""}, 1, absl::ZeroDuration(), 1).error, HasSubstr("redirects"));
  EXPECT_THAT(JudgeAnswer({500, ""}, 1, absl::ZeroDuration(), 1).error, HasSubstr("500"));
  EXPECT_EQ(JudgeAnswer({0, "no\x01\xff route"}, 1, absl::ZeroDuration(), 1).error, "no?? route");
}

}  // namespace
}  // namespace aislewatch::events
