// Evidence whose bytes lie in a directory, with its descriptions on a real PostgreSQL.
#include "services/events/adapters/postgres/evidence_volume.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "common/base/sha256.h"
#include "gmock/gmock.h"
#include "services/events/adapters/postgres/event_store.h"
#include "services/events/adapters/postgres/evidence_store.h"
#include "services/events/adapters/postgres/retention_store.h"
#include "services/events/core/evidence_upload.h"
#include "services/events/testing/database_test.h"

namespace aislewatch::events {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class EvidenceVolumeTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (pool_ == nullptr) return;
    path_ = "/tmp/aw-evidence-XXXXXX";
    ASSERT_NE(mkdtemp(path_.data()), nullptr);
    volume_ = std::make_unique<EvidenceVolume>(*pool_, path_);
    store_ = std::make_unique<PostgresEvidenceStore>(*pool_, volume_.get());
    retention_ = std::make_unique<PostgresRetentionStore>(*pool_, volume_.get());
    incident_id_ = AddIncident();
    for (int i = 0; i < 2'500'000; ++i) bytes_.push_back(static_cast<char>(i * 31 + (i >> 8)));
  }
  void TearDown() override {
    if (!path_.empty()) fs::remove_all(path_);
  }

  std::string AddIncident() {
    const std::string id = NewUuid();
    EXPECT_TRUE(PostgresEventStore(*pool_).Record({MakeTransition(id, 1)}).ok());
    return id;
  }
  Evidence Describe() const {
    Evidence evidence;
    evidence.evidence_id = NewUuid();
    evidence.incident_id = incident_id_;
    evidence.kind = EvidenceKind::kClip;
    evidence.media_type = "video/mp4";
    evidence.size_bytes = bytes_.size();
    evidence.sha256 = Sha256Hex(bytes_);
    return evidence;
  }
  // From `from` to `to`; ends there as if the client were gone where that is not the end.
  absl::Status Upload(EvidenceStore& store, const Evidence& evidence, size_t from = 0,
                      size_t to = std::string::npos) {
    EvidenceUpload upload(store);
    absl::Status status = upload.Start(evidence, from);
    const absl::string_view all = absl::string_view(bytes_).substr(0, to);
    for (size_t at = from; status.ok() && at < all.size(); at += 1'000'000) {
      status = upload.Append(all.substr(at, 1'000'000));
    }
    return status.ok() ? upload.Finish().status() : status;
  }
  static std::string Download(EvidenceStore& store, const Evidence& evidence) {
    std::string all;
    while (true) {
      const auto piece = store.ReadEvidence(evidence.evidence_id, all.size());
      if (!piece.ok()) return piece.status().ToString();
      if (piece->empty()) return all;
      all += *piece;
    }
  }
  int Files() const {
    int files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
      files += entry.is_regular_file() && entry.path().extension() != ".id" ? 1 : 0;
    }
    return files;
  }

  std::string path_;
  std::string incident_id_;
  std::string bytes_;
  std::unique_ptr<EvidenceVolume> volume_;
  std::unique_ptr<PostgresEvidenceStore> store_;
  std::unique_ptr<PostgresRetentionStore> retention_;
};

TEST_F(EvidenceVolumeTest, KeepsBytesInFilesAndReadsThemFromAnywhere) {
  const Evidence evidence = Describe();
  ASSERT_TRUE(Upload(*store_, evidence).ok());
  ASSERT_TRUE(Upload(*store_, evidence).ok());  // Again is free.
  EXPECT_EQ(Files(), 1);
  EXPECT_EQ(Sql("SELECT count(*) FROM evidence_chunks"), "0");
  EXPECT_EQ(Download(*store_, evidence), bytes_);
  EXPECT_EQ(store_->ReadEvidence(evidence.evidence_id, 2'499'990).value(),
            bytes_.substr(2'499'990));
  EXPECT_EQ(store_->GetEvidence(evidence.evidence_id)->state, EvidenceState::kReady);
}

