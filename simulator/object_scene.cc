#include "simulator/object_scene.h"

#include <opencv2/imgproc.hpp>
#include <optional>

#include "common/base/status.h"
#include "common/vision/hand_region.h"
#include "common/vision/image_codec.h"
#include "simulator/body.h"
#include "simulator/body_mesh.h"
#include "simulator/gestures.h"
#include "simulator/holding.h"
#include "simulator/rasterizer.h"
#include "simulator/script.h"
#include "simulator/store_layout.h"
#include "simulator/store_mesh.h"

namespace aislewatch::simulator {
namespace {

enum ScenePurpose : uint64_t {
  kSceneWorld = 200,
  kScenePeople,
  kSceneView,
  kScenePicture,
  kSceneErrors
};

constexpr int kSupersample = 2;
constexpr int kViewsTried = 8;
constexpr float kFoundConfidence = 0.6f;
// Deviations of found joints from true ones, in lengths of a body, about as
// docs/models/classifier.md has them for the pose model.
constexpr float kWristError = 0.04f;
constexpr float kJointError = 0.02f;

/// What the picture is about.
enum class Theme { kWeapon, kLookAlike, kNothing };

/// Somebody and what they hold.
struct Holder {
  BodyShape shape;
  BodyPose pose;
  Carried carried;
  std::optional<Hold> hold;
};

BodyPose Standing(const BodyShape& shape, Vec3 at, Random& random) {
  BodyPose pose;
  pose.position = at;
  pose.yaw = random.Uniform(-kPi, kPi);
  pose.lean_forward = random.Uniform(-0.05f, 0.3f);
  pose.lean_left = random.Uniform(-0.1f, 0.1f);
  pose.twist = random.Uniform(-0.4f, 0.4f);
  pose.head_yaw = random.Uniform(-0.7f, 0.7f);
  pose.head_pitch = random.Uniform(-0.1f, 0.4f);
  pose.crouch = random.Chance(0.2f) ? random.Uniform(0, 0.15f) : 0;
  if (random.Chance(0.4f)) {
    pose.stride_phase = random.Uniform(0, 2 * kPi);
    pose.half_step = random.Uniform(0.1f, 0.35f);
  }
  for (const int side : {kLeft, kRight}) {
    pose.hands[side] = HangingHand(shape, side) + Vec3{random.Uniform(-0.1f, 0.25f),
                                                       SideSign(side) * random.Uniform(0, 0.15f),
                                                       random.Uniform(0, 0.4f)};
  }
  return pose;
}

void GiveObject(Holder& holder, HeldObject object, Random& random) {
  Hold hold = DrawHold(object, holder.shape, random);
  holder.pose.hands[hold.hand] = hold.place;
  // Pistols are often held with both hands.
  if (object == HeldObject::kPistol && random.Chance(0.35f)) {
    Vec3& right = holder.pose.hands[kRight];
    right.y *= 0.3f;
    holder.pose.hands[kLeft] = right + Vec3{-0.01f, 0.07f, -0.02f};
    hold.hand = kRight;
  }
  holder.hold = hold;
}

Holder MakeHolder(Vec3 at, Random& random) {
  Holder holder;
  holder.shape = BodyShape::Create(random);
  holder.pose = Standing(holder.shape, at, random);
  holder.carried.item = RandomItem(random);
  holder.carried.bag = HangingBag(holder.shape);
  const int free_hand = random.Below(2);
  holder.carried.item_in_hand[free_hand] = random.Chance(0.2f);
  holder.carried.basket[free_hand] = !holder.carried.item_in_hand[free_hand] && random.Chance(0.1f);
  return holder;
}

std::vector<Holder> MakePeople(Vec3 at, Theme theme, Random random) {
  std::vector<Holder> people;
  const int count = 1 + (random.Chance(0.5f) ? 1 : 0) + (random.Chance(0.25f) ? 1 : 0);
  for (int i = 0; i < count; ++i) {
    const Vec3 aside =
        i == 0 ? Vec3{} : Heading(random.Uniform(0, 2 * kPi)) * random.Uniform(0.55f, 1.6f);
    Holder holder = MakeHolder(at + aside, random);
    const bool first = i == 0;
    if (theme == Theme::kWeapon && (first || random.Chance(0.2f))) {
      GiveObject(holder, AnyWeapon(random), random);
    } else if (theme != Theme::kNothing && (first || random.Chance(0.5f))) {
      GiveObject(holder, AnyLookAlike(random), random);
    }
    if (holder.hold.has_value()) {
      const int hand = holder.hold->hand;
      holder.carried.item_in_hand[hand] = holder.carried.basket[hand] = false;
    }
    people.push_back(holder);
  }
  return people;
}

/// A room without goods: floor, two walls, and boxes in any colour.
void BuildPlainRoom(Vec3 middle, Random& random, Mesh& mesh) {
  const auto color = [&] {
    const float value = random.Uniform(40, 225);
    const auto channel = [&] { return std::clamp(value + random.Uniform(-30, 30), 10.0f, 245.0f); };
    return Color{channel(), channel(), channel()};
  };
  const float half = 7;
  const Vec3 corner = middle - Vec3{half, half, middle.z};
  mesh.AddGrid(corner, {2 * half, 0, 0}, {0, 2 * half, 0}, random.Uniform(0.2f, 1.0f), color(),
               random.Uniform(0, 0.12f));
  const Color wall = color();
  for (const float turn : {0.0f, 0.5f, 1.0f, 1.5f}) {
    const Vec3 out = Heading(turn * kPi) * half;
    const Vec3 along = Cross(out, kUp);
    mesh.AddGrid(middle - Vec3{0, 0, middle.z} + out - along, along * 2, {0, 0, 3.2f},
                 random.Uniform(0.3f, 2.0f), wall, random.Uniform(0, 0.1f));
  }
  for (int boxes = random.Below(14); boxes > 0; --boxes) {
    const Vec3 at = middle + Heading(random.Uniform(0, 2 * kPi)) * random.Uniform(2.2f, 5.5f);
    const float turn = random.Uniform(0, kPi);
    const Vec3 u = Heading(turn) * random.Uniform(0.1f, 0.7f);
    const Vec3 v = Heading(turn + kPi / 2) * random.Uniform(0.1f, 0.7f);
    const float tall = random.Uniform(0.1f, 1.1f);
    mesh.AddBox({at.x, at.y, tall}, u, v, kUp * tall, color());
  }
}

/// A camera that shows whom it looks at from the head to the thighs, or more.
PinholeCamera AnyView(Vec3 at, FrameSize size, Random& random) {
  const float share = random.Uniform(0.55f, 1.4f);  // of the picture's height that a body takes
  const float fov = random.Uniform(0.8f, 1.4f);
  const float vertical =
      2 * std::tan(fov / 2) * static_cast<float>(size.height) / static_cast<float>(size.width);
  const float distance = std::clamp(1.72f / (vertical * share), 0.9f, 6.0f);
  const Vec3 target = at + Vec3{random.Uniform(-0.25f, 0.25f), random.Uniform(-0.25f, 0.25f),
                                random.Uniform(0.85f, 1.2f)};
  const float height = random.Uniform(1.5f, 2.9f);
  const float rise = std::clamp(height - target.z, -0.7f * distance, 0.7f * distance);
  const float flat = std::sqrt(distance * distance - rise * rise);
  const Vec3 from = target + Heading(random.Uniform(0, 2 * kPi)) * flat + kUp * rise;
  return PinholeCamera::Look(from, target, fov, size);
}

/// The pixels of `mesh` that would be seen, drawn over what `before` shows.
struct Visible {
  cv::Rect box;
  int pixels = 0;
};
Visible CountVisible(const Canvas& before, const Canvas& after, const cv::Rect& area) {
  cv::Point low(area.br()), high(area.tl());
  Visible visible;
  for (int y = area.y; y < area.br().y; ++y) {
    for (int x = area.x; x < area.br().x; ++x) {
      if (after.DepthAt(x, y) >= before.DepthAt(x, y)) continue;
      ++visible.pixels;
      low = {std::min(low.x, x), std::min(low.y, y)};
      high = {std::max(high.x, x + 1), std::max(high.y, y + 1)};
    }
  }
  if (visible.pixels > 0) visible.box = cv::Rect(low, high);
  return visible;
}

/// How many pixels `mesh` takes where nothing hides it, outside of the picture, too.
int WholePixels(const Mesh& mesh, const PinholeCamera& camera, const Lighting& light) {
  // A canvas with a margin on each side would do for what hangs out of the picture; what is further
  // out is not seen at all.
  const Canvas empty(camera.size());
  Canvas alone(camera.size());
  const cv::Rect area = alone.Draw(mesh, camera, light);
  int pixels = CountVisible(empty, alone, area).pixels;
  int inside = 0;
  for (const Vertex& vertex : mesh.vertices()) {
    const Projection p = camera.Project(vertex.position);
    inside += p.depth > 0 && p.x >= 0 && p.y >= 0 &&
              p.x < static_cast<float>(camera.size().width) &&
              p.y < static_cast<float>(camera.size().height);
  }
  // Corners are spread over the thing, so their share in the picture stands for its own.
  if (inside > 0) {
    pixels =
        static_cast<int>(static_cast<float>(pixels) * static_cast<float>(mesh.vertices().size()) /
                         static_cast<float>(inside));
  }
  return pixels;
}

/// The person as a pose model finds them: each joint off by a part of the body's length, more where
/// it moves freely.
DetectedPerson AsFound(const Skeleton& skeleton, const PinholeCamera& camera, Random& random) {
  const auto width = static_cast<float>(camera.size().width);
  const auto height = static_cast<float>(camera.size().height);
  const Projection neck = camera.Project(skeleton.neck);
  const Projection pelvis = camera.Project(skeleton.pelvis);
  const float body = kTrunksOfBody * std::hypot(neck.x - pelvis.x, neck.y - pelvis.y);
  DetectedPerson person;
  person.score = kFoundConfidence;
  float left = width, top = height, right = 0, bottom = 0;
  for (int i = 0; i < kJointCount; ++i) {
    const auto joint = static_cast<Joint>(i);
    const Projection p = camera.Project(skeleton.At(joint));
    const float error =
        body *
        (joint == Joint::kLeftWrist || joint == Joint::kRightWrist ? kWristError : kJointError);
    const float x = p.x + error * random.Normal();
    const float y = p.y + error * random.Normal();
    if (p.depth <= 0) continue;
    person.keypoints[static_cast<size_t>(i)] = {x / width, y / height, kFoundConfidence};
    left = std::min(left, x);
    top = std::min(top, y);
    right = std::max(right, x);
    bottom = std::max(bottom, y);
  }
  left = std::max(0.0f, left);
  top = std::max(0.0f, top);
  person.box = {left / width, top / height, (std::min(right, width) - left) / width,
                (std::min(bottom, height) - top) / height};
  return person;
}

/// What a camera and its recorder do to a picture.
absl::StatusOr<cv::Mat> CameraPicture(cv::Mat picture, Random random) {
  const float blur = random.Uniform(0.2f, 1.3f);
  cv::GaussianBlur(picture, picture, {5, 5}, blur);
  if (random.Chance(0.2f)) {  // Motion.
    const int length = 2 + random.Below(5);
    cv::Mat kernel = cv::Mat::zeros(length, length, CV_32F);
    const bool flat = random.Chance(0.5f);
    for (int i = 0; i < length; ++i) {
      kernel.at<float>(flat ? length / 2 : i, flat ? i : length / 2) =
          1.0f / static_cast<float>(length);
    }
    cv::filter2D(picture, picture, -1, kernel);
  }
  const float gain = random.Uniform(0.55f, 1.3f);
  const float tint = random.Chance(0.15f) ? 0 : 1;  // Some cameras see no colours at night.
  const cv::Scalar cast(gain * random.Uniform(0.9f, 1.1f), gain, gain * random.Uniform(0.9f, 1.1f));
  const float noise = random.Uniform(0, 9);
  for (int y = 0; y < picture.rows; ++y) {
    auto* row = picture.ptr<cv::Vec3b>(y);
    for (int x = 0; x < picture.cols; ++x) {
      const float grey = noise * random.Normal();
      const float mean = (static_cast<float>(row[x][0]) + static_cast<float>(row[x][1]) * 2 +
                          static_cast<float>(row[x][2])) /
                         4;
      for (int c = 0; c < 3; ++c) {
        const float value = Lerp(mean, static_cast<float>(row[x][c]), tint);
        row[x][c] = cv::saturate_cast<uint8_t>(value * static_cast<float>(cast[c]) + grey);
      }
    }
  }
  AW_ASSIGN_OR_RETURN(const std::string jpeg, EncodeJpeg(picture, 40 + random.Below(56)));
  return DecodeJpeg(jpeg);
}

FrameSize AnySize(Random& random) {
  constexpr std::array<FrameSize, 6> kSizes = {
      {{320, 320}, {384, 288}, {448, 252}, {288, 384}, {512, 384}, {320, 240}}};
  return kSizes[static_cast<size_t>(random.Below(static_cast<int>(kSizes.size())))];
}

/// A scene being drawn.
class ScenePainter {
 public:
  ScenePainter(uint64_t seed, FrameSize size)
      : canvas_({size.width * kSupersample, size.height * kSupersample}),
        before_({size.width * kSupersample, size.height * kSupersample}) {
    Random random(seed, kSceneWorld);
    light_.key = Normalized({random.Uniform(-0.6f, 0.6f), random.Uniform(-0.7f, 0.7f), 0.8f});
    light_.ambient = random.Uniform(0.34f, 0.5f);
    light_.fill_strength = random.Uniform(0.12f, 0.3f);
    if (random.Chance(0.6f)) {
      const StoreLayout layout = StoreLayout::Create(Random(random.Next()));
      const bool at_shelf = random.Chance(0.5f) && !layout.spots.empty();
      at_ =
          at_shelf
              ? layout
                    .spots[static_cast<size_t>(random.Below(static_cast<int>(layout.spots.size())))]
                    .position
              : layout.open_floor[static_cast<size_t>(
                    random.Below(static_cast<int>(layout.open_floor.size())))];
      BuildStoreMesh(layout, Random(random.Next()), world_);
    } else {
      BuildPlainRoom(at_, random, world_);
    }
  }

