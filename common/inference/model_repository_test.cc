#include "common/inference/model_repository.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/inference/test_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

using ::testing::HasSubstr;

// Puts NAME/VERSION with `weights` into `root` and returns its folder.
std::string Put(const std::string& root, const std::string& name, const std::string& version,
                const std::string& weights = "weights") {
  const std::string folder = absl::StrCat(root, "/", name, "/", version);
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/weights.safetensors") << weights;
  ModelManifest manifest;
  manifest.info = {name, version};
  manifest.architecture = "some";
  manifest.input.size = {32};
  manifest.licence = "Apache-2.0";
  manifest.training = {"none", "none", std::nullopt};
  EXPECT_TRUE(WriteManifest(folder, manifest).ok());
  return folder;
}

TEST(ModelRepository, FindsTheNewestVersionByItsNumbers) {
  const TestFolder root;
  for (const char* version : {"1", "2", "10", "2.5"}) Put(root.path(), "pose", version);
  const ModelRepository repository({root.path()});
  const auto model = repository.Find("pose");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->manifest.info.version, "10");
  EXPECT_EQ(model->weights_path, root.path() + "/pose/10/weights.safetensors");
  EXPECT_EQ(repository.Find("pose", "2.5")->manifest.info.version, "2.5");
}

TEST(ModelRepository, ListsAllFoldersTheFirstHidingTheOthers) {
  const TestFolder first, second;
  Put(first.path(), "pose", "1", "ours");
  Put(second.path(), "pose", "1", "theirs");
  Put(second.path(), "gait", "3");
  std::filesystem::create_directories(second.path() + "/gait/latest");
  std::filesystem::create_directories(second.path() + "/gait/4");
  const ModelRepository repository({first.path(), second.Path("absent"), second.path()});
  const std::vector<ModelInfo> models = repository.List();
  ASSERT_EQ(models.size(), 2);
  EXPECT_EQ(models[0].name, "gait");
  EXPECT_EQ(models[0].version, "3");
  EXPECT_EQ(models[1].name, "pose");
  EXPECT_EQ(repository.Find("pose")->folder, first.path() + "/pose/1");
}

TEST(ModelRepository, SaysWhatThereIsWhereAModelIsMissing) {
  const TestFolder root;
  Put(root.path(), "pose", "1");
  const absl::Status status = ModelRepository({root.path()}).Find("posse").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'posse'"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("pose/1"));
  EXPECT_EQ(ModelRepository({root.path()}).Find("pose", "2").status().code(),
            absl::StatusCode::kNotFound);
}

TEST(ModelRepository, RefusesWeightsThatAreNotThePromisedOnes) {
  const TestFolder root;
  const std::string folder = Put(root.path(), "pose", "1");
  std::ofstream(folder + "/weights.safetensors", std::ios::app) << "!";
  const absl::Status status = ModelRepository({root.path()}).Find("pose").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("weights.safetensors"));
}

TEST(ModelRepository, RefusesAManifestOfAnotherModelOrWithoutWeights) {
  const TestFolder root;
  std::filesystem::copy(Put(root.path(), "pose", "1"), root.path() + "/pose/2",
                        std::filesystem::copy_options::recursive);
  EXPECT_THAT(std::string(ModelRepository({root.path()}).Find("pose").status().message()),
              HasSubstr("names the model pose/1, but its folder says pose/2"));
  std::filesystem::remove(root.path() + "/pose/1/weights.safetensors");
  EXPECT_EQ(ModelRepository({root.path()}).Find("pose", "1").status().code(),
            absl::StatusCode::kNotFound);
}

TEST(ModelRepository, DoesNotTakeAFolderThatCannotBeReadForAnEmptyOne) {
  const TestFolder root, fallback;
  std::filesystem::create_directories(fallback.Path("net/1"));
  std::ofstream(fallback.Path("net/1/model.json")) << "{}";
  // As a volume that is away: it is there, and no folder.
  const std::string volume = root.Path("volume");
  std::ofstream(volume) << "";
  const ModelRepository repository({volume, fallback.path()});
  EXPECT_TRUE(absl::IsUnavailable(repository.Newest("net").status()));
  std::filesystem::remove(volume);
  EXPECT_EQ(repository.Newest("net")->model.version, "1");
  EXPECT_TRUE(absl::IsNotFound(repository.Newest("other").status()));
}

TEST(ModelInfoOfFolderTest, TakesTheLastTwoParts) {
  for (const char* folder : {"a/posture/1", "posture/1/", "/x/y/posture/./1"}) {
    const auto info = ModelInfoOfFolder(folder);
    ASSERT_TRUE(info.ok()) << info.status();
    EXPECT_EQ(info->name, "posture");
    EXPECT_EQ(info->version, "1");
  }
  EXPECT_FALSE(ModelInfoOfFolder("1").ok());
  EXPECT_FALSE(ModelInfoOfFolder("").ok());
}

}  // namespace
}  // namespace aislewatch
