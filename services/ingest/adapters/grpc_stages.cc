#include "services/ingest/adapters/grpc_stages.h"

#include <utility>

#include "common/base/status.h"
#include "common/rpc/convert.h"
#include "common/rpc/image_convert.h"
#include "common/rpc/stage_client.h"
#include "common/rpc/stages.h"
#include "services/ingest/adapters/proto_convert.h"

namespace aislewatch::ingest {
namespace {

template <class Message>
void SetTimes(Message& message, absl::Time capture, absl::Time expire) {
  *message.mutable_capture_time() = aislewatch::ToProto(capture);
  if (expire != absl::InfiniteFuture()) {
    *message.mutable_expire_time() = aislewatch::ToProto(expire);
  }
}

absl::StatusOr<v1::Image> ToImage(const Picture& picture, v1::ImageEncoding encoding) {
  if (encoding == v1::IMAGE_ENCODING_BGR8) return aislewatch::ToProto(picture.bgr(), encoding);
  AW_ASSIGN_OR_RETURN(const std::shared_ptr<const std::string> jpeg, picture.Jpeg());
  v1::Image image;
  image.set_encoding(v1::IMAGE_ENCODING_JPEG);
  image.set_data(*jpeg);
  return image;
}

// Answers an item at its expiry where the stage hangs: a stream client only gives up an item that
// it has not sent yet. Whichever answer comes second is dropped.
template <class Answer>
class FirstAnswer {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<Answer>)>;
  explicit FirstAnswer(Done done) : done_(std::move(done)) {}
  void Give(absl::StatusOr<Answer> answer) ABSL_LOCKS_EXCLUDED(mutex_) {
    Done done;
    {
      absl::MutexLock lock(&mutex_);
      done = std::exchange(done_, nullptr);
    }
    if (done) done(std::move(answer));
  }

 private:
  absl::Mutex mutex_;
  Done done_ ABSL_GUARDED_BY(mutex_);
};

template <class Answer>
absl::AnyInvocable<void(absl::StatusOr<Answer>)> AtTheLatest(
    absl::Time expire, absl::AnyInvocable<void(absl::StatusOr<Answer>)> done, TimerQueue& timers,
    Clock& clock) {
  if (expire == absl::InfiniteFuture()) return done;
  const auto first = std::make_shared<FirstAnswer<Answer>>(std::move(done));
  // A little later than the client's own expiry, which knows better why.
  timers.After(expire - clock.Now() + absl::Milliseconds(100), [first] {
    first->Give(absl::DeadlineExceededError("the stage did not answer in time"));
  });
  return [first](absl::StatusOr<Answer> answer) { first->Give(std::move(answer)); };
}

// What a stage of each kind has in common: a stream client, kept for the life of the stage.
template <class Traits, class Item, class Answer>
class GrpcStage : public Stage<Item, Answer> {
 public:
  using Client = StageClient<Traits>;

  GrpcStage(std::shared_ptr<grpc::Channel> channel, typename Client::ConfigSource config,
            const std::string& trace, const StageClientOptions& options, TimerQueue& timers,
            Clock& clock)
      : timers_(timers),
        clock_(clock),
        client_(std::move(channel), std::move(config), trace, options, timers, clock) {}

  void Close() override { client_.Close(); }

 protected:
  TimerQueue& timers_;
  Clock& clock_;
  Client client_;
};

class GrpcPoseStage : public GrpcStage<PoseStageTraits, Frame, PoseAnswer> {
 public:
  template <class... Args>
  explicit GrpcPoseStage(v1::ImageEncoding encoding, Args&&... args)
      : GrpcStage(std::forward<Args>(args)...), encoding_(encoding) {}

  void Send(Frame frame, Done done) override {
    auto image = ToImage(*frame.picture, encoding_);
    if (!image.ok()) return done(image.status());
    v1::Frame message;
    message.set_sequence(frame.sequence);
    SetTimes(message, frame.capture_time, frame.expire_time);
    *message.mutable_image() = *std::move(image);
    auto once = AtTheLatest<PoseAnswer>(frame.expire_time, std::move(done), timers_, clock_);
    client_.Send(std::move(message), frame.expire_time,
                 [once = std::move(once)](absl::StatusOr<v1::PoseFrame> answer) mutable {
                   if (!answer.ok()) return once(answer.status());
                   once(ingest::FromProto(*answer));
                 });
  }

