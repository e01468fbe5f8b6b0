#include "simulator/object_scene.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <opencv2/core.hpp>
#include <set>

namespace aislewatch::simulator {
namespace {

ObjectScene SceneOf(uint64_t seed) {
  auto scene = RenderObjectScene(seed);
  EXPECT_TRUE(scene.ok()) << scene.status();
  return *std::move(scene);
}

TEST(ObjectScene, TheSameSeedGivesTheSamePictureAndAnotherAnother) {
  const ObjectScene one = SceneOf(3), again = SceneOf(3);
  ASSERT_EQ(one.image.size(), again.image.size());
  EXPECT_EQ(cv::norm(one.image, again.image, cv::NORM_INF), 0);
  ASSERT_EQ(one.objects.size(), again.objects.size());
  const ObjectScene other = SceneOf(4);
  EXPECT_TRUE(other.image.size() != one.image.size() ||
              cv::norm(one.image, other.image, cv::NORM_INF) > 0);
}

TEST(ObjectScene, BoxesLieInThePictureAndThemesAreMixed) {
  int weapons = 0, look_alikes_only = 0, nothing = 0;
  std::set<HeldObject> kinds;
  constexpr int kScenes = 40;
  for (uint64_t seed = 1; seed <= kScenes; ++seed) {
    const ObjectScene scene = SceneOf(seed);
    EXPECT_EQ(scene.image.type(), CV_8UC3);
    EXPECT_GE(scene.image.cols, 288);
    EXPECT_LE(scene.image.cols, 512);
    bool weapon = false;
    for (const SceneObject& object : scene.objects) {
      EXPECT_GE(object.box.x, 0);
      EXPECT_GE(object.box.y, 0);
      EXPECT_LE(object.box.right(), 1.0001f);
      EXPECT_LE(object.box.bottom(), 1.0001f);
      EXPECT_GT(object.box.area(), 0);
      EXPECT_GT(object.visible, 0);
      EXPECT_LE(object.visible, 1);
      weapon |= IsWeapon(object.kind);
      kinds.insert(object.kind);
    }
    weapons += weapon;
    look_alikes_only += !weapon && !scene.objects.empty();
    nothing += scene.objects.empty();
  }
  EXPECT_GT(weapons, kScenes / 4);
  EXPECT_GT(look_alikes_only, kScenes / 10);
  EXPECT_GT(nothing, kScenes / 20);
  EXPECT_EQ(kinds.size(), static_cast<size_t>(kHeldObjectCount));
}

TEST(HeldObjects, HaveTheSizesOfRealOnes) {
  // Longest extent along the axis, metres.
  const std::map<HeldObject, std::pair<float, float>> sizes = {
      {HeldObject::kKnife, {0.2f, 0.38f}},
      {HeldObject::kPistol, {0.15f, 0.26f}},
      {HeldObject::kPhone, {0.13f, 0.17f}},
      {HeldObject::kBottle, {0.17f, 0.31f}},
      {HeldObject::kUmbrella, {0.28f, 1.0f}}};
  Random random(1);
  const Grip grip{{1, 2, 1}, {1, 0, 0}, {0, 0, -1}};
  for (const auto& [kind, limits] : sizes) {
    for (int i = 0; i < 20; ++i) {
      Mesh mesh;
      AddHeldObject(kind, grip, random, mesh);
      ASSERT_FALSE(mesh.triangles().empty());
      float low = 1e9f, high = -1e9f;
      for (const Vertex& vertex : mesh.vertices()) {
        low = std::min(low, vertex.position.x);
        high = std::max(high, vertex.position.x);
        // The fist is around it.
        EXPECT_LT(std::abs(vertex.position.y - 2), 0.06f);
      }
      EXPECT_LT(low, 1) << kHeldObjectNames[static_cast<size_t>(kind)];
      EXPECT_GT(high, 1);
      EXPECT_GE(high - low, limits.first) << kHeldObjectNames[static_cast<size_t>(kind)];
      EXPECT_LE(high - low, limits.second) << kHeldObjectNames[static_cast<size_t>(kind)];
    }
  }
}

}  // namespace
}  // namespace aislewatch::simulator
