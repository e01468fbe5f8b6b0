#include "services/ingest/adapters/sqlite_outbox.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"

namespace aislewatch::ingest {
namespace {

// "AWOB": tells an outbox from any other SQLite file.
constexpr int kApplicationId = 0x41574F42;

// Bodies that are read at once: a clip may have 64 MiB.
constexpr size_t kReadBytes = size_t{8} << 20;

constexpr char kSchema[] = R"sql(
CREATE TABLE IF NOT EXISTS items (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind INTEGER NOT NULL,
  camera_id TEXT NOT NULL,
  incident_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  leaves_open INTEGER NOT NULL,
  evidence_id TEXT NOT NULL,
  evidence_kind INTEGER NOT NULL,
  capture_time_us INTEGER NOT NULL,
  body BLOB NOT NULL,
  evidence_state INTEGER NOT NULL DEFAULT 2,
  append_time_us INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS promises (
  evidence_id TEXT PRIMARY KEY,
  camera_id TEXT NOT NULL,
  incident_id TEXT NOT NULL,
  evidence_kind INTEGER NOT NULL,
  capture_time_us INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS items_by_camera ON items (camera_id) WHERE kind = 1;
CREATE INDEX IF NOT EXISTS items_that_are_visits ON items (id) WHERE kind = 3;
CREATE TABLE IF NOT EXISTS dead_letters (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  camera_id TEXT NOT NULL,
  incident_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  evidence_id TEXT NOT NULL,
  body BLOB NOT NULL,
  reason TEXT NOT NULL,
  buried_at TEXT NOT NULL DEFAULT (datetime('now'))
);
)sql";

constexpr char kColumns[] =
    "id, kind, camera_id, incident_id, number, leaves_open, evidence_id, evidence_kind, "
    "capture_time_us, body, evidence_state, append_time_us";

// LaneOf as SQL.
const char* InLane(OutboxLane lane) {
  switch (lane) {
    case OutboxLane::kBulk:
      return "(kind = 2 AND evidence_kind = 3 AND evidence_state = 2)";
    case OutboxLane::kVisits:
      return "kind = 3";
    case OutboxLane::kFirst:
      break;
  }
  return "kind <> 3 AND NOT (kind = 2 AND evidence_kind = 3 AND evidence_state = 2)";
}

bool IsCorruption(int code) {
  return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

void MoveAside(const std::string& path, const absl::Status& why) {
  const std::string aside = absl::StrCat(
      path, ".corrupt-", absl::FormatTime("%Y%m%dT%H%M%E3SZ", absl::Now(), absl::UTCTimeZone()));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::rename(absl::StrCat(path, suffix).c_str(), absl::StrCat(aside, suffix).c_str());
  }
  LogError(
      "the outbox file is damaged; it was moved aside and a new one begun. Incidents in it "
      "were not stored: keep the file, and try `sqlite3 FILE .recover`",
      {{"file", path}, {"moved_to", aside}, {"error", std::string(why.message())}});
}

}  // namespace

// A prepared statement for one use.
class SqliteOutbox::Statement {
 public:
  Statement(sqlite3* db, const std::string& sql) {
    sqlite3_prepare_v2(db, sql.c_str(), -1, &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Bind(int64_t value) {
    sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  // The text must live until the statement has run.
  Statement& Bind(absl::string_view text) {
    sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()),
                      SQLITE_STATIC);
    return *this;
  }
  Statement& BindBlob(absl::string_view bytes) {
    // An empty blob is not NULL.
    sqlite3_bind_blob64(statement_, ++bound_, bytes.empty() ? "" : bytes.data(), bytes.size(),
                        SQLITE_STATIC);
    return *this;
  }
  // Whether there is a row; code() tells an error from the end.
  bool Step() {
    // Without a statement (preparing failed) SQLite answers SQLITE_MISUSE.
    code_ = sqlite3_step(statement_);
    return code_ == SQLITE_ROW;
  }
  bool done() const { return code_ == SQLITE_DONE; }
  int64_t Int(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string Text(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return data == nullptr ? "" : std::string(static_cast<const char*>(data), size);
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
  int code_ = SQLITE_OK;
};

// Rolls back unless committed.
class SqliteOutbox::Transaction {
 public:
  explicit Transaction(sqlite3* db) : db_(db) {
    open_ = sqlite3_exec(db_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  ~Transaction() {
    if (open_) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
  bool open() const { return open_; }
  bool Commit() {
    if (sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK) return false;
    open_ = false;
    return true;
  }

 private:
  sqlite3* const db_;
  bool open_;
};

SqliteOutbox::SqliteOutbox(std::string path, sqlite3* db, Clock& clock)
    : path_(std::move(path)), clock_(clock), db_(db) {}

SqliteOutbox::~SqliteOutbox() {
  absl::MutexLock lock(&mutex_);
  sqlite3_close(db_);
}

absl::StatusOr<std::unique_ptr<SqliteOutbox>> SqliteOutbox::Open(const std::string& path,
                                                                 Clock& clock) {
  auto opened = TryOpen(path, clock);
  if (opened.ok() || !absl::IsDataLoss(opened.status())) return opened;
  MoveAside(path, opened.status());
  return TryOpen(path, clock);
}

absl::StatusOr<std::unique_ptr<SqliteOutbox>> SqliteOutbox::TryOpen(const std::string& path,
                                                                    Clock& clock) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  // Even a failed open gives a handle, which the destructor closes.
  std::unique_ptr<SqliteOutbox> outbox(new SqliteOutbox(path, db, clock));
  if (code != SQLITE_OK) {
    return absl::UnavailableError(
        absl::StrCat("cannot open the outbox ", path, " (", sqlite3_errstr(code),
                     "); check that its folder exists and may be written, or name another file "
                     "with --outbox"));
  }
  AW_RETURN_IF_ERROR(outbox->Prepare());
  return outbox;
}

absl::Status SqliteOutbox::Prepare() {
  absl::MutexLock lock(&mutex_);
  // Exclusive locking: a second replica on the same file would send everything twice; and WAL then
  // needs no shared memory, so that a network file system is no danger either.
  for (const char* sql : {"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=WAL",
                          "PRAGMA synchronous=FULL", "PRAGMA auto_vacuum=INCREMENTAL"}) {
    AW_RETURN_IF_ERROR(Execute(sql));
  }
  int64_t application = 0;
  bool intact = false;
  {
    Statement id(db_, "PRAGMA application_id");
    if (!id.Step()) return Error("read");
    application = id.Int(0);
    Statement check(db_, "PRAGMA quick_check(1)");
    if (!check.Step()) return Error("check");
    intact = check.Text(0) == "ok";
  }
  if (!intact || (application != 0 && application != kApplicationId)) {
    return absl::DataLossError(absl::StrCat(path_, " is no intact outbox"));
  }
  AW_RETURN_IF_ERROR(Execute(kSchema));
  AW_RETURN_IF_ERROR(AddColumn("evidence_state", static_cast<int>(EvidenceState::kReady)));
  // How long it has waited is known from here on.
  AW_RETURN_IF_ERROR(AddColumn("append_time_us", absl::ToUnixMicros(clock_.Now())));
  AW_RETURN_IF_ERROR(Execute(absl::StrCat("PRAGMA application_id=", kApplicationId).c_str()));
  return Count();
}

absl::Status SqliteOutbox::AddColumn(absl::string_view name, int64_t value) {
  Statement columns(db_, "SELECT count(*) FROM pragma_table_info('items') WHERE name = ?");
  if (!columns.Bind(name).Step()) return Error("read");
  if (columns.Int(0) > 0) return absl::OkStatus();
  return Execute(
      absl::StrCat("ALTER TABLE items ADD COLUMN ", name, " INTEGER NOT NULL DEFAULT ", value)
          .c_str());
}

absl::Status SqliteOutbox::Append(absl::Span<const OutboxItem> items) {
  absl::MutexLock lock(&mutex_);
  AW_RETURN_IF_ERROR(MakeSureOfRoom(items));
  Transaction transaction(db_);
  if (!transaction.open()) return Error("write");
  for (const OutboxItem& item : items) {
    Statement insert(db_,
                     "INSERT INTO items (kind, camera_id, incident_id, number, leaves_open, "
                     "evidence_id, evidence_kind, capture_time_us, body, evidence_state, "
                     "append_time_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.Bind(static_cast<int>(item.kind)).Bind(item.camera_id).Bind(item.incident_id);
    insert.Bind(item.number).Bind(item.leaves_open ? 1 : 0).Bind(item.evidence_id);
    insert.Bind(static_cast<int>(item.evidence_kind)).Bind(absl::ToUnixMicros(item.capture_time));
    insert.BindBlob(item.body).Bind(static_cast<int>(item.evidence_state));
    const bool given = item.append_time != absl::InfinitePast();
    insert.Bind(absl::ToUnixMicros(given ? item.append_time : clock_.Now())).Step();
    if (!insert.done()) return Error("write");
    if (item.kind == OutboxKind::kEvidence) AW_RETURN_IF_ERROR(KeepPromise(item));
  }
  if (!transaction.Commit()) return Error("write");
  pending_ += items.size();
  return absl::OkStatus();
}

absl::Status SqliteOutbox::MakeSureOfRoom(absl::Span<const OutboxItem> items) {
  const auto visits =
      static_cast<size_t>(std::count_if(items.begin(), items.end(), [](const OutboxItem& i) {
        return i.kind == OutboxKind::kVisit;
      }));
  if (visits == 0) return absl::OkStatus();
  if (visits_ + visits > max_visits_) {
    Statement count(db_, "SELECT count(*) FROM items WHERE kind = 3");
    if (!count.Step()) return Error("read");
    visits_ = static_cast<size_t>(count.Int(0));
  }
  if (visits_ + visits > max_visits_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the outbox ", path_, " holds ", visits_, " visits, of at most ", max_visits_,
                     "; check that event storage is reachable and takes visits"));
  }
  visits_ += visits;
  return absl::OkStatus();
}

absl::Status SqliteOutbox::KeepPromise(const OutboxItem& item) {
  if (item.evidence_state == EvidenceState::kPending) {
    Statement promise(db_,
                      "INSERT OR REPLACE INTO promises (evidence_id, camera_id, incident_id, "
                      "evidence_kind, capture_time_us) VALUES (?, ?, ?, ?, ?)");
    promise.Bind(item.evidence_id).Bind(item.camera_id).Bind(item.incident_id);
    promise.Bind(static_cast<int>(item.evidence_kind));
    promise.Bind(absl::ToUnixMicros(item.capture_time)).Step();
    return promise.done() ? absl::OkStatus() : Error("write");
  }
  Statement kept(db_, "DELETE FROM promises WHERE evidence_id = ?");
  kept.Bind(item.evidence_id).Step();
  return kept.done() ? absl::OkStatus() : Error("write");
}

absl::StatusOr<std::vector<OutboxItem>> SqliteOutbox::Promises() {
  absl::MutexLock lock(&mutex_);
  Statement select(db_,
                   "SELECT evidence_id, camera_id, incident_id, evidence_kind, capture_time_us "
                   "FROM promises ORDER BY rowid");
  std::vector<OutboxItem> promises;
  while (select.Step()) {
    OutboxItem item;
    item.kind = OutboxKind::kEvidence;
    item.evidence_id = select.Text(0);
    item.camera_id = select.Text(1);
    item.incident_id = select.Text(2);
    item.evidence_kind = static_cast<EvidenceKind>(select.Int(3));
    item.evidence_state = EvidenceState::kPending;
    item.capture_time = absl::FromUnixMicros(select.Int(4));
    promises.push_back(std::move(item));
  }
  if (!select.done()) return Error("read");
  return promises;
}

namespace {

template <class Statement>
OutboxItem ReadItem(const Statement& row) {
  OutboxItem item;
  item.id = row.Int(0);
  item.kind = static_cast<OutboxKind>(row.Int(1));
  item.camera_id = row.Text(2);
  item.incident_id = row.Text(3);
  item.number = static_cast<uint32_t>(row.Int(4));
  item.leaves_open = row.Int(5) != 0;
  item.evidence_id = row.Text(6);
  item.evidence_kind = static_cast<EvidenceKind>(row.Int(7));
  item.capture_time = absl::FromUnixMicros(row.Int(8));
  item.body = row.Text(9);
  item.evidence_state = static_cast<EvidenceState>(row.Int(10));
  item.append_time = absl::FromUnixMicros(row.Int(11));
  return item;
}

}  // namespace

absl::StatusOr<std::vector<OutboxItem>> SqliteOutbox::Read(int64_t after, size_t limit,
                                                           OutboxLane lane) {
  absl::MutexLock lock(&mutex_);
  Statement select(db_, absl::StrCat("SELECT ", kColumns, " FROM items WHERE id > ? AND ",
                                     InLane(lane), " ORDER BY id LIMIT ?"));
  select.Bind(after).Bind(static_cast<int64_t>(limit));
  std::vector<OutboxItem> items;
  size_t bytes = 0;
  while (bytes < kReadBytes && select.Step()) {
    items.push_back(ReadItem(select));
    bytes += items.back().body.size();
  }
  if (bytes < kReadBytes && !select.done()) return Error("read");
  return items;
}

absl::StatusOr<std::vector<OutboxItem>> SqliteOutbox::TransitionsOf(absl::string_view camera_id) {
  absl::MutexLock lock(&mutex_);
  Statement select(db_, absl::StrCat("SELECT ", kColumns,
                                     " FROM items WHERE kind = 1 AND camera_id = ? ORDER BY id"));
  select.Bind(camera_id);
  std::vector<OutboxItem> items;
  while (select.Step()) items.push_back(ReadItem(select));
  if (!select.done()) return Error("read");
  return items;
}

absl::StatusOr<absl::Time> SqliteOutbox::Oldest() {
  absl::MutexLock lock(&mutex_);
  Statement select(db_, "SELECT append_time_us FROM items ORDER BY id LIMIT 1");
  if (select.Step()) return absl::FromUnixMicros(select.Int(0));
  if (!select.done()) return Error("read");
  return absl::InfiniteFuture();
}

absl::Status SqliteOutbox::Remove(absl::Span<const int64_t> ids) {
  absl::MutexLock lock(&mutex_);
  Transaction transaction(db_);
  if (!transaction.open()) return Error("write");
  size_t removed = 0;
  for (const int64_t id : ids) {
    Statement erase(db_, "DELETE FROM items WHERE id = ?");
    erase.Bind(id).Step();
    if (!erase.done()) return Error("write");
    removed += sqlite3_changes(db_);
  }
  if (!transaction.Commit()) return Error("write");
  pending_ -= removed;
  return absl::OkStatus();
}

absl::Status SqliteOutbox::Bury(int64_t id, absl::string_view reason) {
  absl::MutexLock lock(&mutex_);
  Transaction transaction(db_);
  if (!transaction.open()) return Error("write");
  Statement copy(db_,
                 "INSERT INTO dead_letters (id, kind, camera_id, incident_id, number, "
                 "evidence_id, body, reason) SELECT id, kind, camera_id, incident_id, number, "
                 "evidence_id, body, ? FROM items WHERE id = ?");
  copy.Bind(reason).Bind(id).Step();
  if (!copy.done()) return Error("write");
  Statement erase(db_, "DELETE FROM items WHERE id = ?");
  erase.Bind(id).Step();
  if (!erase.done()) return Error("write");
  const size_t removed = sqlite3_changes(db_);
  if (!transaction.Commit()) return Error("write");
  pending_ -= removed;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> SqliteOutbox::DeadLetters() {
  absl::MutexLock lock(&mutex_);
  Statement select(db_, "SELECT reason FROM dead_letters ORDER BY id");
  std::vector<std::string> reasons;
  while (select.Step()) reasons.push_back(select.Text(0));
  if (!select.done()) return Error("read");
  return reasons;
}

absl::Status SqliteOutbox::LimitPages(int pages) {
  absl::MutexLock lock(&mutex_);
  return Execute(absl::StrCat("PRAGMA max_page_count=", pages).c_str());
}

void SqliteOutbox::LimitVisits(size_t visits) {
  absl::MutexLock lock(&mutex_);
  max_visits_ = visits;
  visits_ = visits;
}

absl::Status SqliteOutbox::Count() {
  Statement count(db_, "SELECT count(*) FROM items");
  if (!count.Step()) return Error("read");
  pending_ = static_cast<size_t>(count.Int(0));
  return absl::OkStatus();
}

absl::Status SqliteOutbox::Execute(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return absl::OkStatus();
  return Error("set up");
}

absl::Status SqliteOutbox::Error(absl::string_view doing) const {
  const int code = sqlite3_errcode(db_);
  const std::string what =
      absl::StrCat("cannot ", doing, " the outbox ", path_, ": ", sqlite3_errmsg(db_));
  if (IsCorruption(code)) return absl::DataLossError(what);
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(absl::StrCat(what, "; free space on its disk"));
    case SQLITE_BUSY:
      return absl::UnavailableError(
          absl::StrCat(what, "; another process has it open, give each replica its own --outbox"));
    default:
      return absl::UnavailableError(what);
  }
}

}  // namespace aislewatch::ingest
