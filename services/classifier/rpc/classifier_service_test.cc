// The service over a real connection, with a fake model.
#include "services/classifier/rpc/classifier_service.h"

#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/convert.h"
#include "common/rpc/image_convert.h"
#include "common/rpc/server_host.h"
#include "services/classifier/testing/fake_clip_classifier.h"

namespace aislewatch::classifier {
namespace {

using ::testing::HasSubstr;

class ClassifierServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.metrics_listen.clear();
    options.worker_threads = 2;
    host_ = ServerHost::Create(options).value();
    scorer_ = NewScorer("1");
    service_ = std::make_unique<ClassifierService>(scorer_, ClassifierService::Options{},
                                                   host_->workers(), host_->metrics());
    host_->AddService(service_.get());
    const absl::Status status = host_->Start();
    ASSERT_TRUE(status.ok()) << status;
    channel_ = MakeChannel("127.0.0.1:" + std::to_string(host_->port())).value();
  }
  void TearDown() override {
    probe_.Hold(false);
    host_->Shutdown(absl::Now());
    service_->Stop();
    scorer_.reset();
  }
  std::shared_ptr<ClipScorer> NewScorer(const std::string& version) {
    return ClipScorer::Create(std::make_unique<FakeClipClassifier>(probe_, 4, version),
                              {.max_batch = 4, .max_delay = absl::ZeroDuration(),
                               .queue_capacity = 256},
                              RealClock(), host_->metrics())
        .value();
  }

  FakeClipClassifier::Probe probe_;
  std::unique_ptr<ServerHost> host_;
  std::shared_ptr<ClipScorer> scorer_;
  std::unique_ptr<ClassifierService> service_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(ClassifierServiceTest, SaysWhichModelItServes) {
  FakeMetrics metrics;
  const ClassifierService service(scorer_, ClassifierService::Options{}, host_->workers(),
                                  metrics);
  const ModelInfo& model = scorer_->model();
  EXPECT_EQ(
      metrics.Value("aislewatch_classifier_model_info",
                    {{"role", "classifier"}, {"name", model.name}, {"version", model.version}}),
      1);
}

struct Stream {
  explicit Stream(const std::shared_ptr<grpc::Channel>& channel)
      : stub(v1::ShopliftingClassificationService::NewStub(channel)),
        stream(stub->ClassifyClips(&context)) {}

  void Configure(const std::string& model = "") {
    v1::ClassifyClipsRequest request;
    request.mutable_config()->mutable_identity()->set_camera_id("aisle-1");
    request.mutable_config()->set_model(model);
    stream->Write(request);
  }
  void Send(const v1::PersonCrops& crops) {
    v1::ClassifyClipsRequest request;
    *request.mutable_crops() = crops;
    stream->Write(request);
  }
  std::optional<v1::ClassifyClipsResponse> Read() {
    v1::ClassifyClipsResponse response;
    if (!stream->Read(&response)) return std::nullopt;
    return response;
  }
  v1::ClipScores Answer() {
    const auto response = Read();
    EXPECT_TRUE(response && response->has_clip_scores());
    return response ? response->clip_scores() : v1::ClipScores();
  }
  grpc::Status Finish() {
    while (Read()) {
    }
    return stream->Finish();
  }

