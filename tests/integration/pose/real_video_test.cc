// The real model and the tracker on real footage, which is not part of the repository: these cases
// are skipped where the data or the model is absent. AISLEWATCH_SHARED_DIR (default ../shared)
// holds data/store with the videos.

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <opencv2/videoio.hpp>

#include "common/inference/model_repository.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "models/pose_model_loader/pose_model_loader.h"
#include "services/pose/core/tracker.h"

namespace aislewatch::pose {
namespace {

struct TrackLife {
  int first_frame = 0;
  int last_frame = 0;
  int frames_seen = 0;
};

std::string Folder(const char* name, const std::string& otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

class RealVideoTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string source = Folder("AISLEWATCH_SOURCE_DIR", ".");
    shared_ = Folder("AISLEWATCH_SHARED_DIR", source + "/../shared");
    auto model = LoadPoseModel(ModelRepository({source + "/build/models"}), "movenet-multipose");
    if (!model.ok()) GTEST_SKIP() << "no model: " << model.status().message();
    model_ = *std::move(model);
  }

  // Follows people through every `step`-th frame; ids in the order of their confirmation.
  std::map<uint64_t, TrackLife> Follow(const std::string& file, int step) {
    const std::string path = shared_ + "/data/store/" + file;
    cv::VideoCapture video(path);
    const double fps = video.get(cv::CAP_PROP_FPS);
    Tracker tracker = Tracker::Create({}).value();
    std::map<uint64_t, TrackLife> tracks;
    cv::Mat picture;
    for (frames_ = 0; video.read(picture); ++frames_) {
      if (frames_ % step != 0) continue;
      const auto people = model_->Detect(absl::MakeConstSpan(&picture, 1));
      EXPECT_TRUE(people.ok()) << people.status();
      if (!people.ok()) break;
      for (const TrackedPerson& person :
           tracker.Update(absl::UnixEpoch() + absl::Seconds(frames_ / fps),
                          {picture.cols, picture.rows}, people->front(),
                          AppearancesOf(picture, people->front()))) {
        TrackLife& life = tracks.try_emplace(person.track_id, TrackLife{frames_}).first->second;
        life.last_frame = frames_;
        ++life.frames_seen;
      }
    }
    for (const auto& [id, life] : tracks) {
      std::printf("%s: track %d, frames %d..%d, seen in %d\n", file.c_str(), static_cast<int>(id),
                  life.first_frame, life.last_frame, life.frames_seen);
    }
    return tracks;
  }
  bool Have(const std::string& file) const {
    return std::filesystem::exists(shared_ + "/data/store/" + file);
  }

  std::string shared_;
  std::unique_ptr<PoseModel> model_;
  int frames_ = 0;
};

TEST_F(RealVideoTest, FollowsShoppersInAnAisleOverMostOfTheClip) {
  if (!Have("store-aisle.mp4")) GTEST_SKIP() << "no footage in " << shared_;
  const auto tracks = Follow("store-aisle.mp4", 1);
  int long_tracks = 0;
  for (const auto& [id, life] : tracks) {
    if (life.frames_seen >= frames_ * 4 / 5) ++long_tracks;
  }
  EXPECT_GE(long_tracks, 2);
  EXPECT_LE(tracks.size(), 3u) << "three people are in the clip";
}

TEST_F(RealVideoTest, EachOfSixWalkersIsOneTrack) {
  if (!Have("one-by-one-person.mp4")) GTEST_SKIP() << "no footage in " << shared_;
  const auto tracks = Follow("one-by-one-person.mp4", 3);
  EXPECT_EQ(tracks.size(), 6u);
  // One leaves before the next comes, so tracks of different people never meet in time.
  int last = -1;
  for (const auto& [id, life] : tracks) {
    EXPECT_GT(life.first_frame, last) << "track " << id;
    last = life.last_frame;
  }
}

}  // namespace
}  // namespace aislewatch::pose
