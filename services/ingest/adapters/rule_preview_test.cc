#include "services/ingest/adapters/rule_preview.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "aislewatch/v1/fusion.grpc.pb.h"
#include "common/base/ids.h"
#include "common/rpc/convert.h"
#include "common/rpc/server_host.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::ingest {
namespace {

// Counts the frames that it is shown; what it answers is a test's.
class CountingFusion final : public v1::AnomalyFusionService::Service {
 public:
  grpc::Status RehearseRules(grpc::ServerContext*,
                             grpc::ServerReader<v1::RehearseRulesRequest>* reader,
                             v1::RehearseRulesResponse* response) override {
    v1::RehearseRulesRequest request;
    while (reader->Read(&request)) {
      if (request.has_config()) config = request.config();
      uint64_t of_this = 0;
      for (const v1::JudgedFrame& frame : request.frames().frames()) {
        of_this += std::max(1u, frame.frames());
      }
      frames += of_this;
      most_in_a_message = std::max(most_in_a_message, of_this);
    }
    response->add_rules()->set_rule_id("staff");
    return answer;
  }

  grpc::Status answer;
  v1::RehearsalConfig config;
  uint64_t frames = 0;
  uint64_t most_in_a_message = 0;
};

class RulePreviewTest : public testing::Test {
 protected:
  RulePreviewTest() {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.metrics_listen = "";
    host_ = ServerHost::Create(options).value();
    host_->AddService(&fusion_);
    EXPECT_TRUE(host_->Start().ok());
    journal_ = FileJournal::Open({.folder = folder_}, metrics_, clock_).value();
    request_.set_camera_id("cam");
    request_.add_rules()->set_rule_id("staff");
  }
  ~RulePreviewTest() override {
    host_->Shutdown(absl::Now());
    journal_ = nullptr;
    std::filesystem::remove_all(folder_);
  }

  void Saw(absl::Duration ago, bool somebody) {
    v1::JudgedFrame frame;
    *frame.mutable_capture_time() = aislewatch::ToProto(clock_.Now() - ago);
    frame.set_frame_width(640);
    frame.set_frame_height(360);
    if (somebody) frame.add_tracks()->set_track_id(1);
    journal_->Add("cam", frame.SerializeAsString());
  }
  absl::StatusOr<v1::PreviewRulesResponse> Run() {
    CameraSettings camera;
    camera.camera_id = "cam";
    camera.store_id = "store";
    grpc::ClientContext context;
    return RulePreview(*journal_, host_->InProcessChannel(), clock_).Run(camera, request_, context);
  }

  const std::string folder_ = absl::StrCat(testing::TempDir(), "/preview-", NewUuid());
  FakeMetrics metrics_;
  FakeClock clock_{absl::FromUnixSeconds(1700000000)};
  CountingFusion fusion_;
  std::unique_ptr<ServerHost> host_;
  std::unique_ptr<FileJournal> journal_;
  v1::PreviewRulesRequest request_;
};

TEST_F(RulePreviewTest, ShowsFusionTheWindowAndSaysWhichTimeItIs) {
  Saw(absl::Hours(30), true);
  Saw(absl::Hours(3), true);
  for (int i = 100; i > 0; --i) Saw(absl::Hours(1) + i * absl::Milliseconds(100), true);
  // A camera that was away, then nobody.
  for (int i = 100; i >= 0; --i) Saw(i * absl::Milliseconds(100), false);
  const auto response = Run();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(fusion_.frames, 202u);
  EXPECT_EQ(fusion_.config.identity().store_id(), "store");
  EXPECT_EQ(fusion_.config.rules(0).rule_id(), "staff");
  EXPECT_EQ(response->rules(0).rule_id(), "staff");
  EXPECT_EQ(aislewatch::FromProto(response->from_time()), clock_.Now() - absl::Hours(3));
  EXPECT_EQ(aislewatch::FromProto(response->until_time()), clock_.Now());
  EXPECT_NEAR(absl::ToDoubleSeconds(aislewatch::FromProto(response->watched())), 9.9 + 10, 0.01);

  fusion_.frames = 0;
  request_.mutable_window()->set_seconds(60);
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(fusion_.frames, 101u);
}

TEST_F(RulePreviewTest, MessagesStayBelowWhatFusionTakes) {
  for (int i = 40'000; i > 0; --i) Saw(i * absl::Milliseconds(100), i % 100 == 0);
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(fusion_.frames, 40'000u);
  EXPECT_LE(fusion_.most_in_a_message, 5000u);
}

TEST_F(RulePreviewTest, ACameraThatSawNothingIsAnAnswerToo) {
  const auto response = Run();
  ASSERT_TRUE(response.ok());
  EXPECT_FALSE(response->has_from_time());
  EXPECT_EQ(response->watched().seconds(), 0);
  EXPECT_EQ(response->rules_size(), 1);
}

TEST_F(RulePreviewTest, HandsOnWhatIsWrongWithRulesAndCallsTheRestAway) {
  Saw(absl::Seconds(1), true);
  fusion_.answer = {grpc::StatusCode::INVALID_ARGUMENT, "rule staff: no such zone"};
  EXPECT_EQ(Run().status(), absl::InvalidArgumentError("rule staff: no such zone"));
  for (const auto code : {grpc::StatusCode::INTERNAL, grpc::StatusCode::CANCELLED}) {
    fusion_.answer = {code, "why"};
    EXPECT_EQ(Run().status().code(), absl::StatusCode::kUnavailable);
  }
  fusion_.answer = {grpc::StatusCode::UNIMPLEMENTED, ""};
  EXPECT_EQ(Run().status().code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace aislewatch::ingest
