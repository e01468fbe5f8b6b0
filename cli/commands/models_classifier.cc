// aislewatch models train classifier.

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/clips/clip_flags.h"
#include "cli/clips/clip_people.h"
#include "cli/clips/evaluation_text.h"
#include "cli/commands/commands.h"
#include "cli/console/progress.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "common/inference/model_repository.h"
#include "models/clip_training/cross_validation.h"
#include "models/clip_training/trainer.h"

namespace aislewatch {
namespace {

using clip_training::TrainingProgress;
using clip_training::TrainingResult;

struct TrainClassifierFlags {
  ClipClusterFlags shared;
  clip_training::TrainingOptions training;
  std::vector<std::string> datasets;
  std::string fold = "3/3";
  std::string architecture = "cnn_gru";
  // What is not given has the architecture's default.
  std::optional<int> window;
  std::optional<int> feature_size;
  std::optional<int> hidden_size;
  std::optional<int> sketches;
  /// 0: one training; otherwise so many, each with another block held out.
  int cross_validate = 0;
  std::string json;
};

std::string TrainCommandLine(const TrainClassifierFlags& flags) {
  std::string line = "aislewatch models train classifier";
  for (const std::string& dataset : flags.datasets) {
    // Where the clips lay on somebody's machine is of no use to anybody else.
    absl::StrAppend(&line, " --dataset ", dataset.substr(0, dataset.find('=')), "=DIR");
  }
  const clip_training::TrainingOptions& o = flags.training;
  absl::StrAppend(&line, " --stores ", o.stores, " --rehearsals ", o.rehearsals, " --sketches ",
                  o.sketches, " --pictured-sketches ", o.pictured_sketches, " --validation-stores ",
                  o.validation_stores, " --store-seconds ", o.store_seconds, " --simulated ",
                  o.simulated);
  if (flags.cross_validate > 0) {
    absl::StrAppend(&line, " --cross-validate ", flags.cross_validate);
  } else {
    absl::StrAppend(&line, " --fold ", flags.fold);
  }
  absl::StrAppend(&line, " --architecture ", flags.architecture, " --window ", o.network.window);
  if (o.network.architecture == clip_networks::Architecture::kCnnGru) {
    absl::StrAppend(&line, " --feature-size ", o.network.feature_size);
  }
  absl::StrAppend(&line, " --hidden-size ", o.network.hidden_size, " --augmented-views ",
                  o.augmented_views, " --batch ", o.batch, " --seed ", o.seed, " --epochs ",
                  o.epochs, " --patience ", o.patience);
  return absl::StrCat(line, " --out NAME/VERSION");
}

/// Puts into `flags.training` what needs more than a look at one flag.
absl::Status Resolve(TrainClassifierFlags& flags) {
  clip_training::TrainingOptions& training = flags.training;
  for (const std::string& dataset : flags.datasets) {
    std::pair<std::string, std::string> parts = absl::StrSplit(dataset, absl::MaxSplits('=', 1));
    if (parts.first.empty() || parts.second.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--dataset must be NAME=DIR, for example mnnit=data/mnnit, not ", dataset));
    }
    training.datasets.push_back(std::move(parts));
  }
  const std::pair<std::string, std::string> fold =
      absl::StrSplit(flags.fold, absl::MaxSplits('/', 1));
  if (!absl::SimpleAtoi(fold.first, &training.fold.index) ||
      !absl::SimpleAtoi(fold.second, &training.fold.count)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--fold must be K/N, for example 2/5, not ", flags.fold));
  }
  AW_ASSIGN_OR_RETURN(const clip_networks::Architecture architecture,
                      clip_networks::ArchitectureFromName(flags.architecture));
  if (architecture != clip_networks::Architecture::kCnnGru) {
    if (flags.feature_size.has_value()) {
      return absl::InvalidArgumentError("--feature-size is for --architecture cnn_gru");
    }
    training.network = clip_networks::DefaultOptions(architecture);
  }
  clip_networks::Options& network = training.network;
  network.window = flags.window.value_or(network.window);
  network.feature_size = flags.feature_size.value_or(network.feature_size);
  network.hidden_size = flags.hidden_size.value_or(network.hidden_size);
  training.sketches = flags.sketches.value_or(network.sees_joints() ? training.sketches : 0);
  training.command = TrainCommandLine(flags);
  return absl::OkStatus();
}

/// A bar for each stage of a training, one after another.
class StageBars {
 public:
  void Update(const TrainingProgress& now) {
    if (!bar_.has_value() || stage_ != now.stage) {
      stage_ = std::string(now.stage);
      bar_.reset();
      bar_.emplace(stage_, now.total);
    }
    bar_->Update(now.done, now.note);
  }
  void End() { bar_.reset(); }

