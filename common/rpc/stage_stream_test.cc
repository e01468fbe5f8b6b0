// Both sides of the stage streams, over a real connection.

#include <map>
#include <optional>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "common/base/log.h"
#include "common/base/trace.h"
#include "common/rpc/convert.h"
#include "common/rpc/server_host.h"
#include "common/rpc/stage_client.h"
#include "common/rpc/stage_server.h"
#include "common/rpc/stages.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;
using Traits = PoseStageTraits;
using Done = StageSession<Traits>::Done;

// What the stage under test does; shared by its sessions.
struct Script {
  absl::Mutex mutex;
  bool hold = false;  // Keep the answers until Release.
  std::vector<std::pair<uint64_t, Done>> held;
  std::vector<uint64_t> seen;
  int opened = 0;
  int live_sessions = 0;
  int ended_well = 0;
  int endings = 0;

  int Endings() {
    absl::MutexLock lock(&mutex);
    return endings;
  }
  void Release() {
    std::vector<std::pair<uint64_t, Done>> now;
    {
      absl::MutexLock lock(&mutex);
      hold = false;
      now.swap(held);
    }
    for (auto& [sequence, done] : now) done(v1::PoseFrame());
  }
  void AwaitSeen(size_t count) {
    const auto enough = [&] { return seen.size() >= count; };
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&enough));
  }
};

class ScriptedSession : public StageSession<Traits> {
 public:
  explicit ScriptedSession(Script& script) : script_(script) {
    absl::MutexLock lock(&script_.mutex);
    ++script_.opened;
    ++script_.live_sessions;
  }
  ~ScriptedSession() override {
    absl::MutexLock lock(&script_.mutex);
    --script_.live_sessions;
  }
  void Process(v1::Frame frame, Done done) override {
    {
      absl::MutexLock lock(&script_.mutex);
      script_.seen.push_back(frame.sequence());
      if (script_.hold) {
        script_.held.emplace_back(frame.sequence(), std::move(done));
        return;
      }
    }
    if (frame.image().data() == "bad") {
      done(absl::InvalidArgumentError("not a JPEG"));
      return;
    }
    done(v1::PoseFrame());
  }
  void Ending() override {
    absl::MutexLock lock(&script_.mutex);
    ++script_.endings;
  }
  void End() override {
    absl::MutexLock lock(&script_.mutex);
    ++script_.ended_well;
  }

 private:
  Script& script_;
};

class PoseService : public v1::PoseExtractionService::CallbackService {
 public:
  PoseService(Script& script, int max_in_flight, ServerHost& host)
      : endpoint_(
            [&script](const v1::PoseStreamConfig& config) -> absl::StatusOr<OpenedStage<Traits>> {
              if (config.model() == "unknown") return absl::NotFoundError("no model \"unknown\"");
              OpenedStage<Traits> opened;
              opened.session = std::make_unique<ScriptedSession>(script);
              opened.model.set_name("scripted");
              return opened;
            },
            {.max_in_flight = max_in_flight}, host.workers(), host.metrics()) {}
  grpc::ServerBidiReactor<v1::ExtractPosesRequest, v1::ExtractPosesResponse>* ExtractPoses(
      grpc::CallbackServerContext* context) override {
    return endpoint_.Open(context);
  }
  StageEndpoint<Traits>& endpoint() { return endpoint_; }

 private:
  StageEndpoint<Traits> endpoint_;
};

