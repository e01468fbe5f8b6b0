#include "services/ingest/rpc/live_stream.h"

#include <utility>

#include "common/rpc/convert.h"
#include "services/ingest/adapters/proto_convert.h"

namespace aislewatch::ingest {

LiveStream* LiveStream::Start(CameraHost& cameras, const v1::WatchLiveRequest& request) {
  const std::shared_ptr<LiveStream> stream(new LiveStream(request.include_image()));
  auto subscription = cameras.Watch(request.camera_id(), [weak = std::weak_ptr(stream)] {
    if (const auto alive = weak.lock()) alive->MaybeWrite();
  });
  absl::MutexLock lock(&stream->mutex_);
  stream->self_ = stream;
  if (subscription.ok()) {
    stream->subscription_ = *std::move(subscription);
  } else {
    stream->End(subscription.status());
  }
  return stream.get();
}

void LiveStream::MaybeWrite() {
  absl::MutexLock lock(&mutex_);
  if (writing_ || finished_ || subscription_ == nullptr) return;
  const std::shared_ptr<const Verdict> verdict = subscription_->Take();
  if (verdict == nullptr) {
    if (subscription_->ended()) {
      End(absl::UnavailableError("the camera was stopped on this replica"));
    }
    return;
  }
  response_.Clear();
  *response_.mutable_verdict() = ToProto(*verdict);
  // The pipeline has made the JPEG already, so this encodes nothing.
  const auto jpeg = include_image_ ? verdict->frame.picture->Jpeg() : absl::NotFoundError("");
  if (jpeg.ok()) {
    v1::Image& image = *response_.mutable_image();
    image.set_encoding(v1::IMAGE_ENCODING_JPEG);
    image.set_width(static_cast<uint32_t>(verdict->frame.picture->bgr().cols));
    image.set_height(static_cast<uint32_t>(verdict->frame.picture->bgr().rows));
    image.set_data(**jpeg);
  }
  writing_ = true;
  StartWrite(&response_);
}

void LiveStream::OnWriteDone(bool ok) {
  {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) return End(absl::CancelledError("the onlooker is gone"));
  }
  MaybeWrite();
}

void LiveStream::OnCancel() {
  absl::MutexLock lock(&mutex_);
  End(absl::CancelledError("the onlooker went away"));
}

void LiveStream::OnDone() {
  std::shared_ptr<LiveStream> self;
  absl::MutexLock lock(&mutex_);
  finished_ = true;
  self = std::move(self_);
}

void LiveStream::End(const absl::Status& status) {
  if (std::exchange(finished_, true)) return;
  Finish(ToGrpc(status));
}

}  // namespace aislewatch::ingest
