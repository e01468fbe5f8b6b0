#include "services/pose/rpc/pose_service.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/convert.h"
#include "common/rpc/image_convert.h"
#include "common/rpc/server_host.h"
#include "common/vision/image_codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/pose/testing/fake_object_detector.h"
#include "services/pose/testing/fake_pose_model.h"

namespace aislewatch::pose {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using testing::FakeObjectDetector;
using testing::FakePoseModel;
using ::testing::HasSubstr;
using testing::kTestFrame;
using testing::PictureOfPersonAt;
using ::testing::SizeIs;

// A client that does as it is told, right or wrong.
class RawStream {
 public:
  explicit RawStream(v1::PoseExtractionService::Stub& stub)
      : stream_(stub.ExtractPoses(&context_)) {}
  ~RawStream() {
    if (!finished_) context_.TryCancel();
  }

  bool Configure(const v1::PoseStreamConfig& config) {
    v1::ExtractPosesRequest request;
    *request.mutable_config() = config;
    return stream_->Write(request);
  }
  bool Send(const v1::Frame& frame) {
    v1::ExtractPosesRequest request;
    *request.mutable_frame() = frame;
    return stream_->Write(request);
  }
  bool SendNothing() { return stream_->Write(v1::ExtractPosesRequest()); }
  v1::StreamAccepted ReadAccepted() {
    v1::ExtractPosesResponse response;
    EXPECT_TRUE(stream_->Read(&response));
    EXPECT_TRUE(response.has_accepted());
    return response.accepted();
  }
  v1::PoseFrame ReadAnswer() {
    v1::ExtractPosesResponse response;
    EXPECT_TRUE(stream_->Read(&response)) << "the stream ended instead of an answer";
    return response.pose_frame();
  }
  std::vector<v1::PoseFrame> ReadToTheEnd() {
    std::vector<v1::PoseFrame> answers;
    v1::ExtractPosesResponse response;
    while (stream_->Read(&response)) {
      if (response.has_pose_frame()) answers.push_back(response.pose_frame());
    }
    return answers;
  }
  void HalfClose() { stream_->WritesDone(); }
  void Cancel() { context_.TryCancel(); }
  grpc::Status Finish() {
    finished_ = true;
    return stream_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::ExtractPosesRequest, v1::ExtractPosesResponse>>
      stream_;
  bool finished_ = false;
};

class PoseServiceTest : public ::testing::Test {
 protected:
  void SetUp() override { Start({.max_batch = 4, .max_delay = absl::ZeroDuration()}); }
  void TearDown() override {
    probe_.Hold(false);
    host_->Shutdown(absl::Now());
    service_->Stop();
    host_.reset();
  }

  void Start(BatchingOptions batching, int max_in_flight = 8) {
    batching.metrics_prefix = "aislewatch_pose";
    auto engine = NewEngine("1", batching);
    batcher_ = engine->batcher.get();
    probe_.ForgetBatches();
    ServerOptions server;
    server.listen = "127.0.0.1:0";
    server.metrics_listen.clear();
    server.worker_threads = 2;
    host_ = ServerHost::Create(server).value();
    PoseServiceOptions options;
    options.tracker.confirm_frames = 1;
    options.max_in_flight = max_in_flight;
    options.spotter = spotter_;
    service_ = std::make_unique<PoseService>(std::move(engine), options, host_->workers(), metrics_,
                                             clock_);
    host_->AddService(service_.get());
    ASSERT_TRUE(host_->Start().ok());
    stub_ = v1::PoseExtractionService::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", host_->port()), grpc::InsecureChannelCredentials()));
  }

  std::shared_ptr<PoseEngine> NewEngine(const std::string& version, BatchingOptions batching) {
    batching.metrics_prefix = "aislewatch_pose";
    std::vector<std::unique_ptr<PoseModel>> models;
    models.push_back(std::make_unique<FakePoseModel>(probe_));
    return std::make_shared<PoseEngine>(PoseEngine{
        ModelInfo{"fake-pose", version},
        StartPoseBatcher(batching, std::move(models), kTestFrame, clock_, metrics_).value()});
  }

  void Restart(BatchingOptions batching, int max_in_flight) {
    TearDown();
    Start(std::move(batching), max_in_flight);
  }

