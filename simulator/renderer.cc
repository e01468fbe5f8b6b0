#include "simulator/renderer.h"

#include <opencv2/imgproc.hpp>

#include "simulator/store_mesh.h"

namespace aislewatch::simulator {
namespace {

// Beyond this width the picture is fine enough without supersampling.
constexpr int kSupersampleUpTo = 1280;
// A joint lies this deep in the body at most; what covers it from further off hides it.
constexpr float kFleshDepth = 0.17f;
constexpr int kNoiseMargin = 64;

int ScaleFor(FrameSize size) { return size.width <= kSupersampleUpTo ? 2 : 1; }

absl::string_view ActivityName(Activity activity) {
  switch (activity) {
    case Activity::kWalk:
      return "walk";
    case Activity::kLook:
      return "look";
    case Activity::kTake:
      return "take";
    case Activity::kExamine:
      return "examine";
    case Activity::kReturn:
      return "return";
    case Activity::kConcealInClothes:
      return "conceal_in_clothes";
    case Activity::kConcealInBag:
      return "conceal_in_bag";
    case Activity::kPutInBasket:
      return "put_in_basket";
    case Activity::kPhone:
      return "phone";
    case Activity::kHandsInPockets:
      return "hands_in_pockets";
    case Activity::kLoiter:
      return "loiter";
    case Activity::kPay:
      return "pay";
    case Activity::kMeet:
      return "meet";
    case Activity::kFight:
      return "fight";
    case Activity::kHoldUp:
      return "hold_up";
  }
  return "walk";
}

std::vector<std::string> ZoneNames(const StoreLayout& layout) {
  std::vector<std::string> names;
  for (const FloorZone& zone : layout.zones) names.push_back(zone.id);
  return names;
}

}  // namespace

Renderer::Renderer(const StoreLayout& layout, const PinholeCamera& camera, bool clean,
                   Random random)
    : zone_names_(ZoneNames(layout)),
      camera_(camera.Scaled(ScaleFor(camera.size()))),
      size_(camera.size()),
      scale_(ScaleFor(camera.size())),
      clean_(clean),
      random_(random),
      background_(camera_.size()),
      canvas_(camera_.size()) {
  lighting_.key = Normalized({random_.Uniform(-0.6f, 0.6f), random_.Uniform(-0.7f, 0.1f), 0.8f});
  lighting_.ambient = random_.Uniform(0.36f, 0.48f);
  lighting_.fill_strength = random_.Uniform(0.16f, 0.3f);
  noise_ = random_.Uniform(1.5f, 4.5f);
  flicker_ = random_.Uniform(0.0f, 0.035f);
  softness_ = random_.Uniform(0.45f, 0.8f);
  BuildStoreMesh(layout, Random(random_.Next()), mesh_);
  background_.Clear({60, 60, 60});
  background_.Draw(mesh_, camera_, lighting_);
  for (const FloorRect& r : layout.furniture) {
    const Vec3 centre{(r.x0 + r.x1) / 2, (r.y0 + r.y1) / 2, 0};
    background_.DrawShadow(centre, {(r.x1 - r.x0) * 0.5f + 0.35f, 0, 0},
                           {0, (r.y1 - r.y0) * 0.5f + 0.35f, 0}, 0.6f, camera_);
  }
  canvas_.Restore(background_, {0, 0, camera_.size().width, camera_.size().height});
  cv::resize(background_.color(), still_, {size_.width, size_.height}, 0, 0, cv::INTER_AREA);
  if (!clean_) MakeNoise();
}

void Renderer::MakeNoise() {
  const int rows = size_.height + kNoiseMargin;
  const int cols = size_.width + kNoiseMargin;
  noise_up_.create(rows, cols, CV_8UC3);
  noise_down_.create(rows, cols, CV_8UC3);
  for (int y = 0; y < rows; ++y) {
    auto* up = noise_up_.ptr<cv::Vec3b>(y);
    auto* down = noise_down_.ptr<cv::Vec3b>(y);
    for (int x = 0; x < cols; ++x) {
      // The sum of the 8 bytes of one draw is near enough to normal: deviation 209.
      const uint64_t bits = random_.Next();
      int sum = 0;
      for (int byte = 0; byte < 64; byte += 8) sum += static_cast<int>(bits >> byte & 255);
      const float grey = static_cast<float>(sum - 1020) / 209 * noise_;
      for (int channel = 0; channel < 3; ++channel) {
        const auto tint = static_cast<float>(static_cast<int>(bits >> (channel * 9) & 15) - 8);
        const int value = static_cast<int>(grey + 0.12f * noise_ * tint);
        up[x][channel] = static_cast<uint8_t>(std::clamp(value, 0, 40));
        down[x][channel] = static_cast<uint8_t>(std::clamp(-value, 0, 40));
      }
    }
  }
}

void Renderer::DrawShadows(const Actor& person) {
  const float h = person.shape().height;
  const Vec3 at = person.position();
  dirty_.push_back(canvas_.DrawShadow(at, {0.2f * h, 0, 0}, {0, 0.2f * h, 0}, 0.55f, camera_));
  // A longer one away from the brightest lamp.
  const Vec3 away = Normalized({-lighting_.key.x, -lighting_.key.y, 0}, {0, 1, 0});
  dirty_.push_back(canvas_.DrawShadow(at + away * (0.28f * h), away * (0.4f * h),
                                      Cross({0, 0, 1}, away) * (0.16f * h), 0.3f, camera_));
}

Renderer::Drawn Renderer::DrawPerson(const Actor& person) {
  Drawn drawn;
  drawn.skeleton = Solve(person.shape(), person.pose());
  mesh_.Clear();
  const size_t body =
      BuildPersonMesh(person.shape(), person.pose(), drawn.skeleton, person.carried(), mesh_);
  float left = 1, top = 1, right = 0, bottom = 0;
  bool in_front = true;
  for (size_t i = 0; i < body; ++i) {
    const Projection p = camera_.Project(mesh_.vertices()[i].position);
    in_front &= p.depth > 0.3f;
    left = std::min(left, p.x / static_cast<float>(camera_.size().width));
    right = std::max(right, p.x / static_cast<float>(camera_.size().width));
    top = std::min(top, p.y / static_cast<float>(camera_.size().height));
    bottom = std::max(bottom, p.y / static_cast<float>(camera_.size().height));
  }
  left = std::max(left, 0.0f);
  top = std::max(top, 0.0f);
  right = std::min(right, 1.0f);
  bottom = std::min(bottom, 1.0f);
  drawn.box = {left, top, right - left, bottom - top};
  drawn.in_picture = in_front && right - left > 0.004f && bottom - top > 0.01f;
  if (in_front) dirty_.push_back(canvas_.Draw(mesh_, camera_, lighting_));
  return drawn;
}

TruthPerson Renderer::Describe(const Actor& person, const Drawn& drawn) const {
  TruthPerson truth;
  truth.id = person.id();
  truth.box = drawn.box;
  truth.action = LabelOf(person.activity());
  truth.activity = std::string(ActivityName(person.activity()));
  truth.progress = person.progress();
  truth.holds_item = person.holding();
  if (const auto shown = person.shows()) {
    truth.shows = std::string(kHeldObjectNames[static_cast<size_t>(*shown)]);
  }
  truth.head_yaw = person.head_yaw();
  if (const auto zone = person.looks_at()) truth.looks_at = zone_names_[*zone];
  int visible = 0;
  for (int i = 0; i < kJointCount; ++i) {
    TruthKeypoint& keypoint = truth.keypoints[static_cast<size_t>(i)];
    const Projection p = camera_.Project(drawn.skeleton.At(static_cast<Joint>(i)));
    keypoint.point = {p.x / static_cast<float>(camera_.size().width),
                      p.y / static_cast<float>(camera_.size().height)};
    const bool inside = p.depth > 0 && keypoint.point.x >= 0 && keypoint.point.x < 1 &&
                        keypoint.point.y >= 0 && keypoint.point.y < 1;
    if (!inside) continue;
    const float front = canvas_.DepthAt(static_cast<int>(p.x), static_cast<int>(p.y));
    keypoint.visibility =
        front < p.depth - kFleshDepth ? Visibility::kHidden : Visibility::kVisible;
    visible += keypoint.visibility == Visibility::kVisible;
  }
  truth.visible = static_cast<float>(visible) / kJointCount;
  return truth;
}

void Renderer::AddCameraEffects(cv::Mat& frame, double time_s) {
  cv::GaussianBlur(frame, frame, {3, 3}, softness_);
  if (clean_) return;
  const double gain = 1 + flicker_ * (std::sin(time_s * 0.37) + 0.4 * std::sin(time_s * 5.1));
  frame.convertTo(frame, -1, gain);
  const cv::Rect at(random_.Below(kNoiseMargin), random_.Below(kNoiseMargin), size_.width,
                    size_.height);
  cv::add(frame, noise_up_(at), frame);
  cv::subtract(frame, noise_down_(at), frame);
}

cv::Mat Renderer::Render(absl::Span<const Actor> people, double time_s,
                         std::vector<TruthPerson>& truth) {
  for (const cv::Rect& area : dirty_) canvas_.Restore(background_, area);
  dirty_.clear();
  for (const Actor& person : people) DrawShadows(person);
  std::vector<Drawn> drawn;
  drawn.reserve(people.size());
  for (const Actor& person : people) drawn.push_back(DrawPerson(person));

  cv::Mat frame = still_.clone();
  for (const cv::Rect& area : dirty_) {
    if (area.empty()) continue;
    const cv::Rect small(
        cv::Point(area.x / scale_, area.y / scale_),
        cv::Point((area.br().x + scale_ - 1) / scale_, (area.br().y + scale_ - 1) / scale_));
    const cv::Rect large(small.x * scale_, small.y * scale_, small.width * scale_,
                         small.height * scale_);
    cv::resize(canvas_.color()(large), frame(small), small.size(), 0, 0, cv::INTER_AREA);
  }
  truth.clear();
  for (size_t i = 0; i < people.size(); ++i) {
    if (drawn[i].in_picture) truth.push_back(Describe(people[i], drawn[i]));
  }
  AddCameraEffects(frame, time_s);
  return frame;
}

}  // namespace aislewatch::simulator
