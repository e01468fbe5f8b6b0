// Where a report is written. Stateless; blocks for the disk.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace aislewatch::report {

/// Makes `folder` where it is missing and tries to write into it, so that nobody learns after an
/// hour of measuring that the report has no place. INVALID_ARGUMENT says what is in the way.
absl::Status PrepareReportFolder(const std::string& folder);

/// Writes `page` as FOLDER/index.html; one that is there is replaced whole or not at all.
absl::Status WriteReport(const std::string& folder, absl::string_view page);

}  // namespace aislewatch::report
