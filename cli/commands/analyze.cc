// aislewatch analyze VIDEO: one video through a cluster of its own.

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <opencv2/videoio.hpp>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/analysis/video_analysis.h"
#include "cli/cluster/cluster_flags.h"
#include "cli/commands/commands.h"
#include "cli/console/progress.h"
#include "cli/events_client.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/config/yaml/yaml_file.h"
#include "common/rpc/convert.h"
#include "common/scene/yaml_scene.h"
#include "common/vision/overlay.h"

namespace aislewatch {
namespace {

using Json = nlohmann::ordered_json;

struct AnalyzeFlags {
  RunClusterFlags cluster;
  VideoAnalysisOptions analysis;
  std::string scene;
  std::string json;
  std::string poses;
  std::string annotated;
};

// Everything that is written while frames come in, and what the report says of tracks.
class Outputs {
 public:
  absl::Status Open(const AnalyzeFlags& options) {
    fps_ = options.analysis.fps;
    annotated_path_ = options.annotated;
    if (options.poses.empty()) return absl::OkStatus();
    poses_.open(options.poses);
    if (poses_) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("cannot write ", options.poses));
  }

  void Take(const AnalysedFrame& frame) {
    const double t = absl::ToDoubleSeconds(frame.time);
    for (const auto& observed : frame.verdict.people()) {
      Track& track = tracks_[observed.person().track_id()];
      if (track.frames++ == 0) track.first_s = t;
      track.last_s = t;
    }
    if (poses_.is_open()) WritePoses(t, frame.verdict);
    if (!annotated_path_.empty()) WriteAnnotated(frame);
  }

  absl::Status Close(const AnalyzeFlags& options) {
    writer_.release();
    if (!annotated_error_.ok()) return annotated_error_;
    if (!poses_.is_open()) return absl::OkStatus();
    poses_.close();
    if (poses_.good()) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat("cannot write ", options.poses, "; disk full?"));
  }

  Json Tracks() const {
    Json list = Json::array();
    for (const auto& [id, track] : tracks_) {
      list.push_back({{"id", id},
                      {"first_s", track.first_s},
                      {"last_s", track.last_s},
                      {"frames", track.frames}});
    }
    return list;
  }
  size_t track_count() const { return tracks_.size(); }

 private:
  struct Track {
    double first_s = 0;
    double last_s = 0;
    int frames = 0;
  };

  void WritePoses(double t, const v1::FrameVerdict& verdict) {
    Json people = Json::array();
    for (const auto& observed : verdict.people()) {
      const v1::TrackedPerson& person = observed.person();
      Json keypoints = Json::array();
      for (const auto& joint : person.keypoints()) {
        keypoints.push_back({joint.x(), joint.y(), joint.confidence()});
      }
      const auto& box = person.box();
      people.push_back({{"track_id", person.track_id()},
                        {"box", {box.x(), box.y(), box.width(), box.height()}},
                        {"score", person.score()},
                        {"keypoints", std::move(keypoints)}});
    }
    Json line{{"t_s", t}, {"people", std::move(people)}};
    if (verdict.objects_size() > 0) line["objects"] = Objects(verdict);
    poses_ << line.dump() << "\n";
  }

  static Json Objects(const v1::FrameVerdict& verdict) {
    Json objects = Json::array();
    for (const auto& object : verdict.objects()) {
      const auto& box = object.box();
      objects.push_back({{"class", object.class_name()},
                         {"weapon", object.is_weapon()},
                         {"score", object.score()},
                         {"box", {box.x(), box.y(), box.width(), box.height()}},
                         {"track_id", object.track_id()}});
    }
    return objects;
  }

