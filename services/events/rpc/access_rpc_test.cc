// Who may call what: every call of event storage, over real gRPC on a real database.

#include <google/protobuf/dynamic_message.h>
#include <grpcpp/generic/generic_stub.h>

#include <functional>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "aislewatch/v1/access.grpc.pb.h"
#include "aislewatch/v1/attention.grpc.pb.h"
#include "aislewatch/v1/cameras.grpc.pb.h"
#include "aislewatch/v1/events.grpc.pb.h"
#include "aislewatch/v1/webhooks.grpc.pb.h"
#include "common/rpc/convert.h"
#include "common/rpc/server_host.h"
#include "gmock/gmock.h"
#include "services/events/adapters/http/curl_transport.h"
#include "services/events/adapters/postgres/access_store.h"
#include "services/events/adapters/postgres/attention_store.h"
#include "services/events/adapters/postgres/audit_store.h"
#include "services/events/adapters/postgres/camera_store.h"
#include "services/events/adapters/postgres/event_store.h"
#include "services/events/adapters/postgres/evidence_store.h"
#include "services/events/adapters/postgres/lease_store.h"
#include "services/events/adapters/postgres/webhook_store.h"
#include "services/events/core/access_rights.h"
#include "services/events/rpc/access_service.h"
#include "services/events/rpc/attention_convert.h"
#include "services/events/rpc/attention_service.h"
#include "services/events/rpc/camera_registry_service.h"
#include "services/events/rpc/event_storage_service.h"
#include "services/events/rpc/webhook_service.h"
#include "services/events/testing/database_test.h"
#include "services/events/testing/exports.h"

namespace aislewatch::events {
namespace {

using google::protobuf::Message;
using ::testing::HasSubstr;

constexpr char kPassword[] = "correct horse battery";

ServerOptions LoopbackPort() {
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.metrics_listen.clear();
  return options;
}

// A replica that asks everybody who they are.
struct GuardedReplica {
  GuardedReplica(Pool& pool, Clock& clock)
      : host(ServerHost::Create(LoopbackPort()).value()),
        events(pool),
        evidence(pool),
        cameras(pool),
        leases(pool),
        webhooks(pool),
        attention(pool),
        access_store(pool),
        access(access_store, clock, PasswordCost{10, 1, 1}),
        audit_store(pool),
        audit(audit_store, host->metrics(), clock) {
    event_rpc.EnableExports(exporter);
    host->AddService(&event_rpc);
    host->AddService(&camera_rpc);
    host->AddService(&access_rpc);
    host->AddService(&webhook_rpc);
    host->AddService(&attention_rpc);
    EXPECT_TRUE(host->Start().ok());
    channel = MakeChannel(absl::StrCat("127.0.0.1:", host->port())).value();
  }
  ~GuardedReplica() {
    event_rpc.Drain();
    host->Shutdown(absl::Now() + absl::Seconds(10));
  }

