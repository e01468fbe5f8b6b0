#include "models/movenet/movenet_pose_model.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/inference/json_fields.h"
#include "common/inference/torch_guard.h"
#include "common/inference/torch_tensors.h"
#include "common/vision/letterbox.h"
#include "models/movenet/movenet.h"
#include "models/movenet/movenet_decoder.h"

namespace aislewatch {
namespace {

constexpr int kStep = 32;
constexpr int64_t kMaxLongSide = 2048;

// What the manifest says about pictures and people.
struct Settings {
  int long_side = 0;
  /// The network's input for each value of a byte.
  std::array<float, 256> value_of{};
  MoveNetDecoderOptions decoder;
};

absl::StatusOr<Settings> ReadSettings(const ModelManifest& manifest) {
  std::vector<std::string> faults;
  const ModelInput& input = manifest.input;
  if (manifest.architecture != "movenet_multipose" || manifest.backend != ModelBackend::kNative) {
    faults.push_back("architecture: must be movenet_multipose on the native backend");
  }
  if (manifest.role != ModelRole::kPose) faults.push_back("role: must be pose");
  if (manifest.decoder != "movenet_centers") faults.push_back("decoder: must be movenet_centers");
  if (!manifest.options.empty()) faults.push_back("architecture.options: there are none");
  if (input.size.size() != 1 || input.size[0] % kStep != 0 || input.size[0] > kMaxLongSide) {
    faults.push_back("input.size: must be one multiple of 32 up to 2048, the longer side");
  }
  if (input.channels != "rgb") faults.push_back("input.channels: must be rgb");
  if (input.scale.size() != 1 || input.offset.size() != 1) {
    faults.push_back("input.scale and input.offset: must each have one number");
  }
  Settings settings;
  JsonFields fields(manifest.decoder_options, "decoder.options", faults);
  MoveNetDecoderOptions& decoder = settings.decoder;
  decoder.min_center_score =
      static_cast<float>(fields.Number("min_center_score", decoder.min_center_score, 0, 1));
  decoder.min_score = static_cast<float>(fields.Number("min_score", decoder.min_score, 0, 1));
  decoder.max_people = static_cast<int>(fields.Whole("max_people", decoder.max_people, 1, 1000));
  fields.Finish();
  AW_RETURN_IF_ERROR(FaultsToStatus("model manifest", faults));
  settings.long_side = static_cast<int>(input.size[0]);
  for (size_t i = 0; i < settings.value_of.size(); ++i) {
    settings.value_of[i] =
        static_cast<float>(static_cast<double>(i) * input.scale[0] + input.offset[0]);
  }
  return settings;
}

// Writes `image` turned by 180 degrees, as RGB floats, to `out` [height, width, 3].
void WriteTurned(const cv::Mat& image, const std::array<float, 256>& value_of, float* out) {
  for (int y = image.rows - 1; y >= 0; --y) {
    const uint8_t* pixel = image.ptr<uint8_t>(y) + static_cast<ptrdiff_t>(image.cols - 1) * 3;
    for (int x = 0; x < image.cols; ++x, pixel -= 3, out += 3) {
      out[0] = value_of[pixel[2]];
      out[1] = value_of[pixel[1]];
      out[2] = value_of[pixel[0]];
    }
  }
}

// One picture's part of the heads, which are dense and channels last.
MoveNetHeadViews ViewsOf(const MoveNetHeads& heads, int64_t index) {
  MoveNetHeadViews views;
  views.height = static_cast<int>(heads[0].size(2));
  views.width = static_cast<int>(heads[0].size(3));
  HeadView* const targets[] = {&views.center,     &views.kpt_heatmap, &views.kpt_regress,
                               &views.kpt_offset, &views.box_scale,   &views.box_offset};
  for (size_t i = 0; i < heads.size(); ++i) {
    const int64_t channels = heads[i].size(1);
    const int64_t size = channels * views.height * views.width;
    *targets[i] = HeadView::Turned(
        {heads[i].data_ptr<float>() + index * size, static_cast<size_t>(size)},
        static_cast<int>(channels));
  }
  return views;
}

class MoveNetPoseModel : public PoseModel {
 public:
  MoveNetPoseModel(ModelInfo info, Settings settings, MoveNet network, torch::Device device,
                   int max_batch)
      : info_(std::move(info)),
        settings_(settings),
        device_(device),
        max_batch_(static_cast<size_t>(std::max(1, max_batch))),
        network_(std::move(network)) {}

