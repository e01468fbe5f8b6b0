#include "services/events/core/camera_validation.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch::events {
namespace {

using ::testing::HasSubstr;

Camera GoodCamera() {
  Camera camera;
  camera.camera_id = "aisle-1";
  camera.store_id = "store-7";
  camera.source_url = "rtsp://user:secret@camera/live";
  camera.scene.zones = {
      {"back", "Back room", ZoneKind::kRestricted, {{0, 0}, {0.5, 0}, {0.5, 0.5}, {0, 0.5}}}};
  Rule rule = DefaultRule(IncidentKind::kRestrictedZone);
  rule.id = "no-entry";
  rule.zone_ids = {"back"};
  camera.scene.rules = {rule};
  return camera;
}

std::string FaultOf(const Camera& camera) {
  Faults faults;
  CheckCamera(camera, true, faults);
  return std::string(faults.ToStatus("camera").message());
}

TEST(CheckCamera, TakesAGoodCamera) { EXPECT_EQ(FaultOf(GoodCamera()), ""); }

TEST(CheckCamera, ListsEveryFaultAtOnce) {
  Camera camera = GoodCamera();
  camera.store_id = "store 7";
  camera.source_url = "ftp://x";
  camera.analysis_fps = 100;
  camera.analysis_size = 5;
  camera.time_zone = "Europe Berlin";
  camera.scene.zones[0].polygon.resize(2);
  camera.scene.rules[0].zone_ids = {"front"};
  const std::string fault = FaultOf(camera);
  for (const char* part :
       {"store_id", "source_url", "analysis_fps", "analysis_size", "time_zone", "back", "front"}) {
    EXPECT_THAT(fault, HasSubstr(part));
  }
}

TEST(CheckLeaseRequest, HoldsTheLimits) {
  LeaseRequest request;
  request.holder = "ingest-1";
  request.duration = absl::Seconds(8);
  EXPECT_TRUE(CheckLeaseRequest(request).ok());
  request.duration = absl::Seconds(1);
  EXPECT_FALSE(CheckLeaseRequest(request).ok());
  request.duration = absl::Seconds(8);
  request.holder = "";
  EXPECT_FALSE(CheckLeaseRequest(request).ok());
}

}  // namespace
}  // namespace aislewatch::events
