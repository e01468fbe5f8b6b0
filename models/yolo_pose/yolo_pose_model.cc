#include "models/yolo_pose/yolo_pose_model.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/json_fields.h"
#include "common/inference/tensor_view.h"
#include "common/inference/torch_guard.h"
#include "common/inference/torchscript_module.h"
#include "common/vision/letterbox.h"
#include "models/yolo_pose/yolo_pose_decoder.h"

namespace aislewatch {
namespace {

const cv::Scalar kGrey(114, 114, 114);

struct Settings {
  FrameSize input;
  YoloPoseDecoderOptions decoder;
};

absl::StatusOr<Settings> ReadSettings(const ModelManifest& manifest) {
  std::vector<std::string> faults;
  if (manifest.backend != ModelBackend::kTorchScript || manifest.architecture != "yolo_pose") {
    faults.push_back("architecture: must be yolo_pose on the torchscript backend");
  }
  if (manifest.role != ModelRole::kPose) faults.push_back("role: must be pose");
  if (manifest.decoder != "yolo_pose") faults.push_back("decoder: must be yolo_pose");
  const std::vector<int64_t>& size = manifest.input.size;
  if (size.size() != 2 || size[0] > 4096 || size[1] > 4096) {
    faults.push_back("input.size: must be [height, width], each up to 4096");
  }
  Settings settings;
  JsonFields fields(manifest.decoder_options, "decoder.options", faults);
  YoloPoseDecoderOptions& decoder = settings.decoder;
  decoder.min_score = static_cast<float>(fields.Number("min_score", decoder.min_score, 0, 1));
  decoder.max_overlap = static_cast<float>(fields.Number("max_overlap", decoder.max_overlap, 0, 1));
  decoder.max_people = static_cast<int>(fields.Whole("max_people", decoder.max_people, 1, 1000));
  fields.Finish();
  AW_RETURN_IF_ERROR(FaultsToStatus("model manifest", faults));
  settings.input = {static_cast<int>(size[1]), static_cast<int>(size[0])};
  return settings;
}

// `image` (8-bit BGR) as `[1, 3, H, W]` RGB in 0..1.
torch::Tensor ToInput(const cv::Mat& image) {
  const torch::Tensor bytes =
      torch::from_blob(image.data, {1, image.rows, image.cols, 3}, torch::kUInt8);
  return bytes.permute({0, 3, 1, 2}).flip({1}).to(torch::kFloat).div_(255).contiguous();
}

class YoloPoseModel : public PoseModel {
 public:
  YoloPoseModel(ModelInfo info, Settings settings, std::unique_ptr<TorchScriptModule> network)
      : info_(std::move(info)), settings_(settings), network_(std::move(network)) {}

  absl::StatusOr<std::vector<std::vector<DetectedPerson>>> Detect(
      absl::Span<const cv::Mat> images) override {
    std::vector<std::vector<DetectedPerson>> people;
    for (const cv::Mat& image : images) {
      if (image.empty() || image.type() != CV_8UC3) {
        return absl::InvalidArgumentError("a picture is empty or not 8-bit BGR");
      }
      AW_ASSIGN_OR_RETURN(std::vector<DetectedPerson> found, DetectOne(image));
      people.push_back(std::move(found));
    }
    return people;
  }

  const ModelInfo& info() const override { return info_; }

 private:
  absl::StatusOr<std::vector<DetectedPerson>> DetectOne(const cv::Mat& image) {
    using People = std::vector<DetectedPerson>;
    return CatchTorch(info_.name, [&]() -> absl::StatusOr<People> {
      const c10::InferenceMode inference;
      const Letterbox letterbox = FitLetterbox({image.cols, image.rows}, settings_.input);
      AW_ASSIGN_OR_RETURN(torch::Tensor output,
                          network_->Run(ToInput(ApplyLetterbox(image, letterbox, kGrey))));
      output = output.to(torch::kFloat).contiguous();
      if (output.dim() != 3 || output.size(0) != 1 || output.size(1) != kYoloPoseRows) {
        return absl::InternalError(absl::StrCat(
            "the network gives ", ShapeText({output.sizes().data(), output.sizes().size()}),
            " instead of [1, 56, N]: it is no Ultralytics pose export"));
      }
      AW_ASSIGN_OR_RETURN(
          People people,
          DecodeYoloPose({output.data_ptr<float>(), static_cast<size_t>(output.numel())},
                         settings_.input, settings_.decoder));
      for (DetectedPerson& person : people) person = ToSource(letterbox, person);
      return people;
    });
  }

  const ModelInfo info_;
  const Settings settings_;
  const std::unique_ptr<TorchScriptModule> network_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PoseModel>> LoadYoloPose(const ModelFiles& files) {
  const absl::StatusOr<Settings> settings = ReadSettings(files.manifest);
  if (!settings.ok()) return Annotate(settings.status(), files.folder);
  AW_ASSIGN_OR_RETURN(std::unique_ptr<TorchScriptModule> network,
                      TorchScriptModule::Load(files.weights_path));
  return std::make_unique<YoloPoseModel>(files.manifest.info, *settings, std::move(network));
}

}  // namespace aislewatch
