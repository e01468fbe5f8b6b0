// aislewatch models train classifier.

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/clips/clip_flags.h"
#include "cli/clips/cluster_clips.h"
#include "cli/clips/evaluation_text.h"
#include "cli/commands/commands.h"
#include "cli/console/progress.h"
#include "common/base/status.h"
#include "common/inference/model_repository.h"
#include "models/clip_training/trainer.h"

namespace aislewatch {
namespace {

using clip_training::TrainingProgress;

struct TrainClassifierFlags {
  ClipClusterFlags shared;
  clip_training::TrainingOptions training;
  std::vector<std::string> datasets;
};

absl::Status Train(TrainClassifierFlags flags, const std::string& bin_dir) {
  for (const std::string& dataset : flags.datasets) {
    std::pair<std::string, std::string> parts = absl::StrSplit(dataset, absl::MaxSplits('=', 1));
    if (parts.first.empty() || parts.second.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--dataset must be NAME=DIR, for example mnnit=data/mnnit, not ", dataset));
    }
    flags.training.datasets.push_back(std::move(parts));
  }
  AW_ASSIGN_OR_RETURN(LocalClusterOptions cluster_options,
                      MakeClusterOptions(flags.shared.cluster, bin_dir));
  cluster_options.services = {"pose"};
  const ModelRepository repository(cluster_options.model_repositories);
  AW_ASSIGN_OR_RETURN(std::string pose_model, PoseModelVersion(repository));
  ClipCluster cluster(std::move(cluster_options));
  ClusterPersonFinder by_service(cluster, std::move(pose_model));
  clip_training::CachingPersonFinder finder(by_service, flags.shared.cache);

  std::optional<ProgressBar> bar;
  std::string stage;
  const auto progress = [&](const TrainingProgress& now) {
    if (!bar.has_value() || stage != now.stage) {
      stage = std::string(now.stage);
      bar.reset();
      bar.emplace(stage, now.total);
    }
    bar->Update(now.done, now.note);
  };
  AW_ASSIGN_OR_RETURN(const clip_training::TrainingResult result,
                      clip_training::TrainClassifier(flags.training, repository, finder, progress));
  bar.reset();
  std::printf("best of %d epochs: %d, validation loss %.3f\n", result.epochs, result.best_epoch,
              result.best_validation_loss);
  for (const auto& [name, figures] :
       {std::pair("concealment", result.concealment), std::pair("fights", result.fights)}) {
    std::printf("%s in validation stores: %d acts, recall %.2f, precision %.2f\n", name,
                figures.acts, figures.recall(), figures.precision());
  }
  for (const auto& [name, evaluation] : result.test) {
    std::fputs(EvaluationText(name + " (held out)", evaluation).c_str(), stdout);
  }
  std::printf("wrote %s\n", flags.training.out.c_str());
  return absl::OkStatus();
}

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
                  o.simulated, " --window ", o.network.window, " --feature-size ",
                  o.network.feature_size, " --hidden-size ", o.network.hidden_size, " --seed ",
                  o.seed, " --epochs ", o.epochs, " --patience ", o.patience);
  return absl::StrCat(line, " --out NAME/VERSION");
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
      ->add_option("--sketches", training.sketches,
                   "Simulated stores to train on without pictures, by the joints of people alone")
      ->check(CLI::Range(0, 7'000))
      ->capture_default_str();
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
      ->add_option("--window", training.network.window,
                   "Crops that the network looks back on, at 10 per second")
      ->capture_default_str();
  command
      ->add_option("--feature-size", training.network.feature_size,
                   "Floats that the sequence part gets of a crop's picture; 0: joints alone")
      ->capture_default_str();
  command->add_option("--hidden-size", training.network.hidden_size, "Floats of the GRU's state")
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
  command->add_option("--device", training.device, "auto, cpu or cuda")->capture_default_str();
  command->add_flag("--resume", training.resume, "Goes on with the run that lies in --out");
  AddClipClusterFlags(*command, flags->shared);
  command->callback([&context, flags] {
    flags->training.command = TrainCommandLine(*flags);
    context.run = [&context, flags] { return Train(*flags, context.bin_dir); };
  });
}

}  // namespace aislewatch
