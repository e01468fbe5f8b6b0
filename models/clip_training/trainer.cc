#include "models/clip_training/trainer.h"

#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/inference/compute_check.h"
#include "common/inference/torch_guard.h"
#include "models/clip_networks/save.h"
#include "models/clip_networks/trunk_import.h"
#include "models/clip_training/metrics.h"
#include "models/clip_training/track_variation.h"
#include "models/clip_training/training_data.h"
#include "models/clip_training/window_loss.h"
#include "models/training/average.h"
#include "models/training/checkpoint.h"
#include "models/training/device.h"
#include "models/training/training_log.h"

namespace aislewatch::clip_training {
namespace {

constexpr double kWeightDecay = 1e-2;
constexpr double kGradientLimit = 1.0;
/// The stores of the validation part have so many more acts of concealment a minute than a
/// simulated day of `bench incidents`, which itself has more than any shop.
constexpr double kActWeight = 0.4;
/// And a fight is rarer by far.
constexpr double kFightWeight = 0.1;
/// What a step leaves of the averaged weights.
constexpr double kAverage = 0.997;

/// What tells one network from another, in a line; trunks differ in the shapes of their weights.
std::string Description(const clip_networks::Options& options) {
  nlohmann::json sizes = clip_networks::OptionsToJson(options);
  sizes.erase("trunk");
  return absl::StrCat(ArchitectureName(options.architecture), " ", sizes.dump());
}

/// What has no picture teaches nothing to a network that sees nothing else.
absl::Status CheckPictures(const TrainingOptions& options) {
  if (options.network.sees_joints() || options.sketches == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      ArchitectureName(options.network.architecture),
      " sees pictures alone, and sketches have none; use --sketches 0 and --pictured-sketches"));
}

training::Checkpoint CheckpointOf(const TrainingOptions& options) {
  return training::Checkpoint(options.out + "/run", Description(options.network));
}

/// One training run. Single-threaded; made once, Run once.
class Run {
 public:
  Run(const TrainingOptions& options, ModelInfo info, torch::Device device,
      clip_networks::ClipNetworkPtr network, TrainingData data)
      : options_(options),
        info_(std::move(info)),
        device_(device),
        network_(std::move(network)),
        average_(clip_networks::MakeNetwork(network_->options())),
        data_(std::move(data)),
        sampler_(data_.train),
        checkpoint_(CheckpointOf(options)),
        optimizer_(TrainableParameters(),
                   torch::optim::AdamWOptions(options.learning_rate).weight_decay(kWeightDecay)) {
    average_->to(device_);
    training::MoveAverage(*average_, *network_, 0);
  }

  absl::StatusOr<TrainingResult> Train(const TrainingProgressFn& progress) {
    training::RunState state;
    if (options_.resume) {
      AW_ASSIGN_OR_RETURN(state, checkpoint_.Resume(*network_, *average_, optimizer_));
    }
    while (state.epoch < options_.epochs &&
           (state.epoch == 0 || state.epoch - state.best_epoch < options_.patience)) {
      const absl::Time begin = absl::Now();
      const double train_loss = Epoch(state.epoch);
      const ValidationResult validation = Validate();
      const double validation_loss = validation.loss;
      if (!std::isfinite(train_loss) || !std::isfinite(validation_loss)) {
        return absl::InternalError(absl::StrFormat(
            "the loss of epoch %d is no number; start again with another --seed", state.epoch + 1));
      }
      ++state.epoch;
      const bool is_best = state.best_epoch == 0 || validation_loss < state.best_loss;
      if (is_best) {
        state.best_loss = validation_loss;
        state.best_epoch = state.epoch;
      }
      // First, since a run that stops in between does the epoch again.
      AW_RETURN_IF_ERROR(Log(state.epoch, train_loss, validation, absl::Now() - begin));
      AW_RETURN_IF_ERROR(checkpoint_.Save(state, *network_, *average_, optimizer_, is_best));
      progress({"epochs", state.epoch, options_.epochs,
                absl::StrFormat("loss %.3f, validation %.3f, AUC %.3f, F0.5 %.2f%s", train_loss,
                                validation_loss, validation.concealment_auc,
                                validation.concealment.f(0.5), is_best ? ", best" : "")});
    }
    AW_RETURN_IF_ERROR(checkpoint_.LoadBest(*average_));
    return Finish(state);
  }

