#include "services/events/rpc/attention_service.h"

#include <utility>
#include <vector>

#include "common/base/status.h"
#include "services/events/rpc/attention_convert.h"

namespace aislewatch::events {

grpc::ServerUnaryReactor* AttentionRpc::RecordVisits(grpc::CallbackServerContext* context,
                                                     const v1::RecordVisitsRequest* request,
                                                     v1::RecordVisitsResponse* response) {
  return calls_.Run<v1::RecordVisitsResponse>(
      context, "RecordVisits", response,
      [this, request](const Principal& principal) -> absl::StatusOr<v1::RecordVisitsResponse> {
        std::vector<ZoneVisit> visits;
        for (const v1::ZoneVisit& visit : request->visits()) {
          visits.push_back(VisitFromProto(visit));
        }
        AW_ASSIGN_OR_RETURN(const RecordResult result, book_.Record(visits, principal));
        v1::RecordVisitsResponse answer;
        answer.set_recorded(result.recorded);
        answer.set_duplicates(result.duplicates);
        return answer;
      });
}

grpc::ServerUnaryReactor* AttentionRpc::ListAttention(grpc::CallbackServerContext* context,
                                                      const v1::ListAttentionRequest* request,
                                                      v1::ListAttentionResponse* response) {
  return calls_.Run<v1::ListAttentionResponse>(
      context, "ListAttention", response,
      [this, request](const Principal& principal) -> absl::StatusOr<v1::ListAttentionResponse> {
        AW_ASSIGN_OR_RETURN(const auto sums,
                            book_.List(QueryFromProto(*request, clock_.Now()), principal));
        v1::ListAttentionResponse answer;
        for (const AttentionSum& sum : sums) *answer.add_sums() = ToProto(sum);
        return answer;
      });
}

}  // namespace aislewatch::events
