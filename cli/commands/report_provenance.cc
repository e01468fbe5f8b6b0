#include "cli/commands/report_provenance.h"

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"

namespace aislewatch {

report::Provenance MakeProvenance(const CommandContext& context, const ModelFiles& model) {
  return {context.command_line, RealClock().Now(), context.version, ManifestText(model.manifest),
          absl::StrCat(model.folder, "/model.json")};
}

}  // namespace aislewatch