  grpc::ClientContext context;
  std::unique_ptr<v1::ShopliftingClassificationService::Stub> stub;
  std::unique_ptr<grpc::ClientReaderWriter<v1::ClassifyClipsRequest, v1::ClassifyClipsResponse>>
      stream;
};

v1::PersonCrops Crops(uint64_t sequence, std::initializer_list<std::pair<uint64_t, int>> people) {
  v1::PersonCrops crops;
  crops.set_sequence(sequence);
  *crops.mutable_capture_time() =
      ToProto(absl::UnixEpoch() + absl::Milliseconds(100) * static_cast<int64_t>(sequence));
  for (const auto& [track, brightness] : people) {
    v1::PersonCrop& crop = *crops.add_crops();
    crop.set_track_id(track);
    *crop.mutable_image() = ToProto(cv::Mat(24, 24, CV_8UC3, cv::Scalar::all(brightness)),
                                    v1::IMAGE_ENCODING_JPEG)
                                .value();
  }
  return crops;
}

TEST_F(ClassifierServiceTest, AnotherModelComesToServeInAnOpenStreamAndWindowsBeginAnew) {
  Stream stream(channel_);
  stream.Configure();
  ASSERT_TRUE(stream.Read());
  for (uint64_t sequence = 1; sequence <= 2; ++sequence) stream.Send(Crops(sequence, {{1, 255}}));
  EXPECT_EQ(stream.Answer().scores(0).frames_seen(), 1u);
  EXPECT_EQ(stream.Answer().scores(0).frames_seen(), 2u);

  // What the old model has begun is answered by it, also where it serves no longer.
  probe_.Hold(true);
  stream.Send(Crops(3, {{1, 255}}));
  probe_.AwaitHeldCall();
  probe_.Hold(false);
  const std::weak_ptr<ClipScorer> old = scorer_;
  service_->Serve(NewScorer("2"));
  scorer_.reset();
  const v1::ClipScores late = stream.Answer();
  EXPECT_EQ(late.model().version(), "1");
  EXPECT_EQ(late.scores(0).frames_seen(), 3u);

  stream.Send(Crops(4, {{1, 0}}));
  const v1::ClipScores scores = stream.Answer();
  EXPECT_EQ(scores.model().version(), "2");
  EXPECT_EQ(scores.scores(0).frames_seen(), 1u);
  EXPECT_LT(scores.scores(0).shoplifting(), 0.1f);
  while (!old.expired()) {  // Its last answer may be on its way out of its thread.
    service_->ReleaseUnused();
    std::this_thread::yield();
  }
}

TEST_F(ClassifierServiceTest, NamesItsModelAndAnswersEveryMessageOnce) {
  Stream stream(channel_);
  stream.Configure();
  const auto accepted = stream.Read();
  ASSERT_TRUE(accepted && accepted->has_accepted());
  EXPECT_EQ(accepted->accepted().model().name(), "fake-classifier");
  EXPECT_GE(accepted->accepted().max_in_flight(), 1u);

  std::set<uint64_t> sent;
  for (uint64_t sequence = 10; sequence < 60; sequence += 2) {
    stream.Send(Crops(sequence, {{1, 255}, {2, 0}}));
    sent.insert(sequence);
  }
  stream.stream->WritesDone();
  std::multiset<uint64_t> answered;
  for (size_t i = 0; i < sent.size(); ++i) {
    const v1::ClipScores scores = stream.Answer();
    answered.insert(scores.sequence());
    ASSERT_EQ(scores.scores_size(), 2);
    EXPECT_EQ(scores.status().outcome(), v1::OUTCOME_OK);
    EXPECT_EQ(scores.scores(0).actions_size(), kActionCount);
    EXPECT_NEAR(scores.scores(0).shoplifting(), 1.0, 0.02);
    EXPECT_NEAR(scores.scores(1).shoplifting(), 0.0, 0.02);
    EXPECT_EQ(scores.model().version(), "1");
  }
  EXPECT_EQ(answered, std::multiset<uint64_t>(sent.begin(), sent.end()));
  EXPECT_TRUE(stream.Finish().ok());
}

TEST_F(ClassifierServiceTest, ABadCropIsRejectedAndTheOthersAreScored) {
  Stream stream(channel_);
  stream.Configure();
  ASSERT_TRUE(stream.Read());
  v1::PersonCrops crops = Crops(1, {{1, 255}, {2, 255}, {3, 255}});
  std::string& jpeg = *crops.mutable_crops(1)->mutable_image()->mutable_data();
  jpeg.resize(jpeg.size() / 2);
  stream.Send(crops);
  const v1::ClipScores scores = stream.Answer();
  EXPECT_EQ(scores.status().outcome(), v1::OUTCOME_OK);
  ASSERT_EQ(scores.scores_size(), 3);
  EXPECT_EQ(scores.scores(0).status().outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(scores.scores(1).status().outcome(), v1::OUTCOME_REJECTED);
  EXPECT_FALSE(scores.scores(1).status().reason().empty());
  EXPECT_EQ(scores.scores(1).actions_size(), 0);
  EXPECT_EQ(scores.scores(2).status().outcome(), v1::OUTCOME_OK);
  stream.Send(Crops(2, {}));
  EXPECT_EQ(stream.Answer().status().outcome(), v1::OUTCOME_OK) << "the stream stays open";
}

TEST_F(ClassifierServiceTest, JointsAreSeventeenFiniteOnesOrNone) {
  Stream stream(channel_);
  stream.Configure();
  ASSERT_TRUE(stream.Read());
  v1::PersonCrops crops = Crops(1, {{1, 255}, {2, 255}, {3, 255}, {4, 255}});
  for (int i = 0; i < kJointCount; ++i) *crops.mutable_crops(1)->add_keypoints() = v1::Keypoint();
  for (int i = 0; i < 5; ++i) *crops.mutable_crops(2)->add_keypoints() = v1::Keypoint();
  *crops.mutable_crops(3)->mutable_keypoints() = crops.crops(1).keypoints();
  crops.mutable_crops(3)->mutable_keypoints(9)->set_x(std::numeric_limits<float>::quiet_NaN());
  stream.Send(crops);
  const v1::ClipScores scores = stream.Answer();
  ASSERT_EQ(scores.scores_size(), 4);
  EXPECT_EQ(scores.scores(0).status().outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(scores.scores(1).status().outcome(), v1::OUTCOME_OK);
  EXPECT_THAT(scores.scores(2).status().reason(), HasSubstr("5 keypoints; send the 17"));
  EXPECT_THAT(scores.scores(3).status().reason(), HasSubstr("keypoint 9"));
}

TEST_F(ClassifierServiceTest, TooManyCropsAreRejectedAndTheStreamStaysOpen) {
  Stream stream(channel_);
  stream.Configure();
  ASSERT_TRUE(stream.Read());
  v1::PersonCrops crops = Crops(1, {{1, 255}});
  for (uint64_t track = 2; track <= kMaxCropsPerItem + 1; ++track) {
    *crops.add_crops() = crops.crops(0);
    crops.mutable_crops(crops.crops_size() - 1)->set_track_id(track);
  }
  stream.Send(crops);
  const v1::ClipScores scores = stream.Answer();
  EXPECT_EQ(scores.status().outcome(), v1::OUTCOME_REJECTED);
  EXPECT_THAT(scores.status().reason(), HasSubstr("65 crops"));
  EXPECT_EQ(scores.scores_size(), 0);
  stream.Send(Crops(2, {{1, 0}}));
  EXPECT_EQ(stream.Answer().status().outcome(), v1::OUTCOME_OK);
}

TEST_F(ClassifierServiceTest, AnExpiredMessageIsNeverInferred) {
  Stream stream(channel_);
  stream.Configure();
  ASSERT_TRUE(stream.Read());
  const size_t batches = probe_.embed_batches().size();
  v1::PersonCrops crops = Crops(1, {{1, 255}});
  *crops.mutable_expire_time() = ToProto(absl::Now() - absl::Seconds(1));
  stream.Send(crops);
  EXPECT_EQ(stream.Answer().status().outcome(), v1::OUTCOME_EXPIRED);
  EXPECT_EQ(probe_.embed_batches().size(), batches);
}

TEST_F(ClassifierServiceTest, RefusesASecondConfiguration) {
  Stream stream(channel_);
  stream.Configure();
  ASSERT_TRUE(stream.Read());
  stream.Configure();
  const grpc::Status status = stream.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("configured already"));
}

TEST_F(ClassifierServiceTest, RefusesAModelThatItDoesNotRun) {
  Stream stream(channel_);
  stream.Configure("other");
  const grpc::Status status = stream.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("fake-classifier"));
}

TEST_F(ClassifierServiceTest, OutlivesAClientThatCancelsDuringInference) {
  probe_.Hold(true);
  {
    Stream stream(channel_);
    stream.Configure();
    ASSERT_TRUE(stream.Read());
    stream.Send(Crops(1, {{1, 255}}));
    probe_.AwaitHeldCall();
    stream.context.TryCancel();
    EXPECT_EQ(stream.Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  probe_.Hold(false);
  Stream next(channel_);
  next.Configure();
  ASSERT_TRUE(next.Read());
  next.Send(Crops(1, {{1, 255}}));
  EXPECT_EQ(next.Answer().scores_size(), 1);
}

TEST_F(ClassifierServiceTest, DrainingAnswersWhatWasTaken) {
  Stream stream(channel_);
  stream.Configure();
  ASSERT_TRUE(stream.Read());
  probe_.Hold(true);
  stream.Send(Crops(1, {{1, 255}}));
  probe_.AwaitHeldCall();
  service_->Drain();
  probe_.Hold(false);
  EXPECT_EQ(stream.Answer().sequence(), 1u);
  EXPECT_EQ(stream.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace aislewatch::classifier