  absl::StatusOr<std::vector<std::vector<DetectedPerson>>> Detect(
      absl::Span<const cv::Mat> images) override {
    // Pictures of one input size go through the network together.
    std::map<std::pair<int, int>, std::vector<size_t>> groups;
    for (size_t i = 0; i < images.size(); ++i) {
      if (images[i].empty() || images[i].type() != CV_8UC3) {
        return absl::InvalidArgumentError(
            absl::StrCat("picture ", i, " of the batch is empty or not 8-bit BGR"));
      }
      const FrameSize size = InputSizeFor({images[i].cols, images[i].rows}, settings_.long_side,
                                          kStep);
      groups[{size.width, size.height}].push_back(i);
    }
    std::vector<std::vector<DetectedPerson>> people(images.size());
    for (const auto& [size, members] : groups) {
      for (size_t begin = 0; begin < members.size(); begin += max_batch_) {
        const auto batch = absl::MakeConstSpan(members).subspan(begin, max_batch_);
        AW_RETURN_IF_ERROR(DetectBatch(images, batch, {size.first, size.second}, people));
      }
    }
    return people;
  }

  const ModelInfo& info() const override { return info_; }

 private:
  absl::Status DetectBatch(absl::Span<const cv::Mat> images, absl::Span<const size_t> batch,
                           FrameSize size, std::vector<std::vector<DetectedPerson>>& people) {
    return CatchTorch("MoveNet", [&]() -> absl::Status {
      const c10::InferenceMode inference;
      const auto count = static_cast<int64_t>(batch.size());
      torch::Tensor input = torch::empty({count, size.height, size.width, 3});
      std::vector<Letterbox> letterboxes;
      for (size_t i = 0; i < batch.size(); ++i) {
        const cv::Mat& image = images[batch[i]];
        letterboxes.push_back(FitLetterbox({image.cols, image.rows}, size));
        const cv::Mat fitted = ApplyLetterbox(image, letterboxes.back(), cv::Scalar(0, 0, 0));
        WriteTurned(fitted, settings_.value_of,
                    input.data_ptr<float>() + static_cast<int64_t>(i) * input.stride(0));
      }
      MoveNetHeads heads = network_->ForwardTurned(input.permute({0, 3, 1, 2}).to(device_));
      for (torch::Tensor& head : heads) {
        head = head.to(torch::kCPU).contiguous(at::MemoryFormat::ChannelsLast);
      }
      for (size_t i = 0; i < batch.size(); ++i) {
        AW_ASSIGN_OR_RETURN(const std::vector<DetectedPerson> found,
                            DecodeMoveNet(ViewsOf(heads, static_cast<int64_t>(i)),
                                          settings_.decoder));
        for (const DetectedPerson& person : found) {
          people[batch[i]].push_back(ToSource(letterboxes[i], person));
        }
      }
      return absl::OkStatus();
    });
  }

  const ModelInfo info_;
  const Settings settings_;
  const torch::Device device_;
  const size_t max_batch_;
  MoveNet network_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PoseModel>> LoadMoveNet(const ModelFiles& files,
                                                       const MoveNetModelOptions& options) {
  const absl::StatusOr<Settings> settings = ReadSettings(files.manifest);
  if (!settings.ok()) return Annotate(settings.status(), files.folder);
  AW_ASSIGN_OR_RETURN(const SafetensorsFile weights, SafetensorsFile::Open(files.weights_path));
  return CatchTorch(files.folder, [&]() -> absl::StatusOr<std::unique_ptr<PoseModel>> {
    MoveNet network;
    if (absl::Status status = LoadParameters(weights, *network); !status.ok()) {
      return Annotate(status, files.weights_path);
    }
    const torch::Device device(options.device);
    network->to(device);
    network->Prepare();
    return std::make_unique<MoveNetPoseModel>(files.manifest.info, *settings, std::move(network),
                                              device, options.max_batch);
  });
}

}  // namespace aislewatch
