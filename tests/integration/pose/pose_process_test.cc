// aislewatch-pose as a process: from its start to SIGTERM.

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <grpcpp/client_context.h>
#include <opencv2/core.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "aislewatch/v1/pose.grpc.pb.h"
#include "common/inference/model_repository.h"
#include "common/process/child_process.h"
#include "common/rpc/channel.h"
#include "common/rpc/convert.h"
#include "common/rpc/image_convert.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> ModelFolders() {
  const std::string source = Environment("AISLEWATCH_SOURCE_DIR");
  return {source + "/models/pretrained", source + "/build/models"};
}

class PoseProcessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "aw-pose-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override {
    process_.reset();
    fs::remove_all(folder_);
  }

  void Start(const std::vector<std::string>& flags) {
    ChildProcess::Options options;
    options.argv = {Environment("AISLEWATCH_BIN_DIR") + "/aislewatch-pose",
                    "--listen=127.0.0.1:0", "--metrics-listen=127.0.0.1:0",
                    absl::StrCat("--port-file=", (folder_ / "ports").string())};
    options.argv.insert(options.argv.end(), flags.begin(), flags.end());
    options.log_file = folder_ / "log";
    auto process = ChildProcess::Spawn(options);
    ASSERT_TRUE(process.ok()) << process.status();
    process_ = *std::move(process);
  }
  // The gRPC port once it is bound; 0 where the process ends instead.
  int AwaitPort() {
    while (!process_->Wait(absl::Milliseconds(20)).has_value()) {
      std::ifstream file(folder_ / "ports");
      for (std::string line; std::getline(file, line);) {
        absl::string_view value = line;
        int port = 0;
        if (absl::ConsumePrefix(&value, "grpc=") && absl::SimpleAtoi(value, &port)) return port;
      }
    }
    return 0;
  }
  std::string Log() const {
    std::ifstream file(folder_ / "log");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  fs::path folder_;
  std::unique_ptr<ChildProcess> process_;
};

TEST_F(PoseProcessTest, AMissingModelEndsItAndIsNamed) {
  ASSERT_NO_FATAL_FAILURE(
      Start({"--model=no-such-model", absl::StrCat("--model-repository=", folder_.string())}));
  const auto exit = process_->Wait(absl::Minutes(1));
  ASSERT_TRUE(exit.has_value());
  EXPECT_EQ(exit->code, 1) << Log();
  EXPECT_THAT(Log(), HasSubstr("no-such-model"));
}

TEST_F(PoseProcessTest, ImpossibleFlagsAreAllNamedAtOnce) {
  ASSERT_NO_FATAL_FAILURE(Start({"--max-batch=64", "--queue=8", "--warm-up-size=none"}));
  const auto exit = process_->Wait(absl::Minutes(1));
  ASSERT_TRUE(exit.has_value());
  EXPECT_EQ(exit->code, 1);
  EXPECT_THAT(Log(), AllOf(HasSubstr("queue_capacity 8"), HasSubstr("--warm-up-size")));
}

TEST_F(PoseProcessTest, ServesTheRealModelAndDrainsOnSigterm) {
  if (!ModelRepository(ModelFolders()).Find("movenet-multipose").ok()) {
    GTEST_SKIP() << "the model is not there; scripts/fetch-models brings it";
  }
  std::vector<std::string> flags = {"--max-batch=2"};
  for (const std::string& folder : ModelFolders()) flags.push_back("--model-repository=" + folder);
  ASSERT_NO_FATAL_FAILURE(Start(flags));
  const int port = AwaitPort();
  ASSERT_NE(port, 0) << Log();

  const auto channel = MakeChannel(absl::StrCat("127.0.0.1:", port)).value();
  const auto stub = v1::PoseExtractionService::NewStub(channel);
  grpc::ClientContext context;
  const auto stream = stub->ExtractPoses(&context);
  v1::ExtractPosesRequest request;
  request.mutable_config()->mutable_identity()->set_camera_id("camera-1");
  ASSERT_TRUE(stream->Write(request));
  v1::ExtractPosesResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.accepted().model().name(), "movenet-multipose");

  const cv::Mat grey(360, 640, CV_8UC3, cv::Scalar::all(114));
  request.mutable_frame()->set_sequence(1);
  *request.mutable_frame()->mutable_capture_time() = ToProto(absl::Now());
  *request.mutable_frame()->mutable_image() = ToProto(grey, v1::IMAGE_ENCODING_JPEG).value();
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.pose_frame().status().outcome(), v1::OUTCOME_OK)
      << response.pose_frame().status().reason();
  EXPECT_EQ(response.pose_frame().people_size(), 0) << "nobody is in a grey picture";

  process_->Signal(SIGTERM);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  const auto exit = process_->Wait(absl::Minutes(1));
  ASSERT_TRUE(exit.has_value());
  EXPECT_TRUE(exit->ok()) << exit->ToString() << "\n" << Log();
}

}  // namespace
}  // namespace aislewatch
