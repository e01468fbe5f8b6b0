#include "services/ingest/adapters/sqlite_outbox.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ingest/core/managed_pipeline.h"
#include "services/ingest/testing/fake_events.h"

namespace aislewatch::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SqliteOutboxTest : public testing::Test {
 protected:
  SqliteOutboxTest() { std::filesystem::create_directories(folder_); }
  ~SqliteOutboxTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<SqliteOutbox> Open() {
    auto opened = SqliteOutbox::Open(path_, clock_);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  std::vector<std::string> FilesLike(const std::string& part) const {
    std::vector<std::string> found;
    for (const auto& file : std::filesystem::directory_iterator(folder_)) {
      if (absl::StrContains(file.path().string(), part)) found.push_back(file.path());
    }
    return found;
  }

  FakeClock clock_{absl::FromUnixSeconds(1000)};
  const std::string folder_ = absl::StrCat(testing::TempDir(), "/outbox-", NewUuid());
  const std::string path_ = folder_ + "/outbox.db";
};

TEST_F(SqliteOutboxTest, KeepsEverythingOverAReopening) {
  OutboxItem evidence = EvidenceItem("a", "snap", std::string("\0\xff\x01", 3));
  evidence.evidence_kind = EvidenceKind::kSnapshotOverlay;
  evidence.capture_time = absl::FromUnixMicros(1234567890123456);
  ASSERT_TRUE(Open()->Append({TransitionItem("a", 1), evidence}).ok());
  auto outbox = Open();
  EXPECT_EQ(outbox->pending(), 2u);
  const auto items = outbox->Read(0, 10).value();
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_EQ(items[0].body, "a/1");
  EXPECT_TRUE(items[0].leaves_open);
  EXPECT_EQ(items[1].body, evidence.body);
  EXPECT_EQ(items[1].evidence_kind, EvidenceKind::kSnapshotOverlay);
  EXPECT_EQ(items[1].capture_time, evidence.capture_time);
  ASSERT_TRUE(outbox->Remove({items[0].id, 999}).ok());
  EXPECT_EQ(outbox->pending(), 1u);
  EXPECT_THAT(outbox->Read(0, 10).value(), SizeIs(1));
}

OutboxItem ClipItem(EvidenceState state, const std::string& id, std::string body = "") {
  OutboxItem item = EvidenceItem("a", id, std::move(body));
  item.evidence_kind = EvidenceKind::kClip;
  item.evidence_state = state;
  item.capture_time = absl::FromUnixMicros(1234567890123456);
  return item;
}

TEST_F(SqliteOutboxTest, APromiseOutlivesTheProcessUntilItIsKeptOrBroken) {
  ASSERT_TRUE(Open()
                  ->Append({ClipItem(EvidenceState::kPending, "kept"),
                            ClipItem(EvidenceState::kPending, "broken"),
                            ClipItem(EvidenceState::kPending, "lost")})
                  .ok());
  auto outbox = Open();
  // Sent, but still owed.
  const std::vector<OutboxItem> items = outbox->Read(0, 10).value();
  for (const OutboxItem& item : items) {
    EXPECT_EQ(item.evidence_state, EvidenceState::kPending);
    ASSERT_TRUE(outbox->Remove({item.id}).ok());
  }
  EXPECT_THAT(outbox->Promises().value(), SizeIs(3));
  ASSERT_TRUE(outbox->Append({ClipItem(EvidenceState::kReady, "kept", "mp4")}).ok());
  ASSERT_TRUE(outbox->Append({ClipItem(EvidenceState::kFailed, "broken", "why")}).ok());
  outbox.reset();
  const auto promises = Open()->Promises().value();
  ASSERT_THAT(promises, SizeIs(1));
  EXPECT_EQ(promises[0].evidence_id, "lost");
  EXPECT_EQ(promises[0].incident_id, "a");
  EXPECT_EQ(promises[0].camera_id, "cam");
  EXPECT_EQ(promises[0].evidence_kind, EvidenceKind::kClip);
  EXPECT_EQ(promises[0].capture_time, absl::FromUnixMicros(1234567890123456));
}

TEST_F(SqliteOutboxTest, ClipsAreReadApartAndNotAllAtOnce) {
  auto outbox = Open();
  const std::string big(6 << 20, 'x');
  ASSERT_TRUE(outbox
                  ->Append({ClipItem(EvidenceState::kPending, "announced"),
                            ClipItem(EvidenceState::kReady, "one", big), TransitionItem("a", 2),
                            ClipItem(EvidenceState::kReady, "two", big),
                            ClipItem(EvidenceState::kReady, "three", big)})
                  .ok());
  EXPECT_THAT(outbox->Read(0, 10).value(), SizeIs(2));
  const auto page = outbox->Read(0, 10, OutboxLane::kBulk).value();
  ASSERT_THAT(page, SizeIs(2)) << "some megabytes at once";
  EXPECT_EQ(page[1].evidence_id, "two");
  EXPECT_THAT(outbox->Read(page[1].id, 10, OutboxLane::kBulk).value(), SizeIs(1));
}

TEST_F(SqliteOutboxTest, VisitsAreReadApart) {
  ASSERT_TRUE(Open()
                  ->Append({TransitionItem("a", 1), VisitItem("v1"), VisitItem("v2"),
                            ClipItem(EvidenceState::kReady, "clip", "mp4")})
                  .ok());
  auto outbox = Open();
  EXPECT_THAT(outbox->Read(0, 10).value(), SizeIs(1));
  EXPECT_THAT(outbox->Read(0, 10, OutboxLane::kBulk).value(), SizeIs(1));
  const auto visits = outbox->Read(0, 10, OutboxLane::kVisits).value();
  ASSERT_THAT(visits, SizeIs(2));
  EXPECT_EQ(visits[1].evidence_id, "v2");
  EXPECT_EQ(visits[1].kind, OutboxKind::kVisit);
  EXPECT_THAT(outbox->TransitionsOf("cam").value(), SizeIs(1));
}

TEST_F(SqliteOutboxTest, VisitsAreLimitedAndIncidentsAreNot) {
  auto outbox = Open();
  outbox->LimitVisits(3);
  ASSERT_TRUE(outbox->Append({VisitItem("v1"), VisitItem("v2")}).ok());
  const absl::Status full = outbox->Append({VisitItem("v3"), VisitItem("v4")});
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(full.message()), HasSubstr("takes visits"));
  EXPECT_TRUE(outbox->Append({TransitionItem("a", 1)}).ok());
  EXPECT_TRUE(outbox->Append({VisitItem("v3")}).ok());
  EXPECT_FALSE(outbox->Append({VisitItem("v4")}).ok());
  // What was sent makes room.
  ASSERT_TRUE(outbox->Remove({outbox->Read(0, 1, OutboxLane::kVisits).value()[0].id}).ok());
  EXPECT_TRUE(outbox->Append({VisitItem("v4")}).ok());
  EXPECT_EQ(outbox->pending(), 4u);
}