TEST_F(EvidenceVolumeTest, AnUploadThatBrokeOffGoesOn) {
  const Evidence evidence = Describe();
  EXPECT_TRUE(absl::IsDataLoss(Upload(*store_, evidence, 0, 1'000'000)));
  // Another replica on the same volume.
  EvidenceVolume same(*pool_, path_);
  PostgresEvidenceStore other(*pool_, &same);
  EXPECT_EQ(other.UploadedBytes(evidence.evidence_id, evidence.sha256).value(), 1'000'000u);
  EXPECT_TRUE(absl::IsAborted(Upload(other, evidence, 2'000'000)));
  ASSERT_TRUE(Upload(other, evidence, 1'000'000).ok());
  EXPECT_EQ(Download(*store_, evidence), bytes_);
  // One that nobody goes on with is freed.
  EXPECT_TRUE(absl::IsDataLoss(Upload(*store_, Describe(), 0, 1'000'000)));
  EXPECT_EQ(Files(), 2);
  EXPECT_EQ(store_->SweepUploads(absl::Hours(1)).value(), 0);
  EXPECT_EQ(store_->SweepUploads(-absl::Hours(1)).value(), 1);
  EXPECT_EQ(Files(), 1);
}

TEST_F(EvidenceVolumeTest, WhatLiesInTheDatabaseIsStillRead) {
  PostgresEvidenceStore before(*pool_);
  const Evidence old = Describe();
  ASSERT_TRUE(Upload(before, old).ok());
  // And one that was under way when the directory was given begins there anew.
  const Evidence halfway = Describe();
  EXPECT_TRUE(absl::IsDataLoss(Upload(before, halfway, 0, 1'000'000)));
  EXPECT_TRUE(absl::IsAborted(Upload(*store_, halfway, 1'000'000)));
  EXPECT_EQ(store_->UploadedBytes(halfway.evidence_id, halfway.sha256).value(), 0u);
  ASSERT_TRUE(Upload(*store_, halfway).ok());
  EXPECT_EQ(Download(*store_, old), bytes_);
  EXPECT_EQ(Download(*store_, halfway), bytes_);
  EXPECT_EQ(Files(), 1);
  // A replica without the directory says so.
  const absl::Status away = before.ReadEvidence(halfway.evidence_id, 0).status();
  EXPECT_TRUE(absl::IsUnavailable(away));
  EXPECT_THAT(std::string(away.message()), HasSubstr("--evidence-directory"));
}

