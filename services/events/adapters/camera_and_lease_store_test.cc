#include "gmock/gmock.h"
#include "services/events/adapters/postgres/camera_store.h"
#include "services/events/adapters/postgres/lease_store.h"
#include "services/events/core/camera_registry.h"
#include "services/events/core/secret_box.h"
#include "services/events/testing/database_test.h"
#include "services/events/testing/secret_keys.h"

namespace aislewatch::events {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Camera MakeCamera(const std::string& id) {
  Camera camera;
  camera.camera_id = id;
  camera.store_id = "store-1";
  camera.source_url = "rtsp://user:secret@camera/live";
  camera.enabled = true;
  camera.analysis_fps = 7.5f;
  camera.scene.zones = {
      {"back", "Back \"room\"", ZoneKind::kRestricted, {{0.1f, 0}, {0.5f, 0}, {0.5f, 0.5f}}}};
  Rule rule = DefaultRule(IncidentKind::kRestrictedZone);
  rule.id = "no-entry";
  rule.zone_ids = {"back"};
  rule.escalate_after = absl::Seconds(90);
  camera.scene.rules = {rule};
  return camera;
}

class CameraAndLeaseStoreTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (pool_ == nullptr) return;
    cameras_ = std::make_unique<PostgresCameraStore>(*pool_);
    leases_ = std::make_unique<PostgresLeaseStore>(*pool_);
    registry_ = std::make_unique<CameraRegistry>(*cameras_, *leases_);
  }

  void AddCameras(int count) {
    for (int i = 1; i <= count; ++i) {
      ASSERT_TRUE(registry_->Create(MakeCamera(absl::StrCat("cam-", i))).ok());
    }
  }
  LeaseGrant Sync(const std::string& holder, uint32_t max = 100,
                  const std::vector<std::string>& release = {}) {
    LeaseRequest request;
    request.holder = holder;
    request.duration = absl::Seconds(60);  // The tests end leases, time does not.
    request.max_cameras = max;
    request.release_camera_ids = release;
    const auto grant = registry_->SyncLeases(request);
    EXPECT_TRUE(grant.ok()) << grant.status();
    return grant.value_or(LeaseGrant{});
  }
  static std::vector<std::string> Ids(const LeaseGrant& grant) {
    std::vector<std::string> ids;
    for (const Camera& camera : grant.cameras) ids.push_back(camera.camera_id);
    return ids;
  }
  // As if the holder had not called for longer than its leases last.
  void LetExpire(const std::string& holder) {
    Sql("UPDATE camera_leases SET expire_time = now() - interval '1 ms' WHERE holder = '" + holder +
        "'");
    Sql("UPDATE lease_holders SET expire_time = now() - interval '1 ms' WHERE holder = '" + holder +
        "'");
  }

  std::unique_ptr<PostgresCameraStore> cameras_;
  std::unique_ptr<PostgresLeaseStore> leases_;
  std::unique_ptr<CameraRegistry> registry_;
};

TEST_F(CameraAndLeaseStoreTest, GivesBackWhatWasStored) {
  AddCameras(1);
  const CameraWithStatus found = registry_->Get("cam-1").value();
  EXPECT_EQ(found.camera.source_url, "rtsp://user:***@camera/live");
  EXPECT_EQ(found.camera.revision, 1u);
  EXPECT_FLOAT_EQ(found.camera.analysis_fps, 7.5f);
  ASSERT_EQ(found.camera.scene.zones.size(), 1u);
  EXPECT_EQ(found.camera.scene.zones[0].name, "Back \"room\"");
  EXPECT_EQ(found.camera.scene.zones[0].polygon[0].x, 0.1f);
  ASSERT_EQ(found.camera.scene.rules.size(), 1u);
  EXPECT_EQ(found.camera.scene.rules[0].escalate_after, absl::Seconds(90));
  EXPECT_THAT(found.camera.scene.rules[0].zone_ids, ElementsAre("back"));
  EXPECT_EQ(found.status.holder, "");
  EXPECT_EQ(Sync("a").cameras[0].source_url, "rtsp://user:secret@camera/live");
}

