// What zones and rules would have raised: the journal's frames, played to fusion.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>

#include "absl/status/statusor.h"
#include "aislewatch/v1/fusion.grpc.pb.h"
#include "aislewatch/v1/ingest.pb.h"
#include "common/base/clock.h"
#include "services/ingest/adapters/file_journal.h"
#include "services/ingest/core/camera_settings.h"

namespace aislewatch::ingest {

/// How far back a preview may look, and looks unless told otherwise.
inline constexpr absl::Duration kPreviewWindow = absl::Hours(24);

/// Thread-safe.
class RulePreview {
 public:
  /// `journal` and `clock` outlive it.
  RulePreview(FileJournal& journal, const std::shared_ptr<grpc::Channel>& fusion,
              Clock& clock = RealClock());

  /// Blocks until fusion has answered, the context's deadline, or its cancellation. What fusion
  /// finds wrong with zones and rules is INVALID_ARGUMENT; fusion that is away, or does not know
  /// rehearsals yet, is UNAVAILABLE or UNIMPLEMENTED.
  absl::StatusOr<v1::PreviewRulesResponse> Run(const CameraSettings& camera,
                                               const v1::PreviewRulesRequest& request,
                                               grpc::ClientContext& context);

 private:
  FileJournal& journal_;
  const std::unique_ptr<v1::AnomalyFusionService::Stub> fusion_;
  Clock& clock_;
};

}  // namespace aislewatch::ingest
