// Contact sheets of the simulator's actions, to be looked at:
//
//   simulator_contact_sheet OUT_DIR [FIRST_SEED]
//
// writes crops.png (one row of 112x112 crops per action and seed, as a classifier sees them) and
// store-SEED.png (four whole frames of a simulation).
#include <cstdlib>
#include <iostream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "common/vision/crop.h"
#include "simulator/clip.h"

namespace aislewatch::simulator {
namespace {

constexpr int kSeedsPerAction = 3;
constexpr int kCropsPerRow = 12;

absl::StatusOr<cv::Mat> CropRow(Action action, uint64_t seed) {
  auto clip = RenderActionClip(action, seed);
  if (!clip.ok()) return clip.status();
  cv::Mat row(112, 112 * kCropsPerRow, CV_8UC3, cv::Scalar(0, 0, 0));
  for (int i = 0; i < kCropsPerRow; ++i) {
    const size_t at = clip->frames.size() * static_cast<size_t>(i) / kCropsPerRow;
    const SimulatedFrame& frame = clip->frames[at];
    for (const TruthPerson& person : frame.truth.people) {
      if (person.id != clip->subject_id) continue;
      const cv::Mat crop = CropPerson(frame.image, person.box);
      const auto name = std::string(kActionNames[static_cast<size_t>(person.action)]);
      cv::putText(crop, name.substr(0, 16), {2, 108}, cv::FONT_HERSHEY_PLAIN, 0.7, {0, 255, 255});
      crop.copyTo(row(cv::Rect(112 * i, 0, 112, 112)));
    }
  }
  return row;
}

absl::Status WriteCrops(const std::string& folder, uint64_t first_seed) {
  for (int action = 0; action < kActionCount; ++action) {
    cv::Mat sheet;
    for (uint64_t seed = first_seed; seed < first_seed + kSeedsPerAction; ++seed) {
      auto row = CropRow(static_cast<Action>(action), seed);
      if (!row.ok()) return row.status();
      sheet.push_back(*row);
    }
    cv::imwrite(
        folder + "/crops-" + std::string(kActionNames[static_cast<size_t>(action)]) + ".png",
        sheet);
  }
  return absl::OkStatus();
}

void DrawTruth(const SimulatedFrame& frame, const SceneTruth& scene, cv::Mat& image) {
  const auto pixel = [&](NormalizedPoint p) {
    return cv::Point(static_cast<int>(p.x * static_cast<float>(image.cols)),
                     static_cast<int>(p.y * static_cast<float>(image.rows)));
  };
  for (const TruthZone& zone : scene.zones) {
    std::vector<cv::Point> polygon;
    for (const NormalizedPoint& p : zone.polygon) polygon.push_back(pixel(p));
    cv::polylines(image, polygon, true, {255, 200, 0}, 1);
  }
  for (const TruthPerson& person : frame.truth.people) {
    const NormalizedBox& b = person.box;
    cv::rectangle(image, pixel({b.x, b.y}), pixel({b.right(), b.bottom()}), {0, 255, 0}, 1);
    for (const TruthKeypoint& k : person.keypoints) {
      if (k.visibility == Visibility::kOutside) continue;
      const bool seen = k.visibility == Visibility::kVisible;
      cv::circle(image, pixel(k.point), 1, seen ? cv::Scalar(0, 0, 255) : cv::Scalar(255, 0, 0),
                 -1);
    }
    cv::putText(image, person.activity, pixel({b.x, b.y}), cv::FONT_HERSHEY_PLAIN, 0.8,
                {0, 255, 255});
  }
}

absl::Status WriteStore(const std::string& folder, uint64_t seed) {
  SimulationOptions options;
  options.seed = seed;
  options.people_per_minute = 20;
  auto simulation = Simulation::Create(options);
  if (!simulation.ok()) return simulation.status();
  cv::Mat sheet(options.size.height * 2, options.size.width * 2, CV_8UC3);
  int shown = 0;
  while (auto frame = (*simulation)->Next()) {
    if (frame->truth.index % 100 != 80 || shown == 4) continue;
    // The left half as it is, the right half with the truth drawn in.
    cv::Mat image = frame->image;
    if (shown % 2 == 1) DrawTruth(*frame, (*simulation)->scene(), image);
    image.copyTo(sheet(cv::Rect(options.size.width * (shown % 2), options.size.height * (shown / 2),
                                options.size.width, options.size.height)));
    ++shown;
  }
  cv::imwrite(folder + "/store-" + std::to_string(seed) + ".png", sheet);
  return absl::OkStatus();
}

}  // namespace
}  // namespace aislewatch::simulator

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: simulator_contact_sheet OUT_DIR [FIRST_SEED]\n";
    return 2;
  }
  const uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  absl::Status status = aislewatch::simulator::WriteCrops(argv[1], seed);
  for (uint64_t i = 0; status.ok() && i < 3; ++i) {
    status = aislewatch::simulator::WriteStore(argv[1], seed + i);
  }
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
