// The adapters against real servers in this process.
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/base/trace.h"
#include "common/rpc/channel.h"
#include "common/rpc/server_host.h"
#include "common/rpc/stage_server.h"
#include "common/rpc/stages.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ingest/adapters/grpc_events.h"
#include "services/ingest/adapters/grpc_stages.h"
#include "services/ingest/adapters/proto_convert.h"
#include "services/ingest/testing/fake_events.h"

namespace aislewatch::ingest {
namespace {

using ::testing::SizeIs;

constexpr char kIncident[] = "00000000-0000-4000-8000-000000000001";

// Opens an incident with the first observation of a stream that was handed none.
class FusionServer final : public v1::AnomalyFusionService::CallbackService {
 public:
  explicit FusionServer(ServerHost& host)
      : endpoint_([this](const v1::FusionStreamConfig& config) { return Open(config); }, {},
                  host.workers(), host.metrics()) {}
  grpc::ServerBidiReactor<v1::FuseRequest, v1::FuseResponse>* Fuse(
      grpc::CallbackServerContext* context) override {
    return endpoint_.Open(context);
  }
  std::vector<v1::FusionStreamConfig> configs() {
    absl::MutexLock lock(&mutex_);
    return configs_;
  }

 private:
  class Session : public StageSession<FusionStageTraits> {
   public:
    explicit Session(bool has_incident) : has_incident_(has_incident) {}
    void Process(v1::Observation observation, Done done) override {
      v1::FusionResult result;
      for (const v1::ObservedPerson& person : observation.people()) {
        result.add_tracks()->set_track_id(person.person().track_id());
      }
      if (!std::exchange(has_incident_, true)) {
        v1::IncidentTransition& opened = *result.add_transitions();
        opened.set_number(1);
        opened.set_kind(v1::TRANSITION_KIND_OPENED);
        opened.mutable_incident()->set_incident_id(kIncident);
        opened.mutable_incident()->set_kind(v1::INCIDENT_KIND_CONCEALMENT);
      }
      done(std::move(result));
    }

   private:
    bool has_incident_;
  };

  absl::StatusOr<OpenedStage<FusionStageTraits>> Open(const v1::FusionStreamConfig& config) {
    absl::MutexLock lock(&mutex_);
    configs_.push_back(config);
    OpenedStage<FusionStageTraits> opened;
    opened.session = std::make_unique<Session>(config.open_incidents_size() > 0);
    return opened;
  }

