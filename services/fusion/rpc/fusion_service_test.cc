#include "services/fusion/rpc/fusion_service.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/convert.h"
#include "common/rpc/server_host.h"
#include "common/scene/proto_scene.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/fusion/rpc/fusion_convert.h"
#include "services/fusion/testing/stream_driver.h"

namespace aislewatch::fusion {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kStart = absl::FromUnixSeconds(1700000000);
constexpr char kUuid[] = "01234567-89ab-4cde-8f01-23456789abcd";

// A client that does as it is told, right or wrong.
class RawStream {
 public:
  explicit RawStream(v1::AnomalyFusionService::Stub& stub) : stream_(stub.Fuse(&context_)) {}
  ~RawStream() {
    if (!finished_) context_.TryCancel();
  }

  void Configure(const v1::FusionStreamConfig& config) {
    v1::FuseRequest request;
    *request.mutable_config() = config;
    stream_->Write(request);
  }
  void Send(const v1::Observation& observation) {
    v1::FuseRequest request;
    *request.mutable_observation() = observation;
    stream_->Write(request);
  }
  v1::StreamAccepted ReadAccepted() {
    v1::FuseResponse response;
    EXPECT_TRUE(stream_->Read(&response));
    return response.accepted();
  }
  v1::FusionResult ReadAnswer() {
    v1::FuseResponse response;
    EXPECT_TRUE(stream_->Read(&response)) << "the stream ended instead of an answer";
    return response.result();
  }
  v1::FusionResult Ask(const v1::Observation& observation) {
    Send(observation);
    return ReadAnswer();
  }
  std::vector<v1::FusionResult> ReadToTheEnd() {
    std::vector<v1::FusionResult> answers;
    v1::FuseResponse response;
    while (stream_->Read(&response)) {
      if (response.has_result()) answers.push_back(response.result());
    }
    return answers;
  }
  /// Asks and appends what happened to `transitions`.
  void Ask(const v1::Observation& observation, std::vector<v1::IncidentTransition>& transitions) {
    const v1::FusionResult result = Ask(observation);
    transitions.insert(transitions.end(), result.transitions().begin(), result.transitions().end());
  }
  void HalfClose() { stream_->WritesDone(); }
  grpc::Status Finish() {
    finished_ = true;
    return stream_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::FuseRequest, v1::FuseResponse>> stream_;
  bool finished_ = false;
};

class FusionServiceTest : public ::testing::Test {
 protected:
  FusionServiceTest() {
    ServerOptions server;
    server.listen = "127.0.0.1:0";
    server.metrics_listen.clear();
    server.worker_threads = 2;
    host_ = ServerHost::Create(server).value();
    FusionServiceOptions options;
    options.rules = {MakeRule("hide", IncidentKind::kConcealment)};
    service_ = std::make_unique<FusionService>(std::make_shared<FakePoseAnomalyScorer>(), options,
                                               host_->workers(), metrics_, clock_);
    host_->AddService(service_.get());
    EXPECT_TRUE(host_->Start().ok());
    stub_ = v1::AnomalyFusionService::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", host_->port()), grpc::InsecureChannelCredentials()));
  }
  ~FusionServiceTest() override {
    host_->Shutdown(absl::Now());
    host_.reset();
  }

  static v1::FusionStreamConfig Config() {
    v1::FusionStreamConfig config;
    config.mutable_identity()->set_camera_id("aisle-3");
    config.mutable_identity()->set_store_id("store-1");
    return config;
  }

  // Frame number `sequence` of a camera at ten a second.
  static v1::Observation Frame(uint64_t sequence, const std::vector<ObservedPerson>& people = {}) {
    v1::Observation observation;
    observation.set_sequence(sequence);
    *observation.mutable_capture_time() =
        ToProto(kStart + absl::Milliseconds(100) * static_cast<int64_t>(sequence));
    observation.set_frame_width(640);
    observation.set_frame_height(360);
    for (const ObservedPerson& person : people) {
      v1::ObservedPerson& out = *observation.add_people();
      *out.mutable_person() = ToProto(person.tracked);
      if (!person.clip) continue;
      v1::TrackClipScore& clip = *out.mutable_clip_score();
      clip.set_track_id(person.tracked.track_id);
      clip.mutable_status()->set_outcome(v1::OUTCOME_OK);
      clip.set_shoplifting(person.clip->shoplifting);
      for (int i = 0; i < kActionCount; ++i) {
        v1::ActionProbability& action = *clip.add_actions();
        action.set_action(static_cast<v1::Action>(i + 1));
        action.set_probability(person.clip->probability[static_cast<size_t>(i)]);
      }
    }
    return observation;
  }