TEST_F(CameraAndLeaseStoreTest, RefusesChangesOfAnOldRevision) {
  AddCameras(1);
  EXPECT_EQ(registry_->Create(MakeCamera("cam-1")).status().code(),
            absl::StatusCode::kAlreadyExists);
  Camera camera = registry_->Get("cam-1").value().camera;
  camera.name = "first";
  EXPECT_EQ(registry_->Update(camera)->revision, 2u);
  camera.name = "second";
  EXPECT_EQ(registry_->Update(camera).status().code(), absl::StatusCode::kAborted);
  camera.revision = 0;
  EXPECT_EQ(registry_->Update(camera)->revision, 3u);
  camera.camera_id = "cam-9";
  EXPECT_EQ(registry_->Update(camera).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(CameraAndLeaseStoreTest, KeepsTheTimeZoneOfACamera) {
  Camera camera = MakeCamera("cam-1");
  camera.time_zone = "Europe/Berlin";
  ASSERT_TRUE(registry_->Create(camera).ok());
  EXPECT_EQ(registry_->Get("cam-1")->camera.time_zone, "Europe/Berlin");
  EXPECT_EQ(registry_->List({}, 0, "")->cameras[0].camera.time_zone, "Europe/Berlin");
  EXPECT_EQ(Sync("a").cameras[0].time_zone, "Europe/Berlin");
  camera.revision = 0;
  camera.time_zone = "America/New_York";
  ASSERT_TRUE(registry_->Update(camera).ok());
  EXPECT_EQ(registry_->Get("cam-1")->camera.time_zone, "America/New_York");
  camera.time_zone = "";
  ASSERT_TRUE(registry_->Update(camera).ok());
  EXPECT_EQ(registry_->Get("cam-1")->camera.time_zone, "");
}

TEST_F(CameraAndLeaseStoreTest, RefusesATimeZoneThatNobodyKnows) {
  AddCameras(1);
  Camera known = registry_->Get("cam-1").value().camera;
  // PostgreSQL itself would take the last two, as a formula and an abbreviation.
  for (const char* unknown : {"Europe/Atlantis", "europe/berlin", "FOO+3", "CEST"}) {
    Camera camera = MakeCamera("cam-2");
    camera.time_zone = unknown;
    known.time_zone = unknown;
    for (const absl::Status& status :
         {registry_->Create(camera).status(), registry_->Update(known).status()}) {
      EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
      EXPECT_THAT(std::string(status.message()),
                  AllOf(HasSubstr(unknown), HasSubstr("as in Europe/Berlin")));
    }
  }
  EXPECT_EQ(registry_->List({}, 0, "")->cameras.size(), 1u);
  EXPECT_EQ(registry_->Get("cam-1")->camera.time_zone, "");
}

TEST_F(CameraAndLeaseStoreTest, ATimeZoneThatWasKnownOnceStaysInACameraThatIsChangedElsewhere) {
  AddCameras(1);
  Sql("UPDATE cameras SET time_zone = 'Europe/Atlantis' WHERE camera_id = 'cam-1'");
  Camera camera = registry_->Get("cam-1").value().camera;
  camera.name = "Door";
  ASSERT_TRUE(registry_->Update(camera).ok());
  EXPECT_EQ(registry_->Get("cam-1")->camera.time_zone, "Europe/Atlantis");
}

TEST_F(CameraAndLeaseStoreTest, AMaskedUrlKeepsItsPassword) {
  AddCameras(1);
  Camera camera = registry_->Get("cam-1").value().camera;
  ASSERT_TRUE(registry_->Update(camera).ok());
  EXPECT_EQ(cameras_->Get("cam-1")->camera.source_url, "rtsp://user:secret@camera/live");
  camera.revision = 0;
  camera.source_url = "rtsp://user:***@elsewhere/live";
  EXPECT_EQ(registry_->Update(camera).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(CameraAndLeaseStoreTest, ListsByPage) {
  AddCameras(3);
  const auto first = registry_->List({}, 2, "").value();
  EXPECT_EQ(first.cameras.size(), 2u);
  const auto second = registry_->List({}, 2, first.next_page_token).value();
  ASSERT_EQ(second.cameras.size(), 1u);
  EXPECT_EQ(second.cameras[0].camera.camera_id, "cam-3");
  EXPECT_EQ(second.next_page_token, "");
  EXPECT_FALSE(registry_->List({"store-1"}, 2, first.next_page_token).ok());
}

TEST_F(CameraAndLeaseStoreTest, LeasesACameraToOneHolderOnly) {
  AddCameras(2);
  EXPECT_THAT(Ids(Sync("a")), ElementsAre("cam-1", "cam-2"));
  EXPECT_EQ(registry_->Get("cam-1")->status.holder, "a");
  const LeaseGrant second = Sync("b");
  EXPECT_THAT(Ids(second), IsEmpty());
  EXPECT_EQ(second.unleased_cameras, 0u);
}

TEST_F(CameraAndLeaseStoreTest, TakesOverWhatAnotherHolderLetExpire) {
  AddCameras(2);
  Sync("a");
  LetExpire("a");
  EXPECT_EQ(registry_->Get("cam-1")->status.holder, "");
  EXPECT_THAT(Ids(Sync("b")), ElementsAre("cam-1", "cam-2"));
  // The first one is back, and must not go on with what is another's now.
  EXPECT_THAT(Ids(Sync("a")), IsEmpty());
}

TEST_F(CameraAndLeaseStoreTest, HandsOverOnlyWhatItsHolderHasStopped) {
  AddCameras(4);
  EXPECT_EQ(Sync("a").cameras.size(), 4u);
  EXPECT_THAT(Ids(Sync("b")), IsEmpty());   // Nothing is free yet, but it is known now.
  EXPECT_EQ(Sync("a").cameras.size(), 2u);  // Told to stop two.
  EXPECT_THAT(Ids(Sync("b")), IsEmpty());   // They may still run.
  EXPECT_EQ(Sync("a").cameras.size(), 2u);  // It called again, so it has stopped them.
  EXPECT_EQ(Sync("b").cameras.size(), 2u);
  EXPECT_EQ(Sync("a").cameras.size(), 2u);  // Fair now, and stays so.
}

TEST_F(CameraAndLeaseStoreTest, HoldsTheLimitAndCountsTheRest) {
  AddCameras(3);
  const LeaseGrant grant = Sync("a", 2);
  EXPECT_EQ(grant.cameras.size(), 2u);
  EXPECT_EQ(grant.unleased_cameras, 1u);
  EXPECT_EQ(Sync("a", 1).cameras.size(), 1u);
}

TEST_F(CameraAndLeaseStoreTest, GivesBackReleasedAndDisabledCameras) {
  AddCameras(2);
  Sync("a");
  EXPECT_THAT(Ids(Sync("a", 0, {"cam-1", "cam-2"})), IsEmpty());
  EXPECT_THAT(Ids(Sync("b")), ElementsAre("cam-1", "cam-2"));
  Camera camera = registry_->Get("cam-1").value().camera;
  camera.enabled = false;
  ASSERT_TRUE(registry_->Update(camera).ok());
  const LeaseGrant grant = Sync("b");
  EXPECT_THAT(Ids(grant), ElementsAre("cam-2"));
  EXPECT_EQ(grant.unleased_cameras, 0u);
  ASSERT_TRUE(registry_->Delete("cam-2").ok());
  EXPECT_THAT(Ids(Sync("b")), IsEmpty());
  EXPECT_EQ(registry_->Delete("cam-2").code(), absl::StatusCode::kNotFound);
}

TEST_F(CameraAndLeaseStoreTest, SaysWhichCamerasNobodyGoesOnWith) {
  AddCameras(3);
  LeaseRequest request{.holder = "a", .duration = absl::Seconds(8), .max_cameras = 10};
  for (const char* id : {"cam-1", "cam-2", "cam-3", "pushed"})
    request.reports.push_back({id, "{}"});
  Camera camera = registry_->Get("cam-1").value().camera;
  camera.enabled = false;
  ASSERT_TRUE(registry_->Update(camera).ok());
  ASSERT_TRUE(registry_->Delete("cam-2").ok());
  EXPECT_THAT(registry_->SyncLeases(request)->ended_camera_ids,
              ElementsAre("cam-1", "cam-2", "pushed"));
}

TEST_F(CameraAndLeaseStoreTest, WithoutTheDatabaseEverybodyHoldsWhatTheyHave) {
  AddCameras(2);
  EXPECT_FALSE(Sync("a").hold);
  pool_->Close(absl::UnavailableError("gone"));
  const LeaseGrant grant = Sync("a");
  EXPECT_TRUE(grant.hold);
  EXPECT_THAT(Ids(grant), IsEmpty());
  // What is wrong with a request is still said.
  EXPECT_EQ(registry_->SyncLeases({}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(CameraAndLeaseStoreTest, KeepsReportsOfTheHolderAlone) {
  AddCameras(1);
  Sync("a");
  LeaseRequest request;
  request.holder = "b";
  request.duration = absl::Seconds(60);
  request.reports = {{"cam-1", "{\"framesDecoded\":\"1\"}"}};
  ASSERT_TRUE(registry_->SyncLeases(request).ok());
  EXPECT_EQ(registry_->Get("cam-1")->status.pipeline, "");
  request.holder = "a";
  request.max_cameras = 5;
  ASSERT_TRUE(registry_->SyncLeases(request).ok());
  EXPECT_EQ(registry_->Get("cam-1")->status.pipeline, "{\"framesDecoded\": \"1\"}");
}

// Event storage with these keys; none for "".
struct Registry {
  Registry(Pool& pool, const std::string& ids)
      : keys(ids.empty() ? nullptr : TestKeys(ids)),
        cameras(pool, keys.get()),
        leases(pool, keys.get()),
        registry(cameras, leases) {}

  std::vector<Camera> Leased() {
    LeaseRequest request;
    request.holder = "ingest";
    request.duration = absl::Seconds(60);
    request.max_cameras = 10;
    return registry.SyncLeases(request).value().cameras;
  }
  SealCounts Seal() { return cameras.SealPasswords().value(); }

  const std::shared_ptr<const SecretBox> keys;
  PostgresCameraStore cameras;
  PostgresLeaseStore leases;
  CameraRegistry registry;
};

class CameraSecretsTest : public CameraAndLeaseStoreTest {
 protected:
  // Everything that the table has.
  std::string Table() { return Sql("SELECT json_agg(c)::text FROM cameras c"); }
};

TEST_F(CameraSecretsTest, PasswordsAreReadableByThoseWhoRunCamerasAlone) {
  Registry events(*pool_, "a");
  ASSERT_TRUE(events.registry.Create(MakeCamera("door")).ok());
  EXPECT_THAT(Table(), Not(HasSubstr("secret@")));
  EXPECT_THAT(Table(), HasSubstr("rtsp://user:***@camera/live"));
  EXPECT_EQ(events.registry.Get("door")->camera.source_url, "rtsp://user:***@camera/live");
  EXPECT_EQ(events.Leased().at(0).source_url, "rtsp://user:secret@camera/live");
  // Changed with the masked URL, as the console does; then with another one.
  Camera camera = events.registry.Get("door")->camera;
  camera.name = "The door";
  ASSERT_TRUE(events.registry.Update(camera).ok());
  EXPECT_EQ(events.Leased().at(0).source_url, "rtsp://user:secret@camera/live");
  camera.revision = 0;
  camera.source_url = "http://camera/live?token=hunter2";
  ASSERT_TRUE(events.registry.Update(camera).ok());
  EXPECT_THAT(Table(), Not(HasSubstr("hunter2")));
  EXPECT_EQ(events.Leased().at(0).source_url, "http://camera/live?token=hunter2");
  camera.source_url = "http://camera/live";
  ASSERT_TRUE(events.registry.Update(camera).ok());
  EXPECT_EQ(events.Leased().at(0).source_url, "http://camera/live");
  EXPECT_EQ(Sql("SELECT count(*) FROM cameras WHERE source_secret IS NOT NULL"), "0");
}

TEST_F(CameraSecretsTest, WhatWasInClearIsEncryptedOnceThereIsAKey) {
  AddCameras(2);
  Camera open = MakeCamera("open");
  open.source_url = "rtsp://camera/live";
  ASSERT_TRUE(registry_->Create(open).ok());
  Registry none(*pool_, "");
  EXPECT_EQ(none.Seal().clear, 2);
  EXPECT_THAT(Table(), HasSubstr("user:secret@"));
  Registry events(*pool_, "a");
  EXPECT_EQ(events.Seal().sealed, 2);
  EXPECT_THAT(Table(), Not(HasSubstr("user:secret@")));
  EXPECT_EQ(events.Seal().sealed, 0);
  EXPECT_EQ(events.Leased().at(0).source_url, "rtsp://user:secret@camera/live");
  EXPECT_EQ(events.registry.Get("cam-1")->camera.revision, 1u);
}

TEST_F(CameraSecretsTest, KeysAreRotatedWithoutAnybodyWhoCannotRead) {
  Registry before(*pool_, "a");
  ASSERT_TRUE(before.registry.Create(MakeCamera("door")).ok());
  // Known everywhere before it is used, as docs/operations.md says.
  Registry knows(*pool_, "ab");
  EXPECT_EQ(knows.Seal().sealed, 0);
  Registry uses(*pool_, "ba");
  EXPECT_EQ(uses.Seal().sealed, 1);
  for (Registry* replica : {&knows, &uses}) {
    EXPECT_EQ(replica->Leased().at(0).source_url, "rtsp://user:secret@camera/live");
  }
  Registry after(*pool_, "b");
  EXPECT_EQ(after.Seal().unreadable, 0);
  EXPECT_EQ(after.Leased().at(0).source_url, "rtsp://user:secret@camera/live");
}

TEST_F(CameraSecretsTest, AWrongKeyIsToldForEachCameraAndStopsNothingElse) {
  Registry events(*pool_, "a");
  ASSERT_TRUE(events.registry.Create(MakeCamera("door")).ok());
  Camera open = MakeCamera("open");
  open.source_url = "rtsp://camera/live";
  ASSERT_TRUE(events.registry.Create(open).ok());
  for (const std::string ids : {"", "b"}) {
    Registry wrong(*pool_, ids);
    EXPECT_EQ(wrong.Seal().unreadable, 1);
    ASSERT_EQ(wrong.Leased().size(), 1u);
    EXPECT_EQ(wrong.Leased()[0].camera_id, "open");
    Camera door = wrong.registry.Get("door")->camera;
    EXPECT_THAT(door.source_fault, HasSubstr("--secrets-key-file"));
    EXPECT_TRUE(wrong.registry.Get("open")->camera.source_fault.empty());
    // It can be changed without its password being lost.
    door.name = "The door";
    ASSERT_TRUE(wrong.registry.Update(door).ok());
  }
  EXPECT_EQ(events.Leased().at(0).source_url, "rtsp://user:secret@camera/live");
  EXPECT_EQ(events.registry.Get("door")->camera.name, "The door");
  // A new address is a remedy, too.
  Registry fresh(*pool_, "b");
  Camera door = fresh.registry.Get("door")->camera;
  door.source_url = "rtsp://user:changed@camera/live";
  ASSERT_TRUE(fresh.registry.Update(door).ok());
  EXPECT_EQ(fresh.Leased().at(0).source_url, "rtsp://user:changed@camera/live");
}

TEST_F(CameraSecretsTest, ASecretOpensForItsOwnCameraAlone) {
  Registry events(*pool_, "a");
  ASSERT_TRUE(events.registry.Create(MakeCamera("door")).ok());
  ASSERT_TRUE(events.registry.Create(MakeCamera("evil")).ok());
  Sql("UPDATE cameras SET source_url = 'rtsp://user:***@camera/live', source_secret ="
      " (SELECT source_secret FROM cameras WHERE camera_id = 'door') WHERE camera_id = 'evil'"
      " RETURNING 1");
  ASSERT_EQ(events.Leased().size(), 1u);
  EXPECT_THAT(events.registry.Get("evil")->camera.source_fault, HasSubstr("changed"));
}

TEST_F(CameraSecretsTest, WhatAnOlderProgramWroteHolds) {
  Registry events(*pool_, "a");
  ASSERT_TRUE(events.registry.Create(MakeCamera("door")).ok());
  Sql("UPDATE cameras SET source_url = 'rtsp://user:newer@camera/live' RETURNING 1");
  EXPECT_EQ(events.Leased().at(0).source_url, "rtsp://user:newer@camera/live");
  EXPECT_EQ(events.Seal().sealed, 1);
  EXPECT_THAT(Table(), Not(HasSubstr("newer")));
  EXPECT_EQ(events.Leased().at(0).source_url, "rtsp://user:newer@camera/live");
}

}  // namespace
}  // namespace aislewatch::events
