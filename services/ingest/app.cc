#include "services/ingest/app.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/ids.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/rpc/channel.h"
#include "common/rpc/credential.h"
#include "services/ingest/adapters/camera_sources.h"
#include "services/ingest/adapters/h264_clip_writer.h"

namespace aislewatch::ingest {
namespace {

// Left of the drain's deadline for gRPC's own shutdown.
constexpr absl::Duration kShutdownReserve = absl::Seconds(1);
// For verdicts that came after the drain.
constexpr absl::Duration kLastFlush = absl::Seconds(1);
// For clips of pushed streams, which end with the server.
constexpr absl::Duration kLastClips = absl::Seconds(1);

}  // namespace

void IngestApp::AddFlags(CLI::App& app, ServerOptions& server) {
  server.listen = "0.0.0.0:50051";
  server.metrics_listen = "0.0.0.0:9091";
  ingest::AddFlags(app, config_);
}

absl::Status IngestApp::Init(ServerHost& host) {
  AW_RETURN_IF_ERROR(Validate(config_));
  timers_ = std::make_unique<TimerQueue>();
  const int processors = static_cast<int>(std::thread::hardware_concurrency());
  pipelines_ = std::make_unique<ThreadPool>(config_.pipeline_threads > 0 ? config_.pipeline_threads
                                                                         : std::max(2, processors));
  AW_ASSIGN_OR_RETURN(file_, SqliteOutbox::Open(config_.outbox));
  outbox_ = std::make_unique<SpillingOutbox>(*file_, SpillLimits{}, host.metrics());
  AW_RETURN_IF_ERROR(BreakOldPromises(*outbox_, host.metrics()).status());
  OpenJournal(host.metrics());
  AW_RETURN_IF_ERROR(Connect());
  OutboxSenderOptions sending;
  sender_ = std::make_unique<OutboxSender>(*outbox_, *events_, sending, host.metrics());
  sending.lane = OutboxLane::kBulk;
  sending.batch = 4;
  bulk_sender_ = std::make_unique<OutboxSender>(*outbox_, *events_, sending, host.metrics());
  sending.lane = OutboxLane::kVisits;
  sending.batch = 200;
  visit_sender_ = std::make_unique<OutboxSender>(*outbox_, *events_, sending, host.metrics());
  clips_ = std::make_unique<ClipMaker>(
      &NewH264ClipWriter, *outbox_, [this] { NotifySenders(); },
      ClipMakerOptions{.threads = config_.clip_threads}, host.metrics());
  PipelineOptions pipeline;
  pipeline.lifetime = config_.frame_lifetime;
  pipeline.clips.enabled = config_.clips;
  pipeline.clips.pre_roll = config_.clip_pre_roll;
  pipeline.clips.post_roll = config_.clip_post_roll;
  pipeline.clips.max_length = config_.clip_max_length;
  PipelineHome home{*stages_,    *events_,       *outbox_,    [this] { NotifySenders(); },
                    *pipelines_, host.metrics(), RealClock(), pipeline,
                    clips_.get(),   journal_.get()};
  SupervisorOptions supervisor;
  // FFmpeg's own timeouts, which explain themselves better, get the chance to come first.
  supervisor.open_timeout = config_.open_timeout + absl::Seconds(2);
  supervisor.read_timeout = config_.read_timeout + absl::Seconds(2);
  cameras_ = std::make_unique<CameraHost>(
      std::move(home),
      [open = config_.open_timeout, read = config_.read_timeout](const CameraSettings& settings) {
        return MakeCameraSource(settings, open, read);
      },
      supervisor);
  IngestServiceOptions serving;
  if (preview_ != nullptr) {
    serving.preview = [preview = preview_.get()](const auto& camera, const auto& request,
                                                 grpc::ClientContext& context) {
      return preview->Run(camera, request, context);
    };
  }
  service_ = std::make_unique<IngestService>(*cameras_, *registry_, std::move(serving),
                                             host.workers(), host.metrics());
  host.AddService(service_.get());
  return absl::OkStatus();
}

// A camera is worth more than the journal: without a folder to write to it goes on without one.
void IngestApp::OpenJournal(Metrics& metrics) {
  if (!config_.journal) return;
  JournalOptions options;
  options.folder = config_.journal_folder.empty() ? absl::StrCat(config_.outbox, ".journal")
                                                  : config_.journal_folder;
  options.max_bytes = size_t{config_.journal_megabytes} << 20;
  auto journal = FileJournal::Open(std::move(options), metrics);
  if (journal.ok()) {
    journal_ = *std::move(journal);
  } else {
    LogWarning("rules cannot be tried on what cameras saw",
               {{"error", std::string(journal.status().message())}});
  }
}

void IngestApp::NotifySenders() {
  sender_->Notify();
  bulk_sender_->Notify();
  visit_sender_->Notify();
}

absl::Status IngestApp::Connect() {
  StageChannels channels;
  AW_ASSIGN_OR_RETURN(channels.pose, MakeChannel(config_.pose, config_.dial));
  AW_ASSIGN_OR_RETURN(channels.classifier, MakeChannel(config_.classifier, config_.dial));
  AW_ASSIGN_OR_RETURN(channels.fusion, MakeChannel(config_.fusion, config_.dial));
  CredentialSource token;
  if (!config_.events_token_file.empty()) {
    AW_ASSIGN_OR_RETURN(token, CredentialFromFile(config_.events_token_file));
  }
  AW_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> events,
                      MakeChannel(config_.events, config_.dial, std::move(token)));
  events_ = std::make_unique<GrpcEventSink>(events);
  registry_ = std::make_unique<GrpcLeaseClient>(events);
  stages_ = std::make_unique<GrpcStageFactory>(
      channels,
      config_.image_encoding == "bgr" ? v1::IMAGE_ENCODING_BGR8 : v1::IMAGE_ENCODING_JPEG,
      StagePatience{}, *timers_, RealClock(), journal_ != nullptr);
  if (journal_ != nullptr) preview_ = std::make_unique<RulePreview>(*journal_, channels.fusion);
  return absl::OkStatus();
}