TEST_F(EvidenceVolumeTest, RetentionTakesFilesAndAHoldKeepsThem) {
  const Evidence evidence = Describe();
  ASSERT_TRUE(Upload(*store_, evidence).ok());
  PostgresEventStore events(*pool_);
  ASSERT_TRUE(events.SetHold(incident_id_, true).ok());
  const absl::Time later = absl::Now() + absl::Hours(100'000);
  EXPECT_EQ(retention_->ExpireEvidence(Severity::kWarning, later, 10)->evidence, 0u);
  EXPECT_EQ(Files(), 1);
  ASSERT_TRUE(events.SetHold(incident_id_, false).ok());
  const auto expired = retention_->ExpireEvidence(Severity::kWarning, later, 10).value();
  EXPECT_EQ(expired.evidence_bytes, bytes_.size());
  EXPECT_EQ(Files(), 0);
  EXPECT_EQ(store_->GetEvidence(evidence.evidence_id)->state, EvidenceState::kExpired);
  incident_id_ = AddIncident();
  ASSERT_TRUE(Upload(*store_, Describe()).ok());
  EXPECT_EQ(retention_->RemoveIncidents(later, 10)->incidents, 2u);
  EXPECT_EQ(Files(), 0);
}

TEST_F(EvidenceVolumeTest, SweepsFilesThatBelongToNothing) {
  const Evidence kept = Describe();
  ASSERT_TRUE(Upload(*store_, kept).ok());
  ASSERT_TRUE(Upload(*store_, Describe()).ok());
  EXPECT_TRUE(absl::IsDataLoss(Upload(*store_, Describe(), 0, 1'000'000)));
  // Their rows are gone, as after a crash between the row and its file.
  Sql("DELETE FROM evidence WHERE evidence_id <> '" + kept.evidence_id + "' RETURNING 1");
  Sql("DELETE FROM evidence_blobs WHERE blob_id NOT IN (SELECT blob_id FROM evidence) RETURNING 1");
  EXPECT_EQ(Files(), 3);
  uint64_t removed = 0;
  for (int part = 0; part < kOrphanParts; ++part) {
    EXPECT_EQ(retention_->RemoveOrphans(part, absl::Hours(1))->orphans, 0u);  // Too young.
    removed += retention_->RemoveOrphans(part, -absl::Hours(1))->orphans;
  }
  EXPECT_EQ(removed, 2u);
  EXPECT_EQ(Files(), 1);
  EXPECT_EQ(Download(*store_, kept), bytes_);
}

TEST_F(EvidenceVolumeTest, AnEmptyMountPointIsNotTakenForTheVolume) {
  const Evidence evidence = Describe();
  ASSERT_TRUE(Upload(*store_, evidence).ok());
  fs::rename(path_, path_ + "-away");
  EXPECT_TRUE(absl::IsUnavailable(Upload(*store_, Describe())));
  fs::create_directory(path_);
  const absl::Status wrong = Upload(*store_, Describe());
  EXPECT_TRUE(absl::IsUnavailable(wrong));
  EXPECT_THAT(std::string(wrong.message()), HasSubstr("is its volume mounted?"));
  EXPECT_TRUE(absl::IsUnavailable(retention_->RemoveOrphans(0, absl::Hours(1)).status()));
  EXPECT_TRUE(absl::IsUnavailable(store_->ReadEvidence(evidence.evidence_id, 0).status()));
  fs::remove(path_);
  fs::rename(path_ + "-away", path_);
  EXPECT_EQ(Download(*store_, evidence), bytes_);
  ASSERT_TRUE(Upload(*store_, Describe()).ok());
}

TEST_F(EvidenceVolumeTest, AnotherDatabasesEvidenceIsLeftAlone) {
  ASSERT_TRUE(Upload(*store_, Describe()).ok());
  Sql("DELETE FROM evidence_directory RETURNING 1");  // As a new database has none.
  EvidenceVolume theirs(*pool_, path_);
  const absl::Status refused = theirs.Use().status();
  EXPECT_TRUE(absl::IsUnavailable(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("choose an empty directory"));
  EXPECT_EQ(Files(), 1);
}

TEST_F(EvidenceVolumeTest, AFileThatIsLostIsToldOf) {
  const Evidence evidence = Describe();
  ASSERT_TRUE(Upload(*store_, evidence).ok());
  for (const auto& entry : fs::directory_iterator(path_)) {
    if (entry.is_directory()) fs::remove_all(entry.path());
  }
  EXPECT_TRUE(absl::IsDataLoss(store_->ReadEvidence(evidence.evidence_id, 0).status()));
}

TEST_F(EvidenceVolumeTest, EvidenceThatNeverCameHasFailed) {
  PostgresEventStore events(*pool_);
  Evidence pending = Describe();
  pending.state = EvidenceState::kPending;
  pending.size_bytes = 0;
  pending.sha256.clear();
  ASSERT_TRUE(store_->DescribeEvidence(pending).ok());
  const auto fail = [&] { return retention_->FailPending(absl::Hours(1), 10)->failed; };
  EXPECT_EQ(fail(), 0u);  // Announced just now.
  Sql("UPDATE evidence SET create_time = now() - interval '2 hours' RETURNING 1");
  EXPECT_EQ(fail(), 0u);  // The incident goes on.
  Transition closed = MakeTransition(incident_id_, 2);
  closed.kind = TransitionKind::kClosed;
  closed.incident.state = IncidentState::kClosed;
  ASSERT_TRUE(events.Record({closed}).ok());
  EXPECT_EQ(fail(), 1u);
  const Evidence failed = store_->GetEvidence(pending.evidence_id).value();
  EXPECT_EQ(failed.state, EvidenceState::kFailed);
  EXPECT_THAT(failed.error, HasSubstr("never came"));
  // Its announcement, late, changes nothing; the clip itself, late, is taken.
  EXPECT_EQ(store_->DescribeEvidence(pending)->state, EvidenceState::kFailed);
  Evidence late = Describe();
  late.evidence_id = pending.evidence_id;
  ASSERT_TRUE(Upload(*store_, late).ok());
  EXPECT_EQ(store_->GetEvidence(late.evidence_id)->state, EvidenceState::kReady);
  // An incident that never ended.
  incident_id_ = AddIncident();
  Evidence orphan = Describe();
  orphan.state = EvidenceState::kPending;
  orphan.size_bytes = 0;
  orphan.sha256.clear();
  ASSERT_TRUE(store_->DescribeEvidence(orphan).ok());
  Sql("UPDATE evidence SET create_time = now() - interval '25 hours' RETURNING 1");
  EXPECT_EQ(fail(), 1u);
}

}  // namespace
}  // namespace aislewatch::events