  std::unique_ptr<ServerHost> host;
  PostgresEventStore events;
  PostgresEvidenceStore evidence;
  PostgresCameraStore cameras;
  PostgresLeaseStore leases;
  PostgresWebhookStore webhooks;
  PostgresAttentionStore attention;
  PostgresAccessStore access_store;
  AccessControl access;
  AccessGate gate{access, /*require_credentials=*/true};
  ChangeSignal signal;
  IncidentExporter exporter = MakeTestExporter();
  CurlTransport http{{}};
  WebhookBook book{webhooks, http, {}};
  PostgresAuditStore audit_store;
  AuditTrail audit;
  BlockingCalls calls{host->workers(), host->metrics(), 64, gate, &audit};
  EventStorageRpc event_rpc{events, evidence, signal, calls, host->metrics()};
  CameraRegistryRpc camera_rpc{cameras, leases, calls};
  AccessRpc access_rpc{access, audit, calls, calls};
  WebhookRpc webhook_rpc{book, calls};
  AttentionRpc attention_rpc{attention, calls};
  std::shared_ptr<grpc::Channel> channel;
};

// What a call is about, in store-1.
struct Objects {
  std::string incident_id;
  std::string evidence_id;
  std::string camera_id;
};

// What a caller learns who may not see store-1, though its role would do.
enum class Outside {
  kNotFound,     // In the words for what does not exist.
  kNotRecorded,  // Likewise, for evidence.
  kEmpty,        // A list without it.
  kDenied,       // PERMISSION_DENIED, whether it exists or not.
  kAlike,        // The call is not about stores.
};

struct CallRule {
  std::vector<Role> roles;  // Who may; none: everybody, without a credential.
  Outside outside;
  std::function<std::vector<std::unique_ptr<Message>>(const Objects&)> requests;
};

template <typename Request>
auto Of(std::function<void(const Objects&, Request&)> fill = nullptr) {
  return [fill](const Objects& objects) {
    auto request = std::make_unique<Request>();
    if (fill) fill(objects, *request);
    std::vector<std::unique_ptr<Message>> requests;
    requests.push_back(std::move(request));
    return requests;
  };
}

template <typename Request>
auto OfIncident() {
  return Of<Request>([](const Objects& o, Request& r) { r.set_incident_id(o.incident_id); });
}

v1::IncidentTransition TransitionOf(const std::string& incident_id, uint32_t number) {
  v1::IncidentTransition transition;
  transition.set_number(number);
  transition.set_kind(v1::TRANSITION_KIND_OPENED);
  transition.mutable_time()->set_seconds(1772625600);
  v1::Incident& incident = *transition.mutable_incident();
  incident.set_incident_id(incident_id);
  incident.set_camera_id("camera-1");
  incident.set_store_id("store-1");
  incident.set_kind(v1::INCIDENT_KIND_CONCEALMENT);
  incident.set_severity(v1::SEVERITY_WARNING);
  incident.set_state(v1::INCIDENT_STATE_OPEN);
  incident.mutable_opened_time()->set_seconds(1772625600);
  incident.mutable_updated_time()->set_seconds(1772625600);
  return transition;
}

v1::Camera CameraOf(const std::string& id, const std::string& store) {
  v1::Camera camera;
  camera.set_camera_id(id);
  camera.set_store_id(store);
  camera.set_source_url("rtsp://user:secret@host/live");
  return camera;
}

v1::ZoneVisit VisitOf(const std::string& store, const std::string& camera) {
  v1::ZoneVisit visit;
  visit.set_visit_id(NewUuid());
  visit.set_camera_id(camera);
  visit.set_store_id(store);
  visit.set_zone_id("window");
  visit.set_zone_kind(v1::ZONE_KIND_STOREFRONT);
  visit.mutable_begin_time()->set_seconds(1772625600);
  visit.mutable_end_time()->set_seconds(1772625610);
  return visit;
}

const std::map<std::string, CallRule>& Rules() {
  static const std::vector<Role> anybody = {};
  static const std::vector<Role> all = {Role::kViewer, Role::kOperator, Role::kAdmin,
                                        Role::kIngest};
  static const std::vector<Role> readers = {Role::kViewer, Role::kOperator, Role::kAdmin};
  static const std::vector<Role> operators = {Role::kOperator, Role::kAdmin};
  static const std::vector<Role> admins = {Role::kAdmin};
  static const std::vector<Role> ingest = {Role::kIngest};
  static const auto* const rules = new std::map<std::string, CallRule>{
      {"RecordTransitions",
       {ingest, Outside::kDenied,
        Of<v1::RecordTransitionsRequest>([](const Objects& o, v1::RecordTransitionsRequest& r) {
          *r.add_transitions() = TransitionOf(o.incident_id, 2);
        })}},
      {"GetIncident", {readers, Outside::kNotFound, OfIncident<v1::GetIncidentRequest>()}},
      {"ListIncidents",
       {all, Outside::kEmpty,
        Of<v1::ListIncidentsRequest>([](const Objects&, v1::ListIncidentsRequest& r) {
          r.mutable_filter()->set_state(v1::INCIDENT_STATE_OPEN);
        })}},
      // What a scope leaves out of a watch has a test of its own.
      {"WatchIncidents", {readers, Outside::kAlike, Of<v1::WatchIncidentsRequest>()}},
      {"ReviewIncident",
       {operators, Outside::kNotFound,
        Of<v1::ReviewIncidentRequest>([](const Objects& o, v1::ReviewIncidentRequest& r) {
          r.set_incident_id(o.incident_id);
          r.set_state(v1::REVIEW_STATE_CONFIRMED);
        })}},
      {"SetIncidentHold",
       {operators, Outside::kNotFound, OfIncident<v1::SetIncidentHoldRequest>()}},
      {"ExportIncident", {operators, Outside::kNotFound, OfIncident<v1::ExportIncidentRequest>()}},
      {"UploadEvidence",
       {ingest, Outside::kNotRecorded,
        Of<v1::UploadEvidenceRequest>([](const Objects& o, v1::UploadEvidenceRequest& r) {
          v1::Evidence& evidence = *r.mutable_evidence();
          evidence.set_evidence_id(o.evidence_id);
          evidence.set_incident_id(o.incident_id);
          evidence.set_kind(v1::EVIDENCE_KIND_CLIP);
          evidence.set_state(v1::EVIDENCE_STATE_PENDING);
          evidence.set_media_type("video/mp4");
        })}},
      // Whoever knows the id and the sum of evidence has it.
      {"GetUpload",
       {ingest, Outside::kAlike,
        Of<v1::GetUploadRequest>([](const Objects& o, v1::GetUploadRequest& r) {
          r.set_evidence_id(o.evidence_id);
          r.set_sha256(std::string(64, 'a'));
        })}},
      {"DownloadEvidence",
       {readers, Outside::kNotFound,
        Of<v1::DownloadEvidenceRequest>([](const Objects& o, v1::DownloadEvidenceRequest& r) {
          r.set_evidence_id(o.evidence_id);
        })}},
      {"ListEvidence", {readers, Outside::kNotFound, OfIncident<v1::ListEvidenceRequest>()}},
      {"CreateCamera",
       {admins, Outside::kDenied,
        Of<v1::CreateCameraRequest>([](const Objects& o, v1::CreateCameraRequest& r) {
          *r.mutable_camera() = CameraOf("new-" + o.camera_id, "store-1");
        })}},
      {"UpdateCamera",
       {admins, Outside::kNotFound,
        Of<v1::UpdateCameraRequest>([](const Objects& o, v1::UpdateCameraRequest& r) {
          *r.mutable_camera() = CameraOf(o.camera_id, "store-3");
        })}},
      {"DeleteCamera",
       {admins, Outside::kNotFound,
        Of<v1::DeleteCameraRequest>(
            [](const Objects& o, v1::DeleteCameraRequest& r) { r.set_camera_id(o.camera_id); })}},
      {"GetCamera",
       {all, Outside::kNotFound,
        Of<v1::GetCameraRequest>(
            [](const Objects& o, v1::GetCameraRequest& r) { r.set_camera_id(o.camera_id); })}},
      {"ListCameras", {readers, Outside::kEmpty, Of<v1::ListCamerasRequest>()}},
      {"SyncLeases",
       {ingest, Outside::kDenied,
        Of<v1::SyncLeasesRequest>(
            [](const Objects&, v1::SyncLeasesRequest& r) { r.set_holder("ingest-1"); })}},
      {"Login",
       {anybody, Outside::kAlike, Of<v1::LoginRequest>([](const Objects&, v1::LoginRequest& r) {
          r.set_name("anna");
          r.set_password(kPassword);
        })}},
      {"Logout", {anybody, Outside::kAlike, Of<v1::LogoutRequest>()}},
      {"Authenticate", {all, Outside::kAlike, Of<v1::AuthenticateRequest>()}},
      // A token has no password; has a test of its own.
      {"ChangePassword", {{}, Outside::kAlike, Of<v1::ChangePasswordRequest>()}},
      {"CreateUser", {admins, Outside::kDenied, Of<v1::CreateUserRequest>()}},
      {"UpdateUser", {admins, Outside::kDenied, Of<v1::UpdateUserRequest>()}},
      {"DeleteUser", {admins, Outside::kDenied, Of<v1::DeleteUserRequest>()}},
      {"ListUsers", {admins, Outside::kDenied, Of<v1::ListUsersRequest>()}},
      {"CreateApiToken", {admins, Outside::kDenied, Of<v1::CreateApiTokenRequest>()}},
      {"RevokeApiToken", {admins, Outside::kDenied, Of<v1::RevokeApiTokenRequest>()}},
      {"ListApiTokens", {admins, Outside::kDenied, Of<v1::ListApiTokensRequest>()}},
      {"ListAuditEntries", {admins, Outside::kDenied, Of<v1::ListAuditEntriesRequest>()}},
      {"CreateWebhook", {admins, Outside::kDenied, Of<v1::CreateWebhookRequest>()}},
      {"UpdateWebhook", {admins, Outside::kDenied, Of<v1::UpdateWebhookRequest>()}},
      {"DeleteWebhook", {admins, Outside::kDenied, Of<v1::DeleteWebhookRequest>()}},
      {"ListWebhooks", {admins, Outside::kDenied, Of<v1::ListWebhooksRequest>()}},
      {"TestWebhook", {admins, Outside::kDenied, Of<v1::TestWebhookRequest>()}},
      {"ListDeliveries", {admins, Outside::kDenied, Of<v1::ListDeliveriesRequest>()}},
      {"RecordVisits",
       {ingest, Outside::kDenied,
        Of<v1::RecordVisitsRequest>([](const Objects&, v1::RecordVisitsRequest& r) {
          *r.add_visits() = VisitOf("store-1", "camera-1");
        })}},
      {"ListAttention",
       {readers, Outside::kEmpty,
        Of<v1::ListAttentionRequest>([](const Objects&, v1::ListAttentionRequest& r) {
          r.mutable_from_time()->set_seconds(1772625600 - 3600);
        })}},
      {"RetryDelivery", {admins, Outside::kDenied, Of<v1::RetryDeliveryRequest>()}},
  };
  return *rules;
}

// Every call of every service that event storage has.
std::vector<const google::protobuf::MethodDescriptor*> Methods() {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  for (const char* name :
       {v1::EventStorageService::service_full_name(),
        v1::CameraRegistryService::service_full_name(), v1::AccessService::service_full_name(),
        v1::WebhookService::service_full_name(), v1::AttentionService::service_full_name()}) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

TEST(AccessTableTest, KnowsEveryCallOfEventStorageOnce) {
  std::map<std::string, int> seen;
  for (const auto* method : Methods()) {
    EXPECT_EQ(++seen[method->name()], 1) << method->name() << " is in two services";
    EXPECT_NE(RightFor(method->name()), Right::kNone) << method->name();
    EXPECT_EQ(Rules().count(method->name()), 1u)
        << "say here who may call " << method->name() << ", and what it tells about other stores";
  }
  EXPECT_EQ(seen.size(), Rules().size());
}

struct Answer {
  grpc::Status status;
  std::unique_ptr<Message> first;  // The first response, where there was one.
};

class AccessRpcTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (pool_ == nullptr) return;
    replica_ = std::make_unique<GuardedReplica>(*pool_, clock_);
    User anna;
    anna.name = "anna";
    anna.role = Role::kAdmin;
    ASSERT_TRUE(replica_->access.CreateUser(anna, kPassword).ok());
  }
  void TearDown() override { replica_.reset(); }

