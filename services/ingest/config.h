// The ingest service's flags.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/channel.h"

namespace CLI {
class App;
}

namespace aislewatch::ingest {

/// Flags beyond those of every service.
struct Config {
  /// Addresses: HOST:PORT, or dns:///NAME:PORT of a headless Service.
  std::string pose;
  std::string classifier;
  std::string fusion;
  std::string events;
  /// File with the API token that event storage asks for; empty sends none.
  std::string events_token_file;
  /// How they are dialled; plaintext where all is empty.
  TlsFiles dial;
  /// The SQLite file of the outbox; its folder must exist. Each replica has its own.
  std::string outbox;
  /// Name of this replica in leases; empty means one made up at start.
  std::string replica_id;
  /// Run no leased cameras; pushed frames only.
  bool no_leases = false;
  unsigned max_cameras = 16;
  absl::Duration lease_duration = absl::Seconds(8);
  /// "jpeg" between nodes, "bgr" on one machine.
  std::string image_encoding = "jpeg";
  /// Threads on which pipelines cut out, encode and record; 0 means one per processor.
  int pipeline_threads = 0;
  absl::Duration frame_lifetime = absl::Milliseconds(1500);
  absl::Duration open_timeout = absl::Seconds(8);
  absl::Duration read_timeout = absl::Seconds(5);
  /// Clips of incidents.
  bool clips = true;
  absl::Duration clip_pre_roll = absl::Seconds(5);
  absl::Duration clip_post_roll = absl::Seconds(5);
  absl::Duration clip_max_length = absl::Seconds(60);
  /// Keep what fusion told of the last day, to try rules on.
  bool journal = true;
  /// Where; empty: a folder beside the outbox.
  std::string journal_folder;
  /// The most that it takes for one camera.
  unsigned journal_megabytes = 64;
  /// Threads of low priority that make clips.
  int clip_threads = 1;
};

/// Adds the flags to `app`; they write into `config`, which must outlive the parsing.
void AddFlags(CLI::App& app, Config& config);

/// INVALID_ARGUMENT that names every fault.
absl::Status Validate(const Config& config);

}  // namespace aislewatch::ingest
