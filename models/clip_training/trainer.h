// Trains the clip classifier. Free of LibTorch.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/inference/model_repository.h"
#include "models/clip_networks/options.h"
#include "models/clip_training/act_events.h"
#include "models/clip_training/clip_files.h"
#include "models/clip_training/clip_verdict.h"
#include "models/clip_training/person_finder.h"
#include "models/training/progress.h"

namespace aislewatch::clip_training {

struct TrainingOptions {
  /// Data sets by name: folders as ListClips takes them.
  std::vector<std::pair<std::string, std::string>> datasets;
  /// What of them is held out.
  Fold fold;
  /// Simulated stores with many visitors, and how long each is watched.
  int stores = 2;
  /// The same of stores where one act follows another; a tenth as many more for validation.
  int rehearsals = 40;
  /// Stores of the validation part, on which acts of concealment are counted one by one.
  int validation_stores = 12;
  double store_seconds = 60;
  /// Stores that nobody renders (sketch.h), every second one a rehearsal, of as many seconds.
  int sketches = 640;
  /// The same with pictures, which cost twenty times as much; for networks that see pictures.
  int pictured_sketches = 0;
  /// Simulated clips, evenly over the seven actions; a tenth as many more for validation.
  int simulated = 0;
  /// Simulated clips for the test part.
  int simulated_test = 0;
  /// NAME/VERSION below a model repository: weights.safetensors and model.json go there, the run's
  /// state and training.csv into its sub-folder run/.
  std::string out;
  uint64_t seed = 1;
  int epochs = 24;
  /// Ends when the validation loss has not fallen for so many epochs.
  int patience = 7;
  /// Threads that make the data, >= 1.
  int workers = 2;
  /// Folder for samples that another run shall find again; see SampleBuilder::Options.
  std::string keep_samples;
  /// Goes on from the state in `out`.
  bool resume = false;
  /// Augmented copies of each real clip beside the plain one.
  int augmented_views = 0;
  /// Clips of one step.
  int batch = 32;
  double learning_rate = 1e-3;
  /// "cpu", "cuda", or "auto": CUDA where there is some.
  std::string device = "auto";
  /// The network; the trunk of cnn_gru must be the beginning of the pose model's. Joints alone,
  /// since pictures of so little footage are learnt by heart (docs/models/classifier.md).
  clip_networks::Options network = {.feature_size = 0, .hidden_size = 192};
  /// The pose model whose trunk is taken over, frozen.
  std::string trunk_model = "movenet-multipose";
  /// Written into the manifest: what the data sets are, and the command line.
  std::string data_note;
  std::string command;
};

using training::TrainingProgress;
using training::TrainingProgressFn;

/// What came out, by data set ("simulated" among them), on the test parts.
struct TrainingResult {
  int epochs = 0;
  int best_epoch = 0;
  double best_validation_loss = 0;
  /// Concealment in the simulated stores of the validation part, act by act, at the threshold that
  /// tells it best there; the written model is shifted so that this threshold is kAlarmProbability.
  ActEvents::Figures concealment;
  /// The same of people who fight.
  ActEvents::Figures fights;
  std::map<std::string, Evaluation> test;
  /// Clips of the data sets that cannot be read.
  std::vector<SkippedClip> skipped;
};

/// The probability of shoplifting from which fusion raises an alarm by default where nothing else
/// is known of a person (docs/rules.md): 1.5 · logit(p) − 1.5 = logit(0.7).
inline constexpr double kAlarmProbability = 0.827;

/// Trains on the training parts of all data sets (SplitByBlocks) and on simulated clips, keeps the
/// epoch with the lowest validation loss, measures it on the test parts and writes the model.
/// Without simulated stores to validate on, recorded clips of the validation part say where 0.5
/// lies. `repository` holds the pose model; `finder` finds the people of real clips. Blocks for
/// minutes to hours. The same options give the same model on the same machine and build, whether
/// the run was stopped and resumed or not. INVALID_ARGUMENT, before anything is rendered, where a
/// data set's clips, or those of them that can be read, are of one class.
absl::StatusOr<TrainingResult> TrainClassifier(const TrainingOptions& options,
                                               const ModelRepository& repository,
                                               PersonFinder& finder,
                                               const TrainingProgressFn& progress);

}  // namespace aislewatch::clip_training
