// Retention on a real database, with a given now.
#include "services/events/adapters/postgres/retention_store.h"

#include "common/base/sha256.h"
#include "gmock/gmock.h"
#include "services/events/adapters/postgres/event_store.h"
#include "services/events/adapters/postgres/evidence_store.h"
#include "services/events/adapters/postgres/webhook_store.h"
#include "services/events/core/evidence_upload.h"
#include "services/events/core/incident_watch.h"
#include "services/events/testing/database_test.h"

namespace aislewatch::events {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
// Of MakeTransition(id, 1).
const absl::Time kOpened = absl::FromUnixSeconds(1772625600);

class RetentionStoreTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (pool_ == nullptr) return;
    events_ = std::make_unique<PostgresEventStore>(*pool_);
    evidence_ = std::make_unique<PostgresEvidenceStore>(*pool_);
    store_ = std::make_unique<PostgresRetentionStore>(*pool_);
  }
  // An incident with one picture of six bytes, opened at kOpened + `later`.
  std::string AddIncident(Severity severity, absl::Duration later = absl::ZeroDuration()) {
    const std::string id = NewUuid();
    Transition transition = MakeTransition(id, 1, severity);
    for (auto* time :
         {&transition.time, &transition.incident.opened_time, &transition.incident.updated_time}) {
      *time = **time + later;
    }
    EXPECT_TRUE(events_->Record({transition}).ok());
    Evidence evidence;
    evidence.evidence_id = NewUuid();
    evidence.incident_id = id;
    evidence.kind = EvidenceKind::kSnapshot;
    evidence.state = EvidenceState::kReady;
    evidence.media_type = "image/jpeg";
    evidence.size_bytes = 6;
    evidence.sha256 = Sha256Hex("pixels");
    EvidenceUpload upload(*evidence_);
    EXPECT_TRUE(upload.Start(evidence).ok());
    EXPECT_TRUE(upload.Append("pixels").ok());
    EXPECT_TRUE(upload.Finish().ok());
    return id;
  }
  RetentionResult RunAt(absl::Time now) {
    RetentionResult result;
    const absl::Status status = RunRetention(
        {}, *store_, now, [] { return true; }, result);
    EXPECT_TRUE(status.ok()) << status;
    return result;
  }
  EvidenceState StateOf(const std::string& incident_id) {
    return evidence_->ListEvidence(incident_id).value().at(0).state;
  }

  std::unique_ptr<PostgresEventStore> events_;
  std::unique_ptr<PostgresEvidenceStore> evidence_;
  std::unique_ptr<PostgresRetentionStore> store_;
};

