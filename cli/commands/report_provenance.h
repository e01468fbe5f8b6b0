// What the reports of `models evaluate` say about how they were made.
#pragma once

#include "cli/command.h"
#include "common/inference/model_repository.h"
#include "models/report/page.h"

namespace aislewatch {

/// Of a report that is made now, on the model `info` of `repository`. Where its manifest is not
/// there, since a service was given another repository, the report says so instead.
report::Provenance MakeProvenance(const CommandContext& context, const ModelRepository& repository,
                                  const ModelInfo& info);

}  // namespace aislewatch