void IngestApp::Started(ServerHost& host) {
  if (!config_.no_leases) {
    LeaseOptions options;
    options.holder =
        config_.replica_id.empty() ? absl::StrCat("ingest-", NewUuid()) : config_.replica_id;
    options.duration = config_.lease_duration;
    options.interval = std::min(options.interval, config_.lease_duration / 4);
    options.max_cameras = config_.max_cameras;
    leases_ = std::make_unique<LeaseRunner>(*registry_, *cameras_, options, host.metrics());
  }
  host.SetReady(true);
}

void IngestApp::Drain(absl::Time deadline) {
  service_->Drain();
  const absl::Time by = deadline - kShutdownReserve;
  // Half of the time for frames under way, half of the rest for the clips that they leave, and what
  // is left for the outbox.
  if (leases_ != nullptr) leases_->Stop(std::max(absl::ZeroDuration(), (by - absl::Now()) / 2));
  clips_->Drain(absl::Now() + std::max(absl::ZeroDuration(), (by - absl::Now()) / 2));
  if (!sender_->Flush(by)) {
    LogWarning("the outbox is not empty; what it holds is sent after the next start",
               {{"file", config_.outbox}, {"items", absl::StrCat(outbox_->pending())}});
  }
}

void IngestApp::Stop() {
  leases_.reset();
  if (service_ != nullptr) service_->Stop();
  // No pipeline is left. Clips that are not made by now fail, and say so.
  if (clips_ != nullptr) clips_->Stop(absl::Now() + kLastClips);
  if (sender_ != nullptr) sender_->Flush(absl::Now() + kLastFlush);
  // Before the host, whose metrics they use; the service itself must outlive the host.
  clips_.reset();
  visit_sender_.reset();
  bulk_sender_.reset();
  sender_.reset();
  if (pipelines_ != nullptr) pipelines_.reset();
  journal_.reset();
  timers_.reset();
}

}  // namespace aislewatch::ingest
