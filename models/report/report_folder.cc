#include "models/report/report_folder.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"

namespace aislewatch::report {

absl::Status PrepareReportFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && !std::filesystem::is_directory(folder, error) && !error) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat("cannot make the report's folder ", folder, ": ",
                                                   error.message(), "; give another --report"));
  }
  const std::string probe = absl::StrCat(folder, "/.aislewatch-report");
  const absl::Status written = WriteFileAtomically(probe, "");
  if (!written.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("cannot write the report into ", folder, ": ",
                                                   written.message(), "; give another --report"));
  }
  std::filesystem::remove(probe, error);
  return absl::OkStatus();
}

absl::Status WriteReport(const std::string& folder, absl::string_view page) {
  return Annotate(WriteFileAtomically(absl::StrCat(folder, "/index.html"), page), "the report");
}

}  // namespace aislewatch::report
