#include "services/ingest/rpc/ingest_service.h"

#include <grpcpp/client_context.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "common/rpc/convert.h"
#include "common/rpc/server_host.h"
#include "common/vision/image_codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ingest/testing/fake_events.h"
#include "services/ingest/testing/fake_leases.h"
#include "services/ingest/testing/fake_stages.h"

namespace aislewatch::ingest {
namespace {

using ::testing::HasSubstr;

// A store system that does as it is told, right or wrong.
class RawPush {
 public:
  explicit RawPush(v1::FrameIngestService::Stub& stub) : stream_(stub.PushFrames(&context_)) {}
  ~RawPush() {
    if (!finished_) context_.TryCancel();
  }

  bool Configure(const std::string& camera, bool lossless = true) {
    v1::PushFramesRequest request;
    request.mutable_config()->mutable_identity()->set_camera_id(camera);
    request.mutable_config()->mutable_identity()->set_store_id("store");
    request.mutable_config()->set_lossless(lossless);
    return stream_->Write(request);
  }
  bool Send(const v1::PushFramesRequest& request) { return stream_->Write(request); }
  bool SendFrame(uint64_t sequence, const std::string& jpeg) {
    v1::PushFramesRequest request;
    v1::Frame& frame = *request.mutable_frame();
    frame.set_sequence(sequence);
    *frame.mutable_capture_time() = aislewatch::ToProto(absl::Now());
    frame.mutable_image()->set_encoding(v1::IMAGE_ENCODING_JPEG);
    frame.mutable_image()->set_data(jpeg);
    return stream_->Write(request);
  }
  bool ReadAccepted() {
    v1::PushFramesResponse response;
    return stream_->Read(&response) && response.has_accepted();
  }
  v1::FrameVerdict ReadVerdict() {
    v1::PushFramesResponse response;
    EXPECT_TRUE(stream_->Read(&response)) << "the stream ended instead of a verdict";
    return response.verdict();
  }
  void HalfClose() { stream_->WritesDone(); }
  grpc::Status Finish() {
    finished_ = true;
    v1::PushFramesResponse rest;
    while (stream_->Read(&rest)) {
    }
    return stream_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::PushFramesRequest, v1::PushFramesResponse>> stream_;
  bool finished_ = false;
};

class IngestServiceTest : public testing::Test {
 protected:
  IngestServiceTest() {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.metrics_listen = "";
    host_ = ServerHost::Create(options).value();
    IngestServiceOptions service;
    service.probes.most = 2;
    service.probe = [this](const std::string& url, absl::Duration timeout) {
      return probe_(url, timeout);
    };
    service_ = std::make_unique<IngestService>(cameras_, registry_, std::move(service),
                                               host_->workers(), host_->metrics());
    host_->AddService(service_.get());
    EXPECT_TRUE(host_->Start().ok());
    stub_ = v1::FrameIngestService::NewStub(host_->InProcessChannel());
  }
  ~IngestServiceTest() override {
    host_->Shutdown(absl::Now() + absl::Seconds(5));
    service_->Stop();
    host_.reset();
  }

  static std::string Jpeg() { return EncodeJpeg(cv::Mat(96, 128, CV_8UC3, {9, 99, 199})).value(); }

  ProbeCalls::Probe probe_ = [](const std::string& url, absl::Duration timeout) {
    return ProbeSource(url, timeout);
  };