  static v1::PoseStreamConfig Config() {
    v1::PoseStreamConfig config;
    config.mutable_identity()->set_camera_id("aisle-3");
    config.mutable_identity()->set_store_id("store-1");
    return config;
  }
  v1::Frame FrameWith(uint64_t sequence, v1::Image image) const {
    v1::Frame frame;
    frame.set_sequence(sequence);
    *frame.mutable_capture_time() =
        ToProto(start_ + absl::Milliseconds(100) * static_cast<int64_t>(sequence));
    *frame.mutable_image() = std::move(image);
    return frame;
  }
  v1::Frame FrameOf(uint64_t sequence, const cv::Mat& picture,
                    v1::ImageEncoding encoding = v1::IMAGE_ENCODING_BGR8) const {
    return FrameWith(sequence, ToProto(picture, encoding).value());
  }
  // Opens a stream and reads the acceptance.
  std::unique_ptr<RawStream> OpenStream() {
    auto stream = std::make_unique<RawStream>(*stub_);
    EXPECT_TRUE(stream->Configure(Config()));
    EXPECT_GE(stream->ReadAccepted().max_in_flight(), 1u);
    return stream;
  }
  grpc::Status Refusal(const v1::PoseStreamConfig& config) {
    RawStream stream(*stub_);
    stream.Configure(config);
    EXPECT_THAT(stream.ReadToTheEnd(), SizeIs(0));
    return stream.Finish();
  }
  void ExpectServes() {
    auto stream = OpenStream();
    stream->Send(FrameOf(1, PictureOfPersonAt(0.5f)));
    EXPECT_EQ(stream->ReadAnswer().status().outcome(), v1::OUTCOME_OK);
    stream->HalfClose();
    EXPECT_TRUE(stream->Finish().ok());
  }

