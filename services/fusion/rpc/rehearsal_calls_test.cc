#include "services/fusion/rpc/rehearsal_calls.h"

#include <grpcpp/client_context.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "common/rpc/convert.h"
#include "common/rpc/server_host.h"
#include "common/scene/proto_scene.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/fusion/rpc/fusion_service.h"
#include "services/fusion/rpc/judged_convert.h"
#include "services/fusion/testing/stream_driver.h"

namespace aislewatch::fusion {
namespace {

const absl::Time kMorning = absl::FromUnixSeconds(1700000000);

// A client of RehearseRules that does as it is told.
class RawRehearsal {
 public:
  explicit RawRehearsal(v1::AnomalyFusionService::Stub& stub)
      : writer_(stub.RehearseRules(&context_, &response)) {}
  ~RawRehearsal() {
    if (!finished_) Finish();
  }

  // Returns once there is room for it.
  void AwaitAdmission() { writer_->WaitForInitialMetadata(); }
  bool Configure(const v1::RehearsalConfig& config) {
    v1::RehearseRulesRequest request;
    *request.mutable_config() = config;
    return writer_->Write(request);
  }
  bool Send(const std::vector<v1::JudgedFrame>& frames) {
    v1::RehearseRulesRequest request;
    for (const v1::JudgedFrame& frame : frames) *request.mutable_frames()->add_frames() = frame;
    return writer_->Write(request);
  }
  grpc::Status Finish() {
    finished_ = true;
    writer_->WritesDone();
    return writer_->Finish();
  }