  FakeMetrics metrics_;
  ThreadPool pool_{2};
  FakeStageFactory stages_;
  FakeEventSink events_;
  FakeOutbox outbox_;
  FakeLeaseClient registry_;
  CameraHost cameras_{
      PipelineHome{stages_, events_, outbox_, [] {}, pool_, metrics_, RealClock(), {}},
      [](const CameraSettings&) { return nullptr; }, SupervisorOptions{}};
  std::unique_ptr<IngestService> service_;
  std::unique_ptr<ServerHost> host_;
  std::unique_ptr<v1::FrameIngestService::Stub> stub_;
};

TEST_F(IngestServiceTest, EachFrameGetsExactlyOneVerdict) {
  RawPush push(*stub_);
  ASSERT_TRUE(push.Configure("cam"));
  ASSERT_TRUE(push.ReadAccepted());
  constexpr uint64_t kFrames = 60;
  std::thread sender([&] {
    for (uint64_t s = 1; s <= kFrames; ++s) push.SendFrame(s, Jpeg());
    push.HalfClose();
  });
  for (uint64_t s = 1; s <= kFrames; ++s) {
    const v1::FrameVerdict verdict = push.ReadVerdict();
    EXPECT_EQ(verdict.sequence(), s);
    EXPECT_EQ(verdict.status().outcome(), v1::OUTCOME_OK) << verdict.status().reason();
    ASSERT_EQ(verdict.people_size(), 1);
    EXPECT_EQ(verdict.people(0).person().keypoints_size(), 17);
  }
  sender.join();
  EXPECT_TRUE(push.Finish().ok());
}

TEST_F(IngestServiceTest, ALiveStreamAnswersEveryFrameToo) {
  RawPush push(*stub_);
  ASSERT_TRUE(push.Configure("cam", /*lossless=*/false));
  ASSERT_TRUE(push.ReadAccepted());
  constexpr int kFrames = 100;
  std::thread sender([&] {
    for (int s = 1; s <= kFrames; ++s) push.SendFrame(s, Jpeg());
    push.HalfClose();
  });
  std::set<uint64_t> answered;
  for (int i = 0; i < kFrames; ++i) {
    const v1::FrameVerdict verdict = push.ReadVerdict();
    EXPECT_NE(verdict.status().outcome(), v1::OUTCOME_UNSPECIFIED);
    answered.insert(verdict.sequence());
  }
  sender.join();
  EXPECT_EQ(answered.size(), static_cast<size_t>(kFrames));
  EXPECT_TRUE(push.Finish().ok());
}

TEST_F(IngestServiceTest, ABadImageIsRejectedAloneAndTheStreamGoesOn) {
  RawPush push(*stub_);
  ASSERT_TRUE(push.Configure("cam"));
  ASSERT_TRUE(push.ReadAccepted());
  push.SendFrame(1, Jpeg().substr(0, 200));
  push.SendFrame(2, "no picture");
  push.SendFrame(3, Jpeg());
  std::map<uint64_t, v1::FrameVerdict> verdicts;
  for (int i = 0; i < 3; ++i) {
    const v1::FrameVerdict verdict = push.ReadVerdict();
    verdicts[verdict.sequence()] = verdict;
  }
  EXPECT_EQ(verdicts[1].status().outcome(), v1::OUTCOME_REJECTED);
  EXPECT_THAT(verdicts[1].status().reason(), HasSubstr("JPEG"));
  EXPECT_EQ(verdicts[2].status().outcome(), v1::OUTCOME_REJECTED);
  EXPECT_EQ(verdicts[3].status().outcome(), v1::OUTCOME_OK);
}

TEST_F(IngestServiceTest, WhatIsNoProperStreamIsRefused) {
  {
    RawPush push(*stub_);
    push.SendFrame(1, Jpeg());
    EXPECT_EQ(push.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  }
  {
    RawPush push(*stub_);
    push.Configure("a");
    EXPECT_TRUE(push.ReadAccepted());
    push.Configure("a");
    EXPECT_EQ(push.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  }
  {
    RawPush push(*stub_);
    push.Configure("../etc");
    EXPECT_THAT(push.Finish().error_message(), HasSubstr("identity.camera_id"));
  }
  {
    RawPush push(*stub_);
    v1::PushFramesRequest request;
    request.mutable_config()->mutable_identity()->set_camera_id("b");
    request.mutable_config()->mutable_identity()->set_store_id("store");
    v1::Zone& zone = *request.mutable_config()->add_zones();
    zone.set_zone_id("shelf");
    zone.set_kind(v1::ZONE_KIND_SHELF);
    zone.add_polygon()->set_x(0.5f);
    zone.add_polygon()->set_y(0.5f);
    push.Send(request);
    const grpc::Status status = push.Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("shelf"));
  }
}

TEST_F(IngestServiceTest, ACameraHasOneStreamAtATime) {
  RawPush first(*stub_);
  ASSERT_TRUE(first.Configure("cam"));
  ASSERT_TRUE(first.ReadAccepted());
  RawPush second(*stub_);
  second.Configure("cam");
  EXPECT_EQ(second.Finish().error_code(), grpc::StatusCode::ALREADY_EXISTS);
  first.HalfClose();
  EXPECT_TRUE(first.Finish().ok());
  // The pipeline ends a moment after its stream; who comes back at once need not know that.
  RawPush third(*stub_);
  third.Configure("cam");
  EXPECT_TRUE(third.ReadAccepted());
  third.Configure("cam");
  EXPECT_EQ(third.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  RawPush fourth(*stub_);
  fourth.Configure("cam");
  EXPECT_TRUE(fourth.ReadAccepted());
}

TEST_F(IngestServiceTest, AStoreSystemThatVanishesLeavesNothingBehind) {
  {
    RawPush push(*stub_);
    ASSERT_TRUE(push.Configure("cam"));
    ASSERT_TRUE(push.ReadAccepted());
    for (uint64_t s = 1; s <= 8; ++s) push.SendFrame(s, Jpeg());
  }
  while (!cameras_.Reports().empty()) std::this_thread::yield();
}

TEST_F(IngestServiceTest, ThePipelinesSettingsComeFromTheRegistry) {
  CameraSettings known;
  known.camera_id = "cam";
  known.blur_heads = false;
  known.analysis_size = 64;
  v1::FusionStreamConfig judging;
  judging.add_rules()->set_rule_id("night");
  known.judging = judging.SerializeAsString();
  registry_.SetAnswer(LeaseAnswer{{known}, 0});
  RawPush push(*stub_);
  ASSERT_TRUE(push.Configure("cam"));
  ASSERT_TRUE(push.ReadAccepted());
  const CameraSettings used = stages_.opened().at(0);
  EXPECT_EQ(used.store_id, "store");
  EXPECT_FALSE(used.blur_heads);
  EXPECT_EQ(used.judging, known.judging);
}

TEST_F(IngestServiceTest, OnlookersSeeVerdictsAndPictures) {
  RawPush push(*stub_);
  ASSERT_TRUE(push.Configure("cam"));
  ASSERT_TRUE(push.ReadAccepted());
  grpc::ClientContext context;
  v1::WatchLiveRequest request;
  request.set_camera_id("cam");
  request.set_include_image(true);
  const auto live = stub_->WatchLive(&context, request);
  // Frames are pushed until one is seen: those from before the onlooker came are not for him.
  std::atomic<bool> seen = false;
  std::thread sender([&] {
    for (uint64_t s = 1; !seen; ++s) {
      push.SendFrame(s, Jpeg());
      push.ReadVerdict();
    }
    push.HalfClose();
  });
  v1::WatchLiveResponse response;
  const bool read = live->Read(&response);
  seen = true;
  sender.join();
  ASSERT_TRUE(read);
  EXPECT_EQ(response.verdict().people_size(), 1);
  EXPECT_EQ(DecodeJpeg(response.image().data())->cols, 128);
  EXPECT_TRUE(push.Finish().ok());
  while (live->Read(&response)) {
  }
  EXPECT_EQ(live->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);  // The camera ended.
}

// A fine pattern, and how much of it is left around a point.
cv::Mat Chequers(int width, int height) {
  cv::Mat picture(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      picture.at<cv::Vec3b>(y, x) = cv::Vec3b::all((x / 4 + y / 4) % 2 != 0 ? 235 : 20);
    }
  }
  return picture;
}
double PatternAt(const cv::Mat& picture, int cx, int cy) {
  double sum = 0;
  for (int y = cy - 6; y <= cy + 6; ++y) {
    for (int x = cx - 6; x <= cx + 6; ++x) {
      sum += std::abs(picture.at<cv::Vec3b>(y, x)[1] - picture.at<cv::Vec3b>(y, x + 4)[1]);
    }
  }
  return sum / (13 * 13);
}

TEST_F(IngestServiceTest, OnlookersSeeNoHeadsUnlessTheCameraShowsThem) {
  for (const bool blur : {true, false}) {
    CameraSettings settings;
    settings.camera_id = "cam";
    settings.blur_heads = blur;
    registry_.SetAnswer(LeaseAnswer{.cameras = {settings}});
    RawPush push(*stub_);
    ASSERT_TRUE(push.Configure("cam"));
    ASSERT_TRUE(push.ReadAccepted());
    grpc::ClientContext context;
    v1::WatchLiveRequest request;
    request.set_camera_id("cam");
    request.set_include_image(true);
    const auto live = stub_->WatchLive(&context, request);
    std::atomic<bool> seen = false;
    std::thread sender([&] {
      const std::string jpeg = EncodeJpeg(Chequers(640, 480), 95).value();
      for (uint64_t s = 1; !seen; ++s) {
        push.SendFrame(s, jpeg);
        push.ReadVerdict();
      }
      push.HalfClose();
    });
    v1::WatchLiveResponse response;
    const bool read = live->Read(&response);
    seen = true;
    sender.join();
    ASSERT_TRUE(read);
    const cv::Mat picture = DecodeJpeg(response.image().data()).value();
    // Where StandingPerson has the head, and somewhere else.
    EXPECT_EQ(PatternAt(picture, 320, 114) < 40, blur);
    EXPECT_GT(PatternAt(picture, 80, 400), 100);
    EXPECT_TRUE(push.Finish().ok());
    while (live->Read(&response)) {
    }
    live->Finish();
  }
}

TEST_F(IngestServiceTest, AProbeTellsWhatASourceGivesWithACoarsePicture) {
  probe_ = [](const std::string& url, absl::Duration) {
    EXPECT_EQ(url, "rtsp://camera/1");
    ProbeReport report;
    report.frames_read = 10;
    report.info.codec = "H264";
    report.info.size = {1280, 720};
    report.measured_fps = 12.5;
    report.picture = Chequers(1280, 720);
    return report;
  };
  grpc::ClientContext context;
  v1::ProbeSourceRequest request;
  request.set_source_url("rtsp://camera/1");
  v1::ProbeSourceResponse response;
  ASSERT_TRUE(stub_->ProbeSource(&context, request, &response).ok());
  EXPECT_EQ(response.error(), "");
  EXPECT_EQ(response.width(), 1280u);
  EXPECT_EQ(response.height(), 720u);
  EXPECT_FLOAT_EQ(response.fps(), 12.5f);
  EXPECT_EQ(response.codec(), "h264");
  const cv::Mat picture = DecodeJpeg(response.picture().data()).value();
  EXPECT_EQ(picture.cols, 640);
  for (const int x : {50, 300, 600}) EXPECT_LT(PatternAt(picture, x, 180), 40);
}

TEST_F(IngestServiceTest, AProbeThatFailsSaysWhyWithoutThePassword) {
  grpc::ClientContext context;
  v1::ProbeSourceRequest request;
  request.set_source_url("rtsp://user:s3cret@127.0.0.1:1/x");
  v1::ProbeSourceResponse response;
  ASSERT_TRUE(stub_->ProbeSource(&context, request, &response).ok());
  EXPECT_NE(response.error(), "");
  EXPECT_THAT(response.error(), testing::Not(HasSubstr("s3cret")));
  EXPECT_FALSE(response.has_picture());
  grpc::ClientContext without;
  EXPECT_EQ(stub_->ProbeSource(&without, {}, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(IngestServiceTest, OnlyAFewSourcesAreTriedAtOnce) {
  absl::BlockingCounter begun(2);
  absl::Notification go_on;
  probe_ = [&](const std::string&, absl::Duration) {
    begun.DecrementCount();
    go_on.WaitForNotification();
    return ProbeReport{};
  };
  const auto probe = [this] {
    grpc::ClientContext context;
    v1::ProbeSourceRequest request;
    request.set_source_url("rtsp://camera/1");
    v1::ProbeSourceResponse response;
    return stub_->ProbeSource(&context, request, &response);
  };
  std::thread first([&] { EXPECT_TRUE(probe().ok()); });
  std::thread second([&] { EXPECT_TRUE(probe().ok()); });
  begun.Wait();
  EXPECT_EQ(probe().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  go_on.Notify();
  first.join();
  second.join();
}

TEST_F(IngestServiceTest, AnUnknownCameraCannotBeWatched) {
  grpc::ClientContext context;
  v1::WatchLiveRequest request;
  request.set_camera_id("nowhere");
  v1::WatchLiveResponse response;
  const auto live = stub_->WatchLive(&context, request);
  EXPECT_FALSE(live->Read(&response));
  const grpc::Status status = live->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("camera registry"));
}

TEST_F(IngestServiceTest, ListsPipelinesWithTheirCounters) {
  RawPush push(*stub_);
  ASSERT_TRUE(push.Configure("cam"));
  ASSERT_TRUE(push.ReadAccepted());
  push.SendFrame(1, Jpeg());
  push.ReadVerdict();
  push.SendFrame(2, "bad");
  push.ReadVerdict();
  grpc::ClientContext context;
  v1::ListPipelinesResponse response;
  ASSERT_TRUE(stub_->ListPipelines(&context, {}, &response).ok());
  ASSERT_EQ(response.pipelines_size(), 1);
  EXPECT_EQ(response.pipelines(0).identity().camera_id(), "cam");
  EXPECT_EQ(response.pipelines(0).frames_analysed(), 1u);
  ASSERT_EQ(response.pipelines(0).frames_dropped_size(), 1);
  EXPECT_EQ(response.pipelines(0).frames_dropped(0).reason(), "bad_image");
}

}  // namespace
}  // namespace aislewatch::ingest
