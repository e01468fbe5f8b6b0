// An evaluation of clips for a terminal.
#pragma once

#include <string>

#include "models/clip_training/clip_verdict.h"

namespace aislewatch {

/// Some lines with a line feed each: the figures, and the confusion by class. `name` is the data
/// set's.
std::string EvaluationText(const std::string& name, const clip_training::Evaluation& evaluation);

}  // namespace aislewatch
