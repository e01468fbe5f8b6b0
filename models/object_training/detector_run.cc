#include "models/object_training/detector_run.h"

#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "models/object_training/training_picture.h"
#include "models/retinanet/losses.h"
#include "models/retinanet/network_detector.h"
#include "models/retinanet/save.h"
#include "models/training/average.h"
#include "models/training/checkpoint.h"
#include "models/training/training_log.h"

namespace aislewatch::object_training {
namespace {

using retinanet::BoxCode;
using retinanet::PixelBox;
using training::Checkpoint;
using training::RunState;

constexpr double kWeightDecay = 1e-4;
constexpr double kGradientLimit = 5.0;
/// A trunk that was taken over learns so much slower than what begins from nothing.
constexpr double kTrunkRate = 0.2;
/// Steps over which the rate rises from nothing.
constexpr double kWarmUp = 100;
/// What a step leaves of the averaged weights, once there are many.
constexpr double kAverage = 0.995;
/// Pictures of one inference while validating.
constexpr size_t kEvaluationBatch = 8;

/// What the network must say of one picture.
struct Targets {
  torch::Tensor classes;  // [anchors] int64
  torch::Tensor found;    // [B] int64: anchors that must find a box
  torch::Tensor codes;    // [B, 4]
};

Targets TargetsOf(const TrainingPicture& picture, absl::Span<const PixelBox> anchors) {
  const std::vector<int> assigned =
      retinanet::AssignAnchors(anchors, picture.boxes, picture.ignored);
  std::vector<int64_t> classes, found;
  std::vector<float> codes;
  classes.reserve(assigned.size());
  for (size_t a = 0; a < assigned.size(); ++a) {
    if (assigned[a] < 0) {
      classes.push_back(assigned[a]);
      continue;
    }
    const auto box = static_cast<size_t>(assigned[a]);
    classes.push_back(picture.classes[box]);
    found.push_back(static_cast<int64_t>(a));
    const BoxCode code = retinanet::EncodeBox(anchors[a], picture.boxes[box]);
    codes.insert(codes.end(), code.begin(), code.end());
  }
  const auto boxes = static_cast<int64_t>(found.size());
  return {torch::tensor(classes), torch::tensor(found, torch::kInt64),
          torch::tensor(codes, torch::kFloat32).view({boxes, 4})};
}

/// How many of the trunk's blocks lie before stride 8: they see edges and colours, which weapons
/// have as people do, and are the costliest to train.
int64_t FrozenBlocks(const clip_networks::TrunkOptions& trunk) {
  int64_t blocks = 1;
  int stride = 2;
  for (const clip_networks::TrunkStage& stage : trunk.stages) {
    stride *= stage.stride;
    if (stride >= retinanet::kFinestStride) break;
    blocks += stage.blocks;
  }
  return blocks;
}

bool IsFrozen(const std::string& name, int64_t blocks) {
  if (name.rfind("stem.", 0) == 0) return true;
  return std::stoll(name.substr(std::string("blocks.").size())) < blocks;
}

/// What tells one network from another, in a line; trunks differ in the shapes of their weights.
std::string Description(const retinanet::Options& options, int classes) {
  return absl::StrCat("retinanet of ", classes, " classes, input_side ", options.input_side,
                      ", levels ", options.levels, ", pyramid_channels ", options.pyramid_channels,
                      ", head_convolutions ", options.head_convolutions, ", anchor_scale ",
                      options.anchor_scale);
}

ModelManifest ManifestOf(const TrainingOptions& options, const ModelInfo& info,
                         const std::vector<ObjectClass>& classes, size_t pictures,
                         const ObjectEvaluation& validation) {
  ModelManifest manifest;
  manifest.info = info;
  for (const ObjectClass& one : classes) manifest.classes.push_back(one.name);
  manifest.licence = "Apache-2.0";
  manifest.source = "Trained by Aislewatch.";
  if (!options.trunk_model.empty()) {
    manifest.source +=
        " The trunk began as that of MoveNet MultiPose (Google, Apache-2.0); its first blocks are "
        "still that.";
  }
  manifest.training = {
      .data = absl::StrCat(pictures, " pictures to learn from, ", validation.pictures,
                           " to choose by. ", options.data_note),
      .command = options.command,
      .seed = static_cast<int64_t>(options.seed)};
  manifest.metrics["validation_mean_average_precision"] = validation.mean_average_precision;
  manifest.metrics["validation_weapon_average_precision"] = validation.weapon_average_precision;
  manifest.metrics["validation_weapon_precision"] = validation.weapons.precision();
  manifest.metrics["validation_weapon_recall"] = validation.weapons.recall();
  return manifest;
}

/// One training run. Single-threaded; made once, Run once.
class DetectorRun {
 public:
  DetectorRun(const TrainingOptions& options, ModelInfo info, torch::Device device,
              retinanet::Network network, DetectorData data)
      : options_(options),
        info_(std::move(info)),
        device_(device),
        network_(std::move(network)),
        average_(network_->options(), network_->classes()),
        train_(std::move(data.train)),
        validation_(std::move(data.validation)),
        anchors_(retinanet::MakeAnchors(network_->options())),
        checkpoint_(options.out + "/run", Description(network_->options(), network_->classes())),
        optimizer_(Groups(),
                   torch::optim::AdamWOptions(options.learning_rate).weight_decay(kWeightDecay)) {
    average_->to(device_);
    training::MoveAverage(*average_, *network_, 0);
    for (size_t i = 0; i < train_.pictures.size(); ++i) {
      (HasThing(train_.pictures[i]) ? with_things_ : without_).push_back(i);
    }
  }