  std::string Token(Role role, Scope scope = {}) {
    ApiToken token;
    token.name = absl::StrCat(RoleName(role), " token");
    token.role = role;
    token.scope = std::move(scope);
    return replica_->access.CreateToken(token)->secret;
  }

  Objects MakeObjects() {
    Objects objects{NewUuid(), NewUuid(), absl::StrCat("camera-", NewUuid())};
    EXPECT_TRUE(replica_->events.Record({MakeTransition(objects.incident_id, 1)}).ok());
    Evidence evidence;
    evidence.evidence_id = objects.evidence_id;
    evidence.incident_id = objects.incident_id;
    evidence.kind = EvidenceKind::kClip;
    evidence.state = EvidenceState::kPending;
    evidence.media_type = "video/mp4";
    EXPECT_TRUE(replica_->evidence.DescribeEvidence(evidence).ok());
    Camera camera;
    camera.camera_id = objects.camera_id;
    camera.store_id = "store-1";
    camera.source_url = "rtsp://host/live";
    EXPECT_TRUE(replica_->cameras.Create(camera).ok());
    EXPECT_TRUE(
        replica_->attention.RecordVisits({VisitFromProto(VisitOf("store-1", "camera-1"))}).ok());
    return objects;
  }

  // Any kind of call: sends the requests, then reads to the end, or one response of a watch.
  Answer Call(const google::protobuf::MethodDescriptor& method, const Objects& objects,
              const std::string& credential) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    if (!credential.empty()) context.AddMetadata("authorization", "Bearer " + credential);
    grpc::CompletionQueue queue;
    const auto wait = [&queue] {
      void* tag = nullptr;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok;
    };
    grpc::GenericStub stub(replica_->channel);
    auto stream = stub.PrepareCall(
        &context, absl::StrCat("/", method.service()->full_name(), "/", method.name()), &queue);
    stream->StartCall(nullptr);
    wait();
    for (const auto& request : Rules().at(method.name()).requests(objects)) {
      const grpc::Slice bytes(request->SerializeAsString());
      stream->Write(grpc::ByteBuffer(&bytes, 1), nullptr);
      wait();
    }
    stream->WritesDone(nullptr);
    wait();
    Answer answer;
    grpc::ByteBuffer buffer;
    for (stream->Read(&buffer, nullptr); wait(); stream->Read(&buffer, nullptr)) {
      if (answer.first != nullptr) continue;
      std::vector<grpc::Slice> slices;
      EXPECT_TRUE(buffer.Dump(&slices).ok());
      std::string bytes;
      for (const grpc::Slice& slice : slices) bytes.append(slice.begin(), slice.end());
      answer.first.reset(google::protobuf::MessageFactory::generated_factory()
                             ->GetPrototype(method.output_type())
                             ->New());
      EXPECT_TRUE(answer.first->ParseFromString(bytes));
      if (method.name() == "WatchIncidents") context.TryCancel();  // It would not end.
    }
    stream->Finish(&answer.status, nullptr);
    wait();
    if (method.name() == "WatchIncidents" && answer.first != nullptr) answer.status = {};
    queue.Shutdown();
    while (wait()) {
    }
    return answer;
  }

