#include "services/gateway/adapters/metrics_scraper.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace aislewatch::gateway {
namespace {

// A service that exports one gauge.
class Service {
 public:
  // Port 0 takes a free one.
  Service(const std::string& host, int port, int queued) {
    server_.Get("/metrics", [queued](const httplib::Request&, httplib::Response& response) {
      response.set_content(absl::StrCat("aislewatch_pose_queue_items ", queued, "\n"),
                           "text/plain");
    });
    port_ = port == 0 ? server_.bind_to_any_port(host) : port;
    if (port != 0 && !server_.bind_to_port(host, port)) port_ = 0;
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (port_ != 0 && !server_.is_running()) std::this_thread::yield();
  }
  ~Service() {
    server_.stop();
    thread_.join();
  }
  int port() const { return port_; }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

TEST(MetricsScraperTest, ShowsEveryReplicaBehindAName) {
  const Service one("127.0.0.1", 0, 3);
  ASSERT_NE(one.port(), 0);
  const Service two("127.0.0.2", one.port(), 5);
  ASSERT_NE(two.port(), 0);
  const std::string port = absl::StrCat(":", one.port());
  MetricsScraper scraper({{"pose", "pose.test" + port}, {"fusion", "127.0.0.1" + port}},
                         [&](const std::string& address) {
                           return address == "pose.test" + port
                                      ? std::vector<std::string>{"127.0.0.1" + port,
                                                                 "127.0.0.2" + port}
                                      : std::vector<std::string>{address};
                         });
  const std::vector<ServiceView> views = scraper.Scrape();
  ASSERT_EQ(views.size(), 3u);
  EXPECT_EQ(views[0].name, "pose");
  EXPECT_EQ(views[0].address, "127.0.0.1" + port);
  EXPECT_EQ(views[0].metrics.at("queueLength"), 3);
  EXPECT_EQ(views[1].name, "pose");
  EXPECT_EQ(views[1].address, "127.0.0.2" + port);
  EXPECT_EQ(views[1].metrics.at("queueLength"), 5);
  EXPECT_EQ(views[2].name, "fusion");
}

TEST(MetricsScraperTest, KeepsTheNameOfAServiceThatHasOneAddress) {
  const Service service("127.0.0.1", 0, 1);
  const std::string address = absl::StrCat("localhost:", service.port());
  MetricsScraper scraper({{"pose", address}});
  const std::vector<ServiceView> views = scraper.Scrape();
  ASSERT_EQ(views.size(), 1u);
  EXPECT_EQ(views[0].address, address);
  EXPECT_TRUE(views[0].ready) << views[0].error;
}

TEST(MetricsScraperTest, SaysThatANameNobodyKnowsDoesNotAnswer) {
  MetricsScraper scraper({{"pose", "pose.invalid:9092"}},
                         [](const std::string&) { return std::vector<std::string>{}; });
  const std::vector<ServiceView> views = scraper.Scrape();
  ASSERT_EQ(views.size(), 1u);
  EXPECT_EQ(views[0].address, "pose.invalid:9092");
  EXPECT_FALSE(views[0].ready);
  EXPECT_EQ(views[0].error, "it does not answer");
}

TEST(ResolveReplicasTest, GivesAddressesWithNumbers) {
  EXPECT_EQ(ResolveReplicas("127.0.0.1:9092"), std::vector<std::string>{"127.0.0.1:9092"});
  EXPECT_EQ(ResolveReplicas("[::1]:9092"), std::vector<std::string>{"[::1]:9092"});
  // Hosts files name it once for each family.
  EXPECT_EQ(ResolveReplicas("localhost:9092").size(), 1u);
}

}  // namespace
}  // namespace aislewatch::gateway
