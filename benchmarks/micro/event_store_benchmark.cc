// How much event storage takes, on a private PostgreSQL on this machine, with commits that reach
// the disk (docs/capacity.md):
//
//   bench-event-store
//
// Record: transitions a second, each with an incident of 3 kB of JSON, as pipelines send them.
// Threads stand for ingest replicas, the batch for what one sends in a call (outbox_sender.h).
// SyncLeases: renewals a second of replicas with 16 cameras, of which there are 8 and 128; each
// calls every 2 s. The floor of both is a commit's fsync.

#include <benchmark/benchmark.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/ids.h"
#include "common/base/metrics.h"
#include "common/process/private_postgres.h"
#include "services/events/adapters/postgres/camera_store.h"
#include "services/events/adapters/postgres/event_store.h"
#include "services/events/adapters/postgres/lease_store.h"
#include "services/events/adapters/postgres/migrator.h"
#include "services/events/core/incident_log.h"

namespace aislewatch::events {
namespace {

class Database {
 public:
  Database() {
    folder_ = "/tmp/aw-bench-XXXXXX";
    if (mkdtemp(folder_.data()) == nullptr) abort();
    chmod(folder_.c_str(), 0755);
    PrivatePostgres::Options options;
    options.directory = folder_ + "/pg";
    postgres_ = PrivatePostgres::Start(options).value();
    DatabaseOptions database;
    database.conninfo = postgres_->connection_string();
    const std::string conninfo = CompleteConninfo(database).value();
    Connection connection(conninfo);
    if (!Migrate(connection).ok()) abort();
    pool_ = std::make_unique<Pool>(conninfo, 8, absl::Seconds(30), metrics_);
    pool_->Open();
  }
  ~Database() {
    pool_.reset();
    postgres_.reset();
    std::filesystem::remove_all(folder_);
  }

  Pool& pool() { return *pool_; }

 private:
  std::string folder_;
  FakeMetrics metrics_;
  std::unique_ptr<PrivatePostgres> postgres_;
  std::unique_ptr<Pool> pool_;
};

Database* database = nullptr;

Transition MakeTransition() {
  Transition transition;
  transition.number = 1;
  transition.kind = TransitionKind::kOpened;
  transition.time = absl::Now();
  Incident& incident = transition.incident;
  incident.incident_id = NewUuid();
  incident.camera_id = "camera-1";
  incident.store_id = "store-1";
  incident.kind = IncidentKind::kConcealment;
  incident.severity = Severity::kWarning;
  incident.state = IncidentState::kOpen;
  incident.opened_time = incident.updated_time = transition.time;
  incident.peak_risk = 0.5f;
  incident.tracks = {{7, 0.5f, transition.time, transition.time}};
  incident.content = absl::StrCat("{\"notes\":\"", std::string(3000, 'x'), "\"}");
  return transition;
}

void Record(benchmark::State& state) {
  PostgresEventStore store(database->pool());
  IncidentLog log(store);
  for (auto _ : state) {
    std::vector<Transition> transitions;
    for (int64_t i = 0; i < state.range(0); ++i) transitions.push_back(MakeTransition());
    const auto result = log.Record(transitions);
    if (!result.ok()) state.SkipWithError(result.status().ToString().c_str());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Record)->Arg(1)->Arg(20)->Threads(1)->Threads(8)->UseRealTime();

constexpr int kCamerasPerReplica = 16;

// Replicas that have their cameras, and report of them.
std::vector<LeaseRequest> MakeReplicas(int count) {
  PostgresCameraStore cameras(database->pool());
  PostgresLeaseStore leases(database->pool());
  static int made = 0;  // Cameras of earlier runs stay.
  for (; made < count * kCamerasPerReplica; ++made) {
    Camera camera;
    camera.camera_id = absl::StrCat("camera-", made);
    camera.store_id = "store-1";
    camera.source_url = "rtsp://camera.example/1";
    camera.enabled = true;
    if (!cameras.Create(camera).ok()) abort();
  }
  std::vector<LeaseRequest> replicas;
  for (int i = 0; i < count; ++i) {
    LeaseRequest request;
    request.holder = absl::StrCat("ingest-", i);
    request.duration = absl::Hours(1);
    request.max_cameras = kCamerasPerReplica;
    const LeaseGrant grant = leases.Sync(request).value();
    for (const Camera& camera : grant.cameras) {
      request.reports.push_back({camera.camera_id, "{\"sourceState\":\"SOURCE_STATE_ONLINE\"}"});
    }
    replicas.push_back(std::move(request));
  }
  return replicas;
}

void SyncLeases(benchmark::State& state) {
  // The first thread makes them; the others wait for it where the loop begins.
  static std::vector<LeaseRequest> replicas;
  if (state.thread_index() == 0) replicas = MakeReplicas(static_cast<int>(state.range(0)));
  PostgresLeaseStore leases(database->pool());
  size_t next = state.thread_index();
  for (auto _ : state) {
    const auto grant = leases.Sync(replicas[next % replicas.size()]);
    if (!grant.ok()) state.SkipWithError(grant.status().ToString().c_str());
    next += state.threads();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(SyncLeases)->Arg(8)->Arg(128)->Threads(1)->Threads(8)->UseRealTime();

}  // namespace

int Main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (!PrivatePostgres::Installed()) {
    std::fputs("PostgreSQL is not installed; install it (Debian package postgresql)\n", stderr);
    return 1;
  }
  Database own;
  database = &own;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace aislewatch::events

int main(int argc, char** argv) { return aislewatch::events::Main(argc, argv); }
