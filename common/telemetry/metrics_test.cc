#include <httplib.h>

#include <string>

#include "common/telemetry/prometheus_metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

TEST(PrometheusMetrics, ServesWhatWasCounted) {
  const auto metrics = PrometheusMetrics::Create("127.0.0.1:0").value();
  metrics->GetCounter("aislewatch_test_frames_total", "Frames", {{"outcome", "ok"}}).Add(3);
  metrics->GetGauge("aislewatch_test_streams", "Streams", {}).Set(2);
  metrics->GetHistogram("aislewatch_test_run_seconds", "Run", {0.1, 1}, {}).Observe(0.5);
  httplib::Client client("127.0.0.1", metrics->port());
  const auto response = client.Get("/metrics");
  ASSERT_TRUE(response) << httplib::to_string(response.error());
  EXPECT_EQ(response->status, 200);
  EXPECT_THAT(response->get_header_value("Content-Type"), HasSubstr("version=0.0.4"));
  EXPECT_THAT(response->body, HasSubstr("aislewatch_test_frames_total{outcome=\"ok\"} 3"));
  EXPECT_THAT(response->body, HasSubstr("aislewatch_test_streams 2"));
  EXPECT_THAT(response->body, HasSubstr("aislewatch_test_run_seconds_bucket{le=\"1\"} 1"));
  EXPECT_EQ(client.Get("/")->status, 404);
}

TEST(PrometheusMetrics, ATakenPortIsRefusedAndNamed) {
  const auto first = PrometheusMetrics::Create("127.0.0.1:0").value();
  const std::string listen = "127.0.0.1:" + std::to_string(first->port());
  const auto second = PrometheusMetrics::Create(listen);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(listen));
}

TEST(PrometheusMetrics, AnAddressThatIsNoneIsRefused) {
  for (const char* listen : {"9090", "localhost:http", "127.0.0.1:70000", ":-1"}) {
    EXPECT_FALSE(PrometheusMetrics::Create(listen).ok()) << listen;
  }
}

TEST(PrometheusMetrics, WithoutAnAddressItOnlyCounts) {
  const auto metrics = PrometheusMetrics::Create("").value();
  EXPECT_EQ(metrics->port(), 0);
}

}  // namespace
}  // namespace aislewatch