  Vec3 at() const { return at_; }

  /// Draws the world as seen from some place that sees `person`'s chest.
  void DrawWorld(FrameSize size, Vec3 chest, Random& random) {
    for (int i = 0; i < kViewsTried; ++i) {
      camera_ = AnyView(at_, size, random).Scaled(kSupersample);
      canvas_.Clear({70, 70, 70});
      canvas_.Draw(world_, camera_, light_);
      const Projection p = camera_.Project(chest);
      if (canvas_.DepthAt(static_cast<int>(p.x), static_cast<int>(p.y)) > p.depth) return;
    }
  }

  void DrawPerson(const Holder& person, const Skeleton& skeleton) {
    const float h = person.shape.height;
    canvas_.DrawShadow(person.pose.position, {0.22f * h, 0, 0}, {0, 0.22f * h, 0}, 0.5f, camera_);
    mesh_.Clear();
    BuildPersonMesh(person.shape, person.pose, skeleton, person.carried, mesh_);
    canvas_.Draw(mesh_, camera_, light_);
  }

  /// Draws what the person holds; nothing where it cannot be seen.
  std::optional<SceneObject> DrawHeld(const Holder& person, const Skeleton& skeleton,
                                      Random& random) {
    mesh_.Clear();
    AddHeldObject(person.hold->object, GripOf(*person.hold, skeleton), random, mesh_);
    const FrameSize size = camera_.size();
    before_.Restore(canvas_, {0, 0, size.width, size.height});
    const Visible visible = CountVisible(before_, canvas_, canvas_.Draw(mesh_, camera_, light_));
    if (visible.pixels == 0) return std::nullopt;
    SceneObject object;
    object.kind = person.hold->object;
    const auto width = static_cast<float>(size.width);
    const auto height = static_cast<float>(size.height);
    object.box = {static_cast<float>(visible.box.x) / width,
                  static_cast<float>(visible.box.y) / height,
                  static_cast<float>(visible.box.width) / width,
                  static_cast<float>(visible.box.height) / height};
    const int whole = std::max(1, WholePixels(mesh_, camera_, light_));
    object.visible = std::min(1.0f, static_cast<float>(visible.pixels) / static_cast<float>(whole));
    return object;
  }

