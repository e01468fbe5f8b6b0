// What the reports of `models evaluate` say about how they were made.
#pragma once

#include "cli/command.h"
#include "common/inference/model_repository.h"
#include "models/report/page.h"

namespace aislewatch {

/// Of a report that is made now, on `model`.
report::Provenance MakeProvenance(const CommandContext& context, const ModelFiles& model);

}  // namespace aislewatch
