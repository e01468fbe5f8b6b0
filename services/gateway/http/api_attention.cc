// Shoppers' attention by zone, as JSON and as a table for spreadsheets.
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/rpc/convert.h"
#include "services/gateway/core/csv.h"
#include "services/gateway/http/api.h"
#include "services/gateway/http/unary_route.h"

namespace aislewatch::gateway {
namespace {

// A total of years may have to read much.
constexpr absl::Duration kListTimeout = absl::Seconds(30);

UnarySpec ListSpec(const std::string& path, const std::string& summary) {
  UnarySpec spec = {"GET", path, summary, "attention"};
  spec.query = {"store_ids",  "camera_ids", "zone_kinds", "from_time",
                "until_time", "step",       "time_zone"};
  spec.timeout = kListTimeout;
  return spec;
}

// "storefront"
std::string KindText(v1::ZoneKind kind) {
  const std::string& name = v1::ZoneKind_Name(kind);
  return absl::AsciiStrToLower(absl::StripPrefix(name, "ZONE_KIND_"));
}

std::string Seconds(const google::protobuf::Duration& duration) {
  return absl::StrFormat("%.3f", absl::ToDoubleSeconds(FromProto(duration)));
}

std::string ToCsv(const v1::ListAttentionResponse& list) {
  std::string csv =
      CsvLine({"store", "camera", "zone", "zone_kind", "start_time", "passers_by", "looked",
               "entered", "looked_and_entered", "looking_seconds", "dwell_seconds"});
  for (const v1::AttentionSum& sum : list.sums()) {
    csv += CsvLine(
        {CsvText(sum.store_id()), CsvText(sum.camera_id()), CsvText(sum.zone_id()),
         KindText(sum.zone_kind()),
         absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", FromProto(sum.start_time()), absl::UTCTimeZone()),
         absl::StrCat(sum.passers_by()), absl::StrCat(sum.looked()), absl::StrCat(sum.entered()),
         absl::StrCat(sum.looked_and_entered()), Seconds(sum.looking_time()),
         Seconds(sum.dwell())});
  }
  return csv;
}

}  // namespace

void AddAttentionRoutes(const ApiContext& api, RouteTable& table) {
  using Stub = v1::AttentionService::Stub;
  Stub& stub = *api.storage.attention;
  const std::string path = absl::StrCat(kApi, "/attention");
  const Route json =
      UnaryRoute(ListSpec(path, "Who came near zones, looked and entered, by hour, day or in all"),
                 stub, &Stub::ListAttention);
  table.Add(json);
  UnarySpec spec = ListSpec(path + ".csv", "The same as a table");
  RouteDoc doc = json.doc;
  doc.summary = spec.summary;
  doc.answer = nullptr;
  doc.answer_schema = R"({"type":"string"})";
  doc.media_type = "text/csv; charset=utf-8";
  table.Add({"GET", PathTemplate(spec.path), Guard::kCaller, doc,
             [spec, query = doc.query, &stub](const Call& call) {
               v1::ListAttentionRequest request;
               const absl::Status filled = FillRequest(spec, query, call, request);
               if (!filled.ok()) return Failure(call, filled);
               grpc::ClientContext context;
               Prepare(context, call.credential.secret, spec.timeout);
               v1::ListAttentionResponse list;
               const absl::Status status = FromGrpc(stub.ListAttention(&context, request, &list));
               if (!status.ok()) return Failure(call, status);
               HttpResponse response;
               response.content_type = "text/csv; charset=utf-8";
               response.headers = {
                   {"Cache-Control", "no-store"},
                   {"Content-Disposition", "attachment; filename=\"attention.csv\""}};
               response.body = ToCsv(list);
               return response;
             }});
}

}  // namespace aislewatch::gateway