 private:
  const v1::ImageEncoding encoding_;
};

class GrpcClassifierStage : public GrpcStage<ClassifierStageTraits, CropBatch, ClassifierAnswer> {
 public:
  template <class... Args>
  explicit GrpcClassifierStage(v1::ImageEncoding encoding, Args&&... args)
      : GrpcStage(std::forward<Args>(args)...), encoding_(encoding) {}

  void Send(CropBatch batch, Done done) override {
    v1::PersonCrops message;
    message.set_sequence(batch.sequence);
    SetTimes(message, batch.capture_time, batch.expire_time);
    for (const PersonCrop& crop : batch.crops) {
      auto image = aislewatch::ToProto(crop.image, encoding_);
      if (!image.ok()) return done(image.status());
      v1::PersonCrop* added = message.add_crops();
      added->set_track_id(crop.track_id);
      *added->mutable_image() = *std::move(image);
      for (const Keypoint& joint : crop.keypoints) {
        *added->add_keypoints() = aislewatch::ToProto(joint);
      }
    }
    auto once = AtTheLatest<ClassifierAnswer>(batch.expire_time, std::move(done), timers_, clock_);
    client_.Send(std::move(message), batch.expire_time,
                 [once = std::move(once)](absl::StatusOr<v1::ClipScores> answer) mutable {
                   if (!answer.ok()) return once(answer.status());
                   const absl::Status status = ingest::FromProto(answer->status());
                   if (!status.ok()) return once(status);
                   once(ingest::FromProto(*answer));
                 });
  }

 private:
  const v1::ImageEncoding encoding_;
};

class GrpcFusionStage : public GrpcStage<FusionStageTraits, Observation, FusionAnswer> {
 public:
  using GrpcStage::GrpcStage;

  // Without AtTheLatest: a late answer may hold transitions, which must not be lost.
  void Send(Observation observation, Done done) override {
    client_.Send(ingest::ToProto(observation), observation.expire_time,
                 [done = std::move(done)](absl::StatusOr<v1::FusionResult> answer) mutable {
                   if (!answer.ok()) return done(answer.status());
                   const absl::Status status = ingest::FromProto(answer->status());
                   if (!status.ok()) return done(status);
                   done(ingest::FromProto(*answer));
                 });
  }
};

v1::StreamIdentity Identity(const CameraSettings& settings) {
  v1::StreamIdentity identity;
  identity.set_camera_id(settings.camera_id);
  identity.set_store_id(settings.store_id);
  return identity;
}

v1::FusionStreamConfig FusionConfig(const CameraSettings& settings,
                                    const OpenIncidents& incidents, bool tell_judged) {
  v1::FusionStreamConfig config;
  config.ParseFromString(settings.judging);
  config.set_tell_judged(tell_judged);
  *config.mutable_identity() = Identity(settings);
  config.clear_open_incidents();
  for (const OpenIncident& open : incidents.All()) {
    v1::IncidentTransition transition;
    if (transition.ParseFromString(open.message)) {
      transition.mutable_incident()->set_transition_number(open.number);
      *config.add_open_incidents() = std::move(*transition.mutable_incident());
    }
  }
  return config;
}

}  // namespace

StageSet GrpcStageFactory::Open(const CameraSettings& settings, const std::string& trace,
                                const OpenIncidents& incidents, bool lossless) {
  StageClientOptions options;
  options.patience = lossless ? patience_.lossless_patience : patience_.live_patience;
  options.stall_timeout = lossless ? patience_.lossless_stall : patience_.live_stall;
  v1::PoseStreamConfig pose;
  *pose.mutable_identity() = Identity(settings);
  v1::ClassificationStreamConfig classifier;
  *classifier.mutable_identity() = Identity(settings);

  StageSet stages;
  stages.pose = std::make_unique<GrpcPoseStage>(
      encoding_, channels_.pose, [pose] { return pose; }, trace, options, timers_, clock_);
  stages.classifier = std::make_unique<GrpcClassifierStage>(
      encoding_, channels_.classifier, [classifier] { return classifier; }, trace, options, timers_,
      clock_);
  stages.fusion = std::make_unique<GrpcFusionStage>(
      channels_.fusion,
      [settings, &incidents, tell_judged = tell_judged_] {
        return FusionConfig(settings, incidents, tell_judged);
      },
      trace, options, timers_, clock_);
  return stages;
}

}  // namespace aislewatch::ingest
