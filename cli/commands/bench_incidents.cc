// aislewatch bench incidents: recall, precision and delay on simulated footage of test seeds.

#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/analysis/simulated_analysis.h"
#include "cli/cluster/cluster_flags.h"
#include "cli/cluster/temporary_folder.h"
#include "cli/commands/commands.h"
#include "cli/commands/simulation_flags.h"
#include "cli/console/progress.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "simulator/simulation.h"

namespace aislewatch {
namespace {

using Json = nlohmann::ordered_json;

struct BenchIncidentsFlags {
  RunClusterFlags cluster;
  SimulatedAnalysisOptions analysis;
  int seeds = 5;
  std::optional<double> people_per_minute;
  std::string size = "640x360";
  std::string json;
};

Json Optional(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

// Scores of several stores, added up; delays pooled.
struct Sum {
  int acts = 0, hits = 0, false_alarms = 0;
  std::vector<double> delays_s;

  void Add(const simulator::IncidentScores& scores) {
    acts += static_cast<int>(scores.acts.size());
    hits += scores.hits;
    false_alarms += static_cast<int>(scores.false_alarms.size());
    for (const auto& act : scores.acts) {
      if (act.found.has_value()) delays_s.push_back(act.delay_s);
    }
    std::sort(delays_s.begin(), delays_s.end());
  }
  std::optional<double> precision() const {
    return hits + false_alarms == 0 ? std::nullopt
                                    : std::optional(double(hits) / (hits + false_alarms));
  }
  std::optional<double> recall() const {
    return acts == 0 ? std::nullopt : std::optional(double(hits) / acts);
  }
};

Json ToJson(const Sum& sum, double camera_hours) {
  return {
      {"acts", sum.acts},
      {"hits", sum.hits},
      {"false_alarms", sum.false_alarms},
      {"false_alarms_per_camera_hour", sum.false_alarms / camera_hours},
      {"precision", Optional(sum.precision())},
      {"recall", Optional(sum.recall())},
      {"delay_s", {{"p50", Quantile(sum.delays_s, 0.5)}, {"p95", Quantile(sum.delays_s, 0.95)}}}};
}

double TracksAPerson(const simulator::TrackingScore& score) {
  return score.people == 0 ? 0
                           : static_cast<double>(score.tracks) / static_cast<double>(score.people);
}

absl::Status Run(BenchIncidentsFlags options, const std::string& bin_dir) {
  AW_ASSIGN_OR_RETURN(options.analysis.size, ParsePictureSize("--size", options.size));
  AW_ASSIGN_OR_RETURN(const simulator::Scenario scenario,
                      simulator::FindScenario(options.analysis.scenario));
  // The store's published figures are of fewer people than its scenario has.
  const bool store = scenario.name == simulator::Scenarios().front().name;
  options.analysis.people_per_minute = options.people_per_minute.value_or(
      store ? options.analysis.people_per_minute : scenario.people_per_minute);
  AW_ASSIGN_OR_RETURN(LocalClusterOptions cluster_options,
                      MakeClusterOptions(options.cluster, bin_dir));
  cluster_options.leases = false;
  AW_ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::Create());
  if (!options.analysis.min_risks.empty()) {
    const std::string rules = absl::StrCat(folder.path(), "/join-by-rule.yaml");
    AW_RETURN_IF_ERROR(WriteFileAtomically(rules, "incidents:\n  join: rule\n"));
    cluster_options.flags["fusion"].push_back(absl::StrCat("--rules=", rules));
  }
  AW_ASSIGN_OR_RETURN(const auto cluster, LocalCluster::Start(cluster_options));
  AW_ASSIGN_OR_RETURN(const auto ingest, cluster->Channel("ingest"));

  std::map<std::string, Sum> sums;
  simulator::TrackingScore tracking;
  {
    ProgressBar progress("simulated stores", options.seeds * 100);
    for (int i = 0; i < options.seeds; ++i) {
      SimulatedAnalysisOptions one = options.analysis;
      one.seed = options.analysis.seed + i;
      AW_ASSIGN_OR_RETURN(const auto scores, AnalyzeSimulation(ingest, one, [&](double part) {
                            progress.Update(i * 100 + static_cast<int>(part * 100));
                          }));
      for (const auto& [kind, score] : scores.incidents) sums[kind].Add(score);
      tracking.Add(scores.tracking);
    }
  }
  Json kinds = Json::object();
  const double camera_hours = options.seeds * absl::ToDoubleHours(options.analysis.duration);
  for (const auto& [kind, sum] : sums) {
    kinds[kind] = ToJson(sum, camera_hours);
    std::printf(
        "%-16s %3d acts, %3d found, %3d false alarms (%.1f per camera-hour), recall %.2f, "
        "precision %.2f, after %.1f s (p50), %.1f s (p95)\n",
        kind.c_str(), sum.acts, sum.hits, sum.false_alarms, sum.false_alarms / camera_hours,
        sum.recall().value_or(0), sum.precision().value_or(0), Quantile(sum.delays_s, 0.5),
        Quantile(sum.delays_s, 0.95));
  }
  std::printf(
      "%-16s %3.0f %% of visible people found, IDF1 %.3f, %d switches, %.2f tracks a person\n",
      "tracking", 100 * tracking.recall(), tracking.idf1(), static_cast<int>(tracking.switches),
      TracksAPerson(tracking));
  if (options.json.empty()) return absl::OkStatus();
  const Json report = {{"synthetic", true},
                       {"scenario", options.analysis.scenario},
                       {"size", options.size},
                       {"people_per_minute", options.analysis.people_per_minute},
                       {"first_seed", options.analysis.seed},
                       {"stores", options.seeds},
                       {"minutes", camera_hours * 60},
                       {"kinds", std::move(kinds)},
                       {"tracking",
                        {{"recall", tracking.recall()},
                         {"idf1", tracking.idf1()},
                         {"switches", tracking.switches},
                         {"tracks_a_person", TracksAPerson(tracking)}}}};
  return WriteFileAtomically(options.json, report.dump(2) + "\n");
}

}  // namespace

void AddBenchIncidentsCommand(CLI::App& group, CommandContext& context) {
  auto options = std::make_shared<BenchIncidentsFlags>();
  CLI::App* command = group.add_subcommand(
      "incidents", "Recall, precision and delay of incidents in simulated stores");
  command->footer(
      "Example:\n  aislewatch bench incidents --stores 5 --minutes 2 --json found.json\n"
      "  aislewatch bench incidents --scenario weapons --size 1280x720 --weapon-min-risk 0.3 \\\n"
      "      --service-flag pose:--object-model=retinanet-weapons");
  command->add_option("--stores", options->seeds, "Simulated stores, each with a seed of its own")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command
      ->add_option_function<double>(
          "--minutes", [options](double m) { options->analysis.duration = absl::Minutes(m); },
          "Length of each; default 2")
      ->check(CLI::Range(0.1, 600.0));
  command->add_option("--seed", options->analysis.seed, "First seed; test seeds are >= 1000000")
      ->capture_default_str();
  command
      ->add_option_function<double>(
          "--people-per-minute", [options](double people) { options->people_per_minute = people; },
          "People who come in; default 6, in another scenario than store what that has")
      ->check(CLI::Range(0.5, 120.0));
  command->add_option("--scenario", options->analysis.scenario, ScenarioHelp())
      ->capture_default_str();
  command->add_option("--size", options->size, "Picture size")->capture_default_str();
  const auto add_min_risk = [&](const char* flag, IncidentKind kind, const char* what) {
    command
        ->add_option_function<std::vector<float>>(
            flag,
            [options, kind](const std::vector<float>& at) {
              options->analysis.min_risks[kind] = at;
            },
            absl::StrCat("Judge ", what,
                         " at these risks besides, for a curve of precision and recall; incidents "
                         "are joined by rule then"))
        ->check(CLI::Range(0.05, 1.0))
        ->delimiter(',');
  };
  add_min_risk("--min-risk", IncidentKind::kConcealment, "concealment");
  add_min_risk("--weapon-min-risk", IncidentKind::kWeapon, "weapons");
  command->add_option("--json", options->json, "Write the report to this file");
  AddRunClusterFlags(*command, options->cluster);
  command->callback([&context, options] {
    context.run = [&context, options] { return Run(*options, context.bin_dir); };
  });
}

}  // namespace aislewatch