TEST_F(SqliteOutboxTest, AFileFromBeforeClipsIsReadOn) {
  ASSERT_TRUE(Open()->Append({TransitionItem("a", 1), EvidenceItem("a", "snap")}).ok());
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "ALTER TABLE items DROP COLUMN evidence_state; DROP TABLE promises",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(db);
  auto outbox = Open();
  const auto items = outbox->Read(0, 10).value();
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_EQ(items[1].evidence_state, EvidenceState::kReady);
  EXPECT_THAT(FilesLike("corrupt"), IsEmpty());
}

TEST_F(SqliteOutboxTest, TellsSinceWhenTheOldestItemWaitsAlsoAfterAReopening) {
  auto outbox = Open();
  EXPECT_EQ(outbox->Oldest().value(), absl::InfiniteFuture());
  ASSERT_TRUE(outbox->Append({TransitionItem("a", 1)}).ok());
  clock_.Advance(absl::Seconds(5));
  ASSERT_TRUE(outbox->Append({TransitionItem("a", 2)}).ok());
  outbox.reset();
  outbox = Open();
  EXPECT_EQ(outbox->Oldest().value(), absl::FromUnixSeconds(1000));
  ASSERT_TRUE(outbox->Remove({outbox->Read(0, 1)->front().id}).ok());
  EXPECT_EQ(outbox->Oldest().value(), absl::FromUnixSeconds(1005));
}

TEST_F(SqliteOutboxTest, InAFileFromBeforeAgesItemsWaitSinceItWasOpened) {
  ASSERT_TRUE(Open()->Append({TransitionItem("a", 1)}).ok());
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(
      sqlite3_exec(db, "ALTER TABLE items DROP COLUMN append_time_us", nullptr, nullptr, nullptr),
      SQLITE_OK);
  sqlite3_close(db);
  clock_.Advance(absl::Seconds(7));
  EXPECT_EQ(Open()->Oldest().value(), absl::FromUnixSeconds(1007));
}