  void WriteAnnotated(const AnalysedFrame& frame) {
    if (!annotated_error_.ok()) return;
    // H.264 with 4:2:0 needs even sides.
    cv::Mat picture =
        frame.image(cv::Rect(0, 0, frame.image.cols & ~1, frame.image.rows & ~1)).clone();
    if (!writer_.isOpened() &&
        !writer_.open(annotated_path_, cv::CAP_FFMPEG, cv::VideoWriter::fourcc('a', 'v', 'c', '1'),
                      fps_, picture.size())) {
      annotated_error_ = absl::InvalidArgumentError(
          absl::StrCat("cannot write ", annotated_path_, "; is it a path ending in .mp4?"));
      return;
    }
    std::vector<OverlayPerson> people;
    for (int i = 0; i < frame.verdict.people_size(); ++i) {
      const auto person = FromProto(frame.verdict.people(i).person());
      if (!person.ok()) continue;
      OverlayPerson drawn{*person, std::nullopt, ""};
      if (i < frame.verdict.risks_size()) drawn.risk = frame.verdict.risks(i).risk();
      people.push_back(std::move(drawn));
    }
    for (const auto& transition : frame.verdict.transitions()) {
      const v1::Incident& incident = transition.incident();
      if (incident.state() == v1::INCIDENT_STATE_OPEN) {
        open_[incident.incident_id()] = KindName(incident.kind());
      } else {
        open_.erase(incident.incident_id());
      }
    }
    std::vector<std::string> kinds;
    for (const auto& [id, kind] : open_) kinds.push_back(kind);
    std::vector<SeenObject> objects;
    for (const auto& message : frame.verdict.objects()) {
      if (auto object = FromProto(message); object.ok()) objects.push_back(*std::move(object));
    }
    DrawObjects(picture, objects);
    DrawOverlay(picture, people, absl::StrJoin(kinds, ", "));
    writer_.write(picture);
  }

  double fps_ = 10;
  std::string annotated_path_;
  absl::Status annotated_error_;
  cv::VideoWriter writer_;
  std::ofstream poses_;
  std::map<uint64_t, Track> tracks_;
  std::map<std::string, std::string> open_;  // Kind by incident.
};

Json IncidentJson(const v1::Incident& incident, absl::Time start) {
  Json tracks = Json::array();
  for (const auto& track : incident.tracks()) tracks.push_back(track.track_id());
  Json json = {{"id", incident.incident_id()},
               {"kind", KindName(incident.kind())},
               {"severity", SeverityName(incident.severity())},
               {"opened_s", absl::ToDoubleSeconds(FromProto(incident.opened_time()) - start)},
               {"closed_s", nullptr},
               {"peak_risk", incident.peak_risk()},
               {"track_ids", std::move(tracks)}};
  if (incident.has_closed_time()) {
    json["closed_s"] = absl::ToDoubleSeconds(FromProto(incident.closed_time()) - start);
  }
  return json;
}

absl::Status WriteReport(const AnalyzeFlags& options, const VideoAnalysisSummary& summary,
                         const Outputs& outputs, const std::vector<v1::Incident>& incidents) {
  if (options.json.empty()) return absl::OkStatus();
  Json list = Json::array();
  for (const auto& incident : incidents) list.push_back(IncidentJson(incident, summary.start));
  const Json report = {{"video", options.analysis.video},
                       {"frames",
                        {{"decoded", summary.decoded},
                         {"analysed", summary.analysed},
                         {"dropped", summary.dropped}}},
                       {"tracks", outputs.Tracks()},
                       {"incidents", std::move(list)},
                       {"latency_s",
                        {{"p50", Quantile(summary.latency_s, 0.50)},
                         {"p95", Quantile(summary.latency_s, 0.95)},
                         {"p99", Quantile(summary.latency_s, 0.99)}}}};
  std::ofstream file(options.json);
  file << report.dump(2) << "\n";
  if (file.flush()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("cannot write ", options.json));
}

