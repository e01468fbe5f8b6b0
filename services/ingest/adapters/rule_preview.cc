#include "services/ingest/adapters/rule_preview.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"

namespace aislewatch::ingest {
namespace {

// Of one message to fusion, well below the 20000 frames and 16 MiB that it takes.
constexpr uint64_t kFramesOfAMessage = 5000;
constexpr size_t kBytesOfAMessage = size_t{256} << 10;

// Steps up to this long are time in which the camera was watched, as fusion's own clock has it.
absl::Duration LongestStep(double fps) {
  const double interval = fps > 0 ? 1 / fps : 0.1;
  return std::clamp(2.5 * absl::Seconds(interval), absl::Seconds(2), absl::Seconds(30));
}

// Which time the frames are of.
class Watched {
 public:
  explicit Watched(double fps) : longest_(LongestStep(fps)) {}

  void Add(const v1::JudgedFrame& frame) {
    const absl::Time until = aislewatch::FromProto(frame.capture_time());
    const absl::Time from = frame.frames() > 1 ? aislewatch::FromProto(frame.from_time()) : until;
    if (!any_) first_ = from;
    const absl::Duration step = from - last_;
    if (any_ && step > absl::ZeroDuration() && step <= longest_) watched_ += step;
    watched_ += std::max(absl::ZeroDuration(), until - from);
    last_ = until;
    any_ = true;
  }
  void Tell(v1::PreviewRulesResponse& response) const {
    *response.mutable_watched() = aislewatch::ToProto(watched_);
    if (!any_) return;
    *response.mutable_from_time() = aislewatch::ToProto(first_);
    *response.mutable_until_time() = aislewatch::ToProto(last_);
  }

 private:
  const absl::Duration longest_;
  bool any_ = false;
  absl::Time first_;
  absl::Time last_;
  absl::Duration watched_;
};

// Sends frames to fusion, many in a message.
class Batches {
 public:
  explicit Batches(grpc::ClientWriter<v1::RehearseRulesRequest>& writer) : writer_(writer) {}

  // False once fusion takes no more.
  bool Add(const v1::JudgedFrame& frame) {
    const uint64_t frames = std::max(1u, frame.frames());
    const size_t bytes = frame.ByteSizeLong();
    const bool full = frames_ + frames > kFramesOfAMessage || bytes_ + bytes > kBytesOfAMessage;
    if (full && !Send()) return false;
    *request_.mutable_frames()->add_frames() = frame;
    frames_ += frames;
    bytes_ += bytes;
    return true;
  }
  bool Send() {
    if (frames_ == 0) return true;
    const bool sent = writer_.Write(request_);
    request_.mutable_frames()->clear_frames();
    frames_ = bytes_ = 0;
    return sent;
  }

 private:
  grpc::ClientWriter<v1::RehearseRulesRequest>& writer_;
  v1::RehearseRulesRequest request_;
  uint64_t frames_ = 0;
  size_t bytes_ = 0;
};

v1::RehearseRulesRequest Configuration(const CameraSettings& camera,
                                       const v1::PreviewRulesRequest& request) {
  v1::RehearseRulesRequest message;
  v1::RehearsalConfig& config = *message.mutable_config();
  config.mutable_identity()->set_camera_id(camera.camera_id);
  config.mutable_identity()->set_store_id(camera.store_id);
  *config.mutable_zones() = request.zones();
  *config.mutable_rules() = request.rules();
  return message;
}

// As the caller of a preview should hear of it.
absl::Status FusionsWord(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
      return status;
    case absl::StatusCode::kUnimplemented:
      return absl::UnimplementedError("fusion is of an older release that cannot try rules");
    default:
      return absl::UnavailableError(absl::StrCat("fusion is away: ", status.message()));
  }
}

}  // namespace

RulePreview::RulePreview(FileJournal& journal, const std::shared_ptr<grpc::Channel>& fusion,
                         Clock& clock)
    : journal_(journal), fusion_(v1::AnomalyFusionService::NewStub(fusion)), clock_(clock) {}

absl::StatusOr<v1::PreviewRulesResponse> RulePreview::Run(const CameraSettings& camera,
                                                          const v1::PreviewRulesRequest& request,
                                                          grpc::ClientContext& context) {
  const absl::Duration window =
      request.has_window() ? aislewatch::FromProto(request.window()) : kPreviewWindow;
  v1::RehearseRulesResponse rehearsed;
  const auto writer = fusion_->RehearseRules(&context, &rehearsed);
  Watched watched(camera.analysis_fps);
  Batches batches(*writer);
  // Where a write fails, Finish tells why.
  if (writer->Write(Configuration(camera, request))) {
    journal_.Read(camera.camera_id, clock_.Now() - window, [&](const v1::JudgedFrame& frame) {
      watched.Add(frame);
      return batches.Add(frame);
    });
    batches.Send();
  }
  writer->WritesDone();
  const absl::Status status = FromGrpc(writer->Finish());
  if (!status.ok()) return FusionsWord(status);
  v1::PreviewRulesResponse response;
  watched.Tell(response);
  *response.mutable_rules() = std::move(*rehearsed.mutable_rules());
  return response;
}

}  // namespace aislewatch::ingest
