// aislewatch models calibrate: learns what is normal before one camera.

#include <grpcpp/client_context.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aislewatch/v1/ingest.grpc.pb.h"
#include "cli/cluster/cluster_flags.h"
#include "cli/cluster/local_cluster.h"
#include "cli/commands/commands.h"
#include "cli/console/progress.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/config/flags.h"
#include "common/rpc/convert.h"
#include "common/rpc/image_convert.h"
#include "common/vision/image_codec.h"
#include "models/pose_anomaly/calibration/calibration_file.h"
#include "models/pose_anomaly/load.h"

namespace aislewatch {
namespace {

using pose_anomaly::CameraCalibrator;

struct CalibrateFlags {
  FindServiceFlags ingest;
  std::string camera;
  absl::Duration watch = absl::Hours(24);
  std::string out;
  std::string model{kDefaultPoseAnomalyModel};
  std::string version;
  std::vector<std::string> repository;
  uint64_t least_poses = pose_anomaly::kLeastCalibrationPoses;
};

/// Ingest may be restarted on such a day.
constexpr absl::Duration kRetryAfter = absl::Seconds(5);

/// The size of the camera's analysed frames, which verdicts do not tell.
absl::StatusOr<FrameSize> FrameSizeOf(const std::string& camera, absl::Time deadline,
                                      v1::FrameIngestService::Stub& stub) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  v1::WatchLiveRequest request;
  request.set_camera_id(camera);
  request.set_include_image(true);
  const auto live = stub.WatchLive(&context, request);
  v1::WatchLiveResponse response;
  while (live->Read(&response)) {
    const absl::StatusOr<cv::Mat> image = FromProto(response.image());
    if (!image.ok()) continue;
    context.TryCancel();
    return FrameSize{image->cols, image->rows};
  }
  return FromGrpc(live->Finish());
}

/// Feeds what the camera shows until `deadline` or the stream's end.
absl::Status Watch(const CalibrateFlags& flags, FrameSize size, absl::Time begin,
                   absl::Time deadline, v1::FrameIngestService::Stub& stub, CameraCalibrator& calibrator,
                   ProgressBar& bar) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  v1::WatchLiveRequest request;
  request.set_camera_id(flags.camera);
  const auto live = stub.WatchLive(&context, request);
  v1::WatchLiveResponse response;
  while (live->Read(&response)) {
    const absl::Time time = FromProto(response.verdict().capture_time());
    for (const auto& observed : response.verdict().people()) {
      const auto person = FromProto(observed.person());
      if (person.ok()) calibrator.Push(person->track_id, {time, person->person.keypoints, size});
    }
    bar.Update(absl::ToInt64Seconds(absl::Now() - begin),
               absl::StrCat(calibrator.poses(), " poses"));
  }
  return FromGrpc(live->Finish());
}

bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsCancelled(status);
}

absl::Status Calibrate(const CalibrateFlags& flags) {
  AW_RETURN_IF_ERROR(CheckId(flags.camera, "--camera"));
  AW_ASSIGN_OR_RETURN(const auto scorer,
                      LoadPoseAnomalyScorer(ModelRepository(flags.repository), flags.model,
                                            flags.version));
  AW_ASSIGN_OR_RETURN(const auto channel, FindService("ingest", flags.ingest));
  const auto stub = v1::FrameIngestService::NewStub(channel);
  const absl::Time begin = absl::Now();
  const absl::Time deadline = begin + flags.watch;
  CameraCalibrator calibrator(*scorer);
  {
    ProgressBar bar(absl::StrCat("watching ", flags.camera), absl::ToInt64Seconds(flags.watch));
    absl::Status status;
    while (absl::Now() < deadline) {
      auto size = FrameSizeOf(flags.camera, deadline, *stub);
      status = size.ok()
                   ? Watch(flags, *size, begin, deadline, *stub, calibrator, bar)
                   : size.status();
      // The camera ended well, or there is none of that name and never will be.
      if (!status.ok() && !MayPass(status)) return status;
      if (absl::Now() < deadline) {
        absl::SleepFor(std::min(kRetryAfter, deadline - absl::Now()));
      }
    }
  }
  AW_ASSIGN_OR_RETURN(const auto calibration, calibrator.Finish(flags.camera, flags.least_poses));
  AW_RETURN_IF_ERROR(SaveCalibration(calibration, flags.out));
  std::printf("%llu poses of %s; wrote %s/%s.json\n",
              static_cast<unsigned long long>(calibration.poses), flags.camera.c_str(),
              flags.out.c_str(), flags.camera.c_str());
  for (const float rank : {0.5f, 0.9f, 0.99f}) {
    const auto& quantiles = calibration.normal.quantiles();
    const float score = quantiles[static_cast<size_t>(rank * static_cast<float>(quantiles.size() - 1))];
    std::printf("  %2.0f %% of them score below %.3f", 100 * rank, score);
    std::printf(rank == 0.5f ? " (0.500 where the model was fitted)\n" : "\n");
  }
  return absl::OkStatus();
}

}  // namespace

void AddCalibrateCommand(CLI::App& models, CommandContext& context) {
  auto flags = std::make_shared<CalibrateFlags>();
  flags->repository = DefaultModelRepositories(context.bin_dir);
  CLI::App* command = models.add_subcommand(
      "calibrate", "Learns from a camera's normal day how unusual its people look to the model");
  command->footer(
      "Example:\n  aislewatch models calibrate --camera aisle-3 --for 24h --out calibrations\n"
      "  aislewatch-fusion --calibrations calibrations");
  AddFindServiceFlags(*command, "ingest", flags->ingest);
  command->add_option("--camera", flags->camera, "Its id in the registry")->required();
  AddDurationFlag(*command, "--for", flags->watch, "How long to watch it", absl::Seconds(1));
  command->add_option("--out", flags->out, "Folder for CAMERA.json")->required();
  command->add_option("--model", flags->model, "Pose anomaly model in the model repository")
      ->capture_default_str();
  command->add_option("--model-version", flags->version, "Its version; default the newest");
  command->add_option("--model-repository", flags->repository, "Folders with models")
      ->capture_default_str();
  command->add_option("--least-poses", flags->least_poses, "Give up with fewer")
      ->check(CLI::Range(1, 1'000'000'000))
      ->capture_default_str();
  command->callback([&context, flags] { context.run = [flags] { return Calibrate(*flags); }; });
}

}  // namespace aislewatch