// A server that can be stopped and started again on the same port.
class Stage {
 public:
  explicit Stage(int max_in_flight = 4) : max_in_flight_(max_in_flight) { Start(0); }
  ~Stage() { Stop(); }
  void Start(int port) {
    ServerOptions options;
    options.listen = "127.0.0.1:" + std::to_string(port);
    options.metrics_listen.clear();
    options.worker_threads = 2;
    host_ = ServerHost::Create(options).value();
    service_ = std::make_unique<PoseService>(script, max_in_flight_, *host_);
    host_->AddService(service_.get());
    const absl::Status status = host_->Start();
    ASSERT_TRUE(status.ok()) << status;
    port_ = host_->port();
  }
  void Stop() {
    if (host_ == nullptr) return;
    host_->Shutdown(absl::Now());
    script.Release();
    host_.reset();
    service_.reset();
  }
  std::shared_ptr<grpc::Channel> Channel() const {
    return MakeChannel("127.0.0.1:" + std::to_string(port_)).value();
  }
  PoseService& service() { return *service_; }
  int port() const { return port_; }

  Script script;

 private:
  const int max_in_flight_;
  std::unique_ptr<ServerHost> host_;
  std::unique_ptr<PoseService> service_;
  int port_ = 0;
};

v1::Frame FrameNumber(uint64_t sequence, const std::string& data = "") {
  v1::Frame frame;
  frame.set_sequence(sequence);
  frame.mutable_image()->set_data(data);
  return frame;
}

// A raw synchronous stream, to send what our own client never would.
struct RawStream {
  explicit RawStream(const Stage& stage)
      : stub(v1::PoseExtractionService::NewStub(stage.Channel())),
        stream(stub->ExtractPoses(&context)) {}
  void Config(const std::string& model = "") {
    v1::ExtractPosesRequest request;
    request.mutable_config()->set_model(model);
    stream->Write(request);
  }
  void Send(const v1::Frame& frame) {
    v1::ExtractPosesRequest request;
    *request.mutable_frame() = frame;
    stream->Write(request);
  }
  std::optional<v1::ExtractPosesResponse> Read() {
    v1::ExtractPosesResponse response;
    if (!stream->Read(&response)) return std::nullopt;
    return response;
  }
  grpc::Status FinishAfterReadingAll() {
    while (Read()) {
    }
    return stream->Finish();
  }
  grpc::ClientContext context;
  std::unique_ptr<v1::PoseExtractionService::Stub> stub;
  std::unique_ptr<grpc::ClientReaderWriter<v1::ExtractPosesRequest, v1::ExtractPosesResponse>>
      stream;
};

TEST(StageServer, AnswersEveryItemOnceAndEndsWell) {
  Stage stage;
  RawStream raw(stage);
  raw.Config();
  EXPECT_EQ(raw.Read()->accepted().max_in_flight(), 4u);
  for (const uint64_t sequence : {3u, 4u, 9u}) raw.Send(FrameNumber(sequence));
  raw.stream->WritesDone();
  for (const uint64_t sequence : {3u, 4u, 9u}) {
    const auto answer = raw.Read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->pose_frame().sequence(), sequence);
    EXPECT_EQ(answer->pose_frame().status().outcome(), v1::OUTCOME_OK);
  }
  EXPECT_TRUE(raw.FinishAfterReadingAll().ok());
}

TEST(StageServer, ASessionHearsOfAGoodEnd) {
  Stage stage;
  RawStream raw(stage);
  raw.Config();
  raw.Send(FrameNumber(1));
  raw.stream->WritesDone();
  EXPECT_TRUE(raw.FinishAfterReadingAll().ok());
  EXPECT_EQ(stage.script.Endings(), 1);
  stage.Stop();
  EXPECT_EQ(stage.script.ended_well, 1);
  EXPECT_EQ(stage.script.Endings(), 1);
}

TEST(StageServer, AVanishedClientIsNoGoodEnd) {
  Stage stage;
  {
    RawStream raw(stage);
    raw.Config();
    ASSERT_TRUE(raw.Read());
    raw.context.TryCancel();
    EXPECT_EQ(raw.FinishAfterReadingAll().error_code(), grpc::StatusCode::CANCELLED);
  }
  stage.Stop();
  EXPECT_EQ(stage.script.ended_well, 0);
  EXPECT_EQ(stage.script.Endings(), 1);
}

