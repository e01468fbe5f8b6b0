// The risk of everybody over the time of a clip, as JSON. docs/evidence.md has the schema.
#pragma once

#include <string>

#include "services/ingest/core/clip.h"

namespace aislewatch::ingest {

/// `{"schema":1, "incidentId":..., "clipStart":..., "tracks":[...], "transitions":[...]}` over the
/// frames that the clip shows. Names and forms are those of the contracts' own JSON mapping.
std::string ScoreCurveJson(const ClipRecording& recording);

}  // namespace aislewatch::ingest
