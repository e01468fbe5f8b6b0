// Puts the ingest service together.
#pragma once

#include <memory>

#include "common/concurrency/thread_pool.h"
#include "common/concurrency/timer_queue.h"
#include "common/rpc/service_main.h"
#include "services/ingest/adapters/file_journal.h"
#include "services/ingest/adapters/grpc_events.h"
#include "services/ingest/adapters/grpc_stages.h"
#include "services/ingest/adapters/rule_preview.h"
#include "services/ingest/adapters/sqlite_outbox.h"
#include "services/ingest/config.h"
#include "services/ingest/core/camera_host.h"
#include "services/ingest/core/clip_maker.h"
#include "services/ingest/core/lease_runner.h"
#include "services/ingest/core/outbox_sender.h"
#include "services/ingest/core/spilling_outbox.h"
#include "services/ingest/rpc/ingest_service.h"

namespace aislewatch::ingest {

/// See ServiceApp for who calls what when.
class IngestApp : public ServiceApp {
 public:
  absl::string_view name() const override { return "ingest"; }
  absl::string_view description() const override {
    return "Runs cameras' frames through the cluster and keeps their incidents safe.\n"
           "Example: aislewatch-ingest --pose 127.0.0.1:50052 --classifier 127.0.0.1:50053 "
           "--fusion 127.0.0.1:50054 --events 127.0.0.1:50055 --outbox /tmp/outbox.sqlite";
  }
  void AddFlags(CLI::App& app, ServerOptions& server) override;
  /// Opens the outbox; what it still holds is sent at once. The other services need not be there.
  absl::Status Init(ServerHost& host) override;
  /// Ready, and from now on leases cameras.
  void Started(ServerHost& host) override;
  /// Takes no more frames, finishes those under way, gives leases back, empties the outbox.
  void Drain(absl::Time deadline) override;
  void Stop() override;

 private:
  void OpenJournal(Metrics& metrics);
  absl::Status Connect();
  void NotifySenders();

  Config config_;
  // In the order of their making; each uses those above it.
  std::unique_ptr<TimerQueue> timers_;
  std::unique_ptr<ThreadPool> pipelines_;
  std::unique_ptr<SqliteOutbox> file_;
  std::unique_ptr<SpillingOutbox> outbox_;
  std::unique_ptr<FileJournal> journal_;
  std::unique_ptr<RulePreview> preview_;
  std::unique_ptr<GrpcEventSink> events_;
  std::unique_ptr<GrpcLeaseClient> registry_;
  std::unique_ptr<GrpcStageFactory> stages_;
  std::unique_ptr<OutboxSender> sender_;
  std::unique_ptr<OutboxSender> bulk_sender_;
  std::unique_ptr<OutboxSender> visit_sender_;
  std::unique_ptr<ClipMaker> clips_;
  std::unique_ptr<CameraHost> cameras_;
  std::unique_ptr<IngestService> service_;
  std::unique_ptr<LeaseRunner> leases_;
};

}  // namespace aislewatch::ingest
