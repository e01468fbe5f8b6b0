#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/optim/adamw.h>

#include <string>
#include <vector>

#include "models/clip_training/pose_faults.h"
#include "models/clip_training/sample.h"
#include "models/clip_training/sketch.h"
#include "models/clip_training/testing/small_network.h"
#include "models/clip_training/track_variation.h"
#include "models/clip_training/training_data.h"
#include "models/clip_training/window_loss.h"

namespace aislewatch::clip_training {
namespace {

TEST(TargetsTest, TheLastHalfSecondMayBeNamed) {
  std::vector<ActionSet> actions(7, Only(Action::kNormal));
  actions.resize(14, Only(Action::kTaking));
  const auto targets = TargetsOf(actions);
  EXPECT_EQ(targets[6], Only(Action::kNormal));
  EXPECT_EQ(targets[7], Only(Action::kNormal) | Only(Action::kTaking));
  EXPECT_EQ(targets[10], Only(Action::kNormal) | Only(Action::kTaking));
  EXPECT_EQ(targets[11], Only(Action::kTaking));
}

TEST(TargetsTest, AConcealmentStillCountsForAMomentAfterIt) {
  std::vector<ActionSet> actions(10, Only(Action::kConcealingInBag));
  actions.resize(30, Only(Action::kNormal));
  const auto targets = TargetsOf(actions);
  EXPECT_EQ(targets[17], Only(Action::kConcealingInBag));
  EXPECT_EQ(targets[18], Only(Action::kConcealingInBag) | Only(Action::kNormal));
  EXPECT_EQ(targets[22], Only(Action::kNormal));
}

/// A clip of constant maps: `level` in every cell, from crop `from` on.
Sample Synthetic(const ActionSet& actions, float level, int from, bool labelled) {
  constexpr int kCrops = 20;
  TrackMaps track{
      1, torch::zeros({kCrops, 8, 2, 2}), torch::zeros({kCrops, kJointCount, 3}), false, {}};
  track.maps.slice(0, from).fill_(level);
  track.maps = track.maps.to(torch::kHalf);
  if (labelled) track.targets.assign(kCrops, actions);
  return {.clip = {"clip", "set", "folder", actions}, .views = {{{track}}}};
}

/// Trains a small network on `samples` and returns the mean loss of the first and last steps.
std::pair<double, double> Fit(clip_networks::ClipNetwork& network,
                              const std::vector<Sample>& samples) {
  std::vector<const Sample*> batch;
  std::vector<const SampleView*> views;
  for (const Sample& sample : samples) {
    batch.push_back(&sample);
    views.push_back(&sample.views.front());
  }
  torch::optim::AdamW optimizer(network.parameters(), torch::optim::AdamWOptions(1e-2));
  std::mt19937_64 random(1);
  network.train();
  double first = 0;
  double last = 0;
  for (int step = 0; step < 60; ++step) {
    optimizer.zero_grad();
    const torch::Tensor loss =
        SampleLoss(torch::kCPU, batch, views, ScoreViews(network, torch::kCPU, views, &random));
    loss.backward();
    optimizer.step();
    last = loss.item<double>();
    if (step == 0) first = last;
  }
  return {first, last};
}

TEST(SampleLossTest, LabelledTracksAreLearnt) {
  torch::manual_seed(5);
  const clip_networks::ClipNetworkPtr network = clip_networks::MakeNetwork(SmallNetwork());
  const std::vector<Sample> samples = {Synthetic(Only(Action::kConcealingInBag), 1.0f, 0, true),
                                       Synthetic(Only(Action::kNormal), -1.0f, 0, true)};
  const auto [first, last] = Fit(*network, samples);
  EXPECT_LT(last, first / 3);
  EXPECT_GT(JudgeSample(*network, torch::kCPU, samples[0]).Peak(ConcealingActions()), 0.8f);
  EXPECT_LT(JudgeSample(*network, torch::kCPU, samples[1]).Peak(ConcealingActions()), 0.2f);
}

TEST(PlanPassesTest, EveryCropIsScoredOnceWithHalfAWindowBeforeIt) {
  constexpr int64_t kWindow = 8;
  for (const int64_t crops : {1, 2, 5, 8, 9, 13, 40}) {
    for (const int64_t skip : {0, 1, 4}) {
      const bool is_long = crops > kWindow;
      int64_t next = std::min<int64_t>(2, crops - 1) + (is_long ? skip : 0);
      for (const Pass& pass : PlanPasses(crops, kWindow, skip)) {
        EXPECT_EQ(pass.first, next) << crops << " crops, " << skip << " skipped";
        EXPECT_LE(pass.end - pass.begin, kWindow);
        EXPECT_GE(pass.first, pass.begin);
        if (pass.begin > skip) {
          EXPECT_GE(pass.first - pass.begin, kWindow / 2);
        }
        next = pass.end;
      }
      EXPECT_EQ(next, crops);
    }
  }
}

TEST(ScoreViewsTest, AScoreIsThatOfTheWindowUpToItsCrop) {
  torch::manual_seed(5);
  const clip_networks::ClipNetworkPtr network = clip_networks::MakeNetwork(SmallNetwork());
  network->eval();
  const torch::NoGradGuard no_gradients;
  SampleView view;
  view.tracks.push_back({1,
                         torch::rand({12, 8, 2, 2}).to(torch::kHalf),
                         torch::rand({12, kJointCount, 3}),
                         false,
                         {}});
  view.tracks.push_back({2, torch::Tensor(), torch::rand({5, kJointCount, 3}), false, {}});
  const auto scores = ScoreViews(*network, torch::kCPU, {&view}, /*random=*/nullptr);
  ASSERT_EQ(scores[0].size(), 2u);
  EXPECT_EQ(scores[0][0].crops.front(), 2);
  EXPECT_EQ(scores[0][0].crops.back(), 11);
  EXPECT_EQ(scores[0][1].log_probabilities.sizes(), torch::IntArrayRef({3, kActionCount}));

  // The last crop of the first track ends the pass over crops 4..11.
  const torch::Tensor features = network->Features(
      network->Picture(view.tracks[0].maps.to(torch::kFloat32)), view.tracks[0].keypoints);
  const torch::Tensor logits =
      network->Classify(features.slice(0, 4, 12).unsqueeze(0), torch::tensor({int64_t{8}}));
  EXPECT_TRUE(torch::allclose(torch::log_softmax(logits, 1)[0], scores[0][0].log_probabilities[-1],
                              1e-4, 1e-5));
}

TEST(ScoreViewsTest, LogOddsOfConcealmentAreThoseOfBothWaysTogether) {
  TrackScores scores{{0}, torch::tensor({{0.1, 0.1, 0.1, 0.1, 0.2, 0.3, 0.1}}).log()};
  const std::vector<float> odds = LogOdds(scores, ConcealingActions());
  ASSERT_EQ(odds.size(), 1u);
  EXPECT_NEAR(odds[0], 0, 1e-5);
}

TEST(SampleLossTest, AClipLabelIsAppliedWhereTheActionShows) {
  // Both clips begin alike; only the end of the positive one differs.
  torch::manual_seed(6);
  const clip_networks::ClipNetworkPtr network = clip_networks::MakeNetwork(SmallNetwork());
  const std::vector<Sample> samples = {Synthetic(ConcealingActions(), 1.0f, 12, false),
                                       Synthetic(HarmlessActions(), 0.0f, 0, false)};
  Fit(*network, samples);
  EXPECT_GT(JudgeSample(*network, torch::kCPU, samples[0]).Peak(ConcealingActions()), 0.8f);
  EXPECT_LT(JudgeSample(*network, torch::kCPU, samples[1]).Peak(ConcealingActions()), 0.2f);
}

TEST(SampleLossTest, AClipWithoutPeopleCostsNothing) {
  const clip_networks::ClipNetworkPtr network = clip_networks::MakeNetwork(SmallNetwork());
  const Sample empty{.clip = {"clip", "set", "normal", HarmlessActions()}, .views = {{}}};
  const std::vector<const SampleView*> views = {&empty.views.front()};
  const torch::Tensor loss =
      SampleLoss(torch::kCPU, {&empty}, views, ScoreViews(*network, torch::kCPU, views, nullptr));
  EXPECT_EQ(loss.item<double>(), 0);
  EXPECT_EQ(JudgeSample(*network, torch::kCPU, empty).Peak(ConcealingActions()), 0);
}

simulator::TruthPerson Doing(Action action, float progress) {
  simulator::TruthPerson person;
  person.action = action;
  person.progress = progress;
  return person;
}

TEST(AllowedAtTest, TheBeginningOfConcealingMayPassForSomethingElse) {
  EXPECT_EQ(AllowedAt(Doing(Action::kTaking, 0.1f)), Only(Action::kTaking));
  EXPECT_EQ(AllowedAt(Doing(Action::kConcealingInBag, 0.6f)), Only(Action::kConcealingInBag));
  EXPECT_TRUE(AllowedAt(Doing(Action::kConcealingInBag, 0.1f))
                  .test(static_cast<size_t>(Action::kExamining)));
}

TEST(VaryViewTest, KeepsCropsAndTargetsTogetherAndNeverTouchesTheOriginal) {
  const Sample sample = Synthetic(Only(Action::kTaking), 1, 0, true);
  const SampleView& original = sample.views.front();
  const clip_networks::ClipNetworkPtr network = clip_networks::MakeNetwork(SmallNetwork());
  const torch::Tensor maps = original.tracks[0].maps.clone();
  const torch::Tensor keypoints = original.tracks[0].keypoints.clone();
  std::mt19937_64 random(4);
  int pictured = 0;
  for (int i = 0; i < 40; ++i) {
    const SampleView varied = VaryView(*network, original, random);
    const TrackMaps& track = varied.tracks[0];
    EXPECT_NEAR(static_cast<double>(track.crops()), 20, 7);
    EXPECT_EQ(static_cast<int64_t>(track.targets.size()), track.crops());
    if (!track.maps.defined()) continue;
    EXPECT_EQ(track.maps.size(0), track.crops());
    ++pictured;
  }
  EXPECT_GT(pictured, 8);
  EXPECT_LT(pictured, 32) << "half of the pictures are left out";
  EXPECT_TRUE(torch::equal(original.tracks[0].maps, maps));
  EXPECT_TRUE(torch::equal(original.tracks[0].keypoints, keypoints));
}

simulator::TruthFrame FrameWith(int index, uint64_t id, float visible) {
  simulator::TruthPerson person;
  person.id = id;
  person.box = {0.4f, 0.2f, 0.1f, 0.4f};
  person.visible = visible;
  for (auto& joint : person.keypoints) joint = {{0.45f, 0.4f}, simulator::Visibility::kVisible};
  simulator::TruthFrame frame;
  frame.index = index;
  frame.people.push_back(person);
  return frame;
}

TEST(SketchPeopleTest, WhoIsAwayForLongOrHiddenIsAnotherTrack) {
  std::vector<simulator::TruthFrame> frames;
  for (int i = 0; i < 60; ++i) frames.push_back(FrameWith(i, 7, i >= 20 && i < 40 ? 0.1f : 1.0f));
  const SampleView view = SketchPeople(frames, {640, 360});
  ASSERT_EQ(view.tracks.size(), 2u);
  for (const TrackMaps& track : view.tracks) {
    EXPECT_EQ(track.crops(), 20);
    EXPECT_EQ(track.targets.size(), 20u);
    EXPECT_FALSE(track.maps.defined());
    // In the middle of the box, so in the middle of the crop.
    EXPECT_NEAR(track.keypoints[0][0][0].item<float>(), 0.5f, 0.01f);
    EXPECT_EQ(track.keypoints[0][0][2].item<float>(), 2);
  }
}

TEST(PoseFaultsTest, WristsAreOffMoreThanHipsAndHiddenJointsMoreThanVisibleOnes) {
  torch::Tensor truth = torch::full({4000, kJointCount, 3}, 0.5f);
  truth.select(2, 2).fill_(2);
  std::mt19937_64 random(3);
  const auto off = [&](const torch::Tensor& found) {
    return (found - truth).slice(2, 0, 2).square().sum(2).sqrt().median(0);
  };
  const torch::Tensor visible = std::get<0>(off(WithPoseFaults(truth, random)));
  truth.select(2, 2).fill_(1);
  const torch::Tensor hidden_pose = WithPoseFaults(truth, random);
  const torch::Tensor hidden = std::get<0>(off(hidden_pose));
  const auto at = [](const torch::Tensor& medians, Joint joint) {
    return medians[static_cast<int64_t>(joint)].item<float>();
  };
  EXPECT_GT(at(visible, Joint::kLeftWrist), 1.5f * at(visible, Joint::kLeftHip));
  EXPECT_GT(at(hidden, Joint::kLeftWrist), 1.2f * at(visible, Joint::kLeftWrist));
  const torch::Tensor confidence = hidden_pose.select(2, 2);
  EXPECT_GT(confidence.min().item<float>(), 0);
  EXPECT_LT(confidence.max().item<float>(), 1);
}

TEST(VaryViewTest, TrueJointsGetFaultsAndConfidences) {
  TrackMaps track{1, torch::Tensor(), torch::full({30, kJointCount, 3}, 0.5f), true, {}};
  track.keypoints.select(2, 2).fill_(2);
  const clip_networks::ClipNetworkPtr network = clip_networks::MakeNetwork(SmallNetwork());
  std::mt19937_64 random(4);
  const SampleView varied = VaryView(*network, {{track}}, random);
  const torch::Tensor& found = varied.tracks[0].keypoints;
  EXPECT_LT(found.select(2, 2).max().item<float>(), 1);
  EXPECT_GT(found.slice(2, 0, 2).std().item<float>(), 0.01f);
  EXPECT_EQ(track.keypoints[0][0][2].item<float>(), 2) << "the original stays true";
}

TEST(BalancedSamplerTest, RareClassesAreDrawnAsOftenAsOthers) {
  std::vector<Sample> samples;
  for (int i = 0; i < 90; ++i) samples.push_back(Synthetic(HarmlessActions(), 0, 0, false));
  for (Sample& sample : samples) sample.clip.folder = "normal";
  for (int i = 0; i < 10; ++i) {
    samples.push_back(Synthetic(ConcealingActions(), 0, 0, false));
    samples.back().clip.folder = "shoplifting";
  }
  const BalancedSampler sampler(samples);
  std::mt19937_64 random(2);
  int shoplifting = 0;
  for (int i = 0; i < 2000; ++i) {
    if (sampler.Draw(random).clip.folder == "shoplifting") ++shoplifting;
  }
  EXPECT_NEAR(shoplifting, 1000, 100);
}

}  // namespace
}  // namespace aislewatch::clip_training
