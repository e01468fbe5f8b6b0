#include "services/ingest/rpc/push_session.h"

#include <string>
#include <utility>

#include "common/base/status.h"
#include "common/capture/scale.h"
#include "common/rpc/convert.h"
#include "common/rpc/image_convert.h"
#include "services/ingest/adapters/proto_convert.h"

namespace aislewatch::ingest {
namespace {

// Keeps the JPEG where the picture stays as it is, so that it need not be made again.
absl::StatusOr<std::shared_ptr<const Picture>> ReadPicture(v1::Image& image, int analysis_size) {
  AW_ASSIGN_OR_RETURN(cv::Mat bgr, aislewatch::FromProto(image));
  cv::Mat scaled = ScaleToFit(bgr, analysis_size);
  if (image.encoding() == v1::IMAGE_ENCODING_JPEG && scaled.size() == bgr.size()) {
    return std::make_shared<const Picture>(std::move(scaled), std::move(*image.mutable_data()));
  }
  return std::make_shared<const Picture>(std::move(scaled));
}

}  // namespace

void PushAnswers::Expect(uint64_t sequence, Done done) {
  absl::MutexLock lock(&mutex_);
  waiting_.insert_or_assign(sequence, std::move(done));
}

void PushAnswers::Give(const Verdict& verdict) {
  Done done;
  {
    absl::MutexLock lock(&mutex_);
    const auto it = waiting_.find(verdict.frame.sequence);
    if (it == waiting_.end()) return;
    done = std::move(it->second);
    waiting_.erase(it);
  }
  if (!verdict.status.ok()) return done(verdict.status);
  done(ToProto(verdict));
}

PushSession::PushSession(std::unique_ptr<PushedCamera> camera, std::shared_ptr<PushAnswers> answers,
                         int analysis_size, ThreadPool& reaper)
    : camera_(std::move(camera)),
      answers_(std::move(answers)),
      analysis_size_(analysis_size),
      reaper_(reaper) {}

PushSession::~PushSession() {
  if (camera_ == nullptr) return;
  reaper_.Post([camera = std::move(camera_)]() mutable { camera.reset(); });
}

void PushSession::Ending() { camera_->Ending(); }

void PushSession::End() {
  reaper_.Post([camera = std::move(camera_)]() mutable {
    camera->End();
    camera.reset();
  });
}

void PushSession::Process(v1::Frame message, Done done) {
  if (!message.has_capture_time()) {
    done(absl::InvalidArgumentError("the frame has no capture_time; people are followed by it"));
    return;
  }
  auto picture = ReadPicture(*message.mutable_image(), analysis_size_);
  if (!picture.ok()) {
    camera_->pipeline().CountDrop("bad_image");
    done(Annotate(picture.status(), "image"));
    return;
  }
  Frame frame;
  frame.sequence = message.sequence();
  frame.capture_time = aislewatch::FromProto(message.capture_time());
  if (message.has_expire_time()) frame.expire_time = aislewatch::FromProto(message.expire_time());
  frame.picture = *std::move(picture);
  answers_->Expect(frame.sequence, std::move(done));
  camera_->pipeline().Submit(std::move(frame));
}

}  // namespace aislewatch::ingest