  FakeClock clock_{absl::Now()};
  std::unique_ptr<GuardedReplica> replica_;
};

// Not there yet in this version of event storage; nothing is told then.
bool Missing(const Answer& answer) {
  return answer.status.error_code() == grpc::StatusCode::UNIMPLEMENTED;
}

TEST_F(AccessRpcTest, HoldsEveryCallToItsRoles) {
  std::map<Role, std::string> tokens;
  for (int role = 1; role <= kLastRole; ++role) {
    tokens[static_cast<Role>(role)] = Token(static_cast<Role>(role));
  }
  for (const auto* method : Methods()) {
    const CallRule& rule = Rules().at(method->name());
    if (rule.roles.empty()) continue;
    for (const auto& [role, token] : tokens) {
      const Answer answer = Call(*method, MakeObjects(), token);
      if (Missing(answer)) continue;
      const bool may = std::count(rule.roles.begin(), rule.roles.end(), role) > 0;
      EXPECT_EQ(answer.status.error_code() != grpc::StatusCode::PERMISSION_DENIED, may)
          << method->name() << " as " << RoleName(role) << ": " << answer.status.error_message();
      EXPECT_NE(answer.status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << method->name();
      if (!may) {
        EXPECT_EQ(answer.first, nullptr) << method->name();
      }
    }
  }
}

TEST_F(AccessRpcTest, TellsNothingOfOtherStores) {
  for (const auto* method : Methods()) {
    const CallRule& rule = Rules().at(method->name());
    if (rule.roles.empty() || rule.outside == Outside::kAlike) continue;
    const Objects objects = MakeObjects();
    const Objects nothing{NewUuid(), NewUuid(), "camera-none"};
    for (const Scope& scope :
         {Scope{{"store-2"}, {}}, Scope{{}, {"camera-2"}}, Scope{{"store-1"}, {"camera-2"}}}) {
      for (const Role role : rule.roles) {
        const std::string token = Token(role, scope);
        const Answer answer = Call(*method, objects, token);
        if (Missing(answer)) continue;
        const std::string what = absl::StrCat(method->name(), " as ", RoleName(role), ": ",
                                              answer.status.error_message());
        switch (rule.outside) {
          case Outside::kNotFound:
          case Outside::kNotRecorded: {
            EXPECT_EQ(answer.status.error_code(), rule.outside == Outside::kNotFound
                                                      ? grpc::StatusCode::NOT_FOUND
                                                      : grpc::StatusCode::FAILED_PRECONDITION)
                << what;
            const std::string expected =
                absl::StrReplaceAll(Call(*method, nothing, token).status.error_message(),
                                    {{nothing.incident_id, objects.incident_id},
                                     {nothing.evidence_id, objects.evidence_id},
                                     {nothing.camera_id, objects.camera_id}});
            EXPECT_EQ(answer.status.error_message(), expected) << what;
            break;
          }
          case Outside::kEmpty:
            ASSERT_TRUE(answer.status.ok()) << what;
            EXPECT_EQ(answer.first->ByteSizeLong(), 0u) << what;
            break;
          case Outside::kDenied:
            EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << what;
            break;
          case Outside::kAlike:
            break;
        }
        if (rule.outside != Outside::kEmpty) {
          EXPECT_EQ(answer.first, nullptr) << what;
        }
      }
    }
    // The same call shows that there was something to be hidden.
    if (rule.outside == Outside::kDenied) continue;
    const Answer seen = Call(*method, objects, Token(rule.roles.back()));
    if (Missing(seen)) continue;
    EXPECT_TRUE(seen.status.ok()) << method->name() << ": " << seen.status.error_message();
    if (rule.outside == Outside::kEmpty) {
      EXPECT_GT(seen.first->ByteSizeLong(), 0u) << method->name();
    }
  }
}

TEST_F(AccessRpcTest, AsksEverybodyForAValidCredential) {
  ApiToken brief;
  brief.name = "brief";
  brief.role = Role::kAdmin;
  brief.expire_time = clock_.Now() + absl::Seconds(10);
  const std::string expired = replica_->access.CreateToken(brief)->secret;
  brief.expire_time.reset();
  const NewToken token = replica_->access.CreateToken(brief).value();
  ASSERT_TRUE(replica_->access.Authenticate(token.secret).ok());
  ASSERT_TRUE(replica_->access.RevokeToken(token.token.token_id).ok());
  clock_.Advance(absl::Seconds(10));
  const Objects objects = MakeObjects();
  for (const auto* method : Methods()) {
    if (RightFor(method->name()) == Right::kOpen) continue;
    for (const std::string& credential :
         {std::string(), std::string("awt_wrong"), expired, token.secret}) {
      const Answer answer = Call(*method, objects, credential);
      if (Missing(answer)) continue;
      EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNAUTHENTICATED)
          << method->name() << ": " << answer.status.error_message();
      EXPECT_EQ(answer.first, nullptr) << method->name();
    }
  }
}

