// The whole cluster as processes: frames in, incidents in PostgreSQL, whatever dies meanwhile.

#include <grpcpp/client_context.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>

#include "absl/time/clock.h"
#include "aislewatch/v1/cameras.grpc.pb.h"
#include "aislewatch/v1/events.grpc.pb.h"
#include "aislewatch/v1/ingest.grpc.pb.h"
#include "cli/analysis/crash_drill.h"
#include "cli/analysis/simulated_analysis.h"
#include "cli/cluster/cluster_flags.h"
#include "cli/events_client.h"
#include "common/inference/model_repository.h"
#include "common/rpc/convert.h"
#include "common/scene/proto_scene.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

std::string BinDir() {
  const char* set = std::getenv("AISLEWATCH_BIN_DIR");
  return set != nullptr ? set : "build/release/bin";
}

class ClusterTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!PrivatePostgres::Installed()) GTEST_SKIP() << "PostgreSQL is not installed";
    const ModelRepository models(DefaultModelRepositories(BinDir()));
    if (!models.Find("movenet-multipose").ok()) {
      GTEST_SKIP() << "MoveNet's weights are not there; run scripts/fetch-models";
    }
  }

  void Start(bool leases, std::vector<std::string> ingest_flags = {}) {
    LocalClusterOptions options = MakeClusterOptions({}, BinDir()).value();
    options.leases = leases;
    options.flags["ingest"] = std::move(ingest_flags);
    auto cluster = LocalCluster::Start(options);
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = *std::move(cluster);
  }

  std::unique_ptr<LocalCluster> cluster_;
};

LoadResult Load(LocalCluster& cluster, const LoadOptions& options) {
  const auto quiet = [](const std::string&, int64_t, int64_t) {};
  const auto footage = RenderFootage(options, quiet).value();
  return RunLoad(cluster.Channel("ingest").value(), options, footage, quiet);
}