TEST(StageServer, RefusesAnItemBeforeTheConfiguration) {
  Stage stage;
  RawStream raw(stage);
  raw.Send(FrameNumber(1));
  const grpc::Status status = raw.FinishAfterReadingAll();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("first message"));
}

TEST(StageServer, RefusesASecondConfigurationButAnswersWhatItTook) {
  Stage stage;
  RawStream raw(stage);
  raw.Config();
  raw.Read();
  raw.Send(FrameNumber(1));
  raw.Config();
  EXPECT_EQ(raw.Read()->pose_frame().sequence(), 1u);
  const grpc::Status status = raw.FinishAfterReadingAll();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("configured already"));
}

TEST(StageServer, RefusesASequenceThatDoesNotRise) {
  Stage stage;
  RawStream raw(stage);
  raw.Config();
  raw.Send(FrameNumber(5));
  raw.Send(FrameNumber(5));
  const grpc::Status status = raw.FinishAfterReadingAll();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("sequence 5 does not rise above 5"));
}

TEST(StageServer, PassesOnWhyAConfigurationIsRefused) {
  Stage stage;
  RawStream raw(stage);
  raw.Config("unknown");
  const grpc::Status status = raw.FinishAfterReadingAll();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("no model"));
}

TEST(StageServer, NeverInfersAnExpiredItemAndSurvivesABadOne) {
  Stage stage;
  RawStream raw(stage);
  raw.Config();
  raw.Read();
  v1::Frame old = FrameNumber(1);
  *old.mutable_expire_time() = ToProto(absl::Now() - absl::Seconds(1));
  raw.Send(old);
  raw.Send(FrameNumber(2, "bad"));
  raw.Send(FrameNumber(3));
  EXPECT_EQ(raw.Read()->pose_frame().status().outcome(), v1::OUTCOME_EXPIRED);
  const auto rejected = raw.Read();
  EXPECT_EQ(rejected->pose_frame().status().outcome(), v1::OUTCOME_REJECTED);
  EXPECT_EQ(rejected->pose_frame().status().reason(), "not a JPEG");
  EXPECT_EQ(raw.Read()->pose_frame().status().outcome(), v1::OUTCOME_OK);
  absl::MutexLock lock(&stage.script.mutex);
  EXPECT_THAT(stage.script.seen, testing::ElementsAre(2, 3));
}

