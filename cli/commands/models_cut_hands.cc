// aislewatch models cut-hands: pictures of people into pictures of their hands, for object models.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/cluster/local_cluster.h"
#include "cli/commands/commands.h"
#include "cli/console/progress.h"
#include "common/base/status.h"
#include "common/inference/model_repository.h"
#include "models/movenet/import_movenet.h"
#include "models/object_training/hand_pictures.h"
#include "models/pose_model_loader/pose_model_loader.h"

namespace aislewatch {
namespace {

struct CutHandsFlags {
  std::string dataset;
  std::string out;
  std::string pose_model = kMoveNetName;
  int threads = 1;
  std::vector<std::string> repositories;
};

absl::Status CutHands(const CutHandsFlags& flags) {
  AW_ASSIGN_OR_RETURN(const object_training::ObjectDataset dataset,
                      object_training::ReadCoco(flags.dataset));
  AW_ASSIGN_OR_RETURN(const std::unique_ptr<PoseModel> poses,
                      LoadPoseModel(ModelRepository(flags.repositories), flags.pose_model,
                                    {.version = "", .device = "cpu", .threads = flags.threads}));
  ProgressBar progress("pictures", static_cast<int64_t>(dataset.pictures.size()));
  AW_ASSIGN_OR_RETURN(
      const object_training::CutDataset cut,
      object_training::CutHandsOfDataset(dataset, *poses, flags.out,
                                         [&](int64_t done) { progress.Update(done); }));
  const std::string skipped = cut.hands.skipped.Text();
  if (!skipped.empty()) std::fprintf(stderr, "%s: %s\n", flags.dataset.c_str(), skipped.c_str());
  std::printf("wrote %zu pictures of hands to %s; they show %d of %d labelled things\n",
              cut.hands.pictures.size(), flags.out.c_str(), cut.things_at_hands, cut.things);
  return absl::OkStatus();
}

}  // namespace

void AddCutHandsCommand(CLI::App& models, CommandContext& context) {
  auto flags = std::make_shared<CutHandsFlags>();
  CLI::App* command = models.add_subcommand(
      "cut-hands", "Cuts hands out of pictures of people, as object models look at them");
  command->footer(
      "Example:\n  aislewatch models cut-hands --dataset weapon-set --out build/weapon-hands\n"
      "  aislewatch models train object --dataset build/weapon-hands --weapons knife,handgun \\\n"
      "      --out build/models/my-weapons/1");
  command
      ->add_option("--dataset", flags->dataset,
                   "Folder with instances.json in COCO's format and the pictures in images/")
      ->required();
  command->add_option("--out", flags->out, "Folder for the hands, in the same format")->required();
  command->add_option("--pose-model", flags->pose_model, "Finds the people and their hands")
      ->capture_default_str();
  command->add_option("--threads", flags->threads, "Threads of one inference")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  flags->repositories = DefaultModelRepositories(context.bin_dir);
  command->add_option("--model-repository", flags->repositories,
                      "Folder of models; may be given several times");
  command->callback([&context, flags] { context.run = [flags] { return CutHands(*flags); }; });
}

}  // namespace aislewatch