  std::unique_ptr<RawStream> OpenStream(const v1::FusionStreamConfig& config = Config()) {
    auto stream = std::make_unique<RawStream>(*stub_);
    stream->Configure(config);
    EXPECT_GE(stream->ReadAccepted().max_in_flight(), 1u);
    return stream;
  }

  grpc::Status Refusal(const v1::FusionStreamConfig& config) {
    RawStream stream(*stub_);
    stream.Configure(config);
    EXPECT_THAT(stream.ReadToTheEnd(), IsEmpty());
    return stream.Finish();
  }

  FakeClock clock_{kStart};
  FakeMetrics metrics_;
  std::unique_ptr<ServerHost> host_;
  std::unique_ptr<FusionService> service_;
  std::unique_ptr<v1::AnomalyFusionService::Stub> stub_;
};

TEST_F(FusionServiceTest, SaysWhichModelsItServes) {
  FakeMetrics metrics;
  FusionServiceOptions options;
  options.fighting = std::make_shared<FakeFightingScorer>();
  options.risk_model = {"fake-risk", "3"};
  const auto scorer = std::make_shared<FakePoseAnomalyScorer>();
  const FusionService service(scorer, options, host_->workers(), metrics);
  const auto served = [&](const char* role, const ModelInfo& model) {
    return metrics.Value("aislewatch_fusion_model_info",
                         {{"role", role}, {"name", model.name}, {"version", model.version}});
  };
  EXPECT_EQ(served("pose_anomaly", scorer->info()), 1);
  EXPECT_EQ(served("fighting", options.fighting->info()), 1);
  EXPECT_EQ(served("risk", options.risk_model), 1);
  EXPECT_EQ(metrics_.Value("aislewatch_fusion_model_info",
                           {{"role", "risk"}, {"name", "fake-risk"}, {"version", "3"}}),
            0);
}

TEST_F(FusionServiceTest, AnotherModelComesToServeInAnOpenStreamAndIncidentsAndDwellGoOn) {
  auto stream = OpenStream();
  int transitions = 0;
  v1::FusionResult result;
  const auto judge = [&](uint64_t sequence) {
    result = stream->Ask(Frame(sequence, {Concealing(4)}));
    transitions += result.transitions_size();
  };
  for (uint64_t i = 1; i <= 10; ++i) judge(i);
  EXPECT_TRUE(result.tracks(0).has_pose_anomaly());
  ASSERT_EQ(transitions, 1);

  service_->Serve(std::make_shared<FakePoseAnomalyScorer>("2"));
  service_->Serve(std::make_shared<FakeFightingScorer>());
  judge(11);
  EXPECT_EQ(result.model().version(), "2");
  EXPECT_FALSE(result.tracks(0).has_pose_anomaly());  // It has to see two poses first.
  EXPECT_EQ(FromProto(result.tracks(0).dwell()), absl::Seconds(1));
  for (uint64_t i = 12; i <= 14; ++i) judge(i);
  EXPECT_TRUE(result.tracks(0).has_pose_anomaly());
  EXPECT_EQ(transitions, 1) << "the incident went on";
  EXPECT_EQ(metrics_.Value(
                "aislewatch_fusion_model_info",
                {{"role", "pose_anomaly"}, {"name", "fake-anomaly"}, {"version", "1"}}),
            0);
  EXPECT_EQ(metrics_.Value(
                "aislewatch_fusion_model_info",
                {{"role", "pose_anomaly"}, {"name", "fake-anomaly"}, {"version", "2"}}),
            1);
  service_->ReleaseUnused();
}

TEST_F(FusionServiceTest, JudgesPeopleAndSaysWhy) {
  v1::FusionStreamConfig config = Config();
  *config.add_zones() = ToProto(Rectangle("shelf", ZoneKind::kShelf, 0, 0, 1, 1));
  auto stream = OpenStream(config);
  for (uint64_t i = 1; i <= 2; ++i) stream->Ask(Frame(i, {Person(4)}));
  const v1::FusionResult result =
      stream->Ask(Frame(3, {Concealing(4, 0.6f), Person(9, {0.5f, 0.5f}, 0.9f)}));
  EXPECT_EQ(result.status().outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(result.sequence(), 3u);
  EXPECT_EQ(result.model().name(), "fake-anomaly");
  ASSERT_EQ(result.tracks_size(), 2);
  const v1::TrackRisk& risk = result.tracks(0);
  EXPECT_EQ(risk.track_id(), 4u);
  EXPECT_TRUE(risk.has_pose_anomaly());
  EXPECT_FLOAT_EQ(risk.shoplifting(), 0.6f);
  EXPECT_THAT(risk.zone_ids(), ElementsAre("shelf"));
  EXPECT_EQ(FromProto(risk.dwell()), absl::Milliseconds(200));
  double sum = 0;
  for (const v1::RiskPart& part : risk.parts()) sum += part.contribution();
  EXPECT_NEAR(1 / (1 + std::exp(-sum)), risk.risk(), 1e-5);
  EXPECT_FALSE(result.tracks(1).has_pose_anomaly());
  EXPECT_FALSE(result.tracks(1).has_shoplifting());
}

TEST_F(FusionServiceTest, TellsTheWholeLifeOfAnIncident) {
  auto stream = OpenStream();
  std::vector<v1::IncidentTransition> transitions;
  for (uint64_t i = 1; i <= 60; ++i) {
    const auto people = i <= 10 ? std::vector{Concealing(4)} : std::vector<ObservedPerson>{};
    stream->Ask(Frame(i, people), transitions);
  }
  ASSERT_THAT(transitions, SizeIs(2));
  const v1::Incident& opened = transitions[0].incident();
  EXPECT_EQ(transitions[0].number(), 1u);
  EXPECT_EQ(transitions[0].kind(), v1::TRANSITION_KIND_OPENED);
  EXPECT_EQ(opened.camera_id(), "aisle-3");
  EXPECT_EQ(opened.store_id(), "store-1");
  EXPECT_EQ(opened.kind(), v1::INCIDENT_KIND_CONCEALMENT);
  EXPECT_EQ(opened.severity(), v1::SEVERITY_WARNING);
  EXPECT_EQ(opened.state(), v1::INCIDENT_STATE_OPEN);
  EXPECT_FALSE(opened.has_closed_time());
  EXPECT_THAT(opened.rule_ids(), ElementsAre("hide"));
  EXPECT_EQ(opened.tracks(0).track_id(), 4u);
  EXPECT_EQ(opened.transition_number(), 1u);
  EXPECT_EQ(transitions[1].number(), 2u);
  EXPECT_EQ(transitions[1].kind(), v1::TRANSITION_KIND_CLOSED);
  EXPECT_EQ(transitions[1].incident().incident_id(), opened.incident_id());
  EXPECT_EQ(transitions[1].incident().state(), v1::INCIDENT_STATE_CLOSED);
  EXPECT_TRUE(transitions[1].incident().has_closed_time());
}

TEST_F(FusionServiceTest, WhatTheObjectModelSawReachesTheRule) {
  v1::FusionStreamConfig config = Config();
  *config.add_rules() = ToProto(MakeRule("guns", IncidentKind::kWeapon));
  auto stream = OpenStream(config);
  std::vector<v1::IncidentTransition> transitions;
  for (uint64_t sequence = 1; sequence <= 5; ++sequence) {
    v1::Observation observation = Frame(sequence, {Person(4)});
    SeenObject knife = Seeing("knife", 0.8f, true);
    knife.track_id = 4;
    *observation.add_objects() = ToProto(knife);
    observation.add_looked_at_track_ids(4);
    stream->Send(observation);
    const v1::FusionResult answer = stream->ReadAnswer();
    transitions.insert(transitions.end(), answer.transitions().begin(), answer.transitions().end());
  }
  ASSERT_THAT(transitions, SizeIs(1));
  EXPECT_EQ(transitions[0].incident().kind(), v1::INCIDENT_KIND_WEAPON);
  EXPECT_EQ(transitions[0].incident().severity(), v1::SEVERITY_CRITICAL);
  EXPECT_EQ(transitions[0].incident().parts(1).name(), "weapon");
}

TEST_F(FusionServiceTest, ThingsThatNoModelSawAreLeftOutAndTheFrameIsJudged) {
  v1::Observation observation = Frame(1, {Person(4), Person(5)});
  observation.add_looked_at_track_ids(4);
  observation.add_looked_at_track_ids(4);
  observation.add_looked_at_track_ids(99);
  SeenObject good = Seeing("knife", 0.8f, true);
  good.track_id = 4;
  *observation.add_objects() = ToProto(good);
  v1::DetectedObject& nan = *observation.add_objects() = ToProto(good);
  nan.set_score(std::numeric_limits<float>::quiet_NaN());
  v1::DetectedObject& unnamed = *observation.add_objects() = ToProto(good);
  unnamed.clear_class_name();
  for (const uint64_t id : {5, 77}) {  // Not looked at; not there.
    v1::DetectedObject& other = *observation.add_objects() = ToProto(good);
    other.set_track_id(id);
  }
  const auto judged = ObservationFromProto(observation);
  ASSERT_TRUE(judged.ok()) << judged.status();
  ASSERT_TRUE(judged->people[0].objects.has_value());
  ASSERT_THAT(*judged->people[0].objects, SizeIs(1));
  EXPECT_EQ(judged->people[0].objects->front().name, "knife");
  EXPECT_FALSE(judged->people[1].objects.has_value());
}

TEST_F(FusionServiceTest, RefusesABadConfigurationWithEveryFault) {
  v1::FusionStreamConfig config = Config();
  config.mutable_identity()->set_camera_id("../etc");
  *config.add_zones() = ToProto(Zone{"thin", "", ZoneKind::kShelf, {{0, 0}, {1, 1}}});
  Rule guns = MakeRule("guns", IncidentKind::kWeapon);
  guns.min_risk = 2;
  *config.add_rules() = ToProto(guns);
  Rule lost = MakeRule("lost", IncidentKind::kLoitering);
  lost.zone_ids = {"nowhere"};
  *config.add_rules() = ToProto(lost);
  config.add_open_incidents()->set_state(v1::INCIDENT_STATE_OPEN);
  const grpc::Status status = Refusal(config);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  for (const char* fault :
       {"identity.camera_id \"../etc\"", "zone \"thin\": a polygon needs 3..64 corners, not 2",
        "rule \"guns\": min_risk is 2", "rule \"lost\": the camera has no zone \"nowhere\"",
        "incident_id must be a UUID", "it belongs to another camera", "transition_number",
        "kind is not known", "opened_time"}) {
    EXPECT_THAT(status.error_message(), HasSubstr(fault));
  }
}

TEST_F(FusionServiceTest, AThousandFaultsStillReachTheClient) {
  v1::FusionStreamConfig config = Config();
  for (int i = 0; i < 64; ++i) {
    config.add_zones()->set_zone_id(std::string(64, 'z'));
    config.add_rules()->set_rule_id(std::string(64, 'r'));
  }
  const grpc::Status status = Refusal(config);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr(" more"));
}

TEST_F(FusionServiceTest, RefusesAnotherModel) {
  v1::FusionStreamConfig config = Config();
  config.set_model("stg-nf");
  const grpc::Status status = Refusal(config);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("this replica serves \"fake-anomaly/1\""));
  config.set_model("fake-anomaly/1");
  OpenStream(config);
}

TEST_F(FusionServiceTest, ABadObservationIsRejectedAndTheStreamStaysOpen) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const struct {
    void (*spoil)(v1::Observation&, float);
    std::string reason;
  } kCases[] = {
      {[](auto& o, float) { o.clear_capture_time(); }, "no capture_time"},
      {[](auto& o, float) { o.mutable_capture_time()->set_seconds(1LL << 60); }, "years 1..9999"},
      {[](auto& o, float) { o.mutable_capture_time()->set_nanos(-5); }, "years 1..9999"},
      {[](auto& o, float) { o.set_frame_width(0); }, "frame_width and frame_height"},
      {[](auto& o, float) { o.set_frame_height(4294967295u); }, "frame_width and frame_height"},
      {[](auto& o, float) { o.mutable_people(0)->mutable_person()->set_track_id(0); },
       "people[0]: track_id"},
      {[](auto& o, float) {
         o.mutable_people(0)->mutable_person()->mutable_keypoints()->RemoveLast();
       },
       "keypoints"},
      {[](auto& o, float bad) { o.mutable_people(0)->mutable_person()->mutable_box()->set_x(bad); },
       "no finite number"},
      {[](auto& o, float) { o.mutable_people(0)->mutable_clip_score()->set_track_id(77); },
       "the clip score of track 77 stands beside track 4"},
      {[](auto& o, float) {
         for (int i = 0; i < 1000; ++i) *o.add_people() = o.people(0);
       },
       "at most 1000 people, not 1001"},
      {[](auto& o, float) { o.add_degraded(std::string(1000, 'x')); }, "at most 128 bytes"},
      {[](auto& o, float) {
         for (int i = 0; i < 100; ++i) o.add_models();
       },
       "at most 16 models"},
  };
  auto stream = OpenStream();
  uint64_t sequence = 0;
  for (const auto& c : kCases) {
    v1::Observation observation = Frame(++sequence, {Concealing(4)});
    c.spoil(observation, nan);
    const v1::FusionResult result = stream->Ask(observation);
    EXPECT_EQ(result.status().outcome(), v1::OUTCOME_REJECTED) << c.reason;
    EXPECT_THAT(result.status().reason(), HasSubstr(c.reason));
    EXPECT_EQ(result.sequence(), sequence);
  }
  EXPECT_EQ(stream->Ask(Frame(++sequence, {Concealing(4)})).status().outcome(), v1::OUTCOME_OK);
}

