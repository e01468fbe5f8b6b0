#include "common/inference/model_manifest.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

ModelManifest Sample() {
  ModelManifest manifest;
  manifest.info = {"walker", "1.2"};
  manifest.role = ModelRole::kClassifier;
  manifest.architecture = "cnn_gru";
  manifest.options = {{"hidden", 64}};
  manifest.input = {{112, 112}, "rgb", {0.017}, {-1.8, -1.9, -2.0}};
  manifest.classes = {"normal", "taking"};
  manifest.decoder = "softmax";
  manifest.decoder_options = {{"temperature", 1.5}};
  manifest.licence = "Apache-2.0";
  manifest.source = "made here";
  manifest.training = {"simulated clips", "aislewatch models train classifier", 7};
  manifest.metrics = {{"accuracy", 0.5}};
  manifest.weights_sha256 = std::string(64, 'a');
  return manifest;
}

std::string FaultsOf(const nlohmann::json& json) {
  const auto manifest = ParseManifest(json.dump());
  EXPECT_EQ(manifest.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(manifest.status().message());
}

TEST(ModelManifest, ReadsBackWhatItWrites) {
  const std::string text = ManifestText(Sample());
  const auto manifest = ParseManifest(text);
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(ManifestText(*manifest), text);
  EXPECT_EQ(manifest->info.version, "1.2");
  EXPECT_EQ(manifest->role, ModelRole::kClassifier);
  EXPECT_EQ(manifest->options.at("hidden"), 64);
  EXPECT_EQ(manifest->input.offset.size(), 3);
  EXPECT_EQ(manifest->training.seed, 7);
}

TEST(ModelManifest, ListsEveryFaultAtOnce) {
  nlohmann::json json = nlohmann::json::parse(ManifestText(Sample()));
  json["role"] = "painter";
  json["input"]["size"] = {0, 112};
  json["input"]["scale"] = {1, 2};
  json["training"].erase("command");
  json["weights"]["sha256"] = "ABC";
  json["weights"]["file"] = "../other";
  json["metrics"]["accuracy"] = "high";
  json["licence"] = "";
  json["colour"] = "blue";
  json["decoder"]["nmae"] = "typo";
  const std::string faults = FaultsOf(json);
  for (const char* expected :
       {"role: must be one of pose, classifier, pose_anomaly, fighting", "input.size:", "input.scale:",
        "training.command: is missing", "weights.sha256:", "weights.file:", "metrics.accuracy:",
        "licence: must not be empty", "colour: is no known field",
        "decoder.nmae: is no known field"}) {
    EXPECT_THAT(faults, HasSubstr(expected));
  }
}

TEST(ModelManifest, RefusesWrongTypesAndOtherFormats) {
  EXPECT_THAT(FaultsOf(nlohmann::json::array()), HasSubstr("no JSON object"));
  EXPECT_FALSE(ParseManifest("{").ok());
  EXPECT_FALSE(ParseManifest("").ok());
  nlohmann::json json = nlohmann::json::parse(ManifestText(Sample()));
  json["format"] = "aislewatch.model.v9";
  json["name"] = "a/b";
  json["training"] = 3;
  json["classes"] = {1};
  const std::string faults = FaultsOf(json);
  EXPECT_THAT(faults, HasSubstr("format: must be aislewatch.model.v1"));
  EXPECT_THAT(faults, HasSubstr("name: must be 1 to 128 characters"));
  EXPECT_THAT(faults, HasSubstr("training: must be an object"));
  EXPECT_THAT(faults, HasSubstr("classes: must be a list of strings"));
}

}  // namespace
}  // namespace aislewatch
