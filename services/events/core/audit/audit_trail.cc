#include "services/events/core/audit/audit_trail.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "services/events/core/access_rights.h"
#include "services/events/core/faults.h"
#include "services/events/core/page_token.h"

namespace aislewatch::events {
namespace {

constexpr size_t kWrittenAtOnce = 500;
constexpr size_t kMaxLooked = 10'000;
constexpr char kDownload[] = "DownloadEvidence";
constexpr char kLogin[] = "Login";

// At most so many bytes, no control characters, and no half of a UTF-8 sequence at the end.
std::string Tidy(absl::string_view text) {
  if (text.size() > AuditTrail::kMaxTextBytes) {
    size_t end = AuditTrail::kMaxTextBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text = text.substr(0, end);
  }
  std::string tidy(text);
  for (char& c : tidy) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  }
  return tidy;
}

void LogEntry(const char* why, const AuditEntry& entry) {
  LogWarning(why, {{"time", absl::FormatTime(entry.time)},
                   {"principal", entry.principal},
                   {"role", std::string(RoleName(entry.role))},
                   {"action", entry.action},
                   {"target", entry.target},
                   {"result", entry.result}});
}

std::string BoundText(const std::optional<absl::Time>& time) {
  return time.has_value() ? absl::StrCat(absl::ToUnixMicros(*time)) : "-";
}

// The same for queries that mean the same.
std::string QueryText(const AuditQuery& query) {
  return absl::StrCat("audit|", query.principal.size(), "|", query.principal, "|", query.target,
                      "|", BoundText(query.from), "|", BoundText(query.until));
}

absl::Status CheckAuditQuery(const AuditQuery& query) {
  Faults faults;
  for (const auto& [name, text] :
       {std::pair{"principal", &query.principal}, std::pair{"target", &query.target}}) {
    if (text->size() > AuditTrail::kMaxTextBytes || text->find('\0') != std::string::npos) {
      faults.Add(name, "must be at most 256 bytes without a zero character");
    }
  }
  return faults.ToStatus("audit");
}

}  // namespace

AuditTrail::AuditTrail(AuditStore& store, Metrics& metrics, Clock& clock)
    : store_(store),
      lost_(metrics.GetCounter("aislewatch_events_audit_lost_total",
                               "Entries of the audit log that could not be written; the service's "
                               "log has them")),
      suppressed_(metrics.GetCounter("aislewatch_events_audit_suppressed_total",
                                     "Failed logins that were too many to be noted")),
      waiting_gauge_(metrics.GetGauge("aislewatch_events_audit_waiting_entries",
                                      "Entries of the audit log that wait for the database")),
      clock_(clock) {}

AuditTrail::~AuditTrail() {
  absl::MutexLock lock(&mutex_);
  for (const AuditEntry& entry : waiting_) LogEntry("an audit entry was not written", entry);
}

bool AuditTrail::TooMuch(const AuditEntry& entry) {
  absl::MutexLock lock(&mutex_);
  if (entry.action == kDownload && entry.result == "OK") {
    if (looked_.size() >= kMaxLooked) looked_.clear();
    absl::Time& last = looked_
                           .try_emplace(absl::StrCat(entry.is_token ? "t" : "u", entry.principal,
                                                     "\n", entry.target),
                                        absl::InfinitePast())
                           .first->second;
    if (entry.time - last < kLookedAgain) return true;
    last = entry.time;
  }
  if (entry.action == kLogin && entry.result != "OK") {
    if (entry.time - minute_ >= absl::Minutes(1)) {
      minute_ = entry.time;
      failed_logins_ = 0;
    }
    if (++failed_logins_ > kFailedLoginsPerMinute) {
      suppressed_.Add();
      return true;
    }
  }
  return false;
}

void AuditTrail::Note(const Principal& who, absl::string_view action, absl::string_view target,
                      absl::StatusCode code) {
  AuditEntry entry;
  entry.entry_id = NewUuid();
  entry.time = clock_.Now();
  entry.principal = who.installation ? "anonymous" : Tidy(who.name);
  entry.role = who.role;
  entry.is_token = who.is_token;
  entry.action = std::string(action);
  entry.target = Tidy(target);
  entry.result = absl::StatusCodeToString(code);
  if (TooMuch(entry)) return;
  std::vector<AuditEntry> entries = TakeWaiting();
  entries.push_back(std::move(entry));
  Write(std::move(entries));
}

std::vector<AuditEntry> AuditTrail::TakeWaiting() {
  absl::MutexLock lock(&mutex_);
  const size_t count = std::min(waiting_.size(), kWrittenAtOnce);
  std::vector<AuditEntry> taken(std::make_move_iterator(waiting_.begin()),
                                std::make_move_iterator(waiting_.begin() + count));
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  waiting_gauge_.Set(static_cast<double>(waiting_.size()));
  return taken;
}

bool AuditTrail::Write(std::vector<AuditEntry> entries) {
  const absl::Status status = store_.Append(entries);
  if (status.ok()) return true;
  std::vector<AuditEntry> dropped;
  {
    absl::MutexLock lock(&mutex_);
    waiting_.insert(waiting_.begin(), std::make_move_iterator(entries.begin()),
                    std::make_move_iterator(entries.end()));
    while (waiting_.size() > kMaxWaiting) {
      dropped.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    waiting_gauge_.Set(static_cast<double>(waiting_.size()));
  }
  for (const AuditEntry& entry : dropped) LogEntry("an audit entry was dropped", entry);
  lost_.Add(static_cast<double>(dropped.size()));
  return false;
}

void AuditTrail::Flush() {
  while (true) {
    std::vector<AuditEntry> entries = TakeWaiting();
    if (entries.empty() || !Write(std::move(entries))) return;
  }
}

absl::StatusOr<AuditPage> AuditTrail::List(const AuditQuery& query, uint32_t page_size,
                                           const std::string& page_token) {
  AW_RETURN_IF_ERROR(CheckAuditQuery(query));
  if (page_size == 0) page_size = kDefaultPageSize;
  if (page_size > kMaxPageSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_size ", page_size, " is too large; at most ", kMaxPageSize));
  }
  const std::string text = QueryText(query);
  std::optional<uint64_t> before;
  if (!page_token.empty()) {
    AW_ASSIGN_OR_RETURN(const std::string position, DecodePageToken(text, page_token));
    uint64_t number = 0;
    if (!absl::SimpleAtoi(position, &number)) {
      return absl::InvalidArgumentError("page_token holds no number; leave it empty");
    }
    before = number;
  }
  AuditPage page;
  AW_ASSIGN_OR_RETURN(page.entries, store_.List(query, before, page_size + 1));
  if (page.entries.size() > page_size) {
    page.entries.resize(page_size);
    page.next_page_token = EncodePageToken(text, absl::StrCat(page.entries.back().number));
  }
  return page;
}

}  // namespace aislewatch::events