TEST_F(SqliteOutboxTest, WhatWasAppendedSurvivesKillNine) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t writer = fork();
  ASSERT_GE(writer, 0);
  if (writer == 0) {
    auto outbox = SqliteOutbox::Open(path_);
    for (uint32_t n = 1; outbox.ok(); ++n) {
      if (!(*outbox)->Append({TransitionItem("a", n)}).ok()) _exit(1);
      // Told only after Append said that it is safe.
      if (write(pipe_ends[1], &n, sizeof n) != sizeof n) _exit(1);
    }
    _exit(1);
  }
  close(pipe_ends[1]);
  uint32_t acknowledged = 0;
  while (acknowledged < 50) {
    ASSERT_EQ(read(pipe_ends[0], &acknowledged, sizeof acknowledged),
              static_cast<ssize_t>(sizeof acknowledged));
  }
  kill(writer, SIGKILL);
  waitpid(writer, nullptr, 0);
  uint32_t n = 0;
  while (read(pipe_ends[0], &n, sizeof n) == sizeof n) acknowledged = n;
  close(pipe_ends[0]);

  const auto items = Open()->Read(0, 100000).value();
  ASSERT_GE(items.size(), acknowledged);
  EXPECT_LE(items.size(), acknowledged + 1);  // One may have been written and not been told.
  for (size_t i = 0; i < items.size(); ++i) EXPECT_EQ(items[i].number, i + 1);
}

TEST_F(SqliteOutboxTest, AFullDiskIsAnErrorAndWhatWasThereStays) {
  auto outbox = Open();
  ASSERT_TRUE(outbox->Append({TransitionItem("a", 1)}).ok());
  ASSERT_TRUE(outbox->LimitPages(12).ok());
  const absl::Status full = outbox->Append({EvidenceItem("a", "big", std::string(200000, 'x'))});
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted) << full;
  EXPECT_THAT(std::string(full.message()), HasSubstr(path_));
  EXPECT_THAT(std::string(full.message()), HasSubstr("free space"));
  EXPECT_EQ(outbox->pending(), 1u);
  EXPECT_THAT(outbox->Read(0, 10).value(), SizeIs(1));
  ASSERT_TRUE(outbox->LimitPages(100000).ok());
  EXPECT_TRUE(outbox->Append({TransitionItem("a", 2)}).ok());
}

TEST_F(SqliteOutboxTest, ADamagedFileIsMovedAsideAndANewOneBegun) {
  ASSERT_TRUE(Open()->Append({TransitionItem("a", 1)}).ok());
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(0);
    file << "this is no database at all, sorry";
  }
  auto outbox = Open();
  EXPECT_EQ(outbox->pending(), 0u);
  EXPECT_TRUE(outbox->Append({TransitionItem("b", 1)}).ok());
  EXPECT_THAT(FilesLike(".corrupt-"), testing::Not(IsEmpty()));
}

TEST_F(SqliteOutboxTest, AForeignFileIsKeptAsItIs) {
  std::ofstream(path_) << std::string(4096, 'z');
  Open();
  EXPECT_THAT(FilesLike(".corrupt-"), SizeIs(1));
  EXPECT_EQ(std::filesystem::file_size(FilesLike(".corrupt-")[0]), 4096u);
}

TEST_F(SqliteOutboxTest, TwoReplicasCannotShareAFile) {
  auto first = Open();
  const auto second = SqliteOutbox::Open(path_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("its own --outbox"));
}

TEST_F(SqliteOutboxTest, AFolderThatIsNotThereIsNamed) {
  const auto opened = SqliteOutbox::Open(folder_ + "/nowhere/outbox.db");
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(opened.status().message()), HasSubstr("check that its folder exists"));
}

TEST_F(SqliteOutboxTest, BuriedItemsLeaveTheQueueAndKeepTheirReason) {
  auto outbox = Open();
  ASSERT_TRUE(outbox->Append({TransitionItem("a", 1), TransitionItem("a", 2)}).ok());
  ASSERT_TRUE(outbox->Bury(outbox->Read(0, 1).value()[0].id, "bad number").ok());
  EXPECT_EQ(outbox->pending(), 1u);
  EXPECT_THAT(outbox->DeadLetters().value(), ElementsAre("bad number"));
}

TEST_F(SqliteOutboxTest, WhatWaitsInTheOutboxCountsAmongTheOpenIncidents) {
  auto outbox = Open();
  ASSERT_TRUE(outbox
                  ->Append({TransitionItem("stored-and-newer-here", 3),
                            TransitionItem("only-here", 1), TransitionItem("closed-here", 2, false),
                            TransitionItem("other-camera", 1, true, "cam2")})
                  .ok());
  FakeEventSink events;
  events.SetOpen(std::vector<OpenIncident>{
      {"stored-and-newer-here", 2, "old"}, {"closed-here", 1, "old"}, {"only-there", 5, "there"}});
  const auto open = FindOpenIncidents(events, *outbox, "cam");
  std::vector<std::string> messages;
  for (const OpenIncident& incident : open) messages.push_back(incident.message);
  EXPECT_THAT(messages,
              testing::UnorderedElementsAre("only-here/1", "there", "stored-and-newer-here/3"));
  events.SetOpen(absl::UnavailableError("away"));
  EXPECT_THAT(FindOpenIncidents(events, *outbox, "cam"), SizeIs(2));
}

}  // namespace
}  // namespace aislewatch::ingest
