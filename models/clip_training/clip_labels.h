// What a data set's folder names say of the clips in them.
#pragma once

#include <bitset>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/roles/clip_classifier.h"

namespace aislewatch::clip_training {

/// Actions of which one holds; a label may leave open which.
using ActionSet = std::bitset<kActionCount>;

/// The set that holds `action` alone.
ActionSet Only(Action action);
/// Every action that neither conceals nor fights.
ActionSet HarmlessActions();
ActionSet ConcealingActions();

/// What is left of a label when all that matters is whether it is one of `asked`: `asked`, its
/// complement, or everything where the label allows both or neither.
ActionSet Coarse(const ActionSet& actions, const ActionSet& asked);

/// What a folder's clips show: "normal" leaves the harmless action open, "shoplifting" how it is
/// concealed; "fight" and "fighting" are one; the other names are those of kActionNames.
/// INVALID_ARGUMENT names the folder and lists what there is.
absl::StatusOr<ActionSet> ActionsOfFolder(absl::string_view folder);

/// Whether a clip with this label is one that should raise nothing.
bool IsHarmless(const ActionSet& actions);

}  // namespace aislewatch::clip_training
