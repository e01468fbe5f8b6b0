#include "models/clip_training/clip_labels.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace aislewatch::clip_training {

ActionSet Only(Action action) { return ActionSet().set(static_cast<size_t>(action)); }

ActionSet HarmlessActions() {
  return Only(Action::kNormal) | Only(Action::kTaking) | Only(Action::kReturning) |
         Only(Action::kExamining);
}

ActionSet ConcealingActions() {
  return Only(Action::kConcealingInClothes) | Only(Action::kConcealingInBag);
}

ActionSet Coarse(const ActionSet& actions, const ActionSet& asked) {
  const bool one = (actions & asked).any();
  const bool other = (actions & ~asked).any();
  if (one == other) return ActionSet().set();
  return one ? asked : ~asked;
}

absl::StatusOr<ActionSet> ActionsOfFolder(absl::string_view folder) {
  if (folder == "normal") return HarmlessActions();
  if (folder == "shoplifting") return ConcealingActions();
  if (folder == "fight") return Only(Action::kFighting);
  for (int i = 0; i < kActionCount; ++i) {
    if (folder == kActionNames[i]) return Only(static_cast<Action>(i));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the folder \"", std::string(folder),
      "\" is no class; folders of a data set are called shoplifting, fight or one of: ",
      absl::StrJoin(kActionNames, ", ")));
}

bool IsHarmless(const ActionSet& actions) { return (actions & ~HarmlessActions()).none(); }

}  // namespace aislewatch::clip_training
