// aislewatch simulate weapons: pictures of hands that hold weapons or harmless things, with boxes.

#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/console/progress.h"
#include "common/base/status.h"
#include "models/object_training/simulated_dataset.h"

namespace aislewatch {
namespace {

struct SimulateWeaponsFlags {
  std::string out;
  int scenes = 2000;
  uint64_t seed = 1;
  bool whole = false;
};

absl::Status SimulateWeapons(const SimulateWeaponsFlags& flags) {
  ProgressBar progress("scenes", flags.scenes);
  AW_ASSIGN_OR_RETURN(
      const object_training::ObjectDataset dataset,
      object_training::WriteSimulatedDataset(
          flags.out, flags.seed, flags.scenes,
          flags.whole ? object_training::ScenePart::kWhole : object_training::ScenePart::kHands,
          [&](int64_t done) { progress.Update(done); }));
  std::vector<int> counts(dataset.classes.size(), 0);
  int hidden = 0;
  for (const auto& picture : dataset.pictures) {
    for (const auto& box : picture.boxes) {
      ++(box.ignored ? hidden : counts[static_cast<size_t>(box.class_index)]);
    }
  }
  std::printf("wrote %zu pictures to %s:", dataset.pictures.size(), flags.out.c_str());
  for (size_t i = 0; i < counts.size(); ++i) {
    std::printf(" %d %s,", counts[i], dataset.classes[i].name.c_str());
  }
  std::printf(" %d hardly visible\n", hidden);
  return absl::OkStatus();
}

}  // namespace

void AddSimulateWeaponsCommand(CLI::App& simulate, CommandContext& context) {
  auto flags = std::make_shared<SimulateWeaponsFlags>();
  CLI::App* command = simulate.add_subcommand(
      "weapons", "Pictures of hands that hold weapons or look-alikes, with boxes as COCO has them");
  command->footer("Example:\n  aislewatch simulate weapons --scenes 2000 --out build/weapons");
  command->add_option("--out", flags->out, "Folder for instances.json and images/")->required();
  command
      ->add_option("--scenes", flags->scenes, "How many; each gives about three pictures of hands")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command
      ->add_option("--seed", flags->seed,
                   "Seed of the first, each further one has the next; below 1000000 for training, "
                   "from there for tests")
      ->capture_default_str();
  command->add_flag("--whole", flags->whole,
                    "Write whole scenes instead of hands, for models cut-hands and for videos");
  command->callback(
      [&context, flags] { context.run = [flags] { return SimulateWeapons(*flags); }; });
}

}  // namespace aislewatch
