#include "models/pose_anomaly/calibration/calibration_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace aislewatch::pose_anomaly {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CalibrationFileTest : public ::testing::Test {
 protected:
  CalibrationFileTest() { std::filesystem::remove_all(folder_); }
  ~CalibrationFileTest() override { std::filesystem::remove_all(folder_); }

  std::string ErrorOf(const std::string& text) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ + "/aisle-3.json") << text;
    return std::string(LoadCalibration(folder_, "aisle-3").status().message());
  }

  const std::string folder_ = ::testing::TempDir() + "/calibration_file";
};

TEST_F(CalibrationFileTest, IsReadAsItWasWritten) {
  const auto normal = EmpiricalDistribution::Of({0.1f, 0.2f, 0.4f, 0.8f});
  ASSERT_TRUE(normal.ok());
  const absl::Status saved =
      SaveCalibration({"aisle-3", {"posture", "1"}, 4, *normal}, folder_ + "/deeper");
  ASSERT_TRUE(saved.ok()) << saved;
  const auto loaded = LoadCalibration(folder_ + "/deeper", "aisle-3");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->camera_id, "aisle-3");
  EXPECT_EQ(loaded->model.name, "posture");
  EXPECT_EQ(loaded->model.version, "1");
  EXPECT_EQ(loaded->poses, 4u);
  EXPECT_EQ(loaded->normal.quantiles(), normal->quantiles());
}

TEST_F(CalibrationFileTest, ACameraWithoutOneIsNotFound) {
  EXPECT_EQ(LoadCalibration(folder_, "aisle-3").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(CalibrationFileTest, AnIdThatIsAPathIsRefused) {
  EXPECT_EQ(LoadCalibration(folder_, "../passwd").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(CalibrationFileTest, NamesTheFileAndEveryFault) {
  EXPECT_THAT(ErrorOf("half a fi"), AllOf(HasSubstr("aisle-3.json"), HasSubstr("no JSON")));
  EXPECT_THAT(ErrorOf("[1]"), HasSubstr("no JSON object"));
  EXPECT_THAT(ErrorOf(R"({"format": "other", "camera_id": "exit", "quantiles": [0, 1]})"),
              AllOf(HasSubstr("format"), HasSubstr("aislewatch.calibration.v1"),
                    HasSubstr("must be aisle-3"), HasSubstr("model.name")));
  EXPECT_THAT(ErrorOf(R"({"format": "aislewatch.calibration.v1", "camera_id": "aisle-3",
                          "model": {"name": "posture", "version": "1"}, "poses": 9,
                          "quantiles": [0.5, 0.1]})"),
              HasSubstr("aisle-3.json"));
}

}  // namespace
}  // namespace aislewatch::pose_anomaly
