// Event storage as its clients see it: real gRPC on a real database.

#include <grpcpp/create_channel.h>

#include "absl/strings/str_cat.h"
#include "aislewatch/v1/cameras.grpc.pb.h"
#include "aislewatch/v1/events.grpc.pb.h"
#include "common/base/sha256.h"
#include "common/rpc/convert.h"
#include "common/rpc/server_host.h"
#include "gmock/gmock.h"
#include "services/events/adapters/postgres/access_store.h"
#include "services/events/adapters/postgres/camera_store.h"
#include "services/events/adapters/postgres/database_keeper.h"
#include "services/events/adapters/postgres/event_store.h"
#include "services/events/adapters/postgres/evidence_store.h"
#include "services/events/adapters/postgres/lease_store.h"
#include "services/events/rpc/camera_registry_service.h"
#include "services/events/rpc/event_storage_service.h"
#include "services/events/testing/database_test.h"
#include "services/events/testing/exports.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;

ServerOptions AnyPort() {
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.metrics_listen.clear();
  return options;
}

// One replica of event storage on a database.
struct Replica {
  explicit Replica(const std::string& conninfo)
      : host(ServerHost::Create(AnyPort()).value()),
        pool(conninfo, 4, absl::Seconds(30), host->metrics()) {
    event_rpc.EnableExports(exporter);
    host->AddService(&event_rpc);
    host->AddService(&camera_rpc);
    EXPECT_TRUE(host->Start().ok());
    DatabaseKeeper::Options options;
    options.conninfo = conninfo;
    keeper = std::make_unique<DatabaseKeeper>(options, pool, signal, evidence, host->metrics(),
                                              [this](bool) { pool.Open(); });
    channel = MakeChannel(absl::StrCat("127.0.0.1:", host->port())).value();
  }
  ~Replica() {
    event_rpc.Drain();
    host->Shutdown(absl::Now() + absl::Seconds(10));
    keeper.reset();
  }

  std::unique_ptr<ServerHost> host;
  Pool pool;
  PostgresEventStore events{pool};
  PostgresEvidenceStore evidence{pool};
  PostgresCameraStore cameras{pool};
  PostgresLeaseStore leases{pool};
  ChangeSignal signal;
  PostgresAccessStore access_store{pool};
  AccessControl access{access_store};
  AccessGate gate{access, /*require_credentials=*/false};
  BlockingCalls calls{host->workers(), host->metrics(), 64, gate};
  IncidentExporter exporter = MakeTestExporter();
  EventStorageRpc event_rpc{events, evidence, signal, calls, host->metrics()};
  CameraRegistryRpc camera_rpc{cameras, leases, calls};
  std::unique_ptr<DatabaseKeeper> keeper;
  std::shared_ptr<grpc::Channel> channel;
};

v1::IncidentTransition MakeProto(const std::string& id, uint32_t number) {
  v1::IncidentTransition transition;
  transition.set_number(number);
  transition.set_kind(number == 1 ? v1::TRANSITION_KIND_OPENED : v1::TRANSITION_KIND_UPDATED);
  transition.mutable_time()->set_seconds(1772625600 + number);
  v1::Incident& incident = *transition.mutable_incident();
  incident.set_incident_id(id);
  incident.set_camera_id("camera-1");
  incident.set_store_id("store-1");
  incident.set_kind(v1::INCIDENT_KIND_CONCEALMENT);
  incident.set_severity(v1::SEVERITY_WARNING);
  incident.set_state(v1::INCIDENT_STATE_OPEN);
  incident.mutable_opened_time()->set_seconds(1772625600);
  incident.mutable_updated_time()->set_seconds(1772625600 + number);
  incident.set_peak_risk(0.7f);
  incident.add_rule_ids("concealment");
  incident.add_degraded("classifier");
  incident.add_tracks()->set_track_id(3);
  v1::RiskPart& part = *incident.add_parts();
  part.set_name("pose_anomaly");
  part.set_value(0.1f);
  return transition;
}

class EventsRpcTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (conninfo_.empty()) return;
    replica_ = std::make_unique<Replica>(conninfo_);
    replica_->pool.Open();  // The database is migrated already.
    stub_ = v1::EventStorageService::NewStub(replica_->channel);
  }
  void TearDown() override { replica_.reset(); }

  grpc::Status Record(const std::vector<v1::IncidentTransition>& transitions) {
    grpc::ClientContext context;
    v1::RecordTransitionsRequest request;
    for (const auto& transition : transitions) *request.add_transitions() = transition;
    v1::RecordTransitionsResponse response;
    return stub_->RecordTransitions(&context, request, &response);
  }

  std::unique_ptr<Replica> replica_;
  std::unique_ptr<v1::EventStorageService::Stub> stub_;
};

TEST_F(EventsRpcTest, GivesBackTheWholeIncident) {
  const std::string id = NewUuid();
  ASSERT_TRUE(Record({MakeProto(id, 1), MakeProto(id, 2)}).ok());
  grpc::ClientContext context;
  v1::GetIncidentRequest request;
  request.set_incident_id(id);
  v1::GetIncidentResponse response;
  ASSERT_TRUE(stub_->GetIncident(&context, request, &response).ok());
  v1::Incident expected = MakeProto(id, 2).incident();
  expected.set_transition_number(2);
  expected.set_review_state(v1::REVIEW_STATE_UNREVIEWED);
  EXPECT_EQ(response.incident().ShortDebugString(), expected.ShortDebugString());
  ASSERT_EQ(response.transitions_size(), 2);
  EXPECT_EQ(response.transitions(0).incident().updated_time().seconds(), 1772625601);
}