  StageEndpoint<FusionStageTraits> endpoint_;
  absl::Mutex mutex_;
  std::vector<v1::FusionStreamConfig> configs_ ABSL_GUARDED_BY(mutex_);
};

// A server that can be killed and started again on its port.
struct FusionReplica {
  explicit FusionReplica(int port) {
    ServerOptions options;
    options.listen = absl::StrCat("127.0.0.1:", port);
    options.metrics_listen = "";
    host = ServerHost::Create(options).value();
    service = std::make_unique<FusionServer>(*host);
    host->AddService(service.get());
    EXPECT_TRUE(host->Start().ok());
  }
  ~FusionReplica() {
    host->Shutdown(absl::Now());
    host.reset();
  }
  std::unique_ptr<ServerHost> host;
  std::unique_ptr<FusionServer> service;
};

TEST(GrpcStages, ANewFusionReplicaIsHandedTheOpenIncidents) {
  TimerQueue timers;
  auto replica = std::make_unique<FusionReplica>(0);
  const int port = replica->host->port();
  const auto channel = MakeChannel(absl::StrCat("127.0.0.1:", port)).value();
  OpenIncidents incidents({});
  CameraSettings settings;
  settings.camera_id = "cam";
  settings.store_id = "store";
  v1::FusionStreamConfig judging;
  judging.add_rules()->set_rule_id("night");
  settings.judging = judging.SerializeAsString();
  GrpcStageFactory factory({channel, channel, channel}, v1::IMAGE_ENCODING_BGR8, {}, timers);
  StageSet stages = factory.Open(settings, NewTraceId(), incidents, /*lossless=*/true);

  const auto judge = [&](uint64_t sequence) {
    Observation observation;
    observation.sequence = sequence;
    observation.capture_time = absl::Now();
    observation.frame = {64, 48};
    absl::Notification answered;
    absl::StatusOr<FusionAnswer> result;
    stages.fusion->Send(observation, [&](absl::StatusOr<FusionAnswer> answer) {
      if (answer.ok()) {
        for (const Transition& t : answer->transitions) incidents.Apply(t);
      }
      result = std::move(answer);
      answered.Notify();
    });
    answered.WaitForNotification();
    return result;
  };

  const auto first = judge(1);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_THAT(first->transitions, SizeIs(1));
  EXPECT_EQ(first->transitions[0].label, "concealment");
  EXPECT_EQ(replica->service->configs()[0].rules(0).rule_id(), "night");
  EXPECT_EQ(replica->service->configs()[0].identity().camera_id(), "cam");

  replica.reset();
  replica = std::make_unique<FusionReplica>(port);
  const auto second = judge(2);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_THAT(second->transitions, SizeIs(0));  // Adopted, not opened a second time.
  const v1::FusionStreamConfig config = replica->service->configs().at(0);
  ASSERT_EQ(config.open_incidents_size(), 1);
  EXPECT_EQ(config.open_incidents(0).incident_id(), kIncident);
  EXPECT_EQ(config.open_incidents(0).transition_number(), 1u);

  stages.pose->Close();
  stages.classifier->Close();
  stages.fusion->Close();
}

TEST(ProtoConvert, WhatTheObjectModelSawIsHandedOnAsItCame) {
  v1::PoseFrame frame;
  frame.mutable_status()->set_outcome(v1::OUTCOME_OK);
  frame.mutable_object_model()->set_name("retinanet-weapons");
  frame.add_looked_at_track_ids(3);
  v1::DetectedObject& knife = *frame.add_objects();
  knife.set_class_name("knife");
  knife.set_score(std::numeric_limits<float>::quiet_NaN());
  knife.set_is_weapon(true);
  knife.set_track_id(3);
  const auto answer = FromProto(frame);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->object_model->name, "retinanet-weapons");

  Observation observation;
  observation.looks = answer->looks;
  const v1::Observation sent = ToProto(observation);
  EXPECT_THAT(sent.looked_at_track_ids(), testing::ElementsAre(3u));
  ASSERT_THAT(sent.objects(), SizeIs(1));
  EXPECT_EQ(sent.objects(0).SerializeAsString(), knife.SerializeAsString());