TEST(StageServer, ReadsNoMoreThanItHasRoomFor) {
  Stage stage(2);
  stage.script.hold = true;
  RawStream raw(stage);
  raw.Config();
  raw.Read();
  for (uint64_t i = 1; i <= 6; ++i) raw.Send(FrameNumber(i));
  stage.script.AwaitSeen(2);
  {
    absl::MutexLock lock(&stage.script.mutex);
    EXPECT_EQ(stage.script.seen.size(), 2u);
  }
  stage.script.Release();
  std::set<uint64_t> answered;  // In the order in which the session answers, which is any.
  for (int i = 0; i < 6; ++i) answered.insert(raw.Read()->pose_frame().sequence());
  EXPECT_THAT(answered, testing::ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(StageServer, OutlivesAClientThatVanishesWithItemsPending) {
  Stage stage;
  stage.script.hold = true;
  {
    RawStream raw(stage);
    raw.Config();
    raw.Send(FrameNumber(1));
    stage.script.AwaitSeen(1);
    raw.context.TryCancel();
    raw.FinishAfterReadingAll();
  }
  stage.script.Release();
  RawStream again(stage);
  again.Config();
  again.Read();
  again.Send(FrameNumber(1));
  EXPECT_EQ(again.Read()->pose_frame().sequence(), 1u);
}

TEST(StageServer, DrainAnswersWhatItTookAndSendsTheRestElsewhere) {
  Stage stage;
  stage.script.hold = true;
  RawStream raw(stage);
  raw.Config();
  raw.Read();
  raw.Send(FrameNumber(1));
  stage.script.AwaitSeen(1);
  stage.service().endpoint().Drain();
  stage.script.Release();
  EXPECT_EQ(raw.Read()->pose_frame().sequence(), 1u);
  EXPECT_EQ(raw.FinishAfterReadingAll().error_code(), grpc::StatusCode::UNAVAILABLE);
}

struct ClientFixture {
  explicit ClientFixture(const Stage& stage, StageClientOptions options = {})
      : client(
            stage.Channel(), [] { return Config(); }, trace, options, timers) {}
  static v1::PoseStreamConfig Config() {
    v1::PoseStreamConfig config;
    config.mutable_identity()->set_camera_id("aisle-3");
    return config;
  }
  // Sends items first..last and waits for all answers.
  std::map<uint64_t, absl::StatusOr<v1::PoseFrame>> SendAll(uint64_t first, uint64_t last) {
    std::map<uint64_t, absl::StatusOr<v1::PoseFrame>> answers;
    absl::Mutex mutex;
    absl::BlockingCounter left(static_cast<int>(last - first + 1));
    for (uint64_t i = first; i <= last; ++i) {
      client.Send(FrameNumber(i), absl::InfiniteFuture(), [&, i](auto answer) {
        {
          absl::MutexLock lock(&mutex);
          EXPECT_TRUE(answers.emplace(i, std::move(answer)).second) << "answered twice";
        }
        left.DecrementCount();
      });
    }
    left.Wait();
    return answers;
  }
  TimerQueue timers;
  const std::string trace = NewTraceId();
  StageClient<Traits> client;
};

TEST(StageClient, GetsAnAnswerForEveryItem) {
  Stage stage;
  ClientFixture fixture(stage, {.max_waiting = 1000, .patience = absl::InfiniteDuration()});
  const auto answers = fixture.SendAll(1, 200);
  for (const auto& [sequence, answer] : answers) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->sequence(), sequence);
  }
}

// Whether the log has a line of the frame; text is what was written to stderr.
bool HasLine(const std::string& log, const std::string& message, const std::string& trace,
             int sequence) {
  const std::string ids = absl::StrCat("\"camera\":\"aisle-3\",\"trace\":\"", trace,
                                       "\",\"sequence\":\"", sequence, "\"");
  for (const absl::string_view line : absl::StrSplit(log, '\n')) {
    if (absl::StrContains(line, message) && absl::StrContains(line, ids)) return true;
  }
  return false;
}

TEST(StageClient, AFrameIsFoundInTheStagesLogByTraceAndSequence) {
  Stage stage;
  InitLogging("test", "debug");
  testing::internal::CaptureStderr();
  ClientFixture fixture(stage, {.patience = absl::InfiniteDuration()});
  fixture.SendAll(1, 2);
  v1::Frame late = FrameNumber(3);
  *late.mutable_expire_time() = ToProto(absl::UnixEpoch());
  absl::Notification answered;
  fixture.client.Send(std::move(late), absl::InfiniteFuture(), [&](auto) { answered.Notify(); });
  answered.WaitForNotification();
  const std::string log = testing::internal::GetCapturedStderr();
  InitLogging("test", "info");
  EXPECT_TRUE(HasLine(log, "item answered", fixture.trace, 2)) << log;
  EXPECT_TRUE(HasLine(log, "item expired", fixture.trace, 3)) << log;
}

TEST(StageClient, ClosingWithNothingLeftIsAGoodEnd) {
  Stage stage;
  {
    ClientFixture fixture(stage, {.max_waiting = 1000, .patience = absl::InfiniteDuration()});
    fixture.SendAll(1, 20);
    fixture.client.Close();
  }
  stage.Stop();
  EXPECT_EQ(stage.script.ended_well, 1);
}

