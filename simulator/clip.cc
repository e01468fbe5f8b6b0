#include "simulator/clip.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/vision/image_codec.h"

namespace aislewatch::simulator {
namespace {

enum ClipPurpose : uint64_t {
  kClipLayout = 100,
  kClipCamera,
  kClipScript,
  kClipPicture,
  kClipDistractors
};

constexpr float kStep = 0.02f;
// People move this long before the first frame, so that joints have left their starting posture.
constexpr float kWarmUp = 1.0f;

absl::Status Check(const ClipOptions& o) {
  if (!(o.seconds >= 0.5 && o.seconds <= 60)) {
    return absl::InvalidArgumentError("clip seconds must be 0.5..60");
  }
  if (!(o.fps >= 1 && o.fps <= 60)) return absl::InvalidArgumentError("clip fps must be 1..60");
  if (o.size.width < 64 || o.size.width > 4096 || o.size.height < 64 || o.size.height > 4096) {
    return absl::InvalidArgumentError("clip size: each side must be 64..4096 pixels");
  }
  if (o.max_distractors < 0 || o.max_distractors > 10) {
    return absl::InvalidArgumentError("clip max_distractors must be 0..10");
  }
  return absl::OkStatus();
}

// Writes the visit that a clip shows, from kWarmUp before its first frame on.
class ClipScript {
 public:
  ClipScript(const Stage& stage, float seconds, Random random)
      : stage_(stage), seconds_(seconds), random_(random) {
    spot_ = stage.spots[static_cast<size_t>(random_.Below(static_cast<int>(stage.spots.size())))];
    shape_ = BodyShape::Create(random_);
    visit_.item = RandomItem(random_);
    visit_.hand = random_.Chance(0.7f) ? kRight : kLeft;
  }

  void Write(Action action) {
    switch (action) {
      case Action::kNormal:
        Normal();
        break;
      case Action::kTaking:
        Act(Activity::kLook, Activity::kTake, AfterTaking());
        break;
      case Action::kReturning:
        Act(Activity::kExamine, Activity::kReturn, Activity::kLook);
        break;
      case Action::kExamining:
        Act(Activity::kExamine, Activity::kExamine, Activity::kExamine);
        break;
      case Action::kConcealingInClothes:
        Act(BeforeConcealing(), Activity::kConcealInClothes, Activity::kLook);
        break;
      case Action::kConcealingInBag:
        if (shape_.bag == BagKind::kNone) shape_.bag = BagKind::kShoulderBag;
        Act(BeforeConcealing(), Activity::kConcealInBag, Activity::kLook);
        break;
      case Action::kFighting:
        Fight();
        break;
    }
    holding_ = action == Action::kReturning || action == Action::kExamining ||
               action == Action::kConcealingInClothes || action == Action::kConcealingInBag ||
               holding_;
  }

  BodyShape shape_;
  Visit visit_;
  StandSpot spot_;
  bool holding_ = false;

 private:
  Activity AfterTaking() { return random_.Chance(0.6f) ? Activity::kExamine : Activity::kLook; }
  Activity BeforeConcealing() {
    return random_.Chance(0.7f) ? Activity::kExamine : Activity::kLook;
  }

  void Add(Activity activity, float seconds) {
    Phase phase = PhaseAt(stage_, activity, spot_, visit_.hand, random_);
    // Turns between phases stay small, so that a clip is not mostly about turning round.
    const bool to_shelf = activity == Activity::kReturn || activity == Activity::kTake;
    if (!visit_.phases.empty() && !to_shelf) {
      phase.yaw = visit_.phases.back().yaw + random_.Uniform(-0.5f, 0.5f);
    }
    if (seconds > 0) phase.seconds = seconds;
    visit_.phases.push_back(phase);
  }

  // `act` at its natural length, placed so that at least two thirds of it, or of the clip, are in.
  void Act(Activity before, Activity act, Activity after) {
    Add(before, 1);
    Add(act, 0);
    if (act == Activity::kTake) visit_.phases[0].yaw = visit_.phases[1].yaw;
    const float length = visit_.phases[1].seconds;
    const float slack = seconds_ - length;
    const float cut = length / 3;
    const float lead = slack > 0 ? random_.Uniform(-std::min(cut, 0.3f), slack)
                                 : random_.Uniform(std::max(slack, -cut), 0.0f);
    visit_.phases[0].seconds = std::max(0.05f, kWarmUp + lead);
    Add(after, seconds_ + 10);
  }

  void Normal() {
    const float long_enough = seconds_ + 10;
    switch (random_.Below(8)) {
      case 0:
      case 1:
        Walk();
        break;
      case 2:
        Add(Activity::kLook, long_enough);
        break;
      case 3:
        Add(Activity::kPhone, random_.Uniform(seconds_ * 0.7f, seconds_ * 1.5f) + kWarmUp);
        Add(Activity::kLook, long_enough);
        break;
      case 4:
        Add(Activity::kHandsInPockets, long_enough);
        break;
      case 5:
        visit_.basket = holding_ = true;
        Act(Activity::kLook, Activity::kPutInBasket, Activity::kLook);
        break;
      case 6:
        holding_ = true;
        Add(random_.Chance(0.5f) ? Activity::kLook : Activity::kPay, long_enough);
        break;
      default:
        Add(Activity::kLoiter, long_enough);
        break;
    }
  }