TEST_F(FusionServiceTest, ClipScoresThatWereRejectedOrAreUnknownCountAsMissing) {
  auto stream = OpenStream();
  v1::Observation observation = Frame(1, {Concealing(4), Concealing(5), Concealing(6, nanf(""))});
  v1::TrackClipScore& first = *observation.mutable_people(0)->mutable_clip_score();
  first.mutable_status()->set_outcome(v1::OUTCOME_REJECTED);
  observation.mutable_people(1)->mutable_clip_score()->add_actions()->set_action(
      static_cast<v1::Action>(99));
  const v1::FusionResult result = stream->Ask(observation);
  EXPECT_FALSE(result.tracks(0).has_shoplifting());
  EXPECT_TRUE(result.tracks(1).has_shoplifting());
  EXPECT_FALSE(result.tracks(2).has_shoplifting());
}

TEST_F(FusionServiceTest, AnExpiredObservationIsNotJudged) {
  auto stream = OpenStream();
  v1::Observation observation = Frame(1, {Concealing(4)});
  *observation.mutable_expire_time() = ToProto(kStart - absl::Seconds(1));
  EXPECT_EQ(stream->Ask(observation).status().outcome(), v1::OUTCOME_EXPIRED);
  EXPECT_EQ(metrics_.Value("aislewatch_fusion_people_total"), 0);
}

