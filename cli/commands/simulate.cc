// aislewatch simulate: footage of a store that does not exist, with its ground truth.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <opencv2/videoio.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/commands/simulation_flags.h"
#include "cli/console/progress.h"
#include "common/base/status.h"
#include "simulator/simulation.h"
#include "simulator/truth_json.h"

namespace aislewatch {
namespace {

constexpr int kMaxCameras = 1000;

struct SimulateFlags {
  simulator::SimulationOptions simulation;
  double seconds = 60;
  std::string size = "640x360";
  std::string scenario = "store";
  double people_per_minute = -1;  // below 0: as the scenario has it
  int camera_count = 1;
  std::string out;
  std::string truth;
  std::string scene;
  bool json = false;
};

// store.mp4 for one camera; store-1.mp4, store-2.mp4, ... for several.
std::string PathOf(const std::string& path, int camera, int camera_count) {
  if (camera_count == 1 || path.empty()) return path;
  const std::filesystem::path whole(path);
  const std::string name =
      absl::StrCat(whole.stem().string(), "-", camera + 1, whole.extension().string());
  return (whole.parent_path() / name).string();
}

// H.264 where this FFmpeg has an encoder for it, else MPEG-4 part 2, which every FFmpeg has.
absl::StatusOr<cv::VideoWriter> OpenVideo(const std::string& path, double fps, FrameSize size) {
  for (const char* codec : {"avc1", "mp4v"}) {
    const int fourcc = cv::VideoWriter::fourcc(codec[0], codec[1], codec[2], codec[3]);
    try {
      cv::VideoWriter writer(path, cv::CAP_FFMPEG, fourcc, fps, {size.width, size.height});
      if (writer.isOpened()) return writer;
    } catch (const cv::Exception&) {
      // Some builds throw where others leave it closed; the next codec may do.
    }
  }
  return absl::UnavailableError(absl::StrCat(
      "cannot write ", path, ": check that its folder exists and that it ends in .mp4 or .avi"));
}

absl::Status WriteText(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file.fail()) {
    return absl::UnavailableError(
        absl::StrCat("cannot write ", path, ": check that its folder exists and has room"));
  }
  return absl::OkStatus();
}

// The zones as `analyze --scene` reads them; rules are left to the fusion service.
std::string SceneYaml(const simulator::SceneTruth& scene) {
  std::string yaml =
      absl::StrCat("# Zones of the simulated store with seed ", scene.seed, ".\nzones:\n");
  for (const simulator::TruthZone& zone : scene.zones) {
    absl::StrAppend(&yaml, "  - zone_id: ", zone.id, "\n    kind: ", zone.kind, "\n    polygon: [");
    for (size_t i = 0; i < zone.polygon.size(); ++i) {
      absl::StrAppend(&yaml, i == 0 ? "" : ", ", "[", zone.polygon[i].x, ", ", zone.polygon[i].y,
                      "]");
    }
    absl::StrAppend(&yaml, "]\n");
  }
  return yaml;
}

nlohmann::ordered_json Summary(const std::string& video, const simulator::FootageTruth& truth) {
  nlohmann::ordered_json kinds = nlohmann::ordered_json::object();
  for (const simulator::TruthIncident& incident : truth.incidents) {
    const std::string kind(simulator::ActName(incident.kind));
    kinds[kind] = kinds.value(kind, 0) + 1;
  }
  return {{"video", video},
          {"seed", truth.scene.seed},
          {"frames", truth.frames.size()},
          {"incidents", std::move(kinds)}};
}

absl::StatusOr<nlohmann::ordered_json> SimulateCamera(const SimulateFlags& options, int camera) {
  simulator::SimulationOptions simulation_options = options.simulation;
  simulation_options.seed += static_cast<uint64_t>(camera);
  AW_ASSIGN_OR_RETURN(auto simulation, simulator::Simulation::Create(simulation_options));
  const std::string video = PathOf(options.out, camera, options.camera_count);
  AW_ASSIGN_OR_RETURN(cv::VideoWriter writer,
                      OpenVideo(video, simulation_options.fps, simulation_options.size));
  simulator::FootageTruth truth;
  ProgressBar progress(video, simulation->frame_count());
  while (std::optional<simulator::SimulatedFrame> frame = simulation->Next()) {
    writer.write(frame->image);
    truth.frames.push_back(std::move(frame->truth));
    progress.Update(static_cast<int64_t>(truth.frames.size()));
  }
  writer.release();
  // The writer does not say when the disk is full; an empty file does.
  std::error_code error;
  if (std::filesystem::file_size(video, error) == 0 || error) {
    return absl::UnavailableError(
        absl::StrCat("nothing was written to ", video, ": check that the disk has room"));
  }
  truth.scene = simulation->scene();
  truth.incidents = simulation->incidents();
  truth.visits = simulation->visits();
  if (!options.truth.empty()) {
    AW_RETURN_IF_ERROR(
        WriteText(PathOf(options.truth, camera, options.camera_count), simulator::ToJson(truth)));
  }
  if (!options.scene.empty()) {
    AW_RETURN_IF_ERROR(
        WriteText(PathOf(options.scene, camera, options.camera_count), SceneYaml(truth.scene)));
  }
  return Summary(video, truth);
}

absl::Status Run(SimulateFlags options) {
  if (options.out.empty()) {
    return absl::InvalidArgumentError("--out is missing: name the video to write (.mp4 or .avi)");
  }
  AW_ASSIGN_OR_RETURN(options.simulation.size, ParsePictureSize("--size", options.size));
  const auto scenario = simulator::FindScenario(options.scenario);
  if (!scenario.ok()) return absl::InvalidArgumentError(scenario.status().message());
  options.simulation.mix = scenario->mix;
  options.simulation.storefronts = scenario->storefronts;
  options.simulation.people_per_minute =
      options.people_per_minute >= 0 ? options.people_per_minute : scenario->people_per_minute;
  options.simulation.duration = absl::Seconds(options.seconds);
  nlohmann::ordered_json cameras = nlohmann::ordered_json::array();
  for (int camera = 0; camera < options.camera_count; ++camera) {
    AW_ASSIGN_OR_RETURN(nlohmann::ordered_json summary, SimulateCamera(options, camera));
    if (!options.json) {
      std::printf("%s: seed %llu, %d frames, incidents %s\n",
                  summary["video"].get<std::string>().c_str(),
                  static_cast<unsigned long long>(summary["seed"].get<uint64_t>()),
                  summary["frames"].get<int>(), summary["incidents"].dump().c_str());
    }
    cameras.push_back(std::move(summary));
  }
  if (options.json) {
    std::printf("%s\n", nlohmann::ordered_json{{"cameras", cameras}}.dump(2).c_str());
  }
  return absl::OkStatus();
}

}  // namespace

