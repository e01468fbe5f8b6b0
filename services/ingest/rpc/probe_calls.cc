#include "services/ingest/rpc/probe_calls.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/capture/scale.h"
#include "common/rpc/convert.h"
#include "common/rpc/image_convert.h"
#include "common/vision/head_blur.h"

namespace aislewatch::ingest {
namespace {
constexpr int kPictureSide = 640;
}

v1::ProbeSourceResponse ToResponse(const ProbeReport& report) {
  v1::ProbeSourceResponse response;
  if (!report.status.ok()) {
    response.set_error(std::string(report.status.message()));
    return response;
  }
  response.set_width(static_cast<uint32_t>(report.info.size.width));
  response.set_height(static_cast<uint32_t>(report.info.size.height));
  response.set_fps(static_cast<float>(report.measured_fps));
  response.set_codec(absl::AsciiStrToLower(report.info.codec));
  if (report.picture.empty()) return response;
  cv::Mat coarse = ScaleToFit(report.picture, kPictureSide).clone();
  BlurEverything(coarse);
  auto image = aislewatch::ToProto(coarse, v1::IMAGE_ENCODING_JPEG);
  if (image.ok()) *response.mutable_picture() = *std::move(image);
  return response;
}

ProbeCalls::ProbeCalls(ProbeOptions options, Probe probe)
    : options_(options), probe_(std::move(probe)), pool_(options.most) {}

ProbeCalls::~ProbeCalls() = default;

void ProbeCalls::Start(grpc::ServerUnaryReactor* reactor, const v1::ProbeSourceRequest& request,
                       v1::ProbeSourceResponse* response) {
  absl::Status refused;
  {
    absl::MutexLock lock(&mutex_);
    if (request.source_url().empty()) {
      refused = absl::InvalidArgumentError(
          "source_url is empty; give a file, rtsp://..., http://... or device:N");
    } else if (running_ >= options_.most) {
      refused = absl::ResourceExhaustedError(absl::StrCat(
          options_.most, " sources are being tried here already; try again in some seconds"));
    } else {
      ++running_;
    }
  }
  if (!refused.ok()) return reactor->Finish(ToGrpc(refused));
  pool_.Post([this, reactor, response, url = request.source_url()] {
    *response = ToResponse(probe_(url, options_.timeout));
    {
      absl::MutexLock lock(&mutex_);
      --running_;
    }
    reactor->Finish(grpc::Status::OK);
  });
}

}  // namespace aislewatch::ingest