TEST_F(FusionServiceTest, ADrainedStreamsIncidentGoesOnInTheNext) {
  v1::Incident left;
  {
    auto stream = OpenStream();
    for (uint64_t i = 1; i <= 10; ++i) {
      const v1::FusionResult result = stream->Ask(Frame(i, {Concealing(4)}));
      if (result.transitions_size() > 0) left = result.transitions(0).incident();
    }
    ASSERT_EQ(left.state(), v1::INCIDENT_STATE_OPEN);
    stream->HalfClose();
    EXPECT_THAT(stream->ReadToTheEnd(), IsEmpty());
    EXPECT_TRUE(stream->Finish().ok());
  }
  v1::FusionStreamConfig config = Config();
  *config.add_open_incidents() = left;
  auto stream = OpenStream(config);
  std::vector<v1::IncidentTransition> transitions;
  for (uint64_t i = 11; i <= 60; ++i) stream->Ask(Frame(i), transitions);
  ASSERT_THAT(transitions, SizeIs(1));
  EXPECT_EQ(transitions[0].kind(), v1::TRANSITION_KIND_CLOSED);
  EXPECT_EQ(transitions[0].number(), left.transition_number() + 1);
  EXPECT_EQ(transitions[0].incident().incident_id(), left.incident_id());
  EXPECT_EQ(transitions[0].incident().opened_time().seconds(), left.opened_time().seconds());
  EXPECT_EQ(transitions[0].incident().tracks_size(), left.tracks_size());
}