void PrintSummary(const VideoAnalysisSummary& summary, const Outputs& outputs,
                  const std::vector<v1::Incident>& incidents) {
  std::printf(
      "%d frames decoded, %d analysed, %d dropped; %d tracks; verdict after %.0f ms (p50), "
      "%.0f ms (p95)\n",
      static_cast<int>(summary.decoded), static_cast<int>(summary.analysed),
      static_cast<int>(summary.dropped), static_cast<int>(outputs.track_count()),
      1000 * Quantile(summary.latency_s, 0.5), 1000 * Quantile(summary.latency_s, 0.95));
  if (incidents.empty()) std::printf("no incidents\n");
  for (const auto& incident : incidents) {
    const double opened = absl::ToDoubleSeconds(FromProto(incident.opened_time()) - summary.start);
    const std::string until =
        incident.has_closed_time()
            ? absl::StrFormat("%.1f s", absl::ToDoubleSeconds(FromProto(incident.closed_time()) -
                                                              summary.start))
            : "open at the end";
    std::printf("%-9s %-16s %6.1f s to %-16s risk %.2f  %s\n",
                SeverityName(incident.severity()).c_str(), KindName(incident.kind()).c_str(),
                opened, until.c_str(), incident.peak_risk(), incident.incident_id().c_str());
  }
}

absl::Status ReadScene(const std::string& path, Scene& scene) {
  if (path.empty()) return absl::OkStatus();
  AW_ASSIGN_OR_RETURN(YamlFile file, YamlFile::Load(path));
  scene.zones = ReadZones(file.root());
  scene.rules = ReadRules(file.root(), scene.zones);
  return file.status();
}

absl::Status Run(AnalyzeFlags options, const std::string& bin_dir) {
  AW_RETURN_IF_ERROR(ReadScene(options.scene, options.analysis.scene));
  Outputs outputs;
  AW_RETURN_IF_ERROR(outputs.Open(options));
  AW_ASSIGN_OR_RETURN(LocalClusterOptions cluster_options,
                      MakeClusterOptions(options.cluster, bin_dir));
  cluster_options.leases = false;
  std::fprintf(stderr, "starting the cluster...\n");
  AW_ASSIGN_OR_RETURN(const auto cluster, LocalCluster::Start(cluster_options));
  AW_ASSIGN_OR_RETURN(const auto ingest, cluster->Channel("ingest"));
  AW_ASSIGN_OR_RETURN(const auto events, cluster->Channel("events"));
  options.analysis.camera_id = absl::StrCat("analyze-", NewUuid().substr(0, 8));

  std::optional<ProgressBar> progress;
  const auto on_progress = [&](int64_t done, int64_t total) {
    if (!progress.has_value()) progress.emplace("analysing", total);
    progress->Update(done);
  };
  AW_ASSIGN_OR_RETURN(const VideoAnalysisSummary summary,
                      AnalyzeVideo(
                          ingest, options.analysis,
                          [&](const AnalysedFrame& frame) { outputs.Take(frame); }, on_progress));
  progress.reset();
  AW_RETURN_IF_ERROR(outputs.Close(options));
  AW_ASSIGN_OR_RETURN(const auto incidents,
                      AwaitIncidents(events, summary.transitions, absl::Now() + absl::Seconds(30),
                                     /*closed=*/true));
  PrintSummary(summary, outputs, incidents);
  return WriteReport(options, summary, outputs, incidents);
}

}  // namespace

void AddAnalyzeCommand(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<AnalyzeFlags>();
  CLI::App* command = parent.add_subcommand("analyze", "Runs one video through the cluster");
  command->footer(
      "Example:\n  aislewatch analyze aisle.mp4 --json report.json --annotated aisle-seen.mp4");
  command->add_option("video", options->analysis.video, "File or address of the video")->required();
  command->add_option("--json", options->json, "Write the report to this file");
  command->add_option("--annotated", options->annotated,
                      "Write the analysed frames with skeletons and risks to this .mp4");
  command->add_option("--poses", options->poses,
                      "Write the people of each frame to this file, a JSON object a line");
  command->add_option("--scene", options->scene, "YAML file with zones and rules (docs/rules.md)");
  command->add_option("--fps", options->analysis.fps, "Frames analysed per second of video")
      ->check(CLI::Range(0.1, 60.0))
      ->capture_default_str();
  command->add_option("--size", options->analysis.size, "Longer side of the analysed frame")
      ->check(CLI::Range(64, 4096))
      ->capture_default_str();
  AddRunClusterFlags(*command, options->cluster);
  command->callback([&context, options] {
    context.run = [&context, options] { return Run(*options, context.bin_dir); };
  });
}

}  // namespace aislewatch
