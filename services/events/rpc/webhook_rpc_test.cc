// Webhooks from the call that records an incident to a receiver that we did not write in C++: the
// one of docs/webhooks.md.

#include <grpcpp/create_channel.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "aislewatch/v1/webhooks.grpc.pb.h"
#include "common/process/child_process.h"
#include "common/rpc/server_host.h"
#include "gmock/gmock.h"
#include "services/events/adapters/http/curl_transport.h"
#include "services/events/adapters/postgres/access_store.h"
#include "services/events/adapters/postgres/event_store.h"
#include "services/events/adapters/postgres/webhook_store.h"
#include "services/events/core/webhooks/webhook_dispatcher.h"
#include "services/events/rpc/webhook_convert.h"
#include "services/events/rpc/webhook_service.h"
#include "services/events/testing/database_test.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Runs the receiver of the guide with a secret.
class GuideReceiver {
 public:
  GuideReceiver(const std::string& folder, const std::string& secret, int port)
      : log_(absl::StrCat(folder, "/log-", NewUuid())) {
    const std::string guide =
        ReadAll(absl::StrCat(std::getenv("AISLEWATCH_SOURCE_DIR"), "/docs/webhooks.md"));
    const size_t begin = guide.find("```python\n") + 10;
    const std::string script = folder + "/receiver.py";
    std::ofstream(script) << guide.substr(begin, guide.find("```", begin) - begin);
    ChildProcess::Options options;
    options.argv = {"python3", script, absl::StrCat(port)};
    options.environment["AISLEWATCH_WEBHOOK_SECRET"] = secret;
    options.log_file = log_;
    process_ = ChildProcess::Spawn(options).value();
  }
  // The port, once it listens.
  int port() {
    AwaitLines(1);
    int port = 0;
    EXPECT_TRUE(absl::SimpleAtoi(Lines()[0].substr(strlen("listening on ")), &port));
    return port;
  }
  std::vector<std::string> Lines() const {
    return absl::StrSplit(ReadAll(log_), '\n', absl::SkipEmpty());
  }
  void AwaitLines(size_t count) {
    const absl::Time deadline = absl::Now() + absl::Seconds(60);
    while (Lines().size() < count && process_->running() && absl::Now() < deadline) {
      process_->Wait(absl::Milliseconds(20));  // Returns early where it ends.
    }
    ASSERT_GE(Lines().size(), count) << ReadAll(log_);
  }

 private:
  const std::string log_;
  std::unique_ptr<ChildProcess> process_;
};

class WebhookRpcTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (pool_ == nullptr) return;
    folder_ = "/tmp/aw-webhooks-XXXXXX";
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.metrics_listen.clear();
    host_ = ServerHost::Create(options).value();
    access_store_ = std::make_unique<PostgresAccessStore>(*pool_);
    access_ = std::make_unique<AccessControl>(*access_store_);
    gate_ = std::make_unique<AccessGate>(*access_, /*require_credentials=*/false);
    calls_ = std::make_unique<BlockingCalls>(host_->workers(), host_->metrics(), 64, *gate_);
    store_ = std::make_unique<PostgresWebhookStore>(*pool_);
    book_ = std::make_unique<WebhookBook>(*store_, transport_, targets_);
    rpc_ = std::make_unique<WebhookRpc>(*book_, *calls_);
    host_->AddService(rpc_.get());
    ASSERT_TRUE(host_->Start().ok());
    stub_ =
        v1::WebhookService::NewStub(MakeChannel(absl::StrCat("127.0.0.1:", host_->port())).value());
  }
  void TearDown() override {
    dispatcher_.reset();
    if (host_ != nullptr) host_->Shutdown(absl::Now() + absl::Seconds(10));
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  void StartDispatcher() {
    dispatcher_ = std::make_unique<WebhookDispatcher>(
        WebhookDispatcher::Options(), *store_, transport_, OccurrenceToJson, signal_, metrics_);
  }
  v1::CreateWebhookResponse Add(const std::string& url) {
    v1::CreateWebhookRequest request;
    request.mutable_webhook()->set_name("till");
    request.mutable_webhook()->set_url(url);
    request.mutable_webhook()->set_enabled(true);
    grpc::ClientContext context;
    v1::CreateWebhookResponse response;
    const grpc::Status status = stub_->CreateWebhook(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  v1::TestWebhookResponse Test(const std::string& webhook_id) {
    v1::TestWebhookRequest request;
    request.set_webhook_id(webhook_id);
    grpc::ClientContext context;
    v1::TestWebhookResponse response;
    EXPECT_TRUE(stub_->TestWebhook(&context, request, &response).ok());
    return response;
  }
  // The transition as its sender's proto has it.
  Transition Step(const std::string& id, uint32_t number) {
    Transition transition = MakeTransition(id, number);
    transition.incident.content =
        absl::StrCat("{\"incidentId\":\"", id, "\",\"cameraId\":\"camera-1\"}");
    return transition;
  }

  const WebhookTargets targets_{.allow_http = true, .allow_private = true};
  std::string folder_;
  CurlTransport transport_{{.targets = targets_}};
  std::unique_ptr<ServerHost> host_;
  std::unique_ptr<PostgresAccessStore> access_store_;
  std::unique_ptr<AccessControl> access_;
  std::unique_ptr<AccessGate> gate_;
  std::unique_ptr<BlockingCalls> calls_;
  std::unique_ptr<PostgresWebhookStore> store_;
  std::unique_ptr<WebhookBook> book_;
  std::unique_ptr<WebhookRpc> rpc_;
  std::unique_ptr<v1::WebhookService::Stub> stub_;
  ChangeSignal signal_;
  std::unique_ptr<WebhookDispatcher> dispatcher_;
};

TEST_F(WebhookRpcTest, TheGuidesReceiverGetsEveryStepAndReviewOnce) {
  const auto created = Add("http://127.0.0.1:1/hook");
  GuideReceiver receiver(folder_, created.secret(), 0);
  v1::UpdateWebhookRequest update;
  *update.mutable_webhook() = created.webhook();
  update.mutable_webhook()->set_url(absl::StrCat("http://127.0.0.1:", receiver.port(), "/hook"));
  grpc::ClientContext context;
  v1::UpdateWebhookResponse updated;
  ASSERT_TRUE(stub_->UpdateWebhook(&context, update, &updated).ok());
  const v1::TestWebhookResponse tested = Test(created.webhook().webhook_id());
  EXPECT_TRUE(tested.delivered()) << tested.error();
  EXPECT_EQ(tested.status(), 204u);

  PostgresEventStore events(*pool_);
  const std::string id = NewUuid();
  Transition closed = Step(id, 3);
  closed.kind = TransitionKind::kClosed;
  // Recorded while nobody sends: what a process that dies leaves behind.
  ASSERT_TRUE(events.Record({Step(id, 1), Step(id, 2)}).ok());
  StartDispatcher();
  ASSERT_TRUE(events.Record({closed}).ok());
  receiver.AwaitLines(5);
  Review review;
  review.review_id = NewUuid();
  review.incident_id = id;
  review.state = ReviewState::kConfirmed;
  review.reviewer = "ann";
  ASSERT_TRUE(events.AddReview(review).ok());
  receiver.AwaitLines(6);
  EXPECT_THAT(receiver.Lines(), testing::ElementsAre(HasSubstr("listening"), "aislewatch.test -",
                                                     "aislewatch.incident.opened " + id,
                                                     "aislewatch.incident.updated " + id,
                                                     "aislewatch.incident.closed " + id,
                                                     "aislewatch.incident.reviewed " + id));
  dispatcher_->Stop(absl::Now() + absl::Seconds(10));
  grpc::ClientContext again;
  v1::ListDeliveriesRequest list;
  list.set_webhook_id(created.webhook().webhook_id());
  list.set_state(v1::DELIVERY_STATE_DELIVERED);
  v1::ListDeliveriesResponse deliveries;
  ASSERT_TRUE(stub_->ListDeliveries(&again, list, &deliveries).ok());
  EXPECT_EQ(deliveries.deliveries_size(), 4);
  EXPECT_EQ(deliveries.deliveries(3).event_type(), "aislewatch.incident.opened");
  EXPECT_FALSE(deliveries.deliveries(0).has_next_attempt_time());
}

TEST_F(WebhookRpcTest, TheGuidesReceiverRefusesAForgery) {
  const auto created = Add("http://127.0.0.1:1/hook");
  GuideReceiver receiver(folder_, "whsec_another", 0);
  v1::UpdateWebhookRequest update;
  *update.mutable_webhook() = created.webhook();
  update.mutable_webhook()->set_url(absl::StrCat("http://127.0.0.1:", receiver.port(), "/hook"));
  grpc::ClientContext context;
  v1::UpdateWebhookResponse updated;
  ASSERT_TRUE(stub_->UpdateWebhook(&context, update, &updated).ok());
  const v1::TestWebhookResponse tested = Test(created.webhook().webhook_id());
  EXPECT_FALSE(tested.delivered());
  EXPECT_EQ(tested.status(), 401u);
  EXPECT_EQ(receiver.Lines().size(), 1u);
}

TEST_F(WebhookRpcTest, SaysWhatIsWrongAndNeverShowsASecretAgain) {
  const auto created = Add("http://127.0.0.1:1/hook");
  EXPECT_THAT(created.secret(), testing::StartsWith("whsec_"));
  grpc::ClientContext context;
  v1::ListWebhooksResponse list;
  ASSERT_TRUE(stub_->ListWebhooks(&context, {}, &list).ok());
  ASSERT_EQ(list.webhooks_size(), 1);
  EXPECT_THAT(list.ShortDebugString(), testing::Not(HasSubstr(created.secret())));
  const v1::TestWebhookResponse tested = Test(created.webhook().webhook_id());
  EXPECT_FALSE(tested.delivered());
  EXPECT_EQ(tested.status(), 0u);
  EXPECT_NE(tested.error(), "");
  grpc::ClientContext wrong;
  v1::CreateWebhookRequest request;
  request.mutable_webhook()->set_url("http://169.254.169.254/latest/meta-data");
  request.mutable_webhook()->mutable_filter()->add_kinds(static_cast<v1::IncidentKind>(99));
  v1::CreateWebhookResponse response;
  const grpc::Status status = stub_->CreateWebhook(&wrong, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  for (const char* part : {"name", "169.254.169.254", "kinds"}) {
    EXPECT_THAT(status.error_message(), HasSubstr(part));
  }
}

}  // namespace
}  // namespace aislewatch::events
