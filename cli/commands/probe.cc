// aislewatch probe URL: what is behind an address, and if nothing, why.

#include "common/capture/probe.h"

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "common/config/flags.h"

namespace aislewatch {
namespace {

struct ProbeFlags {
  std::string url;
  absl::Duration timeout = absl::Seconds(10);
  bool json = false;
};

nlohmann::ordered_json ToJson(const ProbeReport& report) {
  return {{"url", report.url},
          {"ok", report.status.ok()},
          {"error", std::string(report.status.message())},
          {"codec", report.info.codec},
          {"width", report.info.size.width},
          {"height", report.info.size.height},
          {"declared_fps", report.info.fps},
          {"measured_fps", report.measured_fps},
          {"frames_read", report.frames_read},
          {"first_frame_s", absl::ToDoubleSeconds(report.first_frame_after)}};
}

absl::Status Run(const ProbeFlags& options) {
  const ProbeReport report = ProbeSource(options.url, options.timeout);
  if (options.json) {
    std::printf("%s\n", ToJson(report).dump(2).c_str());
  } else if (report.status.ok()) {
    std::printf(
        "%s\n  %s, %dx%d, %.3g fps declared, %.3g fps measured over %d frames\n"
        "  first frame after %s\n",
        report.url.c_str(), report.info.codec.c_str(), report.info.size.width,
        report.info.size.height, report.info.fps, report.measured_fps, report.frames_read,
        absl::FormatDuration(
            absl::Milliseconds(absl::ToInt64Milliseconds(report.first_frame_after)))
            .c_str());
  }
  // The probe worked even where it found nothing usable; the exit code still tells a script.
  if (report.status.ok()) return absl::OkStatus();
  return absl::UnavailableError(report.status.message());
}

}  // namespace

void AddProbeCommand(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<ProbeFlags>();
  CLI::App* command = parent.add_subcommand("probe", "Says what is behind a camera's address");
  command->footer("Example:\n  aislewatch probe rtsp://user:password@camera/stream --timeout 5s");
  command
      ->add_option("url", options->url,
                   "rtsp://, rtsps://, http://, https://, file:///path, a path, or device:N")
      ->required();
  AddDurationFlag(*command, "--timeout", options->timeout, "Longest wait", absl::Milliseconds(100));
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([&context, options] { context.run = [options] { return Run(*options); }; });
}

}  // namespace aislewatch