TEST_F(AccessRpcTest, AWatchTellsOnlyOfItsScopeAndEndsWithItsCredential) {
  ApiToken token;
  token.name = "store 2";
  token.role = Role::kViewer;
  token.scope.store_ids = {"store-2"};
  const NewToken made = replica_->access.CreateToken(token).value();
  Transition other = MakeTransition(NewUuid(), 1);
  Transition own = MakeTransition(NewUuid(), 1);
  own.incident.store_id = "store-2";
  own.incident.content =
      absl::StrCat("{\"incidentId\":\"", own.incident.incident_id, "\",\"storeId\":\"store-2\"}");
  ASSERT_TRUE(replica_->events.Record({other, own}).ok());
  const auto stub = v1::EventStorageService::NewStub(replica_->channel);
  // Asking for the other store by name is no way around.
  for (const std::string asked : {"", "store-1"}) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + made.secret);
    v1::WatchIncidentsRequest request;
    request.set_cursor("0");
    if (!asked.empty()) request.mutable_filter()->add_store_ids(asked);
    const auto watch = stub->WatchIncidents(&context, request);
    v1::WatchIncidentsResponse response;
    if (asked.empty()) {
      ASSERT_TRUE(watch->Read(&response));
      EXPECT_EQ(response.transition().incident().incident_id(), own.incident.incident_id);
      continue;  // Cancelled with its context.
    }
    ASSERT_TRUE(replica_->access.RevokeToken(made.token.token_id).ok());
    std::atomic<bool> ended = false;
    // As DatabaseKeeper does from time to time.
    std::thread waker([&] {
      while (!ended) {
        replica_->signal.Notify();
        std::this_thread::yield();
      }
    });
    EXPECT_FALSE(watch->Read(&response)) << response.ShortDebugString();
    EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
    ended = true;
    waker.join();
  }
}