 private:
  std::vector<torch::Tensor> TrainableParameters() {
    if (clip_networks::Trunk* trunk = network_->trunk()) {
      for (torch::Tensor& parameter : (*trunk)->parameters()) parameter.set_requires_grad(false);
    }
    std::vector<torch::Tensor> trainable;
    for (const torch::Tensor& parameter : network_->parameters()) {
      if (parameter.requires_grad()) trainable.push_back(parameter);
    }
    return trainable;
  }

  /// Half a cosine from the full rate to a fiftieth.
  void SetRate(int epoch) {
    const double along = static_cast<double>(epoch) / std::max(1, options_.epochs);
    const double rate = options_.learning_rate * (0.02 + 0.98 * 0.5 * (1 + std::cos(M_PI * along)));
    for (auto& group : optimizer_.param_groups()) {
      static_cast<torch::optim::AdamWOptions&>(group.options()).lr(rate);
    }
  }

  double Epoch(int epoch) {
    // Each epoch has a seed of its own, so that a resumed run draws what an uninterrupted one does.
    std::mt19937_64 random(options_.seed * 1'000'003 + static_cast<uint64_t>(epoch));
    torch::manual_seed(static_cast<uint64_t>(random()));
    SetRate(epoch);
    network_->train();
    const auto batch = static_cast<size_t>(options_.batch);
    const auto steps = static_cast<size_t>(std::ceil(sampler_.weight() / options_.batch));
    double sum = 0;
    for (size_t step = 0; step < steps; ++step) {
      std::vector<const Sample*> samples;
      std::vector<SampleView> varied;
      for (size_t i = 0; i < batch; ++i) {
        samples.push_back(&sampler_.Draw(random));
        const std::vector<SampleView>& views = samples.back()->views;
        varied.push_back(VaryView(*network_, views[random() % views.size()], random));
      }
      std::vector<const SampleView*> views;
      for (const SampleView& view : varied) views.push_back(&view);
      optimizer_.zero_grad();
      const torch::Tensor loss =
          SampleLoss(device_, samples, views, ScoreViews(*network_, device_, views, &random));
      loss.backward();
      torch::nn::utils::clip_grad_norm_(network_->parameters(), kGradientLimit);
      optimizer_.step();
      training::MoveAverage(*average_, *network_, kAverage);
      sum += loss.item<double>();
    }
    return sum / static_cast<double>(steps);
  }

  struct ValidationResult {
    /// Mean over data sets.
    double loss = 0;
    /// Means over classes.
    std::map<std::string, double> by_dataset;
    /// Of concealment against everything else, crop by crop of simulated footage.
    double concealment_auc = 0;
    /// And act by act.
    ActEvents::Figures concealment;
    ActEvents::Figures fights;
  };

  ValidationResult Validate() {
    const torch::NoGradGuard no_gradients;
    average_->eval();
    std::map<std::string, std::map<std::string, std::pair<double, int>>> losses;
    std::vector<float> odds;
    std::vector<bool> concealing;
    ActEvents concealments(ConcealingActions());
    ActEvents fights(Only(Action::kFighting));
    for (const Sample& sample : data_.validation) {
      const SampleView* view = &sample.views.front();
      const auto scores = ScoreViews(*average_, device_, {view}, /*random=*/nullptr);
      const double loss = SampleLoss(device_, {&sample}, {view}, scores).item<double>();
      auto& [sum, count] = losses[sample.clip.dataset][sample.clip.folder];
      sum += loss;
      ++count;
      for (size_t t = 0; t < view->tracks.size(); ++t) {
        const std::vector<ActionSet>& targets = view->tracks[t].targets;
        if (targets.empty()) continue;
        const std::vector<float> own = LogOdds(scores[0][t], ConcealingActions());
        // Rehearsals have too many acts for the rest to weigh what it does in a store.
        if (sample.clip.dataset == kSimulatedStores) {
          concealments.Add(scores[0][t].crops, own, targets);
          fights.Add(scores[0][t].crops, LogOdds(scores[0][t], Only(Action::kFighting)), targets);
        }
        for (size_t i = 0; i < own.size(); ++i) {
          const ActionSet coarse =
              Coarse(targets[static_cast<size_t>(scores[0][t].crops[i])], ConcealingActions());
          if (coarse.all()) continue;
          odds.push_back(own[i]);
          concealing.push_back(coarse == ConcealingActions());
        }
      }
    }
    ValidationResult result;
    result.concealment_auc = AreaUnderRoc(odds, concealing);
    result.concealment = concealments.Best(kActWeight);
    result.fights = fights.Best(kFightWeight);
    for (const auto& [dataset, classes] : losses) {
      double mean = 0;
      for (const auto& [folder, loss] : classes) {
        mean += loss.first / loss.second / static_cast<double>(classes.size());
      }
      result.by_dataset[dataset] = mean;
      result.loss += mean / static_cast<double>(losses.size());
    }
    return result;
  }