  const absl::Time start_ = absl::FromUnixSeconds(1700000000);
  FakeClock clock_{start_};
  FakeMetrics metrics_;
  FakePoseModel::Probe probe_;
  FakeObjectDetector::Probe objects_;
  // Null but where a test wants one.
  std::shared_ptr<ObjectSpotter> spotter_;
  PoseBatcher* batcher_ = nullptr;  // The service's.
  std::unique_ptr<PoseService> service_;
  std::unique_ptr<ServerHost> host_;
  std::unique_ptr<v1::PoseExtractionService::Stub> stub_;
};

v1::Image JpegImage(std::string data) {
  v1::Image image;
  image.set_encoding(v1::IMAGE_ENCODING_JPEG);
  image.set_data(std::move(data));
  return image;
}

v1::Image RawImage(uint32_t width, uint32_t height, std::string data) {
  v1::Image image;
  image.set_encoding(v1::IMAGE_ENCODING_BGR8);
  image.set_width(width);
  image.set_height(height);
  image.set_data(std::move(data));
  return image;
}

std::string JpegBytes() { return EncodeJpeg(PictureOfPersonAt(0.5f)).value(); }

// The same file with other sides in its frame header, as a liar would write it.
std::string JpegClaiming(int width, int height) {
  std::string jpeg = JpegBytes();
  const size_t header = jpeg.find("\xFF\xC0");
  jpeg[header + 5] = static_cast<char>(height >> 8);
  jpeg[header + 6] = static_cast<char>(height & 0xff);
  jpeg[header + 7] = static_cast<char>(width >> 8);
  jpeg[header + 8] = static_cast<char>(width & 0xff);
  return jpeg;
}

TEST_F(PoseServiceTest, WithoutAnObjectModelNobodyIsLookedAt) {
  auto stream = OpenStream();
  stream->Send(FrameOf(1, PictureOfPersonAt(0.5f)));
  const v1::PoseFrame answer = stream->ReadAnswer();
  EXPECT_EQ(answer.people_size(), 1);
  EXPECT_EQ(answer.objects_size(), 0);
  EXPECT_EQ(answer.looked_at_track_ids_size(), 0);
  EXPECT_FALSE(answer.has_object_model());
}

TEST_F(PoseServiceTest, TellsWhatPeopleHoldAndWhoWasLookedAt) {
  spotter_ = std::make_shared<ObjectSpotter>(std::make_unique<FakeObjectDetector>(objects_), clock_,
                                             metrics_);
  objects_.Show({{FakeObjectDetector::kKnife, 0.8f, {0.4f, 0.4f, 0.2f, 0.2f}}});
  Restart({.max_batch = 1, .max_delay = absl::ZeroDuration()}, 8);
  auto stream = OpenStream();
  stream->Send(FrameOf(1, PictureOfPersonAt(0.5f)));
  const v1::PoseFrame looked = stream->ReadAnswer();
  EXPECT_THAT(looked.looked_at_track_ids(), ElementsAre(1u));
  EXPECT_EQ(looked.object_model().name(), "fake-objects");
  ASSERT_EQ(looked.objects_size(), 2) << "one in each hand";
  EXPECT_EQ(looked.objects(0).class_name(), "knife");
  EXPECT_TRUE(looked.objects(0).is_weapon());
  EXPECT_FLOAT_EQ(looked.objects(0).score(), 0.8f);
  EXPECT_EQ(looked.objects(0).track_id(), 1u);
  stream->Send(FrameOf(2, PictureOfPersonAt(0.5f)));
  const v1::PoseFrame passed = stream->ReadAnswer();
  EXPECT_EQ(passed.people_size(), 1);
  EXPECT_EQ(passed.looked_at_track_ids_size(), 0);
  EXPECT_FALSE(passed.has_object_model());
}

TEST_F(PoseServiceTest, SaysWhichModelItServes) {
  EXPECT_EQ(metrics_.Value("aislewatch_pose_model_info",
                           {{"role", "pose"}, {"name", "fake-pose"}, {"version", "1"}}),
            1);
}

TEST_F(PoseServiceTest, AnotherModelComesToServeInAnOpenStreamAndTracksGoOn) {
  const auto served = [this](const char* version) {
    return metrics_.Value("aislewatch_pose_model_info",
                          {{"role", "pose"}, {"name", "fake-pose"}, {"version", version}});
  };
  auto stream = OpenStream();
  stream->Send(FrameOf(1, PictureOfPersonAt(0.5f)));
  const v1::PoseFrame before = stream->ReadAnswer();
  EXPECT_EQ(before.model().version(), "1");

  // A picture that the old model has taken is answered by it.
  probe_.Hold(true);
  stream->Send(FrameOf(2, PictureOfPersonAt(0.5f)));
  probe_.AwaitHeld();
  probe_.Hold(false);
  service_->Serve(NewEngine("2", {.max_batch = 4, .max_delay = absl::ZeroDuration()}));
  EXPECT_EQ(stream->ReadAnswer().model().version(), "1");

  stream->Send(FrameOf(3, PictureOfPersonAt(0.5f)));
  const v1::PoseFrame after = stream->ReadAnswer();
  EXPECT_EQ(after.model().version(), "2");
  ASSERT_EQ(after.people_size(), 1);
  EXPECT_EQ(after.people(0).track_id(), before.people(0).track_id());
  EXPECT_EQ(served("1"), 0);
  EXPECT_EQ(served("2"), 1);
  service_->ReleaseUnused();
}

TEST_F(PoseServiceTest, FindsAndFollowsPeopleInJpegAndRawPictures) {
  RawStream stream(*stub_);
  ASSERT_TRUE(stream.Configure(Config()));
  EXPECT_EQ(stream.ReadAccepted().model().name(), "fake-pose");
  for (const auto encoding : {v1::IMAGE_ENCODING_JPEG, v1::IMAGE_ENCODING_BGR8}) {
    const uint64_t sequence = encoding;
    stream.Send(FrameOf(sequence, PictureOfPersonAt(0.5f), encoding));
    const v1::PoseFrame answer = stream.ReadAnswer();
    EXPECT_EQ(answer.sequence(), sequence);
    EXPECT_EQ(answer.status().outcome(), v1::OUTCOME_OK) << answer.status().reason();
    EXPECT_EQ(FromProto(answer.capture_time()),
              start_ + absl::Milliseconds(100) * static_cast<int64_t>(sequence));
    EXPECT_EQ(answer.model().name(), "fake-pose");
    EXPECT_EQ(answer.model().version(), "1");
    EXPECT_EQ(answer.frame_width(), static_cast<uint32_t>(kTestFrame.width));
    EXPECT_EQ(answer.frame_height(), static_cast<uint32_t>(kTestFrame.height));
    ASSERT_EQ(answer.people_size(), 1);
    EXPECT_EQ(answer.people(0).track_id(), 1u);
    EXPECT_EQ(answer.people(0).keypoints_size(), kJointCount);
    EXPECT_NEAR(answer.people(0).box().x() + answer.people(0).box().width() / 2, 0.5, 0.01);
  }
}

TEST_F(PoseServiceTest, SentEqualsAnsweredWhateverIsSent) {
  auto stream = OpenStream();
  constexpr uint64_t kFrames = 60;
  std::thread sender([&] {
    for (uint64_t i = 1; i <= kFrames; ++i) {
      v1::Frame frame = FrameOf(i, PictureOfPersonAt(0.5f));
      if (i % 5 == 1) *frame.mutable_expire_time() = ToProto(start_ - absl::Seconds(1));
      if (i % 5 == 2) *frame.mutable_image() = JpegImage(JpegBytes().substr(0, 40 * i));
      if (i % 5 == 3) *frame.mutable_image() = RawImage(0, 0, "");
      ASSERT_TRUE(stream->Send(frame));
    }
    stream->HalfClose();
  });
  std::map<uint64_t, v1::Outcome> outcomes;
  for (const v1::PoseFrame& answer : stream->ReadToTheEnd()) {
    EXPECT_TRUE(outcomes.emplace(answer.sequence(), answer.status().outcome()).second)
        << "two answers for " << answer.sequence();
  }
  sender.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(outcomes, SizeIs(kFrames));
  for (const auto& [sequence, outcome] : outcomes) {
    const v1::Outcome expected = sequence % 5 == 1                        ? v1::OUTCOME_EXPIRED
                                 : sequence % 5 == 2 || sequence % 5 == 3 ? v1::OUTCOME_REJECTED
                                                                          : v1::OUTCOME_OK;
    EXPECT_EQ(outcome, expected) << "frame " << sequence;
  }
}

TEST_F(PoseServiceTest, ABadPictureIsRejectedWithItsFaultAndTheStreamStaysOpen) {
  const std::vector<std::pair<v1::Image, std::string>> cases = {
      {JpegImage(JpegBytes().substr(0, JpegBytes().size() / 2)), "JPEG"},
      {JpegImage("no picture at all"), "JPEG"},
      {JpegImage(""), "JPEG"},
      {JpegImage(JpegClaiming(0, 0)), "must be 1..8192"},
      {JpegImage(JpegClaiming(30000, 30000)), "must be 1..8192"},
      {RawImage(0, 0, ""), "8192"},
      {RawImage(30000, 30000, "abc"), "8192"},
      {RawImage(4, 4, "too short"), "48 bytes"},
      {v1::Image(), "encoding"}};
  auto stream = OpenStream();
  uint64_t sequence = 0;
  for (const auto& [image, fault] : cases) {
    stream->Send(FrameWith(++sequence, image));
    const v1::PoseFrame answer = stream->ReadAnswer();
    EXPECT_EQ(answer.sequence(), sequence);
    EXPECT_EQ(answer.status().outcome(), v1::OUTCOME_REJECTED) << fault;
    EXPECT_THAT(answer.status().reason(), HasSubstr(fault));
    EXPECT_EQ(answer.people_size(), 0);
  }
  EXPECT_THAT(probe_.batches(), SizeIs(0)) << "nothing bad reaches the model";
  stream->Send(FrameOf(++sequence, PictureOfPersonAt(0.5f)));
  EXPECT_EQ(stream->ReadAnswer().status().outcome(), v1::OUTCOME_OK);
}

TEST_F(PoseServiceTest, AFrameWithoutCaptureTimeIsRejected) {
  auto stream = OpenStream();
  v1::Frame frame = FrameOf(1, PictureOfPersonAt(0.5f));
  frame.clear_capture_time();
  stream->Send(frame);
  EXPECT_THAT(stream->ReadAnswer().status().reason(), HasSubstr("capture_time"));
}

TEST_F(PoseServiceTest, AFrameThatExpiresInTheQueueIsNeverInferred) {
  auto stream = OpenStream();
  probe_.Hold(true);
  stream->Send(FrameOf(1, PictureOfPersonAt(0.5f)));
  probe_.AwaitHeld();
  v1::Frame frame = FrameOf(2, PictureOfPersonAt(0.5f));
  *frame.mutable_expire_time() = ToProto(start_ + absl::Milliseconds(50));
  stream->Send(frame);
  while (batcher_->queue_length() == 0) std::this_thread::yield();
  clock_.Advance(absl::Milliseconds(50));
  probe_.Hold(false);
  EXPECT_EQ(stream->ReadAnswer().status().outcome(), v1::OUTCOME_OK);
  const v1::PoseFrame answer = stream->ReadAnswer();
  EXPECT_EQ(answer.status().outcome(), v1::OUTCOME_EXPIRED);
  EXPECT_FALSE(answer.status().reason().empty());
  EXPECT_THAT(probe_.batches(), ElementsAre(1));
}

TEST_F(PoseServiceTest, AFullQueueRejectsFramesAndKeepsTheStream) {
  Restart({.max_batch = 1, .max_delay = absl::ZeroDuration(), .queue_capacity = 1},
          /*max_in_flight=*/4);
  auto stream = OpenStream();
  probe_.Hold(true);
  stream->Send(FrameOf(1, PictureOfPersonAt(0.5f)));
  probe_.AwaitHeld();
  for (uint64_t i = 2; i <= 4; ++i) stream->Send(FrameOf(i, PictureOfPersonAt(0.5f)));
  const Labels rejected = {{"outcome", "rejected"}};
  while (metrics_.Value("aislewatch_pose_batched_items_total", rejected) < 2) {
    std::this_thread::yield();
  }
  probe_.Hold(false);
  std::vector<v1::Outcome> outcomes;
  for (int i = 0; i < 4; ++i) outcomes.push_back(stream->ReadAnswer().status().outcome());
  EXPECT_THAT(outcomes, ElementsAre(v1::OUTCOME_OK, v1::OUTCOME_OK, v1::OUTCOME_REJECTED,
                                    v1::OUTCOME_REJECTED));
}

TEST_F(PoseServiceTest, AFailingModelRejectsTheFrameAndKeepsTheStream) {
  auto stream = OpenStream();
  probe_.FailWith(absl::InternalError("out of memory"));
  stream->Send(FrameOf(1, PictureOfPersonAt(0.5f)));
  EXPECT_THAT(stream->ReadAnswer().status().reason(), HasSubstr("out of memory"));
  probe_.FailWith(absl::OkStatus());
  stream->Send(FrameOf(2, PictureOfPersonAt(0.5f)));
  EXPECT_EQ(stream->ReadAnswer().status().outcome(), v1::OUTCOME_OK);
}

TEST_F(PoseServiceTest, PeopleUnderTheStreamsScoreAreNotTracked) {
  RawStream stream(*stub_);
  v1::PoseStreamConfig config = Config();
  config.set_min_person_score(0.9f);  // FakePoseModel's people score 0.8.
  stream.Configure(config);
  stream.ReadAccepted();
  stream.Send(FrameOf(1, PictureOfPersonAt(0.5f)));
  EXPECT_EQ(stream.ReadAnswer().people_size(), 0);
}

TEST_F(PoseServiceTest, RefusesAConfigurationThatCannotBeServed) {
  v1::PoseStreamConfig config = Config();
  config.set_model("yolo");
  grpc::Status status = Refusal(config);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("this replica serves \"fake-pose\""));

