// aislewatch bench attention: who looked at and entered simulated storefronts, as told and in
// truth.

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "cli/analysis/attention_analysis.h"
#include "cli/cluster/cluster_flags.h"
#include "cli/commands/commands.h"
#include "cli/console/progress.h"
#include "common/base/status.h"
#include "common/inference/atomic_write.h"

namespace aislewatch {
namespace {

using Json = nlohmann::ordered_json;

struct BenchAttentionFlags {
  RunClusterFlags cluster;
  AttentionAnalysisOptions analysis;
  int corridors = 5;
  std::string json;
};

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

absl::Status Run(const BenchAttentionFlags& flags, const std::string& bin_dir) {
  AW_ASSIGN_OR_RETURN(LocalClusterOptions cluster_options,
                      MakeClusterOptions(flags.cluster, bin_dir));
  cluster_options.leases = false;
  AW_ASSIGN_OR_RETURN(const auto cluster, LocalCluster::Start(cluster_options));
  AW_ASSIGN_OR_RETURN(const auto ingest, cluster->Channel("ingest"));
  simulator::AttentionScores scores;
  simulator::TrackingScore tracking;
  {
    ProgressBar progress("simulated corridors", flags.corridors * 100);
    for (int i = 0; i < flags.corridors; ++i) {
      AttentionAnalysisOptions one = flags.analysis;
      one.seed += static_cast<uint64_t>(i);
      AW_ASSIGN_OR_RETURN(const AttentionAnalysis found,
                          AnalyzeAttention(ingest, one, [&](double part) {
                            progress.Update(i * 100 + static_cast<int>(part * 100));
                          }));
      scores.Add(found.scores);
      tracking.Add(found.tracking);
    }
  }
  std::printf("%-24s %4d in truth, %4d visits told, %d of them of nobody near\n", "passers-by",
              scores.passers_by, scores.visits_told, scores.strangers);
  Print("looked", scores.looked);
  Print("entered", scores.entered);
  Print("looked before entering", scores.looked_before_entering);
  Print("looking time", scores.looking);
  Print("dwell", scores.dwell);
  if (flags.json.empty()) return absl::OkStatus();
  const Json report = {
      {"synthetic", true},
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
      {"dwell", ToJson(scores.dwell)},
      {"tracking", {{"recall", tracking.recall()}, {"idf1", tracking.idf1()}}}};
  return WriteFileAtomically(flags.json, report.dump(2) + "\n");
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
  command->add_option("--json", flags->json, "Write the figures to this file");
  AddRunClusterFlags(*command, flags->cluster);
  command->callback([&context, flags] {
    context.run = [&context, flags] { return Run(*flags, context.bin_dir); };
  });
}

}  // namespace aislewatch
