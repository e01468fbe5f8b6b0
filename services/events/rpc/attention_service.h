// AttentionService over gRPC: converts, calls core, converts back.
//
// Thread-safe. Nothing blocks on gRPC's threads. What is passed must outlive the gRPC server.
#pragma once

#include "aislewatch/v1/attention.grpc.pb.h"
#include "common/base/clock.h"
#include "services/events/core/attention/attention_book.h"
#include "services/events/rpc/blocking_calls.h"

namespace aislewatch::events {

class AttentionRpc final : public v1::AttentionService::CallbackService {
 public:
  AttentionRpc(AttentionStore& store, BlockingCalls& calls, Clock& clock = RealClock())
      : book_(store), calls_(calls), clock_(clock) {}

  grpc::ServerUnaryReactor* RecordVisits(grpc::CallbackServerContext* context,
                                         const v1::RecordVisitsRequest* request,
                                         v1::RecordVisitsResponse* response) override;
  grpc::ServerUnaryReactor* ListAttention(grpc::CallbackServerContext* context,
                                          const v1::ListAttentionRequest* request,
                                          v1::ListAttentionResponse* response) override;

 private:
  AttentionBook book_;
  BlockingCalls& calls_;
  Clock& clock_;
};

}  // namespace aislewatch::events