  DetectedPerson Found(const Skeleton& skeleton, Random& random) const {
    return AsFound(skeleton, camera_, random);
  }

  const cv::Mat& picture() const { return canvas_.color(); }

 private:
  Lighting light_;
  Vec3 at_;
  Mesh world_, mesh_;
  PinholeCamera camera_;
  Canvas canvas_, before_;
};

}  // namespace

absl::StatusOr<ObjectScene> RenderObjectScene(uint64_t seed) {
  Random random(seed, kScenePeople);
  const float what = random.Unit();
  const Theme theme = what < 0.5f    ? Theme::kWeapon
                      : what < 0.83f ? Theme::kLookAlike
                                     : Theme::kNothing;
  Random view(seed, kSceneView);
  const FrameSize size = AnySize(view);
  ScenePainter painter(seed, size);
  const std::vector<Holder> people = MakePeople(painter.at(), theme, Random(random.Next()));
  std::vector<Skeleton> skeletons;
  for (const Holder& person : people) skeletons.push_back(Solve(person.shape, person.pose));
  painter.DrawWorld(size, skeletons.front().chest, view);
  for (size_t i = 0; i < people.size(); ++i) painter.DrawPerson(people[i], skeletons[i]);
  ObjectScene scene;
  Random errors(seed, kSceneErrors);
  for (const Skeleton& skeleton : skeletons) {
    scene.people.push_back(painter.Found(skeleton, errors));
  }
  for (size_t i = 0; i < people.size(); ++i) {
    if (!people[i].hold.has_value()) continue;
    if (auto object = painter.DrawHeld(people[i], skeletons[i], random)) {
      scene.objects.push_back(*object);
    }
  }
  cv::Mat picture;
  cv::resize(painter.picture(), picture, {size.width, size.height}, 0, 0, cv::INTER_AREA);
  AW_ASSIGN_OR_RETURN(scene.image, CameraPicture(std::move(picture), Random(seed, kScenePicture)));
  return scene;
}

}  // namespace aislewatch::simulator