  absl::StatusOr<TrainingResult> Train(const TrainingProgressFn& progress) {
    RunState state;
    if (options_.resume) {
      AW_ASSIGN_OR_RETURN(state, checkpoint_.Resume(*network_, *average_, optimizer_));
    }
    while (state.epoch < options_.epochs &&
           (state.epoch == 0 || state.epoch - state.best_epoch < options_.patience)) {
      const absl::Time begin = absl::Now();
      AW_ASSIGN_OR_RETURN(const Losses losses, Epoch(state.epoch, progress));
      AW_ASSIGN_OR_RETURN(const ObjectEvaluation validation, Validate(progress));
      ++state.epoch;
      // A checkpoint keeps the lowest loss; this one is what the precision falls short by.
      const double shortfall = 1 - validation.mean_average_precision;
      const bool is_best = state.best_epoch == 0 || shortfall < state.best_loss;
      if (is_best) {
        state.best_loss = shortfall;
        state.best_epoch = state.epoch;
      }
      // First, since a run that stops in between does the epoch again.
      AW_RETURN_IF_ERROR(Log(state.epoch, losses, validation, absl::Now() - begin));
      AW_RETURN_IF_ERROR(checkpoint_.Save(state, *network_, *average_, optimizer_, is_best));
      progress({"epochs", state.epoch, options_.epochs,
                absl::StrFormat("loss %.3f + %.3f, mean AP %.3f, weapons' AP %.3f, F1 %.2f%s",
                                losses.classes, losses.boxes, validation.mean_average_precision,
                                validation.weapon_average_precision, validation.weapons.f1(),
                                is_best ? ", best" : "")});
    }
    AW_RETURN_IF_ERROR(checkpoint_.LoadBest(*average_));
    return Finish(state, progress);
  }

 private:
  /// Sums over a step's or means over an epoch's pictures, per anchor with a box.
  struct Losses {
    double classes = 0;
    double boxes = 0;
  };

  std::vector<torch::optim::OptimizerParamGroup> Groups() {
    std::vector<torch::Tensor> trunk, fresh;
    const int64_t frozen =
        options_.trunk_model.empty() ? -1 : FrozenBlocks(network_->options().trunk);
    std::set<const void*> of_trunk;
    for (auto& parameter : network_->trunk()->named_parameters()) {
      of_trunk.insert(parameter.value().unsafeGetTensorImpl());
      if (frozen >= 0 && IsFrozen(parameter.key(), frozen)) {
        parameter.value().set_requires_grad(false);
      } else {
        trunk.push_back(parameter.value());
      }
    }
    for (const torch::Tensor& parameter : network_->parameters()) {
      if (of_trunk.count(parameter.unsafeGetTensorImpl()) == 0) fresh.push_back(parameter);
    }
    std::vector<torch::optim::OptimizerParamGroup> groups;
    groups.emplace_back(fresh);
    groups.emplace_back(trunk);
    for (auto& group : groups) {
      group.set_options(std::make_unique<torch::optim::AdamWOptions>(
          torch::optim::AdamWOptions(options_.learning_rate).weight_decay(kWeightDecay)));
    }
    return groups;
  }

  static bool HasThing(const LabelledPicture& picture) {
    return std::any_of(picture.boxes.begin(), picture.boxes.end(),
                       [](const LabelledBox& box) { return !box.ignored; });
  }

