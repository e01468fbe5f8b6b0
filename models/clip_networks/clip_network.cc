#include "models/clip_networks/clip_network.h"

#include <opencv2/imgproc.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "models/clip_networks/cnn_gru.h"
#include "models/clip_networks/cnn_lstm.h"
#include "models/clip_networks/conv_lstm.h"
#include "models/clip_networks/gate_flow_slowfast.h"

namespace aislewatch::clip_networks {

torch::Tensor CropsToTensor(absl::Span<const cv::Mat> crops, int side) {
  torch::Tensor batch = torch::empty({static_cast<int64_t>(crops.size()), side, side, 3});
  auto* out = batch.data_ptr<float>();
  const size_t floats = static_cast<size_t>(side) * side * 3;
  cv::Mat rgb;
  for (const cv::Mat& crop : crops) {
    cv::Mat sized = crop;
    if (crop.rows != side || crop.cols != side) {
      cv::resize(crop, sized, cv::Size(side, side), 0, 0, cv::INTER_AREA);
    }
    cv::cvtColor(sized, rgb, cv::COLOR_BGR2RGB);
    cv::Mat target(side, side, CV_32FC3, out);
    rgb.convertTo(target, CV_32FC3, kInputScale, kInputOffset);
    out += floats;
  }
  // Channels last is what OpenCV wrote and what oneDNN's convolutions like best.
  return batch.permute({0, 3, 1, 2});
}

torch::Tensor ClipNetwork::Inputs(absl::Span<const PersonView> views) const {
  std::vector<cv::Mat> crops;
  for (const PersonView& view : views) crops.push_back(view.crop);
  return CropsToTensor(crops, options_.crop_side);
}

std::string ClipNetwork::maps_name() const { return absl::StrCat("pixels-", options_.crop_side); }

torch::Tensor ClipNetwork::Features(const torch::Tensor& picture, const torch::Tensor&) {
  return picture;
}

torch::Tensor ClipNetwork::Classify(const torch::Tensor& features, const torch::Tensor& lengths) {
  const torch::Tensor rows = torch::arange(features.size(0), lengths.options());
  return EveryStep(features, rows * features.size(1) + lengths - 1);
}

ClipNetworkPtr MakeNetwork(const Options& options) {
  switch (options.architecture) {
    case Architecture::kCnnLstm:
      return std::make_shared<CnnLstm>(options);
    case Architecture::kConvLstm:
      return std::make_shared<ConvLstm>(options);
    case Architecture::kGateFlowSlowFast:
      return std::make_shared<GateFlowSlowFast>(options);
    case Architecture::kCnnGru:
      break;
  }
  return std::make_shared<CnnGru>(options);
}

}  // namespace aislewatch::clip_networks