TEST_F(AccessRpcTest, SignsReviewsWithTheCallersName) {
  const Objects objects = MakeObjects();
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + Token(Role::kOperator));
  v1::ReviewIncidentRequest request;
  request.set_incident_id(objects.incident_id);
  request.set_state(v1::REVIEW_STATE_CONFIRMED);
  request.set_reviewer("somebody else");
  v1::ReviewIncidentResponse response;
  const auto stub = v1::EventStorageService::NewStub(replica_->channel);
  const grpc::Status status = stub->ReviewIncident(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.review().reviewer(), "operator token");
}

TEST_F(AccessRpcTest, IngestListsOpenIncidentsOnly) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + Token(Role::kIngest));
  v1::ListIncidentsResponse response;
  const auto stub = v1::EventStorageService::NewStub(replica_->channel);
  EXPECT_EQ(stub->ListIncidents(&context, v1::ListIncidentsRequest(), &response).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(AccessRpcTest, AdminsOfAStoreKeepTheirCamerasInIt) {
  const auto stub = v1::CameraRegistryService::NewStub(replica_->channel);
  const std::string token = Token(Role::kAdmin, {{"store-1"}, {}});
  const Objects objects = MakeObjects();
  for (const std::string store : {"store-1", "store-2"}) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + token);
    v1::UpdateCameraRequest request;
    *request.mutable_camera() = CameraOf(objects.camera_id, store);
    v1::UpdateCameraResponse response;
    EXPECT_EQ(stub->UpdateCamera(&context, request, &response).error_code(),
              store == "store-1" ? grpc::StatusCode::OK : grpc::StatusCode::PERMISSION_DENIED);
  }
}

