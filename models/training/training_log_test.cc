#include "models/training/training_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "common/inference/test_folder.h"
#include "models/training/testing/file_size_limit.h"

namespace aislewatch::training {
namespace {

class LogEpochTest : public ::testing::Test {
 protected:
  std::string Text() const {
    std::ifstream in(path_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  TestFolder folder_;
  const std::string path_ = folder_.Path("run/training.csv");
};

TEST_F(LogEpochTest, AResumedRunReplacesWhatItDoesAgain) {
  for (int epoch = 1; epoch <= 12; ++epoch) {
    ASSERT_TRUE(LogEpoch(path_, "epoch,loss", epoch, std::to_string(epoch) + ",0.5").ok());
  }
  ASSERT_TRUE(LogEpoch(path_, "epoch,loss", 3, "3,0.25").ok());
  EXPECT_EQ(Text(), "epoch,loss\n1,0.5\n2,0.5\n3,0.25\n");
  ASSERT_TRUE(LogEpoch(path_, "epoch,loss", 1, "1,0.75").ok());
  EXPECT_EQ(Text(), "epoch,loss\n1,0.75\n");
}

TEST_F(LogEpochTest, AFullDiskLeavesTheTableAsItWas) {
  ASSERT_TRUE(LogEpoch(path_, "epoch,loss", 1, "1,0.5").ok());
  absl::Status status;
  {
    const FileSizeLimit full(20);
    status = LogEpoch(path_, "epoch,loss", 2, "2,0.5");
  }
  EXPECT_THAT(std::string(status.message()), ::testing::AllOf(::testing::HasSubstr("training.csv"),
                                                              ::testing::HasSubstr("make room"),
                                                              ::testing::HasSubstr("--resume")));
  EXPECT_EQ(Text(), "epoch,loss\n1,0.5\n");
}

}  // namespace
}  // namespace aislewatch::training