// What the zones and rules would have raised on what the camera was shown. Runs it meanwhile: only
// who runs a camera looks back.
v1::PreviewRulesResponse PreviewRules(LocalCluster& cluster, const std::string& camera_id,
                                      const Scene& scene) {
  const auto stub = v1::FrameIngestService::NewStub(cluster.Channel("ingest").value());
  grpc::ClientContext push_context;
  const auto push = stub->PushFrames(&push_context);
  v1::PushFramesRequest config;
  config.mutable_config()->mutable_identity()->set_camera_id(camera_id);
  config.mutable_config()->mutable_identity()->set_store_id("test");
  v1::PushFramesResponse accepted;
  if (!push->Write(config) || !push->Read(&accepted)) {
    ADD_FAILURE() << "not accepted: " << push->Finish().error_message();
    return {};
  }
  v1::PreviewRulesRequest request;
  request.set_camera_id(camera_id);
  for (const Zone& zone : scene.zones) *request.add_zones() = ToProto(zone);
  for (const Rule& rule : scene.rules) *request.add_rules() = ToProto(rule);
  grpc::ClientContext context;
  v1::PreviewRulesResponse response;
  const auto status = stub->PreviewRules(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  push->WritesDone();
  EXPECT_TRUE(push->Finish().ok());
  return response;
}

// The clips of an incident once none is being made any more.
std::vector<v1::Evidence> AwaitClips(v1::EventStorageService::Stub& events,
                                     const std::string& incident_id, absl::Time deadline) {
  while (true) {
    grpc::ClientContext context;
    v1::ListEvidenceRequest request;
    request.set_incident_id(incident_id);
    v1::ListEvidenceResponse response;
    EXPECT_TRUE(events.ListEvidence(&context, request, &response).ok());
    std::vector<v1::Evidence> clips;
    bool pending = false;
    for (const v1::Evidence& evidence : response.evidence()) {
      if (evidence.kind() != v1::EVIDENCE_KIND_CLIP) continue;
      pending |= evidence.state() == v1::EVIDENCE_STATE_PENDING;
      clips.push_back(evidence);
    }
    if ((!pending && !clips.empty()) || absl::Now() >= deadline) return clips;
    absl::SleepFor(absl::Milliseconds(100));  // Between two looks at another process.
  }
}

// The same rules would have raised the same, stricter ones less.
void ExpectTheSameOfARehearsal(LocalCluster& cluster, const Scene& scene,
                               const std::vector<v1::Incident>& incidents) {
  std::map<std::string, uint32_t> raised;
  for (const v1::Incident& incident : incidents) {
    for (const std::string& rule : incident.rule_ids()) ++raised[rule];
  }
  const std::string camera = incidents.front().camera_id();
  const v1::PreviewRulesResponse same = PreviewRules(cluster, camera, scene);
  EXPECT_EQ(same.rules_size(), static_cast<int>(scene.rules.size()));
  for (const v1::RuleRehearsal& rule : same.rules()) {
    EXPECT_EQ(rule.incidents(), raised[rule.rule_id()]) << rule.rule_id();
  }
  EXPECT_NEAR(static_cast<double>(same.watched().seconds()), 19, 2);
  Scene strict = scene;
  for (Rule& rule : strict.rules) rule.min_duration = absl::Hours(1);
  const v1::PreviewRulesResponse less = PreviewRules(cluster, camera, strict);
  for (const v1::RuleRehearsal& rule : less.rules()) {
    EXPECT_EQ(rule.incidents(), 0u) << rule.rule_id();
  }
}

void ExpectClips(const std::shared_ptr<grpc::Channel>& events,
                 const std::vector<v1::Incident>& incidents, absl::Time deadline) {
  const auto storage = v1::EventStorageService::NewStub(events);
  for (const v1::Incident& incident : incidents) {
    const auto clips = AwaitClips(*storage, incident.incident_id(), deadline);
    ASSERT_FALSE(clips.empty()) << incident.incident_id();
    for (const v1::Evidence& clip : clips) {
      EXPECT_EQ(clip.state(), v1::EVIDENCE_STATE_READY) << clip.error();
      EXPECT_EQ(clip.media_type(), "video/mp4");
      EXPECT_EQ(clip.sha256().size(), 64u);
      EXPECT_GT(clip.size_bytes(), 10'000u);
      EXPECT_LE(FromProto(clip.capture_time()), FromProto(incident.opened_time()));
    }
  }
}

TEST_F(ClusterTest, AnswersEveryFrameAndRecordsEveryIncidentOnce) {
  Start(/*leases=*/false);
  LoadOptions options;
  options.duration = absl::Seconds(20);
  options.fps = 4;  // Slow machines shall keep up; what is lost here would be a fault.
  options.scene = DrillScene();
  const LoadResult result = Load(*cluster_, options);
  EXPECT_EQ(result.sent, 80);
  EXPECT_EQ(result.answered, result.sent);
  EXPECT_GE(result.incidents_opened, 1);
  const absl::Time deadline = absl::Now() + absl::Seconds(120);
  const auto events = cluster_->Channel("events").value();
  const auto check = CheckRecords(events, result, deadline);
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_EQ(check->recorded, check->told);
  EXPECT_EQ(check->duplicates, 0);
  // The stream has ended well, so nothing stays open.
  const auto incidents =
      AwaitIncidents(events, {result.transitions.begin(), result.transitions.end()}, deadline,
                     /*closed=*/true);
  ASSERT_TRUE(incidents.ok()) << incidents.status();
  for (const v1::Incident& incident : *incidents) {
    EXPECT_EQ(incident.state(), v1::INCIDENT_STATE_CLOSED) << incident.incident_id();
  }

  ExpectTheSameOfARehearsal(*cluster_, options.scene, *incidents);
  ExpectClips(events, *incidents, deadline);
}

TEST_F(ClusterTest, LosesNoIncidentWhateverIsKilled) {
  Start(/*leases=*/false);
  LoadOptions options;
  options.duration = absl::Seconds(70);
  options.fps = 4;
  options.scene = DrillScene();
  LoadResult result;
  std::vector<Kill> kills;
  {
    const CrashDrill drill(*cluster_, options.duration);
    result = Load(*cluster_, options);
    kills = drill.kills();
  }
  EXPECT_EQ(kills.size(), 6u) << "five services and PostgreSQL";
  EXPECT_EQ(result.answered, result.sent);
  EXPECT_GE(result.incidents_opened, 1);
  const auto check =
      CheckRecords(cluster_->Channel("events").value(), result, absl::Now() + absl::Seconds(120));
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_EQ(check->recorded, check->told);
  EXPECT_EQ(check->duplicates, 0);
  for (const Kill& kill : kills) {
    EXPECT_LT(RecoveryTime(kill, result.frames), absl::InfiniteDuration()) << kill.name;
  }
  for (const ServiceProcess& process : cluster_->Processes()) EXPECT_GE(process.restarts, 1);
}

TEST_F(ClusterTest, LeasesACameraAndReportsItsState) {
  Start(/*leases=*/true, {"--lease-duration=4s"});
  // A file that is no video: the camera must be leased and say what is wrong with it.
  const TemporaryFolder folder = TemporaryFolder::Create().value();
  const std::string path = folder.path() + "/not-a-video.mp4";
  std::ofstream(path) << "this is no video";
  const auto stub = v1::CameraRegistryService::NewStub(cluster_->Channel("events").value());
  v1::CreateCameraRequest request;
  request.mutable_camera()->set_camera_id("door");
  request.mutable_camera()->set_store_id("test");
  request.mutable_camera()->set_source_url("file://" + path);
  request.mutable_camera()->set_enabled(true);
  grpc::ClientContext create_context;
  v1::CreateCameraResponse created;
  const auto status = stub->CreateCamera(&create_context, request, &created);
  ASSERT_TRUE(status.ok()) << status.error_message();

  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  v1::GetCameraResponse camera;
  do {
    grpc::ClientContext context;
    v1::GetCameraRequest get;
    get.set_camera_id("door");
    ASSERT_TRUE(stub->GetCamera(&context, get, &camera).ok());
  } while (camera.status().pipeline().source_error().empty() && absl::Now() < deadline);
  EXPECT_FALSE(camera.status().holder().empty());
  EXPECT_THAT(camera.status().pipeline().source_error(), testing::HasSubstr("not-a-video.mp4"));
  EXPECT_EQ(camera.status().pipeline().source_state(), v1::SOURCE_STATE_OFFLINE);
}

}  // namespace
}  // namespace aislewatch