  v1::RehearseRulesResponse response;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientWriter<v1::RehearseRulesRequest>> writer_;
  bool finished_ = false;
};

class RehearsalCallsTest : public ::testing::Test {
 protected:
  RehearsalCallsTest() {
    ServerOptions server;
    server.listen = "127.0.0.1:0";
    server.metrics_listen.clear();
    server.worker_threads = 2;
    host_ = ServerHost::Create(server).value();
    FusionServiceOptions options;
    options.rules = {MakeRule("of-the-service", IncidentKind::kConcealment)};
    options.rehearsals = {.most = 2, .max_frames = 50'000};
    service_ = std::make_unique<FusionService>(std::make_shared<FakePoseAnomalyScorer>(), options,
                                               host_->workers(), metrics_);
    host_->AddService(service_.get());
    EXPECT_TRUE(host_->Start().ok());
    stub_ = v1::AnomalyFusionService::NewStub(host_->InProcessChannel());
  }
  ~RehearsalCallsTest() override {
    host_->Shutdown(absl::Now());
    host_.reset();
  }

  static v1::RehearsalConfig Trying(const Scene& scene) {
    v1::RehearsalConfig config;
    config.mutable_identity()->set_camera_id("aisle-3");
    config.mutable_identity()->set_store_id("store-1");
    for (const Zone& zone : scene.zones) *config.add_zones() = ToProto(zone);
    for (const Rule& rule : scene.rules) *config.add_rules() = ToProto(rule);
    return config;
  }

  // Frame `index` of a camera of ten a second; nobody where `foot_x` is negative.
  static v1::JudgedFrame At(int index, float foot_x) {
    JudgedFrame frame{.capture_time = kMorning + index * absl::Milliseconds(100),
                      .frame = {640, 360}};
    if (foot_x >= 0) {
      JudgedPerson person;
      person.track_id = 1;
      person.box = {foot_x, 0.2f, 0.1f, 0.4f};
      person.foot = {foot_x, 0.6f};
      frame.people.push_back(person);
    }
    return JudgedToProto(frame);
  }

  static Scene BackRoom(absl::Duration after) {
    Rule rule = MakeRule("staff", IncidentKind::kRestrictedZone);
    rule.min_duration = after;
    return {{Rectangle("room", ZoneKind::kRestricted, 0.5f, 0, 1, 1)}, {rule}};
  }

  grpc::Status Refusal(const v1::RehearsalConfig& config,
                       const std::vector<v1::JudgedFrame>& frames = {}) {
    RawRehearsal rehearsal(*stub_);
    rehearsal.Configure(config);
    if (!frames.empty()) rehearsal.Send(frames);
    return rehearsal.Finish();
  }

  FakeMetrics metrics_;
  std::unique_ptr<FusionService> service_;
  std::unique_ptr<ServerHost> host_;
  std::unique_ptr<v1::AnomalyFusionService::Stub> stub_;
};

// What a stream tells for the journal, through messages and back, raises what the stream raised.
TEST_F(RehearsalCallsTest, WhatAStreamToldRaisesTheSameAgain) {
  grpc::ClientContext context;
  const auto stream = stub_->Fuse(&context);
  const Scene scene{{}, {MakeRule("hide", IncidentKind::kConcealment)}};
  v1::FuseRequest request;
  v1::FuseResponse answer;
  *request.mutable_config()->mutable_identity() = Trying(scene).identity();
  *request.mutable_config()->mutable_rules() = Trying(scene).rules();
  request.mutable_config()->set_tell_judged(true);
  stream->Write(request);
  ASSERT_TRUE(stream->Read(&answer));
  std::vector<v1::JudgedFrame> judged;
  std::vector<v1::Incident> closed;
  for (int i = 1; i <= 150; ++i) {
    const bool hiding = (i > 20 && i < 50) || (i > 100 && i < 110);
    v1::Observation& frame = *request.mutable_observation();
    frame.Clear();
    frame.set_sequence(static_cast<uint64_t>(i));
    *frame.mutable_capture_time() = ToProto(kMorning + i * absl::Milliseconds(100));
    frame.set_frame_width(640);
    frame.set_frame_height(360);
    const ObservedPerson person = Person(1, {0.3f, 0.5f}, 0.4f);
    v1::ObservedPerson& out = *frame.add_people();
    *out.mutable_person() = ToProto(person.tracked);
    out.mutable_clip_score()->set_track_id(1);
    out.mutable_clip_score()->mutable_status()->set_outcome(v1::OUTCOME_OK);
    out.mutable_clip_score()->set_shoplifting(hiding ? 0.93f : 0.04f);
    v1::ActionProbability& action = *out.mutable_clip_score()->add_actions();
    action.set_action(hiding ? v1::ACTION_CONCEALING_IN_BAG : v1::ACTION_NORMAL);
    action.set_probability(0.93f);
    stream->Write(request);
    ASSERT_TRUE(stream->Read(&answer));
    ASSERT_TRUE(answer.result().has_judged());
    judged.push_back(answer.result().judged());
    for (const v1::IncidentTransition& transition : answer.result().transitions()) {
      if (transition.kind() == v1::TRANSITION_KIND_CLOSED) closed.push_back(transition.incident());
    }
  }
  stream->WritesDone();
  ASSERT_TRUE(stream->Finish().ok());
  ASSERT_EQ(closed.size(), 1u) << "the second is within the cooldown";

  RawRehearsal rehearsal(*stub_);
  rehearsal.Configure(Trying(scene));
  rehearsal.Send(judged);
  const grpc::Status status = rehearsal.Finish();
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(rehearsal.response.rules_size(), 1);
  const v1::RuleRehearsal& rule = rehearsal.response.rules(0);
  EXPECT_EQ(rule.rule_id(), "hide");
  ASSERT_EQ(rule.incidents(), 1u);
  const v1::Incident& incident = rule.examples(0);
  EXPECT_EQ(incident.camera_id(), "aisle-3");
  EXPECT_EQ(incident.incident_id(), "");
  EXPECT_EQ(FromProto(incident.opened_time()), FromProto(closed[0].opened_time()));
  EXPECT_EQ(FromProto(incident.closed_time()), FromProto(closed[0].closed_time()));
  EXPECT_NEAR(incident.peak_risk(), closed[0].peak_risk(), 0.002);
}

TEST_F(RehearsalCallsTest, AStreamTellsNothingForTheJournalUnlessAsked) {
  grpc::ClientContext context;
  const auto stream = stub_->Fuse(&context);
  v1::FuseRequest request;
  v1::FuseResponse answer;
  *request.mutable_config()->mutable_identity() = Trying({}).identity();
  stream->Write(request);
  ASSERT_TRUE(stream->Read(&answer));
  request.mutable_observation()->set_sequence(1);
  *request.mutable_observation()->mutable_capture_time() = ToProto(kMorning);
  request.mutable_observation()->set_frame_width(640);
  request.mutable_observation()->set_frame_height(360);
  stream->Write(request);
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_FALSE(answer.result().has_judged());
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(RehearsalCallsTest, CountsNothingInTheServicesMetrics) {
  RawRehearsal rehearsal(*stub_);
  rehearsal.Configure(Trying(BackRoom(absl::ZeroDuration())));
  rehearsal.Send({At(0, 0.8f), At(1, 0.8f), At(2, 0.8f)});
  ASSERT_TRUE(rehearsal.Finish().ok());
  EXPECT_EQ(rehearsal.response.rules(0).incidents(), 1u);
  EXPECT_EQ(metrics_.Value("aislewatch_fusion_open_incidents"), 0);
  EXPECT_EQ(metrics_.Value("aislewatch_fusion_people_total"), 0);
}

TEST_F(RehearsalCallsTest, OneMessageStandsForALongTimeWithoutAnybody) {
  v1::JudgedFrame nobody = At(200, -1);
  nobody.set_frames(180);
  *nobody.mutable_from_time() = At(21, -1).capture_time();
  std::vector<v1::JudgedFrame> frames;
  for (int i = 0; i <= 20; ++i) frames.push_back(At(i, 0.8f));
  frames.push_back(nobody);
  RawRehearsal rehearsal(*stub_);
  rehearsal.Configure(Trying(BackRoom(absl::Seconds(1))));
  rehearsal.Send(frames);
  ASSERT_TRUE(rehearsal.Finish().ok());
  ASSERT_EQ(rehearsal.response.rules(0).incidents(), 1u);
  // Three seconds of quiet, not the moment of the message.
  EXPECT_EQ(FromProto(rehearsal.response.rules(0).examples(0).closed_time()),
            kMorning + absl::Milliseconds(5100));
}

TEST_F(RehearsalCallsTest, WithoutRulesTheServicesOwnAreTried) {
  RawRehearsal rehearsal(*stub_);
  rehearsal.Configure(Trying({}));
  ASSERT_TRUE(rehearsal.Finish().ok());
  ASSERT_EQ(rehearsal.response.rules_size(), 1);
  EXPECT_EQ(rehearsal.response.rules(0).rule_id(), "of-the-service");
}

TEST_F(RehearsalCallsTest, RefusesWhatCannotBeTriedAndNamesEveryFault) {
  v1::RehearsalConfig config = Trying(BackRoom(absl::ZeroDuration()));
  config.mutable_identity()->set_camera_id("no id");
  config.mutable_zones(0)->mutable_polygon()->DeleteSubrange(0, 2);
  config.set_max_examples(101);
  const grpc::Status status = Refusal(config);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  for (const char* part : {"identity.camera_id", "room", "max_examples"}) {
    EXPECT_THAT(status.error_message(), testing::HasSubstr(part));
  }
}

TEST_F(RehearsalCallsTest, RefusesFramesThatCannotBe) {
  const v1::RehearsalConfig config = Trying({});
  v1::JudgedFrame timeless = At(0, 0.5f);
  timeless.clear_capture_time();
  v1::JudgedFrame flat = At(0, 0.5f);
  flat.set_frame_height(0);
  v1::JudgedFrame many = At(0, -1);
  many.set_frames(std::numeric_limits<uint32_t>::max());
  *many.mutable_from_time() = ToProto(kMorning - absl::Hours(1));
  v1::JudgedFrame people_of_many = At(0, 0.5f);
  people_of_many.set_frames(2);
  *people_of_many.mutable_from_time() = ToProto(kMorning - absl::Seconds(1));
  for (const v1::JudgedFrame& frame : {timeless, flat, many, people_of_many}) {
    EXPECT_EQ(Refusal(config, {frame}).error_code(), grpc::StatusCode::INVALID_ARGUMENT)
        << frame.ShortDebugString();
  }
}

TEST_F(RehearsalCallsTest, NumbersThatAreNoneCountAsMissing) {
  v1::JudgedFrame frame = At(0, 0.8f);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  v1::JudgedTrack& track = *frame.mutable_tracks(0);
  track.set_pose_anomaly(nan);
  track.set_pose_fighting(nan);
  track.set_shoplifting(nan);
  track.add_actions(nan);
  track.mutable_box()->set_x(nan);
  track.mutable_weapon()->set_score(nan);
  const auto frames = JudgedFramesFromProto([&] {
    v1::JudgedFrames all;
    *all.add_frames() = frame;
    return all;
  }());
  ASSERT_TRUE(frames.ok());
  const JudgedPerson& person = (*frames)[0].people[0];
  EXPECT_FALSE(person.pose_anomaly || person.pair || person.clip);
  EXPECT_EQ(person.box.x, 0);
  ASSERT_TRUE(person.weapon.has_value());
  EXPECT_EQ(person.weapon->score, 0);
}

TEST_F(RehearsalCallsTest, FirstComesTheConfigurationAndOnlyOnce) {
  RawRehearsal without(*stub_);
  without.Send({At(0, 0.5f)});
  EXPECT_EQ(without.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  RawRehearsal empty(*stub_);
  EXPECT_EQ(empty.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  RawRehearsal twice(*stub_);
  twice.Configure(Trying({}));
  twice.Configure(Trying({}));
  EXPECT_EQ(twice.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(RehearsalCallsTest, PlaysNoMoreFramesThanADayHas) {
  v1::JudgedFrame nobody = At(0, -1);
  nobody.set_frames(20'000);
  *nobody.mutable_from_time() = ToProto(kMorning - absl::Hours(1));
  RawRehearsal rehearsal(*stub_);
  rehearsal.Configure(Trying({}));
  for (int i = 0; i < 3; ++i) rehearsal.Send({nobody});
  const grpc::Status status = rehearsal.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), testing::HasSubstr("50000 frames"));
}

TEST_F(RehearsalCallsTest, RefusesMoreAtOnceThanThereIsRoomFor) {
  RawRehearsal first(*stub_);
  first.AwaitAdmission();
  RawRehearsal second(*stub_);
  second.AwaitAdmission();
  EXPECT_EQ(Refusal(Trying({})).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  first.Configure(Trying({}));
  EXPECT_TRUE(first.Finish().ok());
  EXPECT_FALSE(second.Finish().ok()) << "it was never configured";
}

TEST_F(RehearsalCallsTest, DrainingEndsThoseThatRunAndThoseThatCome) {
  RawRehearsal running(*stub_);
  running.AwaitAdmission();
  service_->Drain();
  EXPECT_FALSE(running.Finish().ok());
  EXPECT_EQ(Refusal(Trying({})).error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace aislewatch::fusion