  absl::Status Log(int epoch, double train_loss, const ValidationResult& validation,
                   absl::Duration took) const {
    std::string title =
        "epoch,train_loss,validation_loss,seconds,concealment_auc_roc,concealment_acts,"
        "concealment_recall,concealment_precision,concealment_threshold";
    const ActEvents::Figures& acts = validation.concealment;
    std::string line =
        absl::StrFormat("%d,%.5f,%.5f,%.1f,%.4f,%d,%.4f,%.4f,%.4f", epoch, train_loss,
                        validation.loss, absl::ToDoubleSeconds(took), validation.concealment_auc,
                        acts.acts, acts.recall(), acts.precision(), acts.threshold);
    for (const auto& [dataset, loss] : validation.by_dataset) {
      absl::StrAppend(&title, ",", dataset);
      absl::StrAppendFormat(&line, ",%.5f", loss);
    }
    return training::LogEpoch(options_.out + "/run/training.csv", title, epoch, line);
  }

  absl::StatusOr<TrainingResult> Finish(const training::RunState& state) {
    const ValidationResult validation = Validate();
    TrainingResult result{.epochs = state.epoch,
                          .best_epoch = state.best_epoch,
                          .best_validation_loss = state.best_loss,
                          .concealment = validation.concealment,
                          .fights = validation.fights};
    Calibrate(result.concealment, ConcealingActions());
    Calibrate(result.fights, Only(Action::kFighting));
    if (result.concealment.acts == 0) CalibrateOnClips(ConcealingActions());
    if (result.fights.acts == 0) CalibrateOnClips(Only(Action::kFighting));
    for (const auto& [dataset, samples] : data_.test) {
      std::vector<JudgedClip> judged;
      for (const Sample& sample : samples) {
        judged.push_back({sample.clip, JudgeSample(*average_, device_, sample)});
      }
      result.test[dataset] = Evaluate(judged);
    }
    result.skipped = data_.skipped;
    average_->to(torch::kCPU);
    const absl::Status written =
        clip_networks::SaveClipClassifier(options_.out, *average_, Manifest(result));
    if (written.ok()) return result;
    return absl::Status(written.code(),
                        absl::StrCat("cannot write the model: ", written.message(),
                                     "; the run is kept: make room or the folder writable, then "
                                     "go on with --resume"));
  }

  /// Moves the log-odds of `actions` so that the best threshold becomes kAlarmProbability: what
  /// fusion does with them was chosen before there was any network.
  void Calibrate(const ActEvents::Figures& figures, const ActionSet& actions) {
    if (figures.acts == 0) return;  // Nothing to tell it from.
    Shift(actions, std::log(kAlarmProbability / (1 - kAlarmProbability)) - figures.threshold);
  }

  /// The same without simulated stores: the threshold that tells best which recorded clips of the
  /// validation part show one of `actions` becomes 0.5, from which a clip counts as showing it.
  void CalibrateOnClips(const ActionSet& actions) {
    std::vector<ranking::ScoredItem> clips;
    for (const Sample& sample : data_.validation) {
      if (IsSimulated(sample.clip.dataset)) continue;
      const double p =
          std::clamp(JudgeSample(*average_, device_, sample).Peak(actions), 1e-6f, 1 - 1e-6f);
      clips.push_back(
          {static_cast<float>(std::log(p / (1 - p))), (sample.clip.actions & actions).any()});
    }
    const auto ranking = ranking::MakeRanking(std::move(clips));
    // Where there are no clips of either kind there is nothing to tell it from.
    if (ranking.ok()) Shift(actions, -ranking::BestF1Threshold(*ranking));
  }

  /// Adds to the log-odds of `actions` against all others.
  void Shift(const ActionSet& actions, double shift) {
    const torch::NoGradGuard no_gradients;
    torch::Tensor bias = average_->named_parameters()["head.bias"];
    for (int a = 0; a < kActionCount; ++a) {
      if (actions[a]) bias[a] += shift;
    }
  }

