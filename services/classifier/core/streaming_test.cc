// What a stream answers crop by crop is what the network says of the last window, also long after
// the window was full: for a real network of every architecture.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <future>
#include <memory>
#include <opencv2/core.hpp>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "models/clip_networks/clip_network.h"
#include "models/clip_networks/network_classifier.h"
#include "services/classifier/core/classifier_session.h"

namespace aislewatch::classifier {
namespace {

using clip_networks::Architecture;

clip_networks::Options SmallOptions(Architecture architecture) {
  clip_networks::Options options = clip_networks::DefaultOptions(architecture);
  if (architecture == Architecture::kCnnGru) {
    options.trunk = {
        .stem_channels = 4, .first_channels = 4, .expansion = 2, .stages = {{6, 1, 2}, {8, 1, 2}}};
    options.crop_side = 32;
    options.reduced_channels = 4;
    options.feature_size = options.pose_size = options.hidden_size = 8;
  }
  // Gate-Flow SlowFast has 64 frames or none.
  if (architecture != Architecture::kGateFlowSlowFast) options.window = 6;
  return options;
}

std::vector<PersonView> RandomViews(int count) {
  cv::RNG random(11);
  std::vector<PersonView> views(static_cast<size_t>(count));
  for (PersonView& view : views) {
    view.crop = cv::Mat(64, 64, CV_8UC3);
    random.fill(view.crop, cv::RNG::UNIFORM, 0, 255);
    for (Keypoint& joint : view.keypoints) {
      joint = {static_cast<float>(random.uniform(0.0, 1.0)),
               static_cast<float>(random.uniform(0.0, 1.0)), 0.5f};
    }
  }
  return views;
}

class StreamingTest : public ::testing::TestWithParam<Architecture> {};

INSTANTIATE_TEST_SUITE_P(All, StreamingTest,
                         ::testing::Values(Architecture::kCnnGru, Architecture::kCnnLstm,
                                           Architecture::kConvLstm,
                                           Architecture::kGateFlowSlowFast),
                         [](const auto& info) {
                           return std::string(clip_networks::ArchitectureName(info.param));
                         });

TEST_P(StreamingTest, AStreamScoresTheLastWindowAlsoAfterItsWindowWasFull) {
  torch::manual_seed(4);
  const clip_networks::ClipNetworkPtr network =
      clip_networks::MakeNetwork(SmallOptions(GetParam()));
  const int window = network->options().window;
  const int count = window + 7;
  FakeClock clock(absl::UnixEpoch());
  FakeMetrics metrics;
  const auto scorer = ClipScorer::Create(
      std::make_unique<clip_networks::NetworkClassifier>(ModelInfo{"small", "1"}, network),
      {.max_batch = 2, .max_delay = absl::ZeroDuration()}, clock, metrics);
  ASSERT_TRUE(scorer.ok()) << scorer.status();
  ClassifierSession session(**scorer, {});

  const std::vector<PersonView> views = RandomViews(count);
  std::vector<ActionScores> streamed;
  for (int i = 0; i < count; ++i) {
    std::promise<absl::StatusOr<std::vector<TrackScore>>> answer;
    std::vector<PersonCrop> crops;
    crops.push_back({1, views[static_cast<size_t>(i)]});
    session.Classify(absl::UnixEpoch() + i * absl::Milliseconds(100), absl::InfiniteFuture(),
                     std::move(crops), [&](auto scores) { answer.set_value(std::move(scores)); });
    const auto scores = answer.get_future().get();
    ASSERT_TRUE(scores.ok()) << scores.status();
    ASSERT_TRUE(scores->front().status.ok()) << scores->front().status;
    EXPECT_EQ(scores->front().score.frames_seen, std::min(i + 1, window));
    streamed.push_back(scores->front().score.scores);
  }

  // The same clip at once: every view knows the crop before it, as streams of 10 a second do.
  std::vector<PersonView> clip = views;
  for (size_t i = 1; i < clip.size(); ++i) clip[i].previous = clip[i - 1].crop;
  clip_networks::NetworkClassifier whole({"small", "1"}, network);
  const auto features = whole.Embed(clip);
  ASSERT_TRUE(features.ok()) << features.status();
  float least = 1;
  float most = 0;
  for (int i = 0; i < count; ++i) {
    const auto begin = features->begin() + std::max(0, i + 1 - window);
    const std::vector<std::vector<CropFeatures>> one = {{begin, features->begin() + i + 1}};
    const auto expected = whole.Score(one);
    ASSERT_TRUE(expected.ok()) << expected.status();
    for (int a = 0; a < kActionCount; ++a) {
      EXPECT_NEAR(streamed[static_cast<size_t>(i)].probability[a], expected->front().probability[a],
                  1e-5)
          << "crop " << i << ", action " << a;
    }
    least = std::min(least, streamed[static_cast<size_t>(i)].probability[0]);
    most = std::max(most, streamed[static_cast<size_t>(i)].probability[0]);
  }
  EXPECT_GT(most - least, 1e-4f) << "the scores do not depend on what is seen";
}

}  // namespace
}  // namespace aislewatch::classifier
