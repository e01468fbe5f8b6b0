#include "services/ingest/config.h"

#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/ids.h"
#include "common/config/flags.h"

namespace aislewatch::ingest {

namespace {

void AddClipFlags(CLI::App& app, Config& config) {
  app.add_flag("--clips,!--no-clips", config.clips,
               "Make a video clip and a score curve of every incident")
      ->default_val(true);
  AddDurationFlag(app, "--clip-pre-roll", config.clip_pre_roll,
                  "What a clip shows from before its incident, 0s..60s", absl::ZeroDuration());
  AddDurationFlag(app, "--clip-post-roll", config.clip_post_roll,
                  "What a clip shows from after its incident, 0s..60s", absl::ZeroDuration());
  AddDurationFlag(app, "--clip-max-length", config.clip_max_length,
                  "A clip ends after so long, also where its incident goes on; up to 10m",
                  absl::Seconds(1));
  app.add_option("--clip-threads", config.clip_threads,
                 "Threads of low priority that make clips")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
}

void AddJournalFlags(CLI::App& app, Config& config) {
  app.add_flag("--journal,!--no-journal", config.journal,
               "Keep for 24 h where people were and with which scores, without pictures and joints, "
               "so that rules can be tried on it")
      ->default_val(true);
  app.add_option("--journal-folder", config.journal_folder,
                 "Where; default: FILE.journal beside the outbox's FILE");
  app.add_option("--journal-megabytes", config.journal_megabytes,
                 "The most that is kept of one camera; the oldest goes first")
      ->check(CLI::Range(1U, 100'000U))
      ->capture_default_str();
}

void CheckClips(const Config& config, std::vector<std::string>& faults) {
  for (const auto& [flag, roll] : {std::pair("--clip-pre-roll", config.clip_pre_roll),
                                   std::pair("--clip-post-roll", config.clip_post_roll)}) {
    if (roll > absl::Seconds(60)) faults.push_back(absl::StrCat(flag, " must be 0s..60s"));
  }
  if (config.clip_max_length > absl::Minutes(10)) {
    faults.push_back("--clip-max-length must be 10m at most");
  }
  if (config.clip_max_length <= config.clip_pre_roll + config.clip_post_roll) {
    faults.push_back(
        absl::StrCat("--clip-max-length is ", absl::FormatDuration(config.clip_max_length),
                     ", which leaves no room beside --clip-pre-roll and --clip-post-roll"));
  }
}

}  // namespace

void AddFlags(CLI::App& app, Config& config) {
  app.add_option("--pose", config.pose, "Pose extraction: HOST:PORT or dns:///NAME:PORT");
  app.add_option("--classifier", config.classifier, "Shoplifting classification, likewise");
  app.add_option("--fusion", config.fusion, "Anomaly fusion, likewise");
  app.add_option("--events", config.events, "Event storage and camera registry, likewise");
  app.add_option("--events-token-file", config.events_token_file,
                 "File with the API token (role ingest) for event storage; read again when it "
                 "changes");
  AddDialFlags(app, "dial-", config.dial);
  app.add_option("--outbox", config.outbox,
                 "File that keeps incidents until event storage has them; one per replica");
  app.add_option("--replica-id", config.replica_id,
                 "Name of this replica in leases; default: a new one at each start");
  app.add_flag("--no-leases", config.no_leases, "Run no leased cameras; pushed frames only");
  app.add_option("--max-cameras", config.max_cameras, "Most cameras that are leased")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
  AddDurationFlag(app, "--lease-duration", config.lease_duration,
                  "How long a lease lasts when it is not renewed, 2s..60s", absl::Seconds(2));
  app.add_option("--image-encoding", config.image_encoding,
                 "Pictures to the stages: jpeg between nodes, bgr (raw) on one machine")
      ->check(CLI::IsMember({"jpeg", "bgr"}))
      ->capture_default_str();
  app.add_option("--pipeline-threads", config.pipeline_threads,
                 "Threads that cut out, encode and record; 0: one per processor, at least 2")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  AddDurationFlag(app, "--frame-lifetime", config.frame_lifetime,
                  "A live frame is not worth analysing so long after its capture",
                  absl::Milliseconds(100));
  AddDurationFlag(app, "--open-timeout", config.open_timeout, "Longest wait for a camera to open",
                  absl::Seconds(1));
  AddDurationFlag(app, "--read-timeout", config.read_timeout, "Longest wait for a camera's frame",
                  absl::Seconds(1));
  AddClipFlags(app, config);
  AddJournalFlags(app, config);
}

absl::Status Validate(const Config& config) {
  std::vector<std::string> faults;
  for (const auto& [flag, value] : {std::pair("--pose", config.pose),
                                    std::pair("--classifier", config.classifier),
                                    std::pair("--fusion", config.fusion),
                                    std::pair("--events", config.events)}) {
    if (value.empty()) faults.push_back(absl::StrCat(flag, " must name HOST:PORT of the service"));
  }
  if (config.outbox.empty()) {
    faults.push_back("--outbox must name a file, for example /var/lib/aislewatch/outbox.sqlite");
  }
  if (!config.replica_id.empty()) {
    const absl::Status id = CheckId(config.replica_id, "--replica-id");
    if (!id.ok()) faults.emplace_back(id.message());
  }
  if (config.lease_duration > absl::Seconds(60)) {
    faults.push_back("--lease-duration must be 2s..60s");
  }
  CheckClips(config, faults);
  if (faults.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(faults, "; "));
}

}  // namespace aislewatch::ingest