TEST(StageClient, SendsUnansweredItemsAgainAfterTheStageDied) {
  Stage stage;
  ClientFixture fixture(stage, {.patience = absl::InfiniteDuration()});
  stage.script.hold = true;
  std::thread sender([&] {
    for (const auto& [sequence, answer] : fixture.SendAll(1, 10)) {
      EXPECT_TRUE(answer.ok()) << sequence << ": " << answer.status();
    }
  });
  stage.script.AwaitSeen(4);
  const int port = stage.port();
  stage.Stop();
  stage.Start(port);
  sender.join();
  EXPECT_EQ(stage.script.opened, 2);
}

TEST(StageClient, GoesOnWithoutAStageThatIsAway) {
  Stage stage;
  stage.Stop();
  ClientFixture fixture(stage, {.patience = absl::Milliseconds(1)});
  for (const auto& [sequence, answer] : fixture.SendAll(1, 5)) {
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(answer.status().message()), HasSubstr("pose is away"));
  }
  EXPECT_FALSE(fixture.client.available());
}

TEST(StageClient, RefusesTheOldestWaitingItemWhenTooManyWait) {
  Stage stage(1);
  stage.script.hold = true;
  ClientFixture fixture(stage, {.max_waiting = 2, .patience = absl::InfiniteDuration()});
  absl::Mutex mutex;
  std::map<uint64_t, absl::StatusCode> codes;
  const auto send = [&](uint64_t sequence) {
    fixture.client.Send(FrameNumber(sequence), absl::InfiniteFuture(), [&, sequence](auto answer) {
      absl::MutexLock lock(&mutex);
      codes[sequence] = answer.status().code();
    });
  };
  send(1);
  stage.script.AwaitSeen(1);
  for (uint64_t i = 2; i <= 5; ++i) send(i);
  {
    absl::MutexLock lock(&mutex);
    EXPECT_EQ(codes,
              (std::map<uint64_t, absl::StatusCode>{{2, absl::StatusCode::kResourceExhausted},
                                                    {3, absl::StatusCode::kResourceExhausted}}));
  }
  stage.script.Release();
  const auto all = [&] { return codes.size() == 5; };
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&all));
  EXPECT_EQ(codes[1], absl::StatusCode::kOk);
  EXPECT_EQ(codes[5], absl::StatusCode::kOk);
}

TEST(StageClient, AnswersEverythingWhenItIsClosed) {
  Stage stage;
  stage.script.hold = true;
  int cancelled = 0;
  {
    ClientFixture fixture(stage, {.patience = absl::InfiniteDuration()});
    for (uint64_t i = 1; i <= 8; ++i) {
      fixture.client.Send(FrameNumber(i), absl::InfiniteFuture(), [&](auto answer) {
        cancelled += absl::IsCancelled(answer.status()) ? 1 : 0;
      });
    }
    stage.script.AwaitSeen(4);
    fixture.client.Close();
    EXPECT_EQ(cancelled, 8);
  }
}

TEST(StageClient, AnItemThatBreaksStreamsIsGivenUp) {
  Stage stage;
  stage.script.hold = true;
  ClientFixture fixture(stage, {.patience = absl::InfiniteDuration(),
                                .backoff_min = absl::Milliseconds(1),
                                .max_attempts = 2});
  absl::Notification answered;
  absl::StatusCode code = absl::StatusCode::kOk;
  fixture.client.Send(FrameNumber(1), absl::InfiniteFuture(), [&](auto answer) {
    code = answer.status().code();
    answered.Notify();
  });
  const int port = stage.port();
  for (size_t attempt = 1; attempt <= 2; ++attempt) {
    stage.script.AwaitSeen(attempt);
    stage.Stop();
    stage.script.hold = true;
    if (attempt < 2) stage.Start(port);
  }
  answered.WaitForNotification();
  EXPECT_NE(code, absl::StatusCode::kOk);
}

}  // namespace
}  // namespace aislewatch
