// aislewatch bench attention: who looked at and entered simulated storefronts, as told and in
// truth, and whether event storage counts what was told.

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cli/analysis/attention_analysis.h"
#include "cli/analysis/attention_sums.h"
#include "cli/cluster/cluster_flags.h"
#include "cli/commands/commands.h"
#include "cli/console/progress.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"

namespace aislewatch {
namespace {

using Json = nlohmann::ordered_json;

struct BenchAttentionFlags {
  RunClusterFlags cluster;
  AttentionAnalysisOptions analysis;
  int corridors = 5;
  /// "found": the whole cluster; "true": fusion alone, which is told the truth.
  std::string poses = "found";
  float noise_px = 1.5f;
  std::string json;

  bool true_poses() const { return poses == "true"; }
  uint64_t seed(int corridor) const { return analysis.seed + static_cast<uint64_t>(corridor); }
};

// Of all corridors.
struct AttentionFigures {
  simulator::AttentionScores scores;
  simulator::TrackingScore tracking;
  std::vector<v1::ZoneVisit> visits;
};

// Longer than the outbox takes to send what it has.
constexpr absl::Duration kStoragePatience = absl::Seconds(30);

Json OrNull(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json ToJson(const simulator::YesNoScore& score) {
  return {{"hits", score.hits},
          {"false_alarms", score.false_alarms},
          {"misses", score.misses},
          {"precision", OrNull(score.precision())},
          {"recall", OrNull(score.recall())}};
}

Json ToJson(const simulator::TimeScore& score) {
  return {{"pairs", score.pairs},
          {"mean_absolute_error_s", OrNull(score.mean_absolute_s())},
          {"mean_error_s", OrNull(score.mean_s())},
          {"truth_s", score.truth_s},
          {"told_s", score.found_s}};
}

void Print(const char* name, const simulator::YesNoScore& score) {
  std::printf("%-24s %4d hits, %4d false, %4d missed, precision %.2f, recall %.2f\n", name,
              score.hits, score.false_alarms, score.misses, score.precision().value_or(0),
              score.recall().value_or(0));
}

void Print(const char* name, const simulator::TimeScore& score) {
  std::printf("%-24s %4d pairs, mean error %.2f s (%+.2f s), %.0f s told of %.0f s\n", name,
              score.pairs, score.mean_absolute_s().value_or(0), score.mean_s().value_or(0),
              score.found_s, score.truth_s);
}

absl::StatusOr<AttentionFigures> AnalyzeCorridors(const BenchAttentionFlags& flags,
                                                  const LocalCluster& cluster) {
  AW_ASSIGN_OR_RETURN(const auto service,
                      cluster.Channel(flags.true_poses() ? "fusion" : "ingest"));
  AttentionFigures figures;
  ProgressBar progress("simulated corridors", flags.corridors * 100);
  for (int i = 0; i < flags.corridors; ++i) {
    AttentionAnalysisOptions one = flags.analysis;
    one.seed = flags.seed(i);
    const auto show = [&](double part) { progress.Update(i * 100 + static_cast<int>(part * 100)); };
    AW_ASSIGN_OR_RETURN(const AttentionAnalysis found,
                        flags.true_poses()
                            ? AnalyzeTrueAttention(service, one, flags.noise_px, show)
                            : AnalyzeAttention(service, one, show));
    figures.scores.Add(found.scores);
    figures.tracking.Add(found.tracking);
    figures.visits.insert(figures.visits.end(), found.visits.begin(), found.visits.end());
  }
  return figures;
}

// The sums of event storage, which may have some of an earlier run, before and after.
class StorageCheck {
 public:
  static absl::StatusOr<StorageCheck> Begin(const BenchAttentionFlags& flags,
                                            const LocalCluster& cluster) {
    StorageCheck check;
    AW_ASSIGN_OR_RETURN(check.events_, cluster.Channel("events"));
    for (int i = 0; i < flags.corridors; ++i) {
      check.cameras_.push_back(CorridorCamera(flags.seed(i)));
    }
    const absl::Time now = absl::Now();
    check.from_ = now - absl::Hours(48);
    check.until_ = now + absl::Hours(48) + flags.analysis.duration;
    AW_ASSIGN_OR_RETURN(check.before_,
                        StoredAttention(check.events_, check.cameras_, check.from_, check.until_));
    return check;
  }

  absl::Status End(const std::vector<v1::ZoneVisit>& told) const {
    AttentionByZone expected = before_;
    AddTo(expected, AddUp(told));
    return AwaitAttention(events_, cameras_, from_, until_, expected,
                          absl::Now() + kStoragePatience);
  }

 private:
  StorageCheck() = default;

  std::shared_ptr<grpc::Channel> events_;
  std::vector<std::string> cameras_;
  absl::Time from_, until_;
  AttentionByZone before_;
};

void Print(const simulator::AttentionScores& scores) {
  std::printf("%-24s %4d in truth, %4d visits told, %d of them of nobody near\n", "passers-by",
              scores.passers_by, scores.visits_told, scores.strangers);
  Print("looked", scores.looked);
  Print("entered", scores.entered);
  Print("looked before entering", scores.looked_before_entering);
  Print("looking time", scores.looking);
  Print("dwell", scores.dwell);
}

Json Report(const BenchAttentionFlags& flags, const AttentionFigures& figures) {
  const simulator::AttentionScores& scores = figures.scores;
  Json report = {{"synthetic", true},
                 {"poses", flags.poses},
                 {"first_seed", flags.analysis.seed},
                 {"corridors", flags.corridors},
                 {"minutes", flags.corridors * absl::ToDoubleMinutes(flags.analysis.duration)},
                 {"passers_by", scores.passers_by},
                 {"visits_told", scores.visits_told},
                 {"visits_of_nobody_near", scores.strangers},
                 {"looked", ToJson(scores.looked)},
                 {"entered", ToJson(scores.entered)},
                 {"looked_before_entering", ToJson(scores.looked_before_entering)},
                 {"looking_time", ToJson(scores.looking)},
                 {"dwell", ToJson(scores.dwell)}};
  if (flags.true_poses()) {
    report["noise_px"] = flags.noise_px;
  } else {
    report["stored_as_told"] = true;
    report["tracking"] = {{"recall", figures.tracking.recall()}, {"idf1", figures.tracking.idf1()}};
  }
  return report;
}

absl::Status Run(const BenchAttentionFlags& flags, const std::string& bin_dir) {
  AW_ASSIGN_OR_RETURN(LocalClusterOptions cluster_options,
                      MakeClusterOptions(flags.cluster, bin_dir));
  cluster_options.leases = false;
  if (flags.true_poses()) cluster_options.services = {"fusion"};
  AW_ASSIGN_OR_RETURN(const auto cluster, LocalCluster::Start(cluster_options));
  std::optional<StorageCheck> storage;
  if (!flags.true_poses()) {
    AW_ASSIGN_OR_RETURN(storage, StorageCheck::Begin(flags, *cluster));
  }
  AW_ASSIGN_OR_RETURN(const AttentionFigures figures, AnalyzeCorridors(flags, *cluster));
  Print(figures.scores);
  if (storage) {
    AW_RETURN_IF_ERROR(storage->End(figures.visits));
    std::printf("%-24s the sums of event storage are those of the visits told\n", "storage");
  }
  if (flags.json.empty()) return absl::OkStatus();
  return WriteFileAtomically(flags.json, Report(flags, figures).dump(2) + "\n");
}

}  // namespace

void AddBenchAttentionCommand(CLI::App& group, CommandContext& context) {
  auto flags = std::make_shared<BenchAttentionFlags>();
  CLI::App* command = group.add_subcommand(
      "attention", "Who looked at and entered simulated storefronts, against the truth");
  command->footer(
      "Example:\n  aislewatch bench attention --corridors 5 --minutes 2 --json attention.json");
  command
      ->add_option("--corridors", flags->corridors,
                   "Simulated corridors with shops, each with a seed of its own")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command
      ->add_option_function<double>(
          "--minutes", [flags](double m) { flags->analysis.duration = absl::Minutes(m); },
          "Length of each; default 2")
      ->check(CLI::Range(0.1, 600.0));
  command->add_option("--seed", flags->analysis.seed, "First seed; test seeds are >= 1000000")
      ->capture_default_str();
  command->add_option("--people-per-minute", flags->analysis.people_per_minute, "People who pass")
      ->check(CLI::Range(0.5, 120.0))
      ->capture_default_str();
  command
      ->add_option("--poses", flags->poses,
                   "found: by the whole cluster; true: fusion alone, told true tracks and joints")
      ->check(CLI::IsMember({"found", "true"}))
      ->capture_default_str();
  command
      ->add_option("--noise-px", flags->noise_px,
                   "Standard deviation by which true joints are moved, pixels of 640x360")
      ->check(CLI::Range(0.0f, 50.0f))
      ->capture_default_str();
  command->add_option("--json", flags->json, "Write the figures to this file");
  AddRunClusterFlags(*command, flags->cluster);
  command->callback([&context, flags] {
    context.run = [&context, flags] { return Run(*flags, context.bin_dir); };
  });
}

}  // namespace aislewatch