TEST_F(AccessRpcTest, LogsInAndOut) {
  const auto stub = v1::AccessService::NewStub(replica_->channel);
  v1::LoginRequest login;
  login.set_name("anna");
  login.set_password("incorrect horse");
  v1::LoginResponse session;
  {
    grpc::ClientContext context;
    EXPECT_EQ(stub->Login(&context, login, &session).error_code(),
              grpc::StatusCode::UNAUTHENTICATED);
  }
  login.set_password(kPassword);
  {
    grpc::ClientContext context;
    ASSERT_TRUE(stub->Login(&context, login, &session).ok());
  }
  EXPECT_EQ(session.principal().role(), v1::ROLE_ADMIN);
  const auto code = [&](auto method, auto request, auto response) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + session.session());
    return ((*stub).*method)(&context, request, &response).error_code();
  };
  using Stub = v1::AccessService::Stub;
  v1::ChangePasswordRequest change;
  change.set_current_password("incorrect horse");
  change.set_new_password("another password");
  EXPECT_EQ(code(&Stub::ChangePassword, change, v1::ChangePasswordResponse()),
            grpc::StatusCode::PERMISSION_DENIED);
  change.set_current_password(kPassword);
  EXPECT_EQ(code(&Stub::ChangePassword, change, v1::ChangePasswordResponse()),
            grpc::StatusCode::OK);
  EXPECT_EQ(code(&Stub::Authenticate, v1::AuthenticateRequest(), v1::AuthenticateResponse()),
            grpc::StatusCode::OK);
  for (int time = 0; time < 2; ++time) {
    EXPECT_EQ(code(&Stub::Logout, v1::LogoutRequest(), v1::LogoutResponse()), grpc::StatusCode::OK);
  }
  EXPECT_EQ(code(&Stub::Authenticate, v1::AuthenticateRequest(), v1::AuthenticateResponse()),
            grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(AccessRpcTest, WritesDownWhoDidWhat) {
  const Objects objects = MakeObjects();
  const auto method = [](const char* name) {
    for (const auto* one : Methods()) {
      if (one->name() == name) return one;
    }
    return static_cast<const google::protobuf::MethodDescriptor*>(nullptr);
  };
  const std::string admin = Token(Role::kAdmin);
  Call(*method("Login"), objects, "");
  const auto stub = v1::AccessService::NewStub(replica_->channel);
  {
    grpc::ClientContext context;
    v1::LoginRequest login;
    login.set_name("Mallory");
    login.set_password("incorrect horse");
    v1::LoginResponse session;
    stub->Login(&context, login, &session);
  }
  for (const char* name :
       {"ReviewIncident", "SetIncidentHold", "ExportIncident", "DownloadEvidence"}) {
    Call(*method(name), objects, Token(Role::kViewer));
  }
  Call(*method("ExportIncident"), objects, Token(Role::kOperator));
  Call(*method("DeleteCamera"), objects, Token(Role::kAdmin, {{"store-2"}, {}}));
  Call(*method("DeleteCamera"), objects, admin);
  // Neither reads, nor what ingest does, nor who is nobody.
  for (const char* name : {"ListIncidents", "GetIncident", "GetCamera", "ListAttention"}) {
    Call(*method(name), objects, admin);
  }
  Call(*method("RecordTransitions"), objects, Token(Role::kIngest));
  Call(*method("DeleteCamera"), objects, "awt_wrong");

  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + admin);
  v1::ListAuditEntriesResponse log;
  ASSERT_TRUE(stub->ListAuditEntries(&context, {}, &log).ok());
  std::vector<std::string> lines;
  for (auto entry = log.entries().rbegin(); entry != log.entries().rend(); ++entry) {
    EXPECT_EQ(entry->is_token(), entry->action() != "Login");
    lines.push_back(absl::StrCat(entry->principal(), ", ", v1::Role_Name(entry->role()), ": ",
                                 entry->action(), " ", entry->target(), ": ", entry->result()));
  }
  const std::string incident = "incident " + objects.incident_id;
  const std::string evidence = "evidence " + objects.evidence_id;
  const std::string camera = "camera " + objects.camera_id;
  const std::string viewer = "viewer token, ROLE_VIEWER: ";
  EXPECT_THAT(lines, ::testing::ElementsAre(
                         "anna, ROLE_ADMIN: Login user anna: OK",
                         "Mallory, ROLE_UNSPECIFIED: Login user Mallory: UNAUTHENTICATED",
                         viewer + "ReviewIncident " + incident + ": PERMISSION_DENIED",
                         viewer + "SetIncidentHold " + incident + ": PERMISSION_DENIED",
                         viewer + "ExportIncident " + incident + ": PERMISSION_DENIED",
                         viewer + "DownloadEvidence " + evidence + ": OK",
                         "operator token, ROLE_OPERATOR: ExportIncident " + incident + ": OK",
                         "admin token, ROLE_ADMIN: DeleteCamera " + camera + ": NOT_FOUND",
                         "admin token, ROLE_ADMIN: DeleteCamera " + camera + ": OK"));
}

TEST_F(AccessRpcTest, WithoutTheDatabaseLeasesAreHeldAndNothingElseIsAnswered) {
  const std::string token = Token(Role::kIngest);
  pool_->Close(absl::UnavailableError("away"));
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + token);
  v1::SyncLeasesRequest request;
  request.set_holder("ingest-1");
  v1::SyncLeasesResponse response;
  const auto cameras = v1::CameraRegistryService::NewStub(replica_->channel);
  ASSERT_TRUE(cameras->SyncLeases(&context, request, &response).ok());
  EXPECT_TRUE(response.hold());
  grpc::ClientContext other;
  other.AddMetadata("authorization", "Bearer " + token);
  v1::AuthenticateResponse who;
  const auto access = v1::AccessService::NewStub(replica_->channel);
  EXPECT_EQ(access->Authenticate(&other, v1::AuthenticateRequest(), &who).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace aislewatch::events
