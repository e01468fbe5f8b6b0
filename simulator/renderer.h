// Draws a store and the people in it as its camera would show them.
//
// The store is drawn once; each frame draws only people, into the places they cover. Not
// thread-safe; use one per thread.
#pragma once

#include <opencv2/core/mat.hpp>
#include <vector>

#include "absl/types/span.h"
#include "simulator/actor.h"
#include "simulator/rasterizer.h"
#include "simulator/store_layout.h"
#include "simulator/truth.h"

namespace aislewatch::simulator {

class Renderer {
 public:
  /// `clean` leaves out noise and flicker.
  Renderer(const StoreLayout& layout, const PinholeCamera& camera, bool clean, Random random);

  /// A new 8-bit BGR picture of `people` at `time_s`, and the truth about those who can be seen,
  /// in the order given.
  cv::Mat Render(absl::Span<const Actor> people, double time_s, std::vector<TruthPerson>& truth);

 private:
  struct Drawn {
    NormalizedBox box;
    Skeleton skeleton;
    bool in_picture = false;
  };
  Drawn DrawPerson(const Actor& person);
  void DrawShadows(const Actor& person);
  TruthPerson Describe(const Actor& person, const Drawn& drawn) const;
  void AddCameraEffects(cv::Mat& frame, double time_s);
  void MakeNoise();

  std::vector<std::string> zone_names_;
  PinholeCamera camera_;  // of the canvas
  FrameSize size_;        // of the picture
  int scale_;             // canvas pixels per picture pixel
  Lighting lighting_;
  bool clean_;
  float noise_, flicker_, softness_;
  Random random_;

  Canvas background_;
  Canvas canvas_;
  cv::Mat still_;  // the empty store at the picture's size
  cv::Mat noise_up_, noise_down_;
  std::vector<cv::Rect> dirty_;
  Mesh mesh_;
};

/// The camera that seed and size give; it sees the middle of the store from above the entrance.
PinholeCamera PlaceCamera(Random random, FrameSize size);

/// The layout's zones as the camera sees them; zones out of the picture are left out.
std::vector<TruthZone> ZonesInPicture(const StoreLayout& layout, const PinholeCamera& camera);

/// The places of the layout where somebody is in the picture from head to feet and no furniture
/// hides more than the shins.
Stage VisibleStage(const StoreLayout& layout, const PinholeCamera& camera);

}  // namespace aislewatch::simulator
