// How well the pose model sees the simulator's people: detection recall and keypoint error against
// the ground truth, as JSON on standard output.
//
//   simulator_pose_check MODEL_REPOSITORY [SEEDS [SECONDS [ANNOTATED_DIR]]]
//
// MODEL_REPOSITORY holds movenet-multipose (scripts/fetch-models puts it into build/models). Runs
// seeds kFirstTestSeed... of the scenario "store" at 640x360 and looks at two frames per second.
// Counted are standing people whom nothing hides: the box away from the picture's edges and at
// least 13 of 17 keypoints visible. Figures are on synthetic footage.
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "common/base/status.h"
#include "models/pose_model_loader/pose_model_loader.h"
#include "simulator/simulation.h"

namespace aislewatch::simulator {
namespace {

constexpr float kConfident = 0.25f;
constexpr int kEnoughJoints = 13;
// What a tracker would start a track on.
constexpr float kSureScore = 0.35f;

struct Tally {
  int people = 0;
  int found = 0;
  int well_seen = 0;  // of the found: at least kEnoughJoints confident keypoints
  int confident_joints = 0;
  int judged_joints = 0;
  double error_sum = 0;  // distance / box height, over confident and truly visible joints
  int within_tenth = 0;
  int detections = 0;
  int false_detections = 0;
  std::array<double, kJointCount> joint_error{};
  std::array<int, kJointCount> joint_count{};
};

bool Unhidden(const TruthPerson& person) {
  const NormalizedBox& b = person.box;
  return person.visible >= 0.76f && b.x > 0.005f && b.y > 0.005f && b.right() < 0.995f &&
         b.bottom() < 0.995f;
}

const DetectedPerson* BestMatch(const TruthPerson& person,
                                const std::vector<DetectedPerson>& detections) {
  const DetectedPerson* best = nullptr;
  float best_overlap = 0.5f;
  for (const DetectedPerson& detection : detections) {
    const float overlap = IntersectionOverUnion(person.box, detection.box);
    if (overlap < best_overlap) continue;
    best_overlap = overlap;
    best = &detection;
  }
  return best;
}

void JudgeJoints(const TruthPerson& person, const DetectedPerson& found, FrameSize size,
                 Tally& tally) {
  const float height = person.box.height * static_cast<float>(size.height);
  int confident = 0;
  for (size_t i = 0; i < kJointCount; ++i) {
    const Keypoint& joint = found.keypoints[i];
    if (joint.confidence < kConfident) continue;
    ++confident;
    if (person.keypoints[i].visibility != Visibility::kVisible) continue;
    const NormalizedPoint& at = person.keypoints[i].point;
    const float error = std::hypot((joint.x - at.x) * static_cast<float>(size.width),
                                   (joint.y - at.y) * static_cast<float>(size.height)) /
                        height;
    ++tally.judged_joints;
    tally.error_sum += error;
    tally.within_tenth += error < 0.1f;
    tally.joint_error[i] += error;
    ++tally.joint_count[i];
  }
  tally.confident_joints += confident;
  tally.well_seen += confident >= kEnoughJoints;
}

void Judge(const SimulatedFrame& frame, FrameSize size,
           const std::vector<DetectedPerson>& detections, Tally& tally) {
  for (const TruthPerson& person : frame.truth.people) {
    if (!Unhidden(person)) continue;
    ++tally.people;
    const DetectedPerson* found = BestMatch(person, detections);
    if (found == nullptr) continue;
    ++tally.found;
    JudgeJoints(person, *found, size, tally);
  }
  for (const DetectedPerson& detection : detections) {
    if (detection.score < kSureScore) continue;
    ++tally.detections;
    bool on_somebody = false;
    for (const TruthPerson& person : frame.truth.people) {
      on_somebody |= IntersectionOverUnion(person.box, detection.box) > 0.1f;
    }
    tally.false_detections += !on_somebody;
  }
}

void Annotate(const std::string& path, const SimulatedFrame& frame,
              const std::vector<DetectedPerson>& detections) {
  cv::Mat image;
  cv::resize(frame.image, image, {}, 2, 2);
  const auto pixel = [&](float x, float y) {
    return cv::Point(static_cast<int>(x * static_cast<float>(image.cols)),
                     static_cast<int>(y * static_cast<float>(image.rows)));
  };
  for (const TruthPerson& person : frame.truth.people) {
    const NormalizedBox& b = person.box;
    const cv::Scalar color = Unhidden(person) ? cv::Scalar(0, 255, 0) : cv::Scalar(160, 160, 160);
    cv::rectangle(image, pixel(b.x, b.y), pixel(b.right(), b.bottom()), color, 1);
  }
  for (const DetectedPerson& person : detections) {
    const NormalizedBox& b = person.box;
    cv::rectangle(image, pixel(b.x, b.y), pixel(b.right(), b.bottom()), {0, 0, 255}, 1);
    for (const auto& [from, to] : kSkeleton) {
      const Keypoint& a = person.keypoints[from];
      const Keypoint& c = person.keypoints[to];
      if (a.confidence < kConfident || c.confidence < kConfident) continue;
      cv::line(image, pixel(a.x, a.y), pixel(c.x, c.y), {0, 255, 255}, 1, cv::LINE_AA);
    }
  }
  cv::imwrite(path, image);
}

absl::Status CheckSeed(PoseModel& model, uint64_t seed, double seconds, const std::string& folder,
                       Tally& tally) {
  SimulationOptions options;
  options.seed = seed;
  options.duration = absl::Seconds(seconds);
  AW_ASSIGN_OR_RETURN(auto simulation, Simulation::Create(options));
  while (std::optional<SimulatedFrame> frame = simulation->Next()) {
    if (frame->truth.index % 5 != 0) continue;
    AW_ASSIGN_OR_RETURN(const auto found, model.Detect({&frame->image, 1}));
    Judge(*frame, options.size, found[0], tally);
    if (!folder.empty() && frame->truth.index % 100 == 50) {
      Annotate(absl::StrCat(folder, "/", seed, "-", frame->truth.index, ".png"), *frame, found[0]);
    }
  }
  return absl::OkStatus();
}

nlohmann::ordered_json Report(const Tally& t) {
  const auto share = [](double part, double whole) { return whole > 0 ? part / whole : 0; };
  nlohmann::ordered_json joints = nlohmann::ordered_json::array();
  for (size_t i = 0; i < kJointCount; ++i) {
    joints.push_back(std::round(1e4 * share(t.joint_error[i], t.joint_count[i])) / 1e4);
  }
  return {{"people", t.people},
          {"recall_at_iou_0.5", share(t.found, t.people)},
          {"found_with_13_joints_above_0.25", share(t.well_seen, t.found)},
          {"mean_confident_joints", share(t.confident_joints, t.found)},
          {"mean_joint_error_in_box_heights", share(t.error_sum, t.judged_joints)},
          {"joints_within_a_tenth_of_box_height", share(t.within_tenth, t.judged_joints)},
          {"error_by_joint", joints},
          {"false_share_of_detections_above_0.35", share(t.false_detections, t.detections)}};
}

absl::Status Run(const std::string& repository, int seeds, double seconds,
                 const std::string& folder) {
  AW_ASSIGN_OR_RETURN(const auto model,
                      LoadPoseModel(ModelRepository({repository}), "movenet-multipose"));
  Tally tally;
  for (int i = 0; i < seeds; ++i) {
    AW_RETURN_IF_ERROR(
        CheckSeed(*model, kFirstTestSeed + static_cast<uint64_t>(i), seconds, folder, tally));
  }
  std::cout << Report(tally).dump(2) << "\n";
  return absl::OkStatus();
}

}  // namespace
}  // namespace aislewatch::simulator

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: simulator_pose_check MODEL_REPOSITORY [SEEDS [SECONDS [ANNOTATED_DIR]]]\n";
    return 2;
  }
  const int seeds = argc > 2 ? std::atoi(argv[2]) : 5;
  const double seconds = argc > 3 ? std::atof(argv[3]) : 60;
  const absl::Status status =
      aislewatch::simulator::Run(argv[1], seeds, seconds, argc > 4 ? argv[4] : "");
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