TEST_F(EventsRpcTest, MapsErrorsAndNamesWhatIsWrong) {
  v1::IncidentTransition wrong = MakeProto("not-a-uuid", 1);
  const grpc::Status status = Record({wrong});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("not-a-uuid"));
  EXPECT_EQ(Record({}).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  grpc::ClientContext context;
  v1::GetIncidentRequest request;
  request.set_incident_id(NewUuid());
  v1::GetIncidentResponse response;
  EXPECT_EQ(stub_->GetIncident(&context, request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(EventsRpcTest, AWatchGoesOnAtAnotherReplica) {
  Replica second(conninfo_);
  second.pool.Open();
  grpc::ClientContext context;
  v1::WatchIncidentsRequest request;
  auto stream = stub_->WatchIncidents(&context, request);
  v1::WatchIncidentsResponse response;
  ASSERT_TRUE(stream->Read(&response));  // Where "from now on" begins.
  EXPECT_FALSE(response.has_transition());
  const std::string id = NewUuid();
  ASSERT_TRUE(Record({MakeProto(id, 1)}).ok());
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.transition().number(), 1u);
  // The first replica goes away; what happens meanwhile is not missed.
  replica_->event_rpc.Drain();
  v1::WatchIncidentsResponse none;
  EXPECT_FALSE(stream->Read(&none));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  ASSERT_TRUE(Record({MakeProto(id, 2)}).ok());
  request.set_cursor(response.cursor());
  grpc::ClientContext again;
  auto resumed = v1::EventStorageService::NewStub(second.channel)->WatchIncidents(&again, request);
  ASSERT_TRUE(resumed->Read(&response));
  EXPECT_EQ(response.transition().number(), 2u);
  // Written through the first replica, told by the second: LISTEN and NOTIFY.
  ASSERT_TRUE(Record({MakeProto(id, 3)}).ok());
  ASSERT_TRUE(resumed->Read(&response));
  EXPECT_EQ(response.transition().number(), 3u);
  again.TryCancel();
  resumed->Finish();
}

TEST_F(EventsRpcTest, UploadsAndDownloadsEvidence) {
  const std::string id = NewUuid();
  ASSERT_TRUE(Record({MakeProto(id, 1)}).ok());
  const std::string bytes(100'000, 'x');
  v1::UploadEvidenceRequest request;
  v1::Evidence& evidence = *request.mutable_evidence();
  evidence.set_evidence_id(NewUuid());
  evidence.set_incident_id(id);
  evidence.set_kind(v1::EVIDENCE_KIND_SNAPSHOT);
  evidence.set_media_type("image/jpeg");
  evidence.set_size_bytes(bytes.size());
  evidence.set_sha256(Sha256Hex(bytes));
  const std::string evidence_id = evidence.evidence_id();
  // The second time there is nothing left to send, and the call may end before all was.
  for (int time = 0; time < 2; ++time) {
    grpc::ClientContext context;
    v1::UploadEvidenceResponse response;
    auto writer = stub_->UploadEvidence(&context, &response);
    writer->Write(request);
    for (size_t at = 0; at < bytes.size(); at += 40'000) {
      v1::UploadEvidenceRequest chunk;
      chunk.set_chunk(bytes.substr(at, 40'000));
      if (!writer->Write(chunk)) break;
    }
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.evidence().state(), v1::EVIDENCE_STATE_READY);
  }
  grpc::ClientContext context;
  v1::DownloadEvidenceRequest download;
  download.set_evidence_id(evidence_id);
  download.set_offset(10);
  auto reader = stub_->DownloadEvidence(&context, download);
  v1::DownloadEvidenceResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.evidence().size_bytes(), bytes.size());
  std::string got;
  while (reader->Read(&response)) got += response.chunk();
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_TRUE(got == bytes.substr(10));
}

TEST_F(EventsRpcTest, HoldsAndExportsAnIncident) {
  const std::string id = NewUuid();
  ASSERT_TRUE(Record({MakeProto(id, 1)}).ok());
  {
    grpc::ClientContext context;
    v1::SetIncidentHoldRequest request;
    request.set_incident_id(id);
    request.set_hold(true);
    v1::SetIncidentHoldResponse response;
    ASSERT_TRUE(stub_->SetIncidentHold(&context, request, &response).ok());
    EXPECT_TRUE(response.incident().hold());
    EXPECT_EQ(response.incident().camera_id(), "camera-1");
  }
  const auto read = [&](const std::string& incident_id, std::string& zip) {
    grpc::ClientContext context;
    v1::ExportIncidentRequest request;
    request.set_incident_id(incident_id);
    auto reader = stub_->ExportIncident(&context, request);
    v1::ExportIncidentResponse response;
    while (reader->Read(&response)) zip += response.chunk();
    return reader->Finish();
  };
  std::string zip, none;
  ASSERT_TRUE(read(id, zip).ok());
  EXPECT_EQ(zip.substr(0, 2), "PK");
  // Stored as they are, so the documents can be read in it.
  EXPECT_THAT(zip, HasSubstr("\"hold\": true"));
  EXPECT_THAT(zip, HasSubstr("BEGIN PUBLIC KEY"));
  EXPECT_THAT(zip, testing::Not(HasSubstr("PRIVATE")));
  EXPECT_EQ(read(NewUuid(), none).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(none, "");
}

TEST_F(EventsRpcTest, RefusesBytesBeforeTheirDescription) {
  grpc::ClientContext context;
  v1::UploadEvidenceResponse response;
  auto writer = stub_->UploadEvidence(&context, &response);
  v1::UploadEvidenceRequest chunk;
  chunk.set_chunk("x");
  writer->Write(chunk);
  writer->WritesDone();
  EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(EventsRpcTest, SurvivesAnUploaderThatVanishes) {
  const std::string id = NewUuid();
  ASSERT_TRUE(Record({MakeProto(id, 1)}).ok());
  {
    grpc::ClientContext context;
    v1::UploadEvidenceResponse response;
    auto writer = stub_->UploadEvidence(&context, &response);
    v1::UploadEvidenceRequest request;
    v1::Evidence& evidence = *request.mutable_evidence();
    evidence.set_evidence_id(NewUuid());
    evidence.set_incident_id(id);
    evidence.set_kind(v1::EVIDENCE_KIND_SNAPSHOT);
    evidence.set_media_type("image/jpeg");
    evidence.set_size_bytes(10);
    evidence.set_sha256(std::string(64, '0'));
    writer->Write(request);
    context.TryCancel();
    writer->Finish();
  }
  EXPECT_TRUE(Record({MakeProto(id, 2)}).ok());
}

TEST_F(EventsRpcTest, ListsEveryFaultOfACamera) {
  const auto cameras = v1::CameraRegistryService::NewStub(replica_->channel);
  v1::CreateCameraRequest request;
  v1::Camera& camera = *request.mutable_camera();
  camera.set_camera_id("a b");
  camera.set_source_url("ftp://user:secret@host/");
  camera.add_zones()->set_zone_id("z");
  grpc::ClientContext context;
  v1::CreateCameraResponse response;
  const grpc::Status status = cameras->CreateCamera(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  for (const char* part : {"camera_id", "store_id", "source_url", "zone"}) {
    EXPECT_THAT(status.error_message(), HasSubstr(part));
  }
  EXPECT_THAT(status.error_message(), testing::Not(HasSubstr("secret")));
}

TEST_F(EventsRpcTest, KeepsTheTimeZoneOfACameraOrSaysWhatToWrite) {
  const auto cameras = v1::CameraRegistryService::NewStub(replica_->channel);
  v1::CreateCameraRequest create;
  v1::Camera& camera = *create.mutable_camera();
  camera.set_camera_id("cam-1");
  camera.set_store_id("store-1");
  camera.set_source_url("rtsp://host/live");
  v1::CreateCameraResponse created;
  for (const char* name : {"Europe/Atlantis", "Berlin time"}) {
    camera.set_time_zone(name);
    grpc::ClientContext context;
    const grpc::Status status = cameras->CreateCamera(&context, create, &created);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr(name));
    EXPECT_THAT(status.error_message(), HasSubstr("as in Europe/Berlin"));
  }
  camera.set_time_zone("America/New_York");
  {
    grpc::ClientContext context;
    const grpc::Status status = cameras->CreateCamera(&context, create, &created);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  EXPECT_EQ(created.camera().time_zone(), "America/New_York");
  grpc::ClientContext context;
  v1::ListCamerasResponse list;
  ASSERT_TRUE(cameras->ListCameras(&context, v1::ListCamerasRequest(), &list).ok());
  ASSERT_EQ(list.cameras_size(), 1);
  EXPECT_EQ(list.cameras(0).camera().time_zone(), "America/New_York");
}

TEST_F(EventsRpcTest, LeasesCamerasWithTheirPasswords) {
  const auto cameras = v1::CameraRegistryService::NewStub(replica_->channel);
  v1::CreateCameraRequest create;
  v1::Camera& camera = *create.mutable_camera();
  camera.set_camera_id("cam-1");
  camera.set_store_id("store-1");
  camera.set_source_url("rtsp://user:secret@host/live");
  camera.set_enabled(true);
  v1::CreateCameraResponse created;
  {
    grpc::ClientContext context;
    ASSERT_TRUE(cameras->CreateCamera(&context, create, &created).ok());
  }
  EXPECT_EQ(created.camera().source_url(), "rtsp://user:***@host/live");
  v1::SyncLeasesRequest sync;
  sync.set_holder("ingest-1");
  sync.set_max_cameras(10);
  sync.add_pipelines()->mutable_identity()->set_camera_id("cam-1");
  v1::SyncLeasesResponse lease;
  for (int time = 0; time < 2; ++time) {
    grpc::ClientContext context;
    const grpc::Status status = cameras->SyncLeases(&context, sync, &lease);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  ASSERT_EQ(lease.cameras_size(), 1);
  EXPECT_EQ(lease.cameras(0).source_url(), "rtsp://user:secret@host/live");
  grpc::ClientContext context;
  v1::GetCameraRequest get;
  get.set_camera_id("cam-1");
  v1::GetCameraResponse found;
  ASSERT_TRUE(cameras->GetCamera(&context, get, &found).ok());
  EXPECT_EQ(found.status().holder(), "ingest-1");
  EXPECT_EQ(found.status().pipeline().identity().camera_id(), "cam-1");
}

}  // namespace
}  // namespace aislewatch::events