  config = Config();
  config.mutable_identity()->set_camera_id("../etc/passwd");
  EXPECT_EQ(Refusal(config).error_code(), grpc::StatusCode::INVALID_ARGUMENT);

  for (const float score : {-0.1f, 1.1f, std::numeric_limits<float>::quiet_NaN()}) {
    config = Config();
    config.set_min_person_score(score);
    status = Refusal(config);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << score;
    EXPECT_THAT(status.error_message(), HasSubstr("min_person_score"));
  }
}

TEST_F(PoseServiceTest, TakesTheModelByNameAndByNameAndVersion) {
  for (const char* model : {"fake-pose", "fake-pose/1"}) {
    RawStream stream(*stub_);
    v1::PoseStreamConfig config = Config();
    config.set_model(model);
    stream.Configure(config);
    EXPECT_EQ(stream.ReadAccepted().model().version(), "1");
  }
}

TEST_F(PoseServiceTest, DataBeforeTheConfigurationEndsTheStream) {
  RawStream stream(*stub_);
  stream.Send(FrameOf(1, PictureOfPersonAt(0.5f)));
  EXPECT_THAT(stream.ReadToTheEnd(), SizeIs(0));
  EXPECT_EQ(stream.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(PoseServiceTest, ASecondConfigurationEndsTheStreamAfterItsAnswers) {
  auto stream = OpenStream();
  stream->Send(FrameOf(1, PictureOfPersonAt(0.5f)));
  stream->Configure(Config());
  EXPECT_THAT(stream->ReadToTheEnd(), SizeIs(1));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(PoseServiceTest, ASequenceThatDoesNotRiseEndsTheStream) {
  for (const uint64_t second : {uint64_t{7}, uint64_t{6}, uint64_t{0}}) {
    auto stream = OpenStream();
    stream->Send(FrameOf(7, PictureOfPersonAt(0.5f)));
    stream->Send(FrameOf(second, PictureOfPersonAt(0.5f)));
    EXPECT_THAT(stream->ReadToTheEnd(), SizeIs(1));
    const grpc::Status status = stream->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("sequence"));
  }
}

TEST_F(PoseServiceTest, AnEmptyMessageEndsTheStream) {
  auto stream = OpenStream();
  stream->SendNothing();
  EXPECT_THAT(stream->ReadToTheEnd(), SizeIs(0));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(PoseServiceTest, SurvivesAClientThatVanishesWithFramesUnderWay) {
  probe_.Hold(true);
  {
    auto stream = OpenStream();
    for (uint64_t i = 1; i <= 4; ++i) stream->Send(FrameOf(i, PictureOfPersonAt(0.5f)));
    probe_.AwaitHeld();
  }
  probe_.Hold(false);
  ExpectServes();
  while (metrics_.Value("aislewatch_pose_streams") > 0) std::this_thread::yield();
}

TEST_F(PoseServiceTest, SurvivesCancellationAtEveryPoint) {
  for (int point = 0; point < 8; ++point) {
    probe_.Hold(point >= 5);
    RawStream stream(*stub_);
    if (point >= 1) stream.Configure(Config());
    if (point >= 2) stream.ReadAccepted();
    if (point >= 3) stream.Send(FrameOf(1, PictureOfPersonAt(0.5f)));
    if (point == 4) stream.ReadAnswer();
    if (point >= 5) probe_.AwaitHeld();
    if (point >= 6) stream.Send(FrameOf(2, PictureOfPersonAt(0.5f)));
    if (point >= 7) stream.HalfClose();
    stream.Cancel();
    stream.ReadToTheEnd();
    EXPECT_EQ(stream.Finish().error_code(), grpc::StatusCode::CANCELLED) << "point " << point;
    probe_.Hold(false);
    ExpectServes();
  }
  while (metrics_.Value("aislewatch_pose_streams") > 0) std::this_thread::yield();
}

TEST_F(PoseServiceTest, DrainAnswersWhatWasTakenThenSendsTheStreamElsewhere) {
  auto stream = OpenStream();
  probe_.Hold(true);
  stream->Send(FrameOf(1, PictureOfPersonAt(0.5f)));
  probe_.AwaitHeld();
  service_->Drain();
  probe_.Hold(false);
  const auto answers = stream->ReadToTheEnd();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].status().outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);

  RawStream late(*stub_);
  late.Configure(Config());
  EXPECT_THAT(late.ReadToTheEnd(), SizeIs(0));
  EXPECT_EQ(late.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(PoseServiceTest, ManyStreamsAreAnsweredAtTheSameTime) {
  constexpr int kStreams = 6;
  constexpr uint64_t kFrames = 25;
  std::vector<std::thread> cameras;
  std::vector<int> answered(kStreams, 0);
  for (int c = 0; c < kStreams; ++c) {
    cameras.emplace_back([&, c] {
      auto stream = OpenStream();
      for (uint64_t i = 1; i <= kFrames; ++i) {
        stream->Send(FrameOf(i, PictureOfPersonAt(0.1f + 0.1f * static_cast<float>(c))));
        const v1::PoseFrame answer = stream->ReadAnswer();
        if (answer.sequence() == i && answer.people_size() == 1 &&
            answer.people(0).track_id() == 1) {
          ++answered[c];
        }
      }
    });
  }
  for (std::thread& camera : cameras) camera.join();
  EXPECT_THAT(answered, Each(kFrames));
}

}  // namespace
}  // namespace aislewatch::pose