  Verdict verdict;
  verdict.looks = answer->looks;
  EXPECT_THAT(ToProto(verdict).objects(), SizeIs(1));
}

TEST(ProtoConvert, VisitsAreHandedOnAsTheyCame) {
  v1::FusionResult result;
  v1::ZoneVisit& visit = *result.add_visits();
  visit.set_visit_id(kIncident);
  visit.set_zone_id("window");
  visit.mutable_end_time()->set_seconds(100);
  visit.set_looked(true);
  const FusionAnswer answer = FromProto(result);
  ASSERT_THAT(answer.visits, SizeIs(1));
  EXPECT_EQ(answer.visits[0].visit_id, kIncident);
  EXPECT_EQ(answer.visits[0].end_time, absl::FromUnixSeconds(100));
  Verdict verdict;
  verdict.visits = answer.visits;
  const v1::FrameVerdict told = ToProto(verdict);
  ASSERT_THAT(told.visits(), SizeIs(1));
  EXPECT_EQ(told.visits(0).SerializeAsString(), visit.SerializeAsString());
}

TEST(ProtoConvert, WithoutAnObjectModelThereIsNone) {
  v1::PoseFrame frame;
  frame.mutable_status()->set_outcome(v1::OUTCOME_OK);
  const auto answer = FromProto(frame);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(answer->object_model.has_value());
  EXPECT_THAT(answer->looks.track_ids, SizeIs(0));
}

// Keeps what it is sent.
class EventServer final : public v1::EventStorageService::Service {
 public:
  grpc::Status RecordTransitions(grpc::ServerContext*, const v1::RecordTransitionsRequest* request,
                                 v1::RecordTransitionsResponse*) override {
    for (const v1::IncidentTransition& t : request->transitions()) recorded.push_back(t.number());
    return grpc::Status::OK;
  }
  grpc::Status UploadEvidence(grpc::ServerContext*,
                              grpc::ServerReader<v1::UploadEvidenceRequest>* reader,
                              v1::UploadEvidenceResponse*) override {
    v1::UploadEvidenceRequest request;
    while (reader->Read(&request)) {
      if (request.has_evidence()) {
        evidence = request.evidence();
        offset = request.offset();
      }
      bytes += request.chunk();
    }
    return {grpc::StatusCode::DATA_LOSS, "sha256 differs"};
  }
  grpc::Status GetUpload(grpc::ServerContext*, const v1::GetUploadRequest* request,
                         v1::GetUploadResponse* response) override {
    if (request->sha256().size() != 64) return grpc::Status::CANCELLED;
    response->set_stored_bytes(bytes.size());
    return grpc::Status::OK;
  }
  grpc::Status ListIncidents(grpc::ServerContext*, const v1::ListIncidentsRequest* request,
                             v1::ListIncidentsResponse* response) override {
    if (request->filter().state() != v1::INCIDENT_STATE_OPEN) return grpc::Status::CANCELLED;
    v1::Incident& incident = *response->add_incidents();
    incident.set_incident_id(request->page_token().empty() ? "first" : "second");
    incident.set_transition_number(7);
    if (request->page_token().empty()) response->set_next_page_token("more");
    return grpc::Status::OK;
  }

