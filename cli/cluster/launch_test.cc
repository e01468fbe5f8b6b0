#include "cli/cluster/launch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace aislewatch {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::StartsWith;

const std::vector<LaunchedService> kAll = {{"events", "/run/events.ports", 1001, 1002, 0},
                                           {"pose", "/run/pose.ports", 1003, 1004, 0},
                                           {"ingest", "/run/ingest.ports", 1005, 1006, 0},
                                           {"gateway", "/run/gateway.ports", 0, 0, 0}};

LaunchPlan Plan() {
  LaunchPlan plan;
  plan.bin_dir = "/bin";
  plan.data_dir = "/data";
  plan.database = "host=/data/postgres";
  plan.http_listen = "127.0.0.1:8081";
  return plan;
}

TEST(LaunchTest, IngestIsToldWhereEverybodyBeforeItListens) {
  EXPECT_THAT(LaunchArguments(Plan(), kAll[2], kAll),
              ElementsAre("/bin/aislewatch-ingest", "--listen=127.0.0.1:1005",
                          "--metrics-listen=127.0.0.1:1006", "--port-file=/run/ingest.ports",
                          "--events=127.0.0.1:1001", "--pose=127.0.0.1:1003",
                          "--outbox=/data/outbox.sqlite", "--image-encoding=bgr"));
}

TEST(LaunchTest, AFlagOfTheUserStandsForWhatWouldBeChosen) {
  LaunchPlan plan = Plan();
  plan.flags["ingest"] = {"--image-encoding=jpeg", "--fps=5"};
  EXPECT_THAT(LaunchArguments(plan, kAll[2], kAll),
              AllOf(Contains("--image-encoding=jpeg").Times(1), Contains("--fps=5"),
                    Not(Contains("--image-encoding=bgr"))));
  EXPECT_THAT(LaunchArguments(plan, kAll[1], kAll), Not(Contains("--fps=5")));
}

TEST(LaunchTest, AVariableOfTheUserStandsForWhatWouldBeChosen) {
  EXPECT_THAT(LaunchArguments(Plan(), kAll[1], kAll), Contains(StartsWith("--inference-threads=")));
  setenv("AISLEWATCH_POSE_INFERENCE_THREADS", "3", 1);
  EXPECT_THAT(LaunchArguments(Plan(), kAll[1], kAll),
              Not(Contains(StartsWith("--inference-threads="))));
  unsetenv("AISLEWATCH_POSE_INFERENCE_THREADS");
}

TEST(LaunchTest, ModelsStayAsTheyAreUnlessNewerOnesAreWanted) {
  LaunchPlan plan = Plan();
  EXPECT_THAT(LaunchArguments(plan, kAll[1], kAll), Contains("--model-refresh=0s"));
  EXPECT_THAT(LaunchArguments(plan, kAll[2], kAll), Not(Contains(StartsWith("--model-refresh"))));
  plan.newer_models = true;
  EXPECT_THAT(LaunchArguments(plan, kAll[1], kAll), Not(Contains(StartsWith("--model-refresh"))));
  plan.newer_models = false;
  plan.flags["pose"] = {"--model-refresh=5s"};
  EXPECT_THAT(LaunchArguments(plan, kAll[1], kAll), Contains("--model-refresh=5s"));
}

TEST(LaunchTest, NobodyLogsInAtALoopbackAddressUnlessCredentialsAreAskedFor) {
  LaunchPlan plan = Plan();
  EXPECT_THAT(LaunchArguments(plan, kAll[3], kAll), Contains("--allow-anonymous"));
  plan.http_listen = "0.0.0.0:8081";
  EXPECT_THAT(LaunchArguments(plan, kAll[3], kAll), Not(Contains("--allow-anonymous")));
  plan.http_listen = "[::1]:8081";
  plan.require_credentials = true;
  plan.ingest_token_file = "/data/ingest-token";
  EXPECT_THAT(LaunchArguments(plan, kAll[3], kAll), Not(Contains("--allow-anonymous")));
  EXPECT_THAT(LaunchArguments(plan, kAll[0], kAll), Contains("--require-credentials"));
  EXPECT_THAT(LaunchArguments(plan, kAll[2], kAll),
              Contains("--events-token-file=/data/ingest-token"));
}

TEST(LaunchTest, TheGatewayKeepsItsPortOverARestartAndWatchesAllOthers) {
  std::vector<LaunchedService> all = kAll;
  LaunchPlan plan = Plan();
  plan.http_listen = "[::1]:0";
  EXPECT_THAT(LaunchArguments(plan, all[3], all), Contains("--http-listen=[::1]:0"));
  all[3].http_port = 4711;
  EXPECT_THAT(
      LaunchArguments(plan, all[3], all),
      AllOf(Contains("--http-listen=[::1]:4711"), Contains("--service=pose=127.0.0.1:1004"),
            Contains("--ingest=127.0.0.1:1005"), Not(Contains(StartsWith("--service=gateway")))));
}

TEST(LaunchTest, EventStorageGetsTheKeysOfItsOwnDatabaseAlone) {
  LaunchPlan plan = Plan();
  EXPECT_THAT(LaunchArguments(plan, kAll[0], kAll),
              AllOf(Not(Contains(StartsWith("--secrets-key-file"))),
                    Not(Contains(StartsWith("--site-key")))));
  plan.secrets_key_file = "/data/secrets.key";
  plan.site_key = "/data/site-key.pem";
  EXPECT_THAT(LaunchArguments(plan, kAll[0], kAll),
              AllOf(Contains("--secrets-key-file=/data/secrets.key"),
                    Contains("--site-key=/data/site-key.pem")));
}

}  // namespace
}  // namespace aislewatch
