#include "cli/commands/cameras_rules.h"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aislewatch/v1/cameras.grpc.pb.h"
#include "aislewatch/v1/ingest.grpc.pb.h"
#include "cli/camera_registry.h"
#include "cli/cluster/cluster_config.h"
#include "cli/commands/events_command.h"
#include "cli/events_client.h"
#include "common/base/status.h"
#include "common/config/flags.h"
#include "common/rpc/convert.h"

namespace aislewatch {
namespace {

// A little more than ingest takes.
constexpr absl::Duration kPreviewTimeout = absl::Seconds(70);
constexpr absl::Duration kLongestLook = absl::Hours(24);

struct CameraRulesFlags : EventsCommandOptions {
  std::string id, config, ingest;
  // `cameras zones`: rules are left alone.
  bool zones_only = false;
  bool preview = false;
  bool apply = false;
  absl::Duration window = kLongestLook;
};

absl::StatusOr<v1::Camera> CameraInFile(const CameraRulesFlags& options) {
  AW_ASSIGN_OR_RETURN(const auto cameras, ReadClusterConfig(options.config));
  for (const v1::Camera& camera : cameras) {
    if (camera.camera_id() == options.id) return camera;
  }
  return absl::NotFoundError(absl::StrCat(options.config, " has no camera ", options.id));
}

absl::StatusOr<v1::PreviewRulesResponse> Preview(const CameraRulesFlags& options,
                                                 const v1::Camera& camera) {
  FindServiceFlags where = options.service;
  where.address = options.ingest;
  AW_ASSIGN_OR_RETURN(const auto channel, FindService("ingest", where));
  const auto stub = v1::FrameIngestService::NewStub(channel);
  v1::PreviewRulesRequest request;
  request.set_camera_id(options.id);
  *request.mutable_zones() = camera.zones();
  *request.mutable_rules() = camera.rules();
  *request.mutable_window() = ToProto(std::min(options.window, kLongestLook));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPreviewTimeout));
  v1::PreviewRulesResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub->PreviewRules(&context, request, &response)));
  return response;
}

std::string Local(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", FromProto(time), absl::LocalTimeZone());
}

void PrintPreview(const v1::PreviewRulesResponse& preview) {
  if (!preview.has_from_time()) {
    std::printf("nothing was seen in that time; a camera's journal begins when it is first run\n");
    return;
  }
  const absl::Duration watched = FromProto(preview.watched());
  std::printf("%s to %s, watched for %s\n", Local(preview.from_time()).c_str(),
              Local(preview.until_time()).c_str(),
              absl::FormatDuration(absl::Trunc(watched, absl::Seconds(1))).c_str());
  for (const v1::RuleRehearsal& rule : preview.rules()) {
    std::printf("%-24s %5u incident%s\n", rule.rule_id().c_str(), rule.incidents(),
                rule.incidents() == 1 ? "" : "s");
    for (const v1::Incident& incident : rule.examples()) {
      const absl::Duration lasted =
          FromProto(incident.updated_time()) - FromProto(incident.opened_time());
      std::printf("  %s  %-16s %-9s %s\n", Local(incident.opened_time()).c_str(),
                  KindName(incident.kind()).c_str(), SeverityName(incident.severity()).c_str(),
                  absl::FormatDuration(absl::Trunc(lasted, absl::Milliseconds(100))).c_str());
    }
  }
}

void PrintRules(const v1::Camera& camera, bool zones_only) {
  for (const v1::Zone& zone : camera.zones()) std::printf("zone %s\n", MessageJson(zone).c_str());
  if (zones_only) {
    if (camera.zones().empty()) std::printf("%s has no zones\n", camera.camera_id().c_str());
    return;
  }
  if (camera.rules().empty()) {
    std::printf("%s has no rules of its own; those of the fusion service hold\n",
                camera.camera_id().c_str());
  }
  for (const v1::Rule& rule : camera.rules()) std::printf("rule %s\n", MessageJson(rule).c_str());
}

