#include "services/events/core/page_token.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/ids.h"
#include "common/base/sha256.h"

namespace aislewatch::events {
namespace {

constexpr size_t kChecksumBytes = 12;

// The lengths keep ("ab", "c") apart from ("a", "bc").
std::string Checksum(absl::string_view query, absl::string_view position) {
  const std::string text = absl::StrCat("aislewatch page 1\n", query.size(), "\n", query, position);
  return Sha256Bytes(text).substr(0, kChecksumBytes);
}

std::string SortedList(std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return absl::StrJoin(values, ",");
}

std::string TimeText(const std::optional<absl::Time>& time) {
  return time.has_value() ? absl::StrCat(absl::ToUnixMicros(*time)) : "-";
}

}  // namespace

std::string EncodePageToken(absl::string_view query, absl::string_view position) {
  return absl::WebSafeBase64Escape(absl::StrCat(Checksum(query, position), position));
}

absl::StatusOr<std::string> DecodePageToken(absl::string_view query, absl::string_view token) {
  std::string bytes;
  if (absl::WebSafeBase64Unescape(token, &bytes) && bytes.size() > kChecksumBytes) {
    const std::string position = bytes.substr(kChecksumBytes);
    if (bytes.substr(0, kChecksumBytes) == Checksum(query, position)) return position;
  }
  return absl::InvalidArgumentError(
      "page_token was not given by this service for the same filter; send next_page_token of the "
      "page before unchanged, with the same filter, or leave it empty to begin again");
}

std::string CanonicalQuery(const IncidentFilter& filter) {
  std::vector<std::string> kinds;
  for (const IncidentKind kind : filter.kinds) {
    kinds.push_back(absl::StrCat(static_cast<int>(kind)));
  }
  return absl::StrCat("incidents|", SortedList(filter.store_ids), "|",
                      SortedList(filter.camera_ids), "|", SortedList(kinds), "|",
                      static_cast<int>(filter.min_severity), "|", static_cast<int>(filter.state),
                      "|", static_cast<int>(filter.review_state), "|", TimeText(filter.opened_from),
                      "|", TimeText(filter.opened_until));
}

std::string CanonicalQuery(const std::vector<std::string>& store_ids) {
  return absl::StrCat("cameras|", SortedList(store_ids));
}

std::string PositionToText(const IncidentPosition& position) {
  return absl::StrCat(absl::ToUnixMicros(position.opened_time), " ", position.incident_id);
}

absl::StatusOr<IncidentPosition> PositionFromText(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(' ', 1));
  int64_t micros = 0;
  if (!absl::SimpleAtoi(parts.first, &micros) || !IsUuid(parts.second)) {
    return absl::InvalidArgumentError(
        "page_token holds no position; leave it empty to begin again");
  }
  return IncidentPosition{absl::FromUnixMicros(micros), std::string(parts.second)};
}

}  // namespace aislewatch::events
