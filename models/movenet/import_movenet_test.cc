#include "models/movenet/import_movenet.h"

#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "absl/strings/str_cat.h"
#include "common/inference/test_folder.h"
#include "models/movenet/tfjs_graph.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

class ImportTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& json, size_t bytes) {
    std::ofstream(folder_.Path("graph.json")) << json;
    std::ofstream(folder_.Path("graph.bin")) << std::string(bytes, 'x');
    return folder_.Path("graph.json");
  }
  std::string WriteWeights(const std::string& weights, size_t bytes,
                           const std::string& file = "graph.bin") {
    return Write(R"({"weightsManifest":[{"paths":[")" + file + R"("],"weights":[)" + weights +
                     "]}]}",
                 bytes);
  }
  std::string Out() { return folder_.Path("movenet-multipose/1"); }
  std::string FaultOf(const std::string& json_path) {
    return std::string(ReadTfjsWeights(json_path).status().message());
  }

  TestFolder folder_;
};

constexpr char kHalf[] =
    R"({"name":"a","shape":[3],"dtype":"float32",)"
    R"("quantization":{"dtype":"float16","original_dtype":"float32"}})";
constexpr char kWhole[] = R"({"name":"b","shape":[2],"dtype":"int32"})";

TEST_F(ImportTest, ReadsHalfPrecisionAndWholeWeights) {
  const auto weights = ReadTfjsWeights(
      WriteWeights(absl::StrCat(kHalf, ",", kWhole), 6 + 8));
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->at("a").dtype, DType::kF16);
  EXPECT_EQ(weights->at("a").bytes.size(), 6u);
  EXPECT_EQ(weights->at("b").dtype, DType::kI32);
}

TEST_F(ImportTest, RefusesShardsOfAnotherSize) {
  EXPECT_THAT(FaultOf(WriteWeights(kHalf, 5)), HasSubstr("ends within weight 'a'"));
  EXPECT_THAT(FaultOf(WriteWeights(kHalf, 7)), HasSubstr("1 bytes too many"));
  EXPECT_THAT(FaultOf(WriteWeights(kHalf, 6, "../graph.bin")), HasSubstr("beside the graph"));
  EXPECT_EQ(ReadTfjsWeights(WriteWeights(kHalf, 6, "absent.bin")).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(ImportTest, RefusesWhatIsNoGraphOrUnknownQuantisation) {
  EXPECT_THAT(FaultOf(Write("[]", 0)), HasSubstr("no TensorFlow.js graph"));
  EXPECT_THAT(FaultOf(Write("{", 0)), HasSubstr("no TensorFlow.js graph"));
  EXPECT_THAT(FaultOf(Write("", 0)), HasSubstr("no TensorFlow.js graph"));
  EXPECT_THAT(FaultOf(WriteWeights(R"({"name":"q","shape":[1],"dtype":"float32",)"
                                   R"("quantization":{"dtype":"uint8","scale":1,"min":0}})",
                                   1)),
              HasSubstr("'q'"));
  EXPECT_THAT(FaultOf(WriteWeights(R"({"name":"s","shape":[-1],"dtype":"int32"})", 4)),
              HasSubstr("'s' has no shape"));
}

TEST_F(ImportTest, ListsTheConvolutionsThatAnotherGraphLacksOrHasBesides) {
  const std::string other =
      R"({"name":"other/conv","shape":[1,1,4,4],"dtype":"float32"},)"
      R"({"name":"StatefulPartitionedCall/center_0/conv2d_4/BiasAdd/ReadVariableOp",)"
      R"("shape":[2,2],"dtype":"int32"})";
  const absl::Status status = ImportMoveNet(WriteWeights(other, 64 + 16), Out());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr("model/block_16_project/Conv2D_weights"));
  EXPECT_THAT(message, HasSubstr("has besides other/conv"));
  EXPECT_THAT(message, HasSubstr("conv2d_4/BiasAdd/ReadVariableOp as I32 [2, 2]"));
  EXPECT_FALSE(std::filesystem::exists(Out()));
}

TEST_F(ImportTest, WantsAnOutputFolderOfTheRepositorysForm) {
  EXPECT_THAT(std::string(ImportMoveNet("absent.json", folder_.Path("here")).message()),
              HasSubstr("movenet-multipose/VERSION"));
  EXPECT_EQ(ImportMoveNet(folder_.Path("absent.json"), Out()).code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace aislewatch