  void Walk() {
    holding_ = random_.Chance(0.25f);
    visit_.basket = random_.Chance(0.25f);
    for (int i = 0; i < 4; ++i) {
      Phase phase;
      phase.activity = Activity::kWalk;
      phase.seconds = 30;
      phase.where =
          stage_.spots[static_cast<size_t>(random_.Below(static_cast<int>(stage_.spots.size())))]
              .position;
      visit_.phases.push_back(phase);
      if (random_.Chance(0.4f)) Add(Activity::kLook, 0);
    }
    Add(Activity::kLook, seconds_ + 10);
  }

  void Fight() {
    const auto count = static_cast<int>(stage_.open_floor.size());
    spot_.position = stage_.open_floor[static_cast<size_t>(random_.Below(count))];
    Add(Activity::kFight, seconds_ + 10);
  }

  const Stage& stage_;
  float seconds_;
  Random random_;
};

uint64_t AddTo(Crowd& crowd, ClipScript& script, Vec3 at, uint64_t partner_id, Random& random) {
  const float yaw = script.visit_.phases.front().yaw;
  const uint64_t id =
      crowd.Add(script.shape_, script.visit_, at, yaw, partner_id, Random(random.Next()));
  if (script.holding_) crowd.mutable_people().back().StartHolding();
  return id;
}

void AddDistractors(Crowd& crowd, const Stage& stage, const ClipOptions& options, Vec3 subject,
                    Random random) {
  for (int count = random.Below(options.max_distractors + 1); count > 0; --count) {
    ClipScript script(stage, static_cast<float>(options.seconds), Random(random.Next()));
    script.Write(random.Chance(0.7f) ? Action::kNormal : Action::kExamining);
    if (FloorDistance(script.spot_.position, subject) < 0.9f) continue;
    AddTo(crowd, script, script.spot_.position, 0, random);
  }
}

absl::Status Compress(cv::Mat& image, int quality) {
  AW_ASSIGN_OR_RETURN(const std::string jpeg, EncodeJpeg(image, quality));
  AW_ASSIGN_OR_RETURN(image, DecodeJpeg(jpeg));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ActionClip> RenderActionClip(Action action, uint64_t seed,
                                            const ClipOptions& options) {
  AW_RETURN_IF_ERROR(Check(options));
  const StoreLayout layout = StoreLayout::Create(Random(seed, kClipLayout));
  const PinholeCamera camera = PlaceCamera(Random(seed, kClipCamera), options.size);
  const Stage stage = VisibleStage(layout, camera);
  if (stage.spots.empty() || stage.open_floor.empty()) {
    return absl::InvalidArgumentError("clip size: the camera sees nobody; use a wider picture");
  }
  Random random(seed, kClipScript + 10 * static_cast<uint64_t>(action));
  CrowdOptions nobody;
  nobody.people_per_minute = 0;
  Crowd crowd(stage, nobody, Random(0));
  ActionClip clip;
  ClipScript script(stage, static_cast<float>(options.seconds), Random(random.Next()));
  script.Write(action);
  const Vec3 at = script.spot_.position;
  if (action == Action::kFighting) {
    const Vec3 apart = Heading(random.Uniform(0, 2 * kPi)) * 0.4f;
    ClipScript other(stage, static_cast<float>(options.seconds), Random(random.Next()));
    other.Write(action);
    clip.subject_id = AddTo(crowd, script, at + apart, crowd.next_id() + 1, random);
    clip.partner_id = AddTo(crowd, other, at - apart, clip.subject_id, random);
  } else {
    clip.subject_id = AddTo(crowd, script, at, 0, random);
  }
  AddDistractors(crowd, stage, options, at, Random(seed, kClipDistractors));

  Renderer renderer(layout, camera, false, Random(seed, kClipPicture));
  const int quality = 40 + random.Below(51);
  const int frames = std::max(1, static_cast<int>(options.seconds * options.fps + 1e-6));
  for (float t = 0; t < kWarmUp; t += kStep) crowd.Step(kStep);
  const int steps = static_cast<int>(std::ceil(1 / options.fps / kStep));
  for (int i = 0; i < frames; ++i) {
    SimulatedFrame frame;
    frame.truth.index = i;
    frame.truth.time_s = i / options.fps;
    frame.image = renderer.Render(crowd.people(), frame.truth.time_s, frame.truth.people);
    if (options.compress) AW_RETURN_IF_ERROR(Compress(frame.image, quality));
    clip.frames.push_back(std::move(frame));
    for (int k = 0; k < steps; ++k) crowd.Step(static_cast<float>(1 / options.fps / steps));
  }
  return clip;
}

}  // namespace aislewatch::simulator