TEST_F(RetentionStoreTest, EvidenceLosesItsBytesByItsIncidentsSeverity) {
  const std::string info = AddIncident(Severity::kInfo);
  const std::string warning = AddIncident(Severity::kWarning);
  const std::string critical = AddIncident(Severity::kCritical);
  EXPECT_EQ(RunAt(kOpened + 30 * kDay).evidence, 0u);
  const RetentionResult first = RunAt(kOpened + 31 * kDay);
  EXPECT_EQ(first.evidence, 1u);
  EXPECT_EQ(first.evidence_bytes, 6u);
  EXPECT_EQ(StateOf(info), EvidenceState::kExpired);
  EXPECT_EQ(StateOf(warning), EvidenceState::kReady);
  EXPECT_EQ(RunAt(kOpened + 91 * kDay).evidence, 1u);
  EXPECT_EQ(StateOf(warning), EvidenceState::kExpired);
  EXPECT_EQ(StateOf(critical), EvidenceState::kReady);
  EXPECT_EQ(RunAt(kOpened + 366 * kDay).evidence, 1u);
  EXPECT_EQ(Sql("SELECT count(*) FROM evidence_blobs"), "0");
  EXPECT_EQ(Sql("SELECT count(*) FROM evidence_chunks"), "0");
  // The incidents stay, and say what there was.
  EXPECT_EQ(events_->List({}, std::nullopt, 10).value().size(), 3u);
  const Evidence described = evidence_->ListEvidence(info).value()[0];
  EXPECT_EQ(described.size_bytes, 6u);
  EXPECT_EQ(evidence_->ReadEvidence(described.evidence_id, 0).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(RetentionStoreTest, AnIncidentOnHoldKeepsEverythingUntilItIsLetGo) {
  const std::string held = AddIncident(Severity::kInfo);
  ASSERT_TRUE(events_->SetHold(held, true).ok());
  const RetentionResult none = RunAt(kOpened + 3000 * kDay);
  EXPECT_EQ(none.evidence + none.incidents + none.months, 0u);
  EXPECT_EQ(StateOf(held), EvidenceState::kReady);
  ASSERT_TRUE(events_->SetHold(held, false).ok());
  EXPECT_EQ(RunAt(kOpened + 3000 * kDay).incidents, 1u);
  EXPECT_EQ(events_->Get(held).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(RetentionStoreTest, RemovesIncidentsWithAllThatBelongsToThemAndTheirMonths) {
  const std::string old = AddIncident(Severity::kCritical);
  const std::string young = AddIncident(Severity::kCritical, 60 * kDay);
  Review review;
  review.review_id = NewUuid();
  review.incident_id = old;
  review.state = ReviewState::kConfirmed;
  review.reviewer = "ann";
  ASSERT_TRUE(events_->AddReview(review).ok());
  // Two years after April: all of March is too old, the beginning of May is not.
  const RetentionResult result = RunAt(kOpened + 765 * kDay);
  EXPECT_EQ(result.incidents, 1u);
  EXPECT_EQ(result.months, 1u);
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'incidents'::regclass"), "1");
  for (const char* table : {"incidents", "incident_keys", "incident_transitions", "incident_tracks",
                            "incident_changes", "evidence"}) {
    EXPECT_EQ(Sql(absl::StrCat("SELECT count(*) FROM ", table)), "1") << table;
  }
  EXPECT_EQ(Sql("SELECT count(*) FROM reviews"), "0");
  EXPECT_TRUE(events_->Get(young).ok());
  // The month comes back when an incident needs it.
  EXPECT_TRUE(events_->Record({MakeTransition(NewUuid(), 1)}).ok());
}

TEST_F(RetentionStoreTest, AWatchersOldCursorStaysGood) {
  AddIncident(Severity::kInfo);
  auto watch = IncidentWatch::Create(*events_, {}, "0").value();
  const std::string cursor = watch.Next().value().at(0).cursor;
  AddIncident(Severity::kInfo);
  const std::string young = AddIncident(Severity::kInfo, 60 * kDay);
  EXPECT_EQ(RunAt(kOpened + 731 * kDay).incidents, 2u);
  for (const std::string& from : {std::string("0"), cursor}) {
    auto again = IncidentWatch::Create(*events_, {}, from).value();
    const auto told = again.Next().value();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].transition->incident.incident_id, young);
    EXPECT_EQ(told[0].cursor, "3");
  }
}

TEST_F(RetentionStoreTest, RemovesDeliveriesThatEndedLongAgo) {
  PostgresWebhookStore webhooks(*pool_);
  WebhookWithSecret webhook;
  webhook.webhook.webhook_id = NewUuid();
  webhook.webhook.name = "till";
  ASSERT_TRUE(webhooks.Create(webhook, 10).ok());
  AddIncident(Severity::kInfo);
  AddIncident(Severity::kInfo);
  const auto due = webhooks.Claim({{}, 1, 1, absl::Minutes(1)}).value();
  ASSERT_TRUE(webhooks.Finish(due.at(0), {DeliveryState::kDelivered}).ok());
  RetentionPolicy policy;
  policy.incidents = absl::ZeroDuration();
  RetentionResult result;
  for (const auto& [days, removed] : {std::pair{29, 0u}, std::pair{31, 1u}}) {
    ASSERT_TRUE(RunRetention(
                    policy, *store_, absl::Now() + days * kDay, [] { return true; }, result)
                    .ok());
    EXPECT_EQ(result.deliveries, removed);
  }
  EXPECT_EQ(Sql("SELECT count(*) FROM webhook_deliveries"), "1");  // Still waits.
}

TEST_F(RetentionStoreTest, OneReplicaIsAtItAtATime) {
  AddIncident(Severity::kInfo);
  Connection other(conninfo_);
  Transaction transaction(other);
  transaction.RunScript("SELECT pg_advisory_xact_lock(hashtext('aislewatch.retention'))");
  RetentionResult result;
  EXPECT_EQ(RunRetention(
                {}, *store_, kOpened + 3000 * kDay, [] { return true; }, result)
                .code(),
            absl::StatusCode::kAborted);
  transaction.Commit();
  EXPECT_EQ(RunAt(kOpened + 3000 * kDay).incidents, 1u);
}

}  // namespace
}  // namespace aislewatch::events