TEST_F(FusionServiceTest, ClosedIncidentsAreNotAdopted) {
  v1::FusionStreamConfig config = Config();
  v1::Incident& closed = *config.add_open_incidents();
  closed.set_incident_id(kUuid);
  closed.set_state(v1::INCIDENT_STATE_CLOSED);
  auto stream = OpenStream(config);
  for (uint64_t i = 1; i <= 60; ++i) EXPECT_EQ(stream->Ask(Frame(i)).transitions_size(), 0);
}

TEST_F(FusionServiceTest, DrainEndsStreamsAfterTheirAnswers) {
  auto stream = OpenStream();
  EXPECT_EQ(stream->Ask(Frame(1)).status().outcome(), v1::OUTCOME_OK);
  service_->Drain();
  EXPECT_THAT(stream->ReadToTheEnd(), IsEmpty());
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(FusionServiceTest, DataBeforeTheConfigurationEndsTheStream) {
  RawStream stream(*stub_);
  stream.Send(Frame(1));
  EXPECT_THAT(stream.ReadToTheEnd(), IsEmpty());
  EXPECT_EQ(stream.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(FusionConvert, AVisitIsToldWithItsCameraAndStore) {
  Judgement judgement;
  Visit visit;
  visit.id = kUuid;
  visit.track_id = 4;
  visit.zone_id = "window";
  visit.zone_kind = ZoneKind::kStorefront;
  visit.begin = kStart;
  visit.end = kStart + absl::Seconds(5);
  visit.looking_time = absl::Milliseconds(1500);
  visit.looked = visit.entered = visit.looked_before_entering = true;
  visit.dwell = absl::Seconds(2);
  judgement.visits = {visit};
  judgement.people.emplace_back().looking_at_zone_ids = {"window"};
  v1::StreamIdentity identity;
  identity.set_camera_id("aisle-3");
  identity.set_store_id("store-1");
  const v1::FusionResult result = JudgementToProto(judgement, identity, {});
  EXPECT_THAT(result.tracks(0).looking_at_zone_ids(), ElementsAre("window"));
  ASSERT_THAT(result.visits(), SizeIs(1));
  const v1::ZoneVisit& told = result.visits(0);
  EXPECT_EQ(told.visit_id(), kUuid);
  EXPECT_EQ(told.camera_id(), "aisle-3");
  EXPECT_EQ(told.store_id(), "store-1");
  EXPECT_EQ(told.zone_kind(), v1::ZONE_KIND_STOREFRONT);
  EXPECT_EQ(aislewatch::FromProto(told.end_time()), visit.end);
  EXPECT_EQ(aislewatch::FromProto(told.looking_time()), visit.looking_time);
  EXPECT_EQ(aislewatch::FromProto(told.dwell()), visit.dwell);
  EXPECT_TRUE(told.looked() && told.entered() && told.looked_before_entering());
  EXPECT_EQ(told.track_id(), 4u);
}

}  // namespace
}  // namespace aislewatch::fusion
