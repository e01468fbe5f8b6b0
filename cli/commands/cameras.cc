// aislewatch cameras list|show|rules|add|apply|enable|disable|remove: the camera registry.

#include <grpcpp/client_context.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "aislewatch/v1/cameras.grpc.pb.h"
#include "cli/camera_registry.h"
#include "cli/cluster/cluster_config.h"
#include "cli/commands/cameras_rules.h"
#include "cli/commands/commands.h"
#include "cli/commands/events_command.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"

namespace aislewatch {
namespace {

using CamerasStub = v1::CameraRegistryService::Stub;

struct CamerasFlags : EventsCommandOptions {
  std::string id, url, store = "store", name, config;
  float fps = 10;
  bool loop = false;
};

void PrintCamera(const v1::GetCameraResponse& entry) {
  const v1::PipelineStatus& pipeline = entry.status().pipeline();
  std::string state = "disabled";
  if (entry.camera().enabled()) {
    state = entry.status().holder().empty()
                ? "unleased"
                : absl::AsciiStrToLower(v1::SourceState_Name(pipeline.source_state()).substr(13));
  }
  std::printf("%-20s %-12s %-11s %8lu analysed  %s%s%s\n", entry.camera().camera_id().c_str(),
              entry.camera().store_id().c_str(), state.c_str(),
              static_cast<unsigned long>(pipeline.frames_analysed()),
              entry.camera().source_url().c_str(), pipeline.source_error().empty() ? "" : "  ",
              pipeline.source_error().c_str());
}

absl::Status ListCameras(const CamerasFlags& options, CamerasStub& stub) {
  v1::ListCamerasRequest request;
  do {
    grpc::ClientContext context;
    v1::ListCamerasResponse response;
    AW_RETURN_IF_ERROR(FromGrpc(stub.ListCameras(&context, request, &response)));
    for (const auto& entry : response.cameras()) {
      if (options.json)
        std::printf("%s\n", MessageJson(entry).c_str());
      else
        PrintCamera(entry);
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::StatusOr<v1::GetCameraResponse> Get(const CamerasFlags& options, CamerasStub& stub) {
  grpc::ClientContext context;
  v1::GetCameraRequest request;
  request.set_camera_id(options.id);
  v1::GetCameraResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.GetCamera(&context, request, &response)));
  return response;
}

absl::Status ShowCamera(const CamerasFlags& options, CamerasStub& stub) {
  AW_ASSIGN_OR_RETURN(const v1::GetCameraResponse response, Get(options, stub));
  if (options.json)
    std::printf("%s\n", MessageJson(response).c_str());
  else
    PrintCamera(response);
  return absl::OkStatus();
}

absl::Status AddCamera(const CamerasFlags& options, CamerasStub& stub) {
  v1::Camera camera;
  camera.set_camera_id(options.id);
  camera.set_store_id(options.store);
  camera.set_name(options.name);
  camera.set_source_url(options.url);
  camera.set_enabled(true);
  camera.set_analysis_fps(options.fps);
  camera.set_loop(options.loop);
  return CreateCamera(stub, camera);
}

absl::Status Apply(const CamerasFlags& options, CamerasStub& stub) {
  AW_ASSIGN_OR_RETURN(const auto cameras, ReadClusterConfig(options.config));
  for (const v1::Camera& camera : cameras) {
    AW_RETURN_IF_ERROR(PutCamera(stub, camera));
    std::printf("%s\n", camera.camera_id().c_str());
  }
  return absl::OkStatus();
}

absl::Status SetEnabled(const CamerasFlags& options, CamerasStub& stub, bool enabled) {
  AW_ASSIGN_OR_RETURN(v1::Camera camera, GetCamera(stub, options.id));
  camera.set_enabled(enabled);
  return UpdateCamera(stub, camera).status();
}
absl::Status EnableCamera(const CamerasFlags& options, CamerasStub& stub) {
  return SetEnabled(options, stub, true);
}
absl::Status DisableCamera(const CamerasFlags& options, CamerasStub& stub) {
  return SetEnabled(options, stub, false);
}

absl::Status RemoveCamera(const CamerasFlags& options, CamerasStub& stub) {
  grpc::ClientContext context;
  v1::DeleteCameraRequest request;
  request.set_camera_id(options.id);
  v1::DeleteCameraResponse response;
  return FromGrpc(stub.DeleteCamera(&context, request, &response));
}

using CameraAction = absl::Status (*)(const CamerasFlags&, CamerasStub&);

}  // namespace

void AddCamerasCommand(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<CamerasFlags>();
  CLI::App* group = parent.add_subcommand("cameras", "Lists, adds and changes cameras");
  group->require_subcommand(1);
  group->footer(
      "Example:\n  aislewatch cameras add aisle-1 rtsp://user:password@camera/stream\n"
      "  aislewatch cameras list");
  AddEventsAction<v1::CameraRegistryService>(*group, context, options, "list",
                                             "All cameras and how they are", ListCameras);
  for (const auto& [name, help, action] :
       {std::tuple<const char*, const char*, CameraAction>{"show", "One camera", ShowCamera},
        {"enable", "Runs it", EnableCamera},
        {"disable", "Stops running it", DisableCamera},
        {"remove", "Removes it; its incidents stay", RemoveCamera}}) {
    AddEventsAction<v1::CameraRegistryService>(*group, context, options, name, help, action)
        ->add_option("id", options->id, "The camera")
        ->required();
  }
  AddCameraZonesCommand(*group, context);
  AddCameraRulesCommand(*group, context);
  CLI::App* add = AddEventsAction<v1::CameraRegistryService>(*group, context, options, "add",
                                                             "Adds a camera", AddCamera);
  add->add_option("id", options->id, "Its id")->required();
  add->add_option("url", options->url, "Its address; try it with `aislewatch probe`")->required();
  add->add_option("--store", options->store, "Its store")->capture_default_str();
  add->add_option("--name", options->name, "A name for people");
  add->add_option("--fps", options->fps, "Frames analysed per second")
      ->check(CLI::Range(0.1, 60.0))
      ->capture_default_str();
  add->add_flag("--loop", options->loop, "Play a file again and again");
  CLI::App* apply = AddEventsAction<v1::CameraRegistryService>(
      *group, context, options, "apply", "Adds or changes the cameras of a YAML file", Apply);
  apply->add_option("config", options->config, "As for `aislewatch up --config`")->required();
}

}  // namespace aislewatch
