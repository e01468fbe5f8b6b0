#include "services/ingest/rpc/live_stream.h"

#include <utility>

#include "common/rpc/convert.h"
#include "services/ingest/adapters/proto_convert.h"

namespace aislewatch::ingest {

LiveStream* LiveStream::Start(CameraHost& cameras, const v1::WatchLiveRequest& request,
                              ThreadPool& workers) {
  const std::shared_ptr<LiveStream> stream(new LiveStream(request.include_image(), workers));
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
  LiveFrame frame;
  {
    absl::MutexLock lock(&mutex_);
    if (writing_ || finished_ || subscription_ == nullptr) return;
    frame = subscription_->Take();
    if (frame.verdict == nullptr) {
      if (subscription_->ended()) {
        End(absl::UnavailableError("the camera was stopped on this replica"));
      }
      return;
    }
    writing_ = true;
  }
  if (!include_image_ || frame.picture == nullptr) return Write(frame);
  workers_.Post([self = shared_from_this(), frame = std::move(frame)] { self->Write(frame); });
}

void LiveStream::Write(const LiveFrame& frame) {
  v1::WatchLiveResponse response;
  *response.mutable_verdict() = ToProto(*frame.verdict);
  const auto jpeg = include_image_ && frame.picture != nullptr ? frame.picture->Jpeg()
                                                               : absl::NotFoundError("");
  if (jpeg.ok()) {
    v1::Image& image = *response.mutable_image();
    image.set_encoding(v1::IMAGE_ENCODING_JPEG);
    image.set_width(static_cast<uint32_t>(frame.picture->size().width));
    image.set_height(static_cast<uint32_t>(frame.picture->size().height));
    image.set_data(**jpeg);
  }
  absl::MutexLock lock(&mutex_);
  if (finished_) return;
  response_ = std::move(response);
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