void AddSimulateCommand(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<SimulateFlags>();
  CLI::App* command =
      parent.add_subcommand("simulate", "Renders footage of a synthetic store with ground truth");
  command->footer(
      "Example:\n  aislewatch simulate --seed 1000001 --seconds 60 --out store.mp4 "
      "--truth store.json");
  command
      ->add_option("--seed", options->simulation.seed,
                   "Same seed, same footage; below 1000000 for training, from there for tests")
      ->capture_default_str();
  command->add_option("--seconds", options->seconds, "Length")->capture_default_str();
  command->add_option("--out", options->out, "Video to write (.mp4 or .avi); required");
  command->add_option("--truth", options->truth, "Ground truth to write (JSON)");
  command->add_option("--scene", options->scene, "Zones to write, for `analyze --scene` (YAML)");
  command->add_option("--size", options->size, "Picture size")->capture_default_str();
  command->add_option("--fps", options->simulation.fps, "Frames per second, 1..60")
      ->capture_default_str();
  command->add_option("--scenario", options->scenario, ScenarioHelp())->capture_default_str();
  command->add_option("--people-per-minute", options->people_per_minute,
                      "Arrivals; default as the scenario has it");
  command->add_option("--max-people", options->simulation.max_people, "In the store at a time")
      ->capture_default_str();
  command
      ->add_option("--camera-count", options->camera_count,
                   "Stores to render, with the seeds that follow; files get -1, -2, ...")
      ->check(CLI::Range(1, kMaxCameras))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([&context, options, command] {
    // Called after the callback of a subcommand, which has set its own.
    if (command->get_subcommands().empty()) context.run = [options] { return Run(*options); };
  });
  AddSimulateWeaponsCommand(*command, context);
}

}  // namespace aislewatch
