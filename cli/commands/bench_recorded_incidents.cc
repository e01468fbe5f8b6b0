// aislewatch bench recorded-incidents: false alarms and finds on recorded clips and recorded poses.

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/clips/cluster_clips.h"
#include "cli/cluster/cluster_flags.h"
#include "cli/commands/commands.h"
#include "cli/console/progress.h"
#include "cli/risk/alarm_figures.h"
#include "cli/risk/played_clip.h"
#include "cli/risk/posed_clip.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "models/pose_anomaly/dataset/poselift.h"

namespace aislewatch {
namespace {

using Json = nlohmann::ordered_json;

struct RecordedIncidentsFlags {
  RunClusterFlags cluster;
  std::vector<std::string> datasets;
  std::string part = "test";
  std::string poselift;
  bool classify_poses = false;
  std::string json;
};

absl::StatusOr<AlarmCounter> PlayClips(LocalClusterOptions options, const std::string& name,
                                       const std::vector<clip_training::ClipFile>& clips) {
  options.leases = false;
  AW_ASSIGN_OR_RETURN(const auto cluster, LocalCluster::Start(options));
  AW_ASSIGN_OR_RETURN(const auto ingest, cluster->Channel("ingest"));
  AlarmCounter counter;
  ProgressBar bar(name, static_cast<int64_t>(clips.size()));
  for (size_t i = 0; i < clips.size(); ++i) {
    const auto played = PlayClip(ingest, clips[i], absl::StrCat("clip-", i));
    bar.Update(static_cast<int64_t>(i) + 1, clips[i].folder);
    if (!played.ok()) {
      std::fprintf(stderr, "left out %s: %s\n", clips[i].path.c_str(),
                   std::string(played.status().message()).c_str());
      continue;
    }
    std::set<v1::IncidentKind> acts;
    if (played->conceals) acts.insert(v1::INCIDENT_KIND_CONCEALMENT);
    if (played->fights) acts.insert(v1::INCIDENT_KIND_FIGHT);
    counter.Add(acts, played->opened, played->length);
  }
  return counter;
}

/// The clips of a PoseLift data set, which have poses alone.
struct PosedClips {
  /// Nearly every one of the labelled clips holds an act.
  std::vector<pose_anomaly::LabelledClip> labelled;
  /// Normal shopping, to which the pose anomaly scorer was fitted, but nothing else.
  std::vector<pose_anomaly::LabelledClip> normal;
};

absl::StatusOr<PosedClips> ReadPoseLift(const std::string& dataset) {
  AW_ASSIGN_OR_RETURN(pose_anomaly::TestSet set, pose_anomaly::ReadTestSet(dataset));
  AW_ASSIGN_OR_RETURN(std::vector<pose_anomaly::PoseClip> normal,
                      pose_anomaly::ReadTrainingClips(dataset));
  PosedClips clips{.labelled = std::move(set.clips), .normal = {}};
  for (pose_anomaly::PoseClip& clip : normal) clips.normal.push_back({std::move(clip), {}});
  return clips;
}

absl::StatusOr<AlarmCounter> PlayPosedClips(ClipCluster& cluster, const std::string& name,
                                            const std::vector<pose_anomaly::LabelledClip>& clips,
                                            bool classify) {
  AlarmCounter counter;
  ProgressBar bar(name, static_cast<int64_t>(clips.size()));
  for (const pose_anomaly::LabelledClip& labelled : clips) {
    const auto played = PlayPoses(cluster, labelled.clip, classify);
    if (!played.ok()) return Annotate(played.status(), labelled.clip.name);
    std::set<v1::IncidentKind> acts;
    for (const uint8_t label : labelled.labels) {
      if (label != 0) acts.insert(v1::INCIDENT_KIND_CONCEALMENT);
    }
    counter.Add(acts, played->opened, played->length);
    bar.Update(counter.clips(), labelled.clip.name);
  }
  return counter;
}

absl::Status Run(const RecordedIncidentsFlags& flags, const std::string& bin_dir) {
  if (flags.datasets.empty() && flags.poselift.empty()) {
    return absl::InvalidArgumentError(
        "nothing to play; name clips with --dataset NAME=DIR or poses with --poselift DIR");
  }
  AW_ASSIGN_OR_RETURN(const LocalClusterOptions options,
                      MakeClusterOptions(flags.cluster, bin_dir));
  Json report = {{"part", flags.part}};
  const auto add = [&](const std::string& name, const AlarmCounter& counter) {
    std::fputs(counter.Text(name).c_str(), stdout);
    report[name] = counter.ToJson();
  };
  for (const std::string& dataset : flags.datasets) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(dataset, absl::MaxSplits('=', 1));
    if (parts.first.empty() || parts.second.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--dataset must be NAME=DIR, for example mnnit=data/mnnit, not ", dataset));
    }
    AW_ASSIGN_OR_RETURN(std::vector<clip_training::ClipFile> clips,
                        clip_training::ListClips(parts.first, parts.second));
    if (flags.part == "test") clips = clip_training::SplitByBlocks(clips).test;
    AW_ASSIGN_OR_RETURN(const AlarmCounter counter, PlayClips(options, parts.first, clips));
    add(parts.first, counter);
  }
  if (!flags.poselift.empty()) {
    AW_ASSIGN_OR_RETURN(const PosedClips clips, ReadPoseLift(flags.poselift));
    LocalClusterOptions posed = options;
    posed.services = {"fusion"};
    if (flags.classify_poses) posed.services.push_back("classifier");
    ClipCluster cluster(std::move(posed));
    for (const auto& [name, part] : {std::pair("poselift, labelled clips", &clips.labelled),
                                     std::pair("poselift, normal shopping", &clips.normal)}) {
      AW_ASSIGN_OR_RETURN(const AlarmCounter counter,
                          PlayPosedClips(cluster, name, *part, flags.classify_poses));
      add(name, counter);
    }
  }
  if (flags.json.empty()) return absl::OkStatus();
  return WriteFileAtomically(flags.json, report.dump(2) + "\n");
}

}  // namespace

void AddBenchRecordedIncidentsCommand(CLI::App& group, CommandContext& context) {
  auto flags = std::make_shared<RecordedIncidentsFlags>();
  CLI::App* command = group.add_subcommand(
      "recorded-incidents",
      "Finds and false alarms per camera-hour on recorded clips, each played as a camera, and on "
      "recorded poses");
  command->footer(
      "Example:\n  aislewatch bench recorded-incidents --dataset mnnit=data/mnnit --poselift "
      "data/poselift --json alarms.json");
  command->add_option("--dataset", flags->datasets,
                      "NAME=DIR, a folder with one folder of clips per class; may be repeated");
  command
      ->add_option("--part", flags->part,
                   "Of the clips: all, or test, the last third of each class, which training never "
                   "sees")
      ->check(CLI::IsMember({"all", "test"}))
      ->capture_default_str();
  command->add_option(
      "--poselift", flags->poselift,
      "A PoseLift data set; the poses of its normal and of its test clips go to fusion as "
      "they are");
  command->add_flag("--classify-poses", flags->classify_poses,
                    "Show the poses to the classifier, too. It must be one that sees no pictures, "
                    "for example --service-flag classifier:--model=joints-gru");
  command->add_option("--json", flags->json, "Write the figures to this file");
  AddRunClusterFlags(*command, flags->cluster);
  command->callback([&context, flags] {
    context.run = [&context, flags] { return Run(*flags, context.bin_dir); };
  });
}

}  // namespace aislewatch
