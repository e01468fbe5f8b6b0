// Footage of a simulated store with its ground truth.
//
//   AW_ASSIGN_OR_RETURN(auto simulation, Simulation::Create({.seed = 7}));
//   while (std::optional<SimulatedFrame> frame = simulation->Next()) { ... }
//
// The same options give the same pictures, byte for byte, on the same build. By convention seeds
// below kFirstTestSeed are for training and the others for tests; nothing is trained on the latter.
#pragma once

#include <memory>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "simulator/crowd.h"
#include "simulator/renderer.h"
#include "simulator/truth.h"

namespace aislewatch::simulator {

inline constexpr uint64_t kFirstTestSeed = 1'000'000;

struct SimulationOptions {
  uint64_t seed = 1;
  /// Above 0.
  absl::Duration duration = absl::Seconds(60);
  /// Frames per second, 1..60.
  double fps = 10;
  /// Each side 64..4096 pixels; people are tuned for 640x360.
  FrameSize size{640, 360};
  /// 0..120. Arrivals are random, so an interval can be longer or shorter.
  double people_per_minute = 8;
  /// At the same time, 1..30. Arrivals wait outside beyond it.
  int max_people = 5;
  VisitMix mix = kShopMix;
  /// Least length of a loiterer's stay; above the default loitering rule's minute (docs/rules.md).
  absl::Duration loiter = absl::Seconds(75);
  /// A corridor with shops on both sides in place of a store; the mix must be kWindowShop's alone.
  bool storefronts = false;
  /// Without noise and flicker.
  bool clean = false;
};

/// A kind of store day by name.
struct Scenario {
  absl::string_view name;
  absl::string_view description;
  VisitMix mix;
  double people_per_minute;
  bool storefronts = false;
};

/// All scenarios; the first is the default.
absl::Span<const Scenario> Scenarios();

/// NOT_FOUND lists the names that exist.
absl::StatusOr<Scenario> FindScenario(absl::string_view name);

/// A picture and what is true of it.
struct SimulatedFrame {
  /// 8-bit BGR; the caller's own.
  cv::Mat image;
  TruthFrame truth;
};

/// Not thread-safe; simulations are independent of each other, so one per thread is fine.
class Simulation {
 public:
  /// INVALID_ARGUMENT names the option that is out of range.
  static absl::StatusOr<std::unique_ptr<Simulation>> Create(const SimulationOptions& options);

  /// The next frame, or nothing at the end. Renders, so takes milliseconds.
  std::optional<SimulatedFrame> Next();

  const SceneTruth& scene() const { return scene_; }
  /// What happened so far, by start.
  const std::vector<TruthIncident>& incidents() const { return crowd_.log().acts(); }
  /// What people gave the shops of a corridor so far; empty in a store.
  const std::vector<TruthVisit>& visits() const { return crowd_.attention().visits(); }
  /// Frames that Next() gives altogether.
  int frame_count() const { return frame_count_; }

 private:
  explicit Simulation(const SimulationOptions& options);

  SimulationOptions options_;
  StoreLayout layout_;
  PinholeCamera camera_;
  Stage stage_;
  SceneTruth scene_;
  int frame_count_;
  int next_frame_ = 0;
  Crowd crowd_;
  Renderer renderer_;
};

}  // namespace aislewatch::simulator