  std::vector<uint32_t> recorded;
  v1::Evidence evidence;
  uint64_t offset = 0;
  std::string bytes;
};

class AttentionServer final : public v1::AttentionService::Service {
 public:
  grpc::Status RecordVisits(grpc::ServerContext*, const v1::RecordVisitsRequest* request,
                            v1::RecordVisitsResponse* response) override {
    for (const v1::ZoneVisit& visit : request->visits()) {
      if (visit.zone_id().empty()) return {grpc::StatusCode::INVALID_ARGUMENT, "no zone"};
    }
    for (const v1::ZoneVisit& visit : request->visits()) zones.push_back(visit.zone_id());
    response->set_recorded(static_cast<uint32_t>(request->visits_size()));
    return grpc::Status::OK;
  }
  std::vector<std::string> zones;
};

std::unique_ptr<ServerHost> Serve(std::initializer_list<grpc::Service*> services) {
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.metrics_listen = "";
  auto host = ServerHost::Create(options).value();
  for (grpc::Service* service : services) host->AddService(service);
  EXPECT_TRUE(host->Start().ok());
  return host;
}

OutboxItem VisitTo(const std::string& zone) {
  v1::ZoneVisit visit;
  visit.set_zone_id(zone);
  OutboxItem item = VisitItem("visit");
  item.body = visit.SerializeAsString();
  return item;
}

TEST(GrpcEvents, RecordsVisitsInOneCall) {
  AttentionServer server;
  const auto host = Serve({&server});
  GrpcEventSink sink(MakeChannel(absl::StrCat("127.0.0.1:", host->port())).value());
  EXPECT_TRUE(sink.RecordVisits({VisitTo("window"), VisitTo("shelf")}).ok());
  EXPECT_THAT(server.zones, testing::ElementsAre("window", "shelf"));
  EXPECT_TRUE(absl::IsInvalidArgument(sink.RecordVisits({VisitTo("window"), VisitTo("")})));
  OutboxItem torn = VisitItem("torn");
  torn.body = "\xff\xff no message";
  EXPECT_TRUE(absl::IsInvalidArgument(sink.RecordVisits({torn})));
  EXPECT_THAT(server.zones, SizeIs(2));
  host->Shutdown(absl::Now());
  EXPECT_TRUE(absl::IsUnavailable(sink.RecordVisits({VisitTo("window")})));
}

TEST(GrpcEvents, AnEventStorageOfAnOlderReleaseKnowsNoVisits) {
  EventServer server;
  const auto host = Serve({&server});
  GrpcEventSink sink(MakeChannel(absl::StrCat("127.0.0.1:", host->port())).value());
  EXPECT_TRUE(absl::IsUnimplemented(sink.RecordVisits({VisitTo("window")})));
  host->Shutdown(absl::Now());
}

TEST(GrpcEvents, RecordsUploadsInPiecesAndListsAllPages) {
  EventServer server;
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.metrics_listen = "";
  auto host = ServerHost::Create(options).value();
  host->AddService(&server);
  ASSERT_TRUE(host->Start().ok());
  GrpcEventSink sink(MakeChannel(absl::StrCat("127.0.0.1:", host->port())).value());

  v1::IncidentTransition transition;
  transition.set_number(3);
  OutboxItem item = TransitionItem("inc", 3);
  item.body = transition.SerializeAsString();
  EXPECT_TRUE(sink.Record({item}).ok());
  EXPECT_THAT(server.recorded, testing::ElementsAre(3u));
  item.body = "\xff\xff no message";
  EXPECT_TRUE(absl::IsInvalidArgument(sink.Record({item})));

  const OutboxItem evidence = EvidenceItem("inc", "evidence-1", std::string(1300000, 'x'));
  EXPECT_TRUE(absl::IsDataLoss(sink.Upload(evidence)));
  EXPECT_EQ(server.bytes, evidence.body);
  EXPECT_EQ(server.evidence.size_bytes(), 1300000u);
  EXPECT_THAT(server.evidence.sha256(), SizeIs(64));
  EXPECT_EQ(server.evidence.kind(), v1::EVIDENCE_KIND_SNAPSHOT);

  // What is there already is not sent again.
  server.bytes = evidence.body.substr(0, 700000);
  EXPECT_FALSE(sink.Upload(evidence).ok());
  EXPECT_EQ(server.offset, 700000u);
  EXPECT_EQ(server.bytes, evidence.body);

  OutboxItem clip = evidence;
  clip.evidence_kind = EvidenceKind::kClip;
  clip.evidence_state = EvidenceState::kPending;
  clip.body.clear();
  server.bytes.clear();
  EXPECT_FALSE(sink.Upload(clip).ok());
  EXPECT_EQ(server.evidence.kind(), v1::EVIDENCE_KIND_CLIP);
  EXPECT_EQ(server.evidence.state(), v1::EVIDENCE_STATE_PENDING);
  EXPECT_EQ(server.evidence.media_type(), "video/mp4");
  EXPECT_EQ(server.evidence.sha256(), "");
  clip.evidence_state = EvidenceState::kFailed;
  clip.body = "no encoder";
  EXPECT_FALSE(sink.Upload(clip).ok());
  EXPECT_EQ(server.evidence.state(), v1::EVIDENCE_STATE_FAILED);
  EXPECT_EQ(server.evidence.error(), "no encoder");
  EXPECT_EQ(server.bytes, "");

  const auto open = sink.ListOpen("cam");
  ASSERT_TRUE(open.ok()) << open.status();
  ASSERT_THAT(*open, SizeIs(2));
  EXPECT_EQ((*open)[1].incident_id, "second");
  EXPECT_EQ((*open)[1].number, 7u);
  host->Shutdown(absl::Now());
  EXPECT_TRUE(absl::IsUnavailable(sink.Record({})));
}

}  // namespace
}  // namespace aislewatch::ingest