// Gives the camera of the registry the zones, and unless `zones_only` the rules, of the file's.
absl::StatusOr<v1::Camera> Apply(const CameraRulesFlags& options, const v1::Camera& from,
                                 v1::CameraRegistryService::Stub& stub) {
  // With its revision, so that nobody's change of the same moment is lost.
  AW_ASSIGN_OR_RETURN(v1::Camera camera, GetCamera(stub, options.id));
  *camera.mutable_zones() = from.zones();
  if (!options.zones_only) *camera.mutable_rules() = from.rules();
  return UpdateCamera(stub, camera);
}

absl::Status CameraRules(const CameraRulesFlags& options, v1::CameraRegistryService::Stub& stub) {
  AW_ASSIGN_OR_RETURN(v1::Camera camera,
                      options.config.empty() ? GetCamera(stub, options.id) : CameraInFile(options));
  if (options.apply) {
    AW_ASSIGN_OR_RETURN(camera, Apply(options, camera, stub));
  }
  if (!options.preview) {
    if (!options.json) {
      PrintRules(camera, options.zones_only);
      return absl::OkStatus();
    }
    v1::Camera rules;
    rules.set_camera_id(camera.camera_id());
    *rules.mutable_zones() = camera.zones();
    if (!options.zones_only) *rules.mutable_rules() = camera.rules();
    std::printf("%s\n", MessageJson(rules).c_str());
    return absl::OkStatus();
  }
  AW_ASSIGN_OR_RETURN(const v1::PreviewRulesResponse preview, Preview(options, camera));
  if (options.json)
    std::printf("%s\n", MessageJson(preview).c_str());
  else
    PrintPreview(preview);
  return absl::OkStatus();
}

void AddFileFlags(CLI::App& command, CameraRulesFlags& options, const std::string& what) {
  command.add_option("id", options.id, "The camera")->required();
  CLI::Option* config = command.add_option(
      "--config", options.config,
      absl::StrCat("Take its ", what, " from this YAML file, as for `cameras apply`"));
  command
      .add_flag("--apply", options.apply,
                absl::StrCat("Give the camera these ", what, ", and leave all else as it is"))
      ->needs(config);
}

}  // namespace

void AddCameraRulesCommand(CLI::App& group, CommandContext& context) {
  auto options = std::make_shared<CameraRulesFlags>();
  CLI::App* command = AddEventsAction<v1::CameraRegistryService>(
      group, context, options, "rules",
      "A camera's zones and rules, and what they would have raised on the last day", CameraRules);
  command->footer(
      "Examples:\n  aislewatch cameras rules aisle-1 --preview\n"
      "  aislewatch cameras rules aisle-1 --config stricter.yaml --preview --window 2h\n"
      "  aislewatch cameras rules aisle-1 --config stricter.yaml --apply");
  AddFileFlags(*command, *options, "zones and rules");
  CLI::Option* preview =
      command->add_flag("--preview", options->preview,
                        "Say what they would have raised on what the camera saw; changes nothing");
  preview->excludes(command->get_option("--apply"));
  AddDurationFlag(*command, "--window", options->window, "How far to look back, at most 24h",
                  absl::Seconds(1));
  command->add_option("--ingest", options->ingest,
                      "HOST:PORT of the replica of ingest that runs the camera, for --preview");
}

void AddCameraZonesCommand(CLI::App& group, CommandContext& context) {
  auto options = std::make_shared<CameraRulesFlags>();
  options->zones_only = true;
  CLI::App* command = AddEventsAction<v1::CameraRegistryService>(
      group, context, options, "zones", "A camera's zones, and giving it others", CameraRules);
  command->footer(
      "Examples:\n  aislewatch cameras zones aisle-1\n"
      "  aislewatch cameras zones aisle-1 --config zones.yaml --apply");
  AddFileFlags(*command, *options, "zones");
}

}  // namespace aislewatch