  /// Most hands are empty. So that a step is about something, no more of those are drawn than of
  /// pictures with a thing, other ones in each epoch.
  size_t pictures_per_epoch() const {
    return with_things_.size() + std::min(with_things_.size(), without_.size());
  }

  size_t steps_per_epoch() const {
    const auto batch = static_cast<size_t>(options_.batch);
    return (pictures_per_epoch() + batch - 1) / batch;
  }

  std::vector<size_t> DrawPictures(std::mt19937_64& random) const {
    std::vector<size_t> drawn = without_;
    std::shuffle(drawn.begin(), drawn.end(), random);
    drawn.resize(pictures_per_epoch() - with_things_.size());
    drawn.insert(drawn.end(), with_things_.begin(), with_things_.end());
    std::shuffle(drawn.begin(), drawn.end(), random);
    return drawn;
  }

  /// A linear rise, then half a cosine down to a fiftieth.
  void SetRate(size_t step) {
    const auto now = static_cast<double>(step);
    const double along =
        now / static_cast<double>(static_cast<size_t>(options_.epochs) * steps_per_epoch());
    const double rate = options_.learning_rate * std::min(1.0, (now + 1) / kWarmUp) *
                        (0.02 + 0.98 * 0.5 * (1 + std::cos(M_PI * along)));
    auto& groups = optimizer_.param_groups();
    const double trunk_rate = options_.trunk_model.empty() ? 1 : kTrunkRate;
    static_cast<torch::optim::AdamWOptions&>(groups[0].options()).lr(rate);
    static_cast<torch::optim::AdamWOptions&>(groups[1].options()).lr(rate * trunk_rate);
  }

  absl::StatusOr<Losses> Epoch(int epoch, const TrainingProgressFn& progress) {
    // Each epoch has a seed of its own, so that a resumed run draws what an uninterrupted one does.
    std::mt19937_64 random(options_.seed * 1'000'003 + static_cast<uint64_t>(epoch));
    const std::vector<size_t> order = DrawPictures(random);
    network_->train();
    const size_t steps = steps_per_epoch();
    const auto batch = static_cast<size_t>(options_.batch);
    const std::string stage = absl::StrCat("epoch ", epoch + 1);
    Losses sum;
    for (size_t step = 0; step < steps; ++step) {
      const size_t total = static_cast<size_t>(epoch) * steps + step;
      SetRate(total);
      const size_t begin = step * batch;
      AW_ASSIGN_OR_RETURN(
          const Losses losses,
          Step({order.data() + begin, std::min(batch, order.size() - begin)}, random));
      const auto seen = static_cast<double>(total);
      training::MoveAverage(*average_, *network_, std::min(kAverage, (1 + seen) / (10 + seen)));
      sum.classes += losses.classes / static_cast<double>(steps);
      sum.boxes += losses.boxes / static_cast<double>(steps);
      progress({stage, static_cast<int64_t>(step) + 1, static_cast<int64_t>(steps),
                absl::StrFormat("loss %.3f + %.3f", losses.classes, losses.boxes)});
    }
    return sum;
  }

  absl::StatusOr<Losses> Step(absl::Span<const size_t> pictures, std::mt19937_64& random) {
    std::vector<cv::Mat> images;
    std::vector<Targets> targets;
    int64_t boxes = 0;
    for (const size_t index : pictures) {
      const LabelledPicture& labelled = train_.pictures[index];
      AW_ASSIGN_OR_RETURN(const cv::Mat image, ReadPicture(labelled));
      const TrainingPicture varied =
          VaryPicture(image, labelled.boxes, network_->options().input_side, random);
      images.push_back(varied.image);
      targets.push_back(TargetsOf(varied, anchors_));
      boxes += targets.back().found.size(0);
    }
    optimizer_.zero_grad();
    const retinanet::Predictions said = network_->forward(
        retinanet::PicturesToTensor(images, network_->options().input_side).to(device_));
    torch::Tensor class_loss = torch::zeros({}, device_), box_loss = torch::zeros({}, device_);
    for (size_t i = 0; i < targets.size(); ++i) {
      const auto index = static_cast<int64_t>(i);
      class_loss =
          class_loss + retinanet::FocalLoss(said.logits[index], targets[i].classes.to(device_));
      if (targets[i].found.size(0) == 0) continue;
      box_loss = box_loss +
                 retinanet::BoxLoss(said.codes[index].index_select(0, targets[i].found.to(device_)),
                                    targets[i].codes.to(device_));
    }
    const auto count = static_cast<double>(std::max<int64_t>(1, boxes));
    class_loss = class_loss / count;
    box_loss = box_loss / count;
    (class_loss + box_loss).backward();
    torch::nn::utils::clip_grad_norm_(network_->parameters(), kGradientLimit);
    optimizer_.step();
    const Losses losses{class_loss.item<double>(), box_loss.item<double>()};
    if (!std::isfinite(losses.classes + losses.boxes)) {
      return absl::InternalError("the loss is no number any more; try a lower --learning-rate");
    }
    return losses;
  }

