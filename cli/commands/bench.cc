// aislewatch bench cluster|incidents: how much the cluster carries, and what it finds.
//
// Both run on simulated footage of test seeds, which nothing is trained on, and both call their
// results synthetic.

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cli/analysis/crash_drill.h"
#include "cli/analysis/load_generator.h"
#include "cli/analysis/video_analysis.h"
#include "cli/cluster/cluster_flags.h"
#include "cli/commands/commands.h"
#include "cli/console/progress.h"
#include "common/base/status.h"
#include "common/rpc/channel.h"

namespace aislewatch {
namespace {

using Json = nlohmann::ordered_json;

struct BenchFlags {
  RunClusterFlags cluster;
  LoadOptions load;
  bool kill = false;
  /// A cluster that runs already; empty starts one.
  std::string ingest;
  /// Its event storage; without an address it is left open whether what was told is stored. Ingest
  /// is dialled with the same TLS.
  FindServiceFlags events;
  std::string json;
};

struct Usage {
  double cpu_s = 0;
  int64_t rss_bytes = 0;
};

// From /proc/PID/{stat,statm} (proc(5)).
Usage UsageOf(pid_t pid) {
  std::ifstream stat(absl::StrCat("/proc/", pid, "/stat"));
  std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
  // The name in parentheses may hold spaces; fields are counted from behind it.
  const std::vector<std::string> fields = absl::StrSplit(text.substr(text.rfind(')') + 2), ' ');
  double ticks = 0;
  if (fields.size() > 12) ticks = std::stod(fields[11]) + std::stod(fields[12]);
  std::ifstream statm(absl::StrCat("/proc/", pid, "/statm"));
  int64_t pages = 0, resident = 0;
  statm >> pages >> resident;
  return {ticks / static_cast<double>(sysconf(_SC_CLK_TCK)), resident * sysconf(_SC_PAGESIZE)};
}

std::map<std::string, Usage> UsageByService(const LocalCluster& cluster) {
  std::map<std::string, Usage> usage;
  for (const ServiceProcess& process : cluster.Processes()) {
    usage[process.name] = UsageOf(process.pid);
  }
  return usage;
}

// What the load cost: loading and warming up models is left out. `cores_per_camera` is what
// docs/capacity.md reckons with.
Json ServicesJson(const std::map<std::string, Usage>& before,
                  const std::map<std::string, Usage>& after, const LoadOptions& load) {
  const double camera_seconds = load.cameras * absl::ToDoubleSeconds(load.duration);
  Json services = Json::object();
  for (const auto& [name, usage] : after) {
    const double cpu_s = usage.cpu_s - before.at(name).cpu_s;
    services[name] = {{"cpu_s", cpu_s},
                      {"cores_per_camera", cpu_s / camera_seconds},
                      {"rss_bytes", usage.rss_bytes}};
  }
  return services;
}

struct Drill {
  std::vector<Kill> kills;
  RecordCheck records;
};

Json RecordsJson(const RecordCheck& records) {
  return {{"incidents_told", records.told},
          {"incidents_recorded", records.recorded},
          {"incidents_untold", records.untold},
          {"duplicates", records.duplicates}};
}

Json DrillJson(const Drill& drill, const LoadResult& result) {
  Json kills = Json::array();
  for (const Kill& kill : drill.kills) {
    kills.push_back({{"process", kill.name},
                     {"recovery_s", absl::ToDoubleSeconds(RecoveryTime(kill, result.frames))}});
  }
  Json json = {{"kills", std::move(kills)}};
  json.update(RecordsJson(drill.records));
  return json;
}

Json Report(const BenchFlags& options, const LoadResult& result, const Json& services) {
  Json dropped = Json::object();
  for (const auto& [reason, count] : result.dropped) dropped[reason] = count;
  const LoadGap gap = LongestGap(result.frames);
  Json stages = Json::object();
  for (const auto& [stage, seconds] : result.stage_s) {
    stages[stage] = {{"p50", Quantile(seconds, 0.5)}, {"p95", Quantile(seconds, 0.95)}};
  }
  return {{"synthetic", true},
          {"cameras", options.load.cameras},
          {"seconds", absl::ToDoubleSeconds(options.load.duration)},
          {"frames",
           {{"sent", result.sent}, {"answered", result.answered}, {"dropped", std::move(dropped)}}},
          {"latency_s",
           {{"p50", Quantile(result.latency_s, 0.50)},
            {"p95", Quantile(result.latency_s, 0.95)},
            {"p99", Quantile(result.latency_s, 0.99)}}},
          {"stages_s", std::move(stages)},
          {"longest_gap",
           {{"camera", gap.camera},
            {"after_s", absl::ToDoubleSeconds(gap.after)},
            {"seconds", absl::ToDoubleSeconds(gap.length)}}},
          {"degraded_frames", result.degraded},
          {"incidents_opened", result.incidents_opened},
          {"services", services}};
}

void Print(const BenchFlags& options, const LoadResult& result) {
  int64_t dropped = 0;
  for (const auto& [reason, count] : result.dropped) dropped += count;
  std::printf(
      "%d cameras for %s: %ld frames sent, %ld answered, %ld dropped; capture to verdict "
      "%.0f ms (p50), %.0f ms (p95), %.0f ms (p99)\n",
      options.load.cameras, absl::FormatDuration(options.load.duration).c_str(),
      static_cast<long>(result.sent), static_cast<long>(result.answered),
      static_cast<long>(dropped), 1000 * Quantile(result.latency_s, 0.5),
      1000 * Quantile(result.latency_s, 0.95), 1000 * Quantile(result.latency_s, 0.99));
}

absl::Status Write(const Json& report, const std::string& path) {
  if (path.empty()) return absl::OkStatus();
  std::ofstream file(path);
  file << report.dump(2) << "\n";
  if (file.flush()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("cannot write ", path));
}

absl::Status RunOnOwnCluster(const BenchFlags& options, const std::string& bin_dir,
                             const LoadFootage& footage, const LoadProgress& progress) {
  AW_ASSIGN_OR_RETURN(LocalClusterOptions cluster_options,
                      MakeClusterOptions(options.cluster, bin_dir));
  cluster_options.leases = false;
  AW_ASSIGN_OR_RETURN(const auto cluster, LocalCluster::Start(cluster_options));
  AW_ASSIGN_OR_RETURN(const auto ingest, cluster->Channel("ingest"));
  std::unique_ptr<CrashDrill> crash_drill;
  if (options.kill) crash_drill = std::make_unique<CrashDrill>(*cluster, options.load.duration);
  const auto before = UsageByService(*cluster);
  const LoadResult result = RunLoad(ingest, options.load, footage, progress);
  const auto after = UsageByService(*cluster);
  Drill drill;
  if (crash_drill != nullptr) {
    drill.kills = crash_drill->kills();
    crash_drill.reset();
    AW_ASSIGN_OR_RETURN(const auto events, cluster->Channel("events"));
    AW_ASSIGN_OR_RETURN(drill.records,
                        CheckRecords(events, result, absl::Now() + absl::Seconds(60)));
  }
  Print(options, result);
  // Where processes were killed, their time went with them.
  const Json services = options.kill ? Json::object() : ServicesJson(before, after, options.load);
  Json report = Report(options, result, services);
  if (options.kill) {
    report["drill"] = DrillJson(drill, result);
    std::printf("%s\n", report["drill"].dump(2).c_str());
  }
  return Write(report, options.json);
}

absl::Status RunOnRunningCluster(const BenchFlags& options, const LoadFootage& footage,
                                 const LoadProgress& progress) {
  AW_ASSIGN_OR_RETURN(const auto ingest, MakeChannel(options.ingest, options.events.tls));
  const LoadResult result = RunLoad(ingest, options.load, footage, progress);
  Print(options, result);
  Json report = Report(options, result, Json::object());
  if (!options.events.address.empty()) {
    AW_ASSIGN_OR_RETURN(const auto events, FindService("events", options.events));
    AW_ASSIGN_OR_RETURN(const RecordCheck records,
                        CheckRecords(events, result, absl::Now() + absl::Seconds(60)));
    report["records"] = RecordsJson(records);
    std::printf("%s\n", report["records"].dump(2).c_str());
  }
  return Write(report, options.json);
}

absl::Status Run(const BenchFlags& options, const std::string& bin_dir) {
  if (options.ingest.empty() && !options.events.address.empty()) {
    return absl::InvalidArgumentError(
        "--events checks what a running cluster has stored; name its ingest with --ingest too");
  }
  std::unique_ptr<ProgressBar> progress;
  std::string label;
  const auto on_progress = [&](const std::string& what, int64_t done, int64_t total) {
    if (what != label || progress == nullptr) {
      progress.reset();
      progress = std::make_unique<ProgressBar>(what, total);
      label = what;
    }
    progress->Update(done);
    if (done == total) progress.reset();
  };
  // Rendering happens before the cluster starts, so that it takes no time from it.
  AW_ASSIGN_OR_RETURN(const LoadFootage footage, RenderFootage(options.load, on_progress));
  return options.ingest.empty() ? RunOnOwnCluster(options, bin_dir, footage, on_progress)
                                : RunOnRunningCluster(options, footage, on_progress);
}

}  // namespace

void AddBenchCommand(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<BenchFlags>();
  CLI::App* group = parent.add_subcommand("bench", "Measures a cluster on this machine");
  group->require_subcommand(1);
  CLI::App* cluster = group->add_subcommand(
      "cluster", "Simulated cameras at their own pace through a local cluster, or one that runs");
  cluster->footer(
      "Example:\n  aislewatch bench cluster --cameras 2 --seconds 60 --json bench.json\n"
      "  aislewatch bench cluster --cameras 40 --ingest dns:///aislewatch-ingest:50051 --events "
      "aislewatch-events:50055");
  cluster->add_option("--cameras", options->load.cameras, "Cameras at the same time")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  cluster
      ->add_option_function<double>(
          "--seconds", [options](double s) { options->load.duration = absl::Seconds(s); },
          "How long; default 30")
      ->check(CLI::Range(1.0, 86400.0));
  cluster->add_option("--fps", options->load.fps, "Frames per second of each camera")
      ->check(CLI::Range(0.1, 60.0))
      ->capture_default_str();
  cluster->add_option("--seed", options->load.seed, "First seed of the footage")
      ->capture_default_str();
  cluster->add_flag_callback(
      "--kill",
      [options] {
        options->kill = true;
        options->load.scene = DrillScene();
      },
      "Kill every process in turn with SIGKILL and report what was lost");
  CLI::Option* ingest = cluster->add_option_function<std::string>(
      "--ingest",
      [options](const std::string& address) {
        options->ingest = address;
        options->load.scene = DrillScene();
      },
      "HOST:PORT or dns:///NAME:PORT of a cluster that runs already; its event storage gets "
      "incidents of "
      "the store \"bench\"");
  ingest->excludes("--kill");
  cluster->add_option("--events", options->events.address,
                      "Its event storage, to check that every incident told is stored");
  AddDialFlags(*cluster, "", options->events.tls);
  AddTokenFlag(*cluster, options->events);
  cluster->add_option("--json", options->json, "Write the report to this file");
  AddRunClusterFlags(*cluster, options->cluster);
  cluster->callback([&context, options] {
    context.run = [&context, options] { return Run(*options, context.bin_dir); };
  });
  AddBenchAttentionCommand(*group, context);
  AddBenchIncidentsCommand(*group, context);
  AddBenchRecordedIncidentsCommand(*group, context);
}

}  // namespace aislewatch