  ModelManifest Manifest(const TrainingResult& result) const {
    ModelManifest manifest;
    manifest.info = info_;
    manifest.licence = "Apache-2.0";
    manifest.source = "Trained by Aislewatch.";
    if (average_->trunk() != nullptr) {
      manifest.source += " The trunk is that of MoveNet MultiPose (Google, Apache-2.0), frozen.";
    }
    std::string data = absl::StrCat(
        options_.stores, " simulated stores and ", options_.rehearsals, " rehearsals of ",
        options_.store_seconds, " s; ", options_.simulated, " simulated clips; ", options_.sketches,
        " and ", options_.pictured_sketches, " sketched stores without and with pictures of ",
        options_.store_seconds, " s");
    for (const auto& [name, directory] : options_.datasets) {
      absl::StrAppend(&data, "; ", name, ": all but block ", options_.fold.index, " of ",
                      options_.fold.count, " of each class");
    }
    if (!options_.data_note.empty()) absl::StrAppend(&data, "; ", options_.data_note);
    if (!data_.skipped.empty()) {
      absl::StrAppend(&data, "; left out since they cannot be read: ", data_.skipped.size());
    }
    manifest.training = {
        .data = data, .command = options_.command, .seed = static_cast<int64_t>(options_.seed)};
    manifest.metrics["validation_concealment_acts"] = result.concealment.acts;
    manifest.metrics["validation_concealment_recall"] = result.concealment.recall();
    manifest.metrics["validation_concealment_precision"] = result.concealment.precision();
    manifest.metrics["validation_fights"] = result.fights.acts;
    manifest.metrics["validation_fight_recall"] = result.fights.recall();
    manifest.metrics["validation_fight_precision"] = result.fights.precision();
    for (const auto& [dataset, evaluation] : result.test) {
      manifest.metrics[dataset + "_test_accuracy"] = evaluation.accuracy;
      manifest.metrics[dataset + "_test_f1"] = evaluation.f1;
      manifest.metrics[dataset + "_test_auc_roc"] = evaluation.auc_roc;
    }
    return manifest;
  }

  const TrainingOptions& options_;
  const ModelInfo info_;
  const torch::Device device_;
  const clip_networks::ClipNetworkPtr network_;
  // What is validated and kept; see training::MoveAverage.
  const clip_networks::ClipNetworkPtr average_;
  const TrainingData data_;
  const BalancedSampler sampler_;
  const training::Checkpoint checkpoint_;
  torch::optim::AdamW optimizer_;
};

}  // namespace

absl::StatusOr<TrainingResult> TrainClassifier(const TrainingOptions& options,
                                               const ModelRepository& repository,
                                               PersonFinder& finder,
                                               const TrainingProgressFn& progress) {
  AW_ASSIGN_OR_RETURN(const ModelInfo info, ModelInfoOfFolder(options.out));
  AW_RETURN_IF_ERROR(clip_networks::Validate(options.network));
  AW_ASSIGN_OR_RETURN(const torch::Device device, training::ChooseDevice(options.device));
  AW_RETURN_IF_ERROR(CheckPictures(options));
  if (options.resume) AW_RETURN_IF_ERROR(CheckpointOf(options).CheckResumable());
  if (options.fold.count < 2 || options.fold.index < 1 || options.fold.index > options.fold.count) {
    return absl::InvalidArgumentError(
        absl::StrCat("fold ", options.fold.index, " of ", options.fold.count,
                     " does not exist; there must be at least 2, counted from 1"));
  }
  return CatchTorch("training", [&]() -> absl::StatusOr<TrainingResult> {
    torch::manual_seed(options.seed);
    // A recurrence's products are too small to share out.
    SetComputeThreads(1);
    const clip_networks::ClipNetworkPtr network = clip_networks::MakeNetwork(options.network);
    if (clip_networks::Trunk* trunk = network->trunk()) {
      AW_RETURN_IF_ERROR(clip_networks::ImportTrunk(repository, options.trunk_model, *trunk));
    }
    network->to(device);
    AW_ASSIGN_OR_RETURN(TrainingData data,
                        MakeTrainingData(options, *network, device, finder, progress));
    Run run(options, info, device, network, std::move(data));
    return run.Train(progress);
  });
}

}  // namespace aislewatch::clip_training
