// A network that tells from a sequence of person crops what the person does, whatever it is made of.
//
// Its parts are public calls of their own because they run at different rates: Inputs, Maps, Picture and
// Features once per crop, Classify once per window. Training keeps what Maps gives, so that a frozen
// part of a network runs once per crop, too.
#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <memory>
#include <opencv2/core/mat.hpp>
#include <string>
#include <utility>

#include "absl/types/span.h"
#include "common/roles/clip_classifier.h"
#include "models/clip_networks/options.h"
#include "models/clip_networks/trunk.h"

namespace aislewatch::clip_networks {

/// How a channel of 0..255 becomes a network's input: value * scale + offset. The scale is MoveNet's
/// own, 2 / 255 as it stands in half precision in its graph.
inline constexpr float kInputScale = 0.00784302f;
inline constexpr float kInputOffset = -1;

/// Crops of any size, 8-bit BGR and not empty: `[N, 3, side, side]` float32 RGB in -1..1, on the CPU.
/// Throws c10::Error or cv::Exception.
torch::Tensor CropsToTensor(absl::Span<const cv::Mat> crops, int side);

/// Throws c10::Error where shapes do not fit. Not thread-safe to train; forward without gradients is.
class ClipNetwork : public torch::nn::Module {
 public:
  explicit ClipNetwork(Options options) : options_(std::move(options)) {}

  /// What the network gets of some crops' pictures, `[N, ...]` float32 on the CPU; by default as
  /// CropsToTensor makes them.
  virtual torch::Tensor Inputs(absl::Span<const PersonView> views) const;
  /// What of it is worth keeping for training: the inputs themselves, or what a frozen part makes of
  /// them, `[N, channels, H, W]`.
  virtual torch::Tensor Maps(const torch::Tensor& inputs) { return inputs; }
  /// The maps of the mirrored crops.
  virtual torch::Tensor MirroredMaps(const torch::Tensor& maps) const { return maps.flip(3); }
  /// Maps → what the pictures show, `[N, picture_size]`. Drops out while training.
  virtual torch::Tensor Picture(const torch::Tensor& maps) = 0;
  /// `picture`: `[N, picture_size]`, zeros where there is none; `keypoints`: `[N, 17, 3]` as
  /// KeypointsToTensor gives them → a crop's features, `[N, crop_features]`.
  virtual torch::Tensor Features(const torch::Tensor& picture, const torch::Tensor& keypoints);
  /// Logits `[W, 7]` after the steps `wanted` (`[W]` int64, indices into B × T) of `features` (`[B, T,
  /// crop_features]`, padded behind each sequence's end).
  virtual torch::Tensor EveryStep(const torch::Tensor& features, const torch::Tensor& wanted) = 0;
  /// Logits `[B, 7]` after each sequence's last step; `lengths`: `[B]` int64 in 1..T, on the same
  /// device.
  torch::Tensor Classify(const torch::Tensor& features, const torch::Tensor& lengths);

  /// Floats per crop of Picture; 0 where the network sees none.
  virtual int picture_size() const = 0;
  /// Floats per crop that are kept for the sequence part.
  virtual int crop_features() const { return picture_size(); }
  /// Names what Maps gives: networks of one name can be trained on the same maps.
  virtual std::string maps_name() const;
  /// Whether one run over a sequence says what holds at each of its steps. Others look at each window
  /// anew.
  virtual bool is_recurrent() const { return true; }
  /// The part that is pretrained and frozen, named "trunk" in the weights; null where there is none.
  virtual Trunk* trunk() { return nullptr; }

  const Options& options() const { return options_; }

 private:
  const Options options_;
};

using ClipNetworkPtr = std::shared_ptr<ClipNetwork>;

/// A network with random weights. `options` must be valid.
ClipNetworkPtr MakeNetwork(const Options& options);

}  // namespace aislewatch::clip_networks
