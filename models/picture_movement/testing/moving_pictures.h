// Drawn pictures in which textured things move, for tests.
#pragma once

#include <cmath>
#include <functional>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>
#include <vector>

#include "common/capture/frame_source.h"

namespace aislewatch::picture_movement {

/// Pixels of a picture of 320x240.
struct Thing {
  cv::Point2f middle;
  cv::Size size{60, 100};
  int texture = 1;
};

/// What is seen so many seconds after the scene began: how far the background has moved to the
/// left, and the things before it.
struct Sight {
  float pan = 0;
  std::vector<Thing> things;
};
using MovingScene = std::function<Sight(float seconds)>;

/// Blotches of some ten pixels, so that flow has something to hold on to.
inline cv::Mat Blotches(cv::Size size, int seed) {
  cv::RNG random(static_cast<uint64_t>(seed) + 1);
  cv::Mat noise(size, CV_8UC3);
  random.fill(noise, cv::RNG::UNIFORM, 0, 256);
  cv::GaussianBlur(noise, noise, {}, 6);
  cv::normalize(noise, noise, 0, 255, cv::NORM_MINMAX);
  return noise;
}

inline cv::Mat Draw(const Sight& sight) {
  static const cv::Mat background = Blotches({960, 240}, 0);
  const cv::Size size(320, 240);
  const auto shift = [](float x, float y) -> cv::Mat {
    return (cv::Mat_<float>(2, 3) << 1, 0, x, 0, 1, y);
  };
  cv::Mat picture;
  cv::warpAffine(background, picture, shift(-320 - sight.pan, 0), size, cv::INTER_LINEAR,
                 cv::BORDER_REFLECT);
  for (const Thing& thing : sight.things) {
    cv::warpAffine(Blotches(thing.size, thing.texture), picture,
                   shift(thing.middle.x - static_cast<float>(thing.size.width) / 2,
                         thing.middle.y - static_cast<float>(thing.size.height) / 2),
                   size, cv::INTER_LINEAR, cv::BORDER_TRANSPARENT);
  }
  return picture;
}

/// Two seconds of `scene`, with so many lines.
inline std::vector<CapturedFrame> Film(const MovingScene& scene, double fps = 15, int lines = 240) {
  std::vector<CapturedFrame> frames;
  for (int i = 0; i < 2 * fps; ++i) {
    cv::Mat picture = Draw(scene(static_cast<float>(i / fps)));
    cv::resize(picture, picture, cv::Size(lines * 4 / 3, lines), 0, 0, cv::INTER_AREA);
    frames.push_back({std::move(picture), absl::UnixEpoch() + absl::Seconds(i / fps)});
  }
  return frames;
}

inline Sight NothingMoves(float) { return {0, {{{100, 120}}}}; }

/// The camera turns by a third of the picture's height in a second.
inline Sight CameraTurns(float seconds) { return {80 * seconds, {}}; }

/// One thing crosses the picture, a third of its height in a second.
inline Sight OneWalks(float seconds) { return {0, {{{80 + 80 * seconds, 120}}}}; }

/// Around (x, y), six parts that swing as fast as arms do, each in another direction.
inline std::vector<Thing> Scuffle(float seconds, float x, float y) {
  std::vector<Thing> parts;
  for (int part = 0; part < 6; ++part) {
    const float angle = static_cast<float>(part) * 3.14159f / 6;
    const float swing = 24 * std::sin(8 * seconds + static_cast<float>(part));
    parts.push_back({{x + 56 * static_cast<float>(part % 3 - 1) + swing * std::cos(angle),
                      y + 60 * static_cast<float>(part / 3) + swing * std::sin(angle)},
                     {50, 54},
                     part + 1});
  }
  return parts;
}
inline Sight SomeScuffle(float seconds) { return {0, Scuffle(seconds, 160, 110)}; }

}  // namespace aislewatch::picture_movement