  /// With the average, at the threshold that suits it best.
  absl::StatusOr<ObjectEvaluation> Validate(const TrainingProgressFn& progress) {
    retinanet::NetworkDetector detector(info_, train_.classes, average_, device_);
    AW_ASSIGN_OR_RETURN(const std::vector<JudgedPicture> judged,
                        JudgePictures(detector, validation_, [&](int64_t done, int64_t total) {
                          progress({"validation", done, total, ""});
                        }));
    return EvaluateDetections(train_.classes, judged, BestThreshold(train_.classes, judged));
  }

  absl::Status Log(int epoch, const Losses& losses, const ObjectEvaluation& validation,
                   absl::Duration took) const {
    return training::LogEpoch(
        options_.out + "/run/training.csv",
        "epoch,class_loss,box_loss,mean_average_precision,weapon_average_precision,threshold,"
        "weapon_precision,weapon_recall,seconds",
        epoch,
        absl::StrFormat("%d,%.5f,%.5f,%.4f,%.4f,%.2f,%.4f,%.4f,%.1f", epoch, losses.classes,
                        losses.boxes, validation.mean_average_precision,
                        validation.weapon_average_precision, validation.threshold,
                        validation.weapons.precision(), validation.weapons.recall(),
                        absl::ToDoubleSeconds(took)));
  }

  absl::StatusOr<TrainingResult> Finish(const RunState& state, const TrainingProgressFn& progress) {
    TrainingResult result;
    result.epochs = state.epoch;
    result.best_epoch = state.best_epoch;
    AW_ASSIGN_OR_RETURN(result.validation, Validate(progress));
    result.skipped = train_.skipped;
    result.validation_skipped = validation_.skipped;
    retinanet::Options written = network_->options();
    written.threshold = result.validation.threshold;
    written.weapons.clear();
    for (const ObjectClass& one : train_.classes) {
      if (one.weapon) written.weapons.push_back(one.name);
    }
    average_->to(torch::kCPU);
    AW_RETURN_IF_ERROR(retinanet::SaveObjectDetector(
        options_.out, average_, written,
        ManifestOf(options_, info_, train_.classes, train_.pictures.size(), result.validation)));
    return result;
  }

  const TrainingOptions& options_;
  const ModelInfo info_;
  const torch::Device device_;
  retinanet::Network network_;
  // What is validated and kept; see training::MoveAverage.
  retinanet::Network average_;
  const ObjectDataset train_;
  const ObjectDataset validation_;
  // Indices into the training pictures.
  std::vector<size_t> with_things_, without_;
  const std::vector<PixelBox> anchors_;
  const Checkpoint checkpoint_;
  torch::optim::AdamW optimizer_;
};

}  // namespace

absl::StatusOr<std::vector<JudgedPicture>> JudgePictures(
    ObjectDetector& detector, const ObjectDataset& dataset,
    const std::function<void(int64_t, int64_t)>& progress) {
  std::vector<JudgedPicture> judged;
  for (size_t begin = 0; begin < dataset.pictures.size(); begin += kEvaluationBatch) {
    const size_t end = std::min(begin + kEvaluationBatch, dataset.pictures.size());
    std::vector<cv::Mat> images;
    for (size_t i = begin; i < end; ++i) {
      AW_ASSIGN_OR_RETURN(cv::Mat image, ReadPicture(dataset.pictures[i]));
      images.push_back(std::move(image));
    }
    AW_ASSIGN_OR_RETURN(auto found, detector.Detect(images));
    for (size_t i = begin; i < end; ++i) {
      judged.push_back({dataset.pictures[i].boxes, std::move(found[i - begin])});
    }
    progress(static_cast<int64_t>(end), static_cast<int64_t>(dataset.pictures.size()));
  }
  return judged;
}

absl::StatusOr<TrainingResult> RunTraining(const TrainingOptions& options, const ModelInfo& info,
                                           torch::Device device, retinanet::Network network,
                                           DetectorData data, const TrainingProgressFn& progress) {
  DetectorRun run(options, info, device, std::move(network), std::move(data));
  return run.Train(progress);
}

}  // namespace aislewatch::object_training
