#include "cli/commands/report_provenance.h"

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"

namespace aislewatch {

report::Provenance MakeProvenance(const CommandContext& context, const ModelRepository& repository,
                                  const ModelInfo& info) {
  report::Provenance provenance = {context.command_line, RealClock().Now(), context.version, "",
                                   ""};
  const absl::StatusOr<ModelFiles> model = repository.Find(info.name, info.version);
  if (model.ok()) {
    provenance.manifest = ManifestText(model->manifest);
    provenance.manifest_path = absl::StrCat(model->folder, "/model.json");
  } else {
    provenance.manifest = std::string(model.status().message());
    provenance.manifest_path = "not found";
  }
  return provenance;
}

}  // namespace aislewatch