 private:
  std::optional<ProgressBar> bar_;
  std::string stage_;
};

void PrintHeldOut(const TrainingResult& result) {
  for (const auto& [name, evaluation] : result.test) {
    std::fputs(EvaluationText(name + " (held out)", evaluation).c_str(), stdout);
  }
}

void PrintResult(const TrainingResult& result) {
  for (const clip_training::SkippedClip& clip : result.skipped) {
    std::fprintf(stderr, "left out %s: %s\n", clip.path.c_str(), clip.reason.c_str());
  }
  std::printf("best of %d epochs: %d, validation loss %.3f\n", result.epochs, result.best_epoch,
              result.best_validation_loss);
  for (const auto& [name, figures] :
       {std::pair("concealment", result.concealment), std::pair("fights", result.fights)}) {
    std::printf("%s in validation stores: %d acts, recall %.2f, precision %.2f\n", name,
                figures.acts, figures.recall(), figures.precision());
  }
  PrintHeldOut(result);
}

absl::Status TrainFolds(const TrainClassifierFlags& flags, ClipPeople& found) {
  StageBars bars;
  AW_ASSIGN_OR_RETURN(const clip_training::CrossValidation figures,
                      clip_training::CrossValidate(
                          flags.training, flags.cross_validate, found.repository(), found.finder(),
                          [&](const TrainingProgress& now) { bars.Update(now); },
                          [&](int fold, const TrainingResult& result) {
                            bars.End();
                            std::printf("fold %d of %d: best of %d epochs: %d\n", fold,
                                        flags.cross_validate, result.epochs, result.best_epoch);
                            PrintHeldOut(result);
                          }));
  std::printf("mean and deviation over %d folds of neighbouring clips\n", flags.cross_validate);
  for (const auto& [name, of] : figures) {
    std::printf("%-12s", name.c_str());
    for (const auto& [what, folds] : {std::pair("accuracy", &of.accuracy), std::pair("F1", &of.f1),
                                      std::pair("AUC", &of.auc_roc)}) {
      const ranking::MeanAndDeviation spread = ranking::Summarize(*folds);
      std::printf("  %s %.3f +- %.3f", what, spread.mean, spread.deviation);
    }
    std::printf("\n");
  }
  if (flags.json.empty()) return absl::OkStatus();
  return WriteFileAtomically(flags.json,
                             clip_training::CrossValidationToJson(figures).dump(2) + "\n");
}

absl::Status Train(TrainClassifierFlags flags, const std::string& bin_dir) {
  AW_RETURN_IF_ERROR(Resolve(flags));
  AW_ASSIGN_OR_RETURN(const auto found, ClipPeople::Create(flags.shared, bin_dir, {"pose"}));
  if (flags.cross_validate > 0) return TrainFolds(flags, *found);
  StageBars bars;
  AW_ASSIGN_OR_RETURN(
      const TrainingResult result,
      clip_training::TrainClassifier(flags.training, found->repository(), found->finder(),
                                     [&](const TrainingProgress& now) { bars.Update(now); }));
  bars.End();
  PrintResult(result);
  std::printf("wrote %s\n", flags.training.out.c_str());
  return absl::OkStatus();
}

}  // namespace

void AddTrainClassifierCommand(CLI::App& train, CommandContext& context) {
  auto flags = std::make_shared<TrainClassifierFlags>();
  clip_training::TrainingOptions& training = flags->training;
  CLI::App* command = train.add_subcommand(
      "classifier", "Trains the clip classifier on simulated and recorded clips");
  command->footer(
      "Example:\n  aislewatch models train classifier --dataset mnnit=data/mnnit --keep-samples "
      "build/samples\n"
      "      --out build/models/joints-gru/3 --seed 1");
  command->add_option("--out", training.out, "Folder NAME/VERSION for the model")->required();
  command->add_option("--dataset", flags->datasets,
                      "NAME=DIR with one folder of clips per class; may be given several times");
  command->add_option("--stores", training.stores, "Simulated stores full of people to train on")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  command
      ->add_option("--rehearsals", training.rehearsals,
                   "Simulated stores where one act follows another")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  command
      ->add_option("--sketches", flags->sketches,
                   "Simulated stores to train on without pictures, by the joints of people alone; "
                   "640 where the network sees joints")
      ->check(CLI::Range(0, 7'000));
  command
      ->add_option("--pictured-sketches", training.pictured_sketches,
                   "The same with pictures; for networks that see them (--feature-size)")
      ->check(CLI::Range(0, 1'000))
      ->capture_default_str();
  command
      ->add_option("--validation-stores", training.validation_stores,
                   "Simulated stores on which the epoch and the alarm's threshold are chosen")
      ->check(CLI::Range(0, 1'000))
      ->capture_default_str();
  command->add_option("--store-seconds", training.store_seconds, "How long each store is watched")
      ->check(CLI::Range(5, 600))
      ->capture_default_str();
  command
      ->add_option("--workers", training.workers,
                   "Threads that render and embed, beside the pose service")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_option("--keep-samples", training.keep_samples,
                      "Folder that keeps what the network is trained on, for the next run (14 kB a "
                      "crop); clear it when the simulator or the videos change");
  command->add_option("--simulated", training.simulated, "Simulated clips to train on")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  command
      ->add_option("--architecture", flags->architecture,
                   "cnn_gru, cnn_lstm, conv_lstm or gate_flow_slowfast")
      ->capture_default_str();
  command->add_option("--window", flags->window,
                      "Crops that the network looks back on, at 10 per second; 64, or 20 for "
                      "cnn_lstm and conv_lstm");
  command->add_option("--feature-size", flags->feature_size,
                      "Floats that the GRU gets of a crop's picture; 0, the default: joints alone");
  command->add_option("--hidden-size", flags->hidden_size,
                      "Floats of the GRU's (192) or LSTM's (32) state");
  CLI::Option* fold =
      command
          ->add_option("--fold", flags->fold,
                       "K/N: hold out the K-th of N blocks of each class of the data sets")
          ->capture_default_str();
  command
      ->add_option("--cross-validate", flags->cross_validate,
                   "Train so many times instead, each time with another block held out, and print "
                   "means and deviations; models go to NAME-fold-K/VERSION")
      ->check(CLI::Range(2, 100))
      ->excludes(fold);
  command
      ->add_option("--json", flags->json, "With --cross-validate: write the figures to this file")
      ->needs("--cross-validate");
  command
      ->add_option("--augmented-views", training.augmented_views,
                   "Altered copies of each recorded clip, for networks that see pictures")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  command->add_option("--batch", training.batch, "Samples of one step")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  command->add_option("--seed", training.seed)->capture_default_str();
  command->add_option("--epochs", training.epochs)
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command
      ->add_option("--patience", training.patience,
                   "Ends after so many epochs without a lower validation loss")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--data-note", training.data_note,
                      "What the data sets are and their licences, for the manifest");
  command->add_option("--device", training.device, "auto, cpu or cuda")->capture_default_str();
  command->add_flag("--resume", training.resume, "Goes on with the run that lies in --out");
  AddClipClusterFlags(*command, flags->shared);
  command->callback([&context, flags] {
    context.run = [&context, flags] { return Train(*flags, context.bin_dir); };
  });
}

}  // namespace aislewatch
