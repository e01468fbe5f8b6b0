#include "services/ingest/rpc/preview_calls.h"

#include <grpcpp/client_context.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "aislewatch/v1/ingest.grpc.pb.h"
#include "common/rpc/convert.h"
#include "common/rpc/server_host.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ingest/rpc/ingest_service.h"
#include "services/ingest/testing/fake_events.h"
#include "services/ingest/testing/fake_leases.h"
#include "services/ingest/testing/fake_stages.h"

namespace aislewatch::ingest {
namespace {

class PreviewCallsTest : public testing::Test {
 protected:
  PreviewCallsTest() { Serve(true); }
  ~PreviewCallsTest() override { End(); }

  void Serve(bool with_journal) {
    End();
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.metrics_listen = "";
    host_ = ServerHost::Create(options).value();
    IngestServiceOptions serving;
    if (with_journal) {
      serving.preview = [this](const auto& camera, const auto& request, auto& context) {
        return preview_(camera, request, context);
      };
    }
    service_ = std::make_unique<IngestService>(cameras_, registry_, std::move(serving),
                                               host_->workers(), host_->metrics());
    host_->AddService(service_.get());
    EXPECT_TRUE(host_->Start().ok());
    stub_ = v1::FrameIngestService::NewStub(host_->InProcessChannel());
  }
  void End() {
    if (host_ == nullptr) return;
    host_->Shutdown(absl::Now() + absl::Seconds(1));
    service_->Stop();
    host_ = nullptr;
  }
  // A camera that runs here, as long as it lives.
  std::unique_ptr<PushedCamera> Camera(const std::string& id) {
    CameraSettings settings;
    settings.camera_id = id;
    settings.store_id = "store";
    return cameras_.OpenPush(settings, true, nullptr).value();
  }
  grpc::Status Ask(const v1::PreviewRulesRequest& request) {
    grpc::ClientContext context;
    return stub_->PreviewRules(&context, request, &response_);
  }
  static v1::PreviewRulesRequest About(const std::string& camera) {
    v1::PreviewRulesRequest request;
    request.set_camera_id(camera);
    return request;
  }

  PreviewCalls::Preview preview_ = [](const CameraSettings& camera, const auto&, auto&) {
    v1::PreviewRulesResponse response;
    response.add_rules()->set_rule_id(camera.store_id);
    return response;
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
  v1::PreviewRulesResponse response_;
};

TEST_F(PreviewCallsTest, TriesRulesOfACameraThatRunsHere) {
  EXPECT_EQ(Ask(About("cam")).error_code(), grpc::StatusCode::NOT_FOUND);
  const auto camera = Camera("cam");
  const grpc::Status status = Ask(About("cam"));
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response_.rules(0).rule_id(), "store");
}

TEST_F(PreviewCallsTest, RefusesRulesZonesAndWindowsThatCannotBe) {
  const auto camera = Camera("cam");
  preview_ = [](const auto&, const auto&, auto&) {
    ADD_FAILURE() << "tried";
    return v1::PreviewRulesResponse();
  };
  v1::PreviewRulesRequest request = About("cam");
  request.add_rules()->set_rule_id("no kind");
  request.add_zones()->set_zone_id("no-polygon");
  grpc::Status status = Ask(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), testing::HasSubstr("no-polygon"));
  for (const int64_t seconds : {-1, 0, 24 * 3600 + 1}) {
    request = About("cam");
    request.mutable_window()->set_seconds(seconds);
    status = Ask(request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << seconds;
    EXPECT_THAT(status.error_message(), testing::HasSubstr("window"));
  }
}

TEST_F(PreviewCallsTest, SaysThatThereIsNoJournal) {
  Serve(false);
  const auto camera = Camera("cam");
  EXPECT_EQ(Ask(About("cam")).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(PreviewCallsTest, OneOfACameraAtATimeAndTwoAltogether) {
  const auto one = Camera("one");
  const auto two = Camera("two");
  const auto three = Camera("three");
  std::map<std::string, absl::Notification> began;
  began["one"];
  began["two"];
  absl::Notification go;
  preview_ = [&](const CameraSettings& camera, const auto&, auto&) {
    began.at(camera.camera_id).Notify();
    go.WaitForNotification();
    return v1::PreviewRulesResponse();
  };
  const auto ask = [this](const std::string& camera) {
    grpc::ClientContext context;
    v1::PreviewRulesResponse response;
    EXPECT_TRUE(stub_->PreviewRules(&context, About(camera), &response).ok());
  };
  std::thread first(ask, "one");
  began["one"].WaitForNotification();
  EXPECT_EQ(Ask(About("one")).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  std::thread second(ask, "two");
  began["two"].WaitForNotification();
  EXPECT_EQ(Ask(About("three")).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  go.Notify();
  first.join();
  second.join();
  preview_ = [](const auto&, const auto&, auto&) { return v1::PreviewRulesResponse(); };
  EXPECT_TRUE(Ask(About("three")).ok());
}

TEST_F(PreviewCallsTest, ACallerWhoGoesAwayEndsThePreview) {
  const auto camera = Camera("cam");
  absl::Notification began;
  absl::Notification cancelled;
  preview_ = [&](const auto&, const auto&,
                 grpc::ClientContext& context) -> absl::StatusOr<v1::PreviewRulesResponse> {
    // As a call to fusion would: it ends when its context is cancelled.
    auto stub = v1::FrameIngestService::NewStub(host_->InProcessChannel());
    began.Notify();
    v1::WatchLiveRequest watch;
    watch.set_camera_id("cam");
    auto reader = stub->WatchLive(&context, watch);
    v1::WatchLiveResponse frame;
    while (reader->Read(&frame)) {
    }
    const absl::Status status = FromGrpc(reader->Finish());
    cancelled.Notify();
    return status;
  };
  grpc::ClientContext context;
  std::thread caller([&] {
    EXPECT_EQ(stub_->PreviewRules(&context, About("cam"), &response_).error_code(),
              grpc::StatusCode::CANCELLED);
  });
  began.WaitForNotification();
  context.TryCancel();
  caller.join();
  cancelled.WaitForNotification();
}

TEST_F(PreviewCallsTest, GivesItsCallersDeadlineOn) {
  const auto camera = Camera("cam");
  absl::Time deadline;
  preview_ = [&](const auto&, const auto&, grpc::ClientContext& context) {
    deadline = absl::FromChrono(context.deadline());
    return v1::PreviewRulesResponse();
  };
  ASSERT_TRUE(Ask(About("cam")).ok());
  EXPECT_LE(deadline, absl::Now() + absl::Minutes(1)) << "also where the caller has none";
  grpc::ClientContext context;
  const absl::Time by = absl::Now() + absl::Seconds(30);
  context.set_deadline(absl::ToChronoTime(by));
  ASSERT_TRUE(stub_->PreviewRules(&context, About("cam"), &response_).ok());
  EXPECT_NEAR(absl::ToDoubleSeconds(deadline - by), 0, 1);
}

}  // namespace
}  // namespace aislewatch::ingest
