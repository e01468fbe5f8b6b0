#include "services/pose/core/body_motion.h"

#include <algorithm>
#include <cmath>

namespace aislewatch::pose {
namespace {

// Sides never shrink to nothing: they scale the noise.
constexpr double kLeastSide = 1e-3;

AxisFilter FirstSeen(double position, double size, const MotionOptions& options) {
  // Twice the noise of a measurement, as in ByteTrack: the first box is often a part of the person.
  return AxisFilter(position, 2 * options.measurement_noise * size,
                    options.initial_velocity * size);
}

}  // namespace

AxisFilter::AxisFilter(double position, double position_noise, double velocity_noise)
    : position_(position),
      var_position_(position_noise * position_noise),
      var_velocity_(velocity_noise * velocity_noise) {}

void AxisFilter::Predict(double dt, double noise, double keep) {
  const double q = noise * noise;
  position_ += velocity_ * dt;
  velocity_ *= keep;
  var_position_ += dt * (2 * covariance_ + dt * var_velocity_) + q * dt * dt * dt / 3;
  covariance_ = keep * (covariance_ + dt * var_velocity_) + q * dt * dt / 2;
  var_velocity_ = keep * keep * var_velocity_ + q * dt;
}

void AxisFilter::Correct(double measured, double noise) {
  const double gain = 1 / (var_position_ + noise * noise);
  const double gain_position = var_position_ * gain;
  const double gain_velocity = covariance_ * gain;
  const double error = measured - position_;
  position_ += gain_position * error;
  velocity_ += gain_velocity * error;
  var_velocity_ -= gain_velocity * covariance_;
  covariance_ *= 1 - gain_position;
  var_position_ *= 1 - gain_position;
}

BodyMotion::BodyMotion(const BodyBox& seen, const MotionOptions& options)
    : options_(options),
      x_(FirstSeen(seen.x, seen.size(), options)),
      y_(FirstSeen(seen.y, seen.size(), options)),
      width_(FirstSeen(seen.width, seen.size(), options)),
      height_(FirstSeen(seen.height, seen.size(), options)) {}

void BodyMotion::Predict(absl::Duration dt, bool coasting) {
  const double seconds = absl::ToDoubleSeconds(dt);
  const double noise = options_.velocity_noise * box().size();
  const double keep =
      coasting ? std::exp(-absl::FDivDuration(dt, options_.coasting_time)) : 1.0;
  if (coasting) {
    width_.Stop();
    height_.Stop();
  }
  for (AxisFilter* axis : {&x_, &y_, &width_, &height_}) axis->Predict(seconds, noise, keep);
}

void BodyMotion::Correct(const BodyBox& seen) {
  const double noise = options_.measurement_noise * seen.size();
  x_.Correct(seen.x, noise);
  y_.Correct(seen.y, noise);
  width_.Correct(seen.width, noise);
  height_.Correct(seen.height, noise);
}

BodyBox BodyMotion::box() const {
  return {x_.position(), y_.position(), std::max(kLeastSide, width_.position()),
          std::max(kLeastSide, height_.position())};
}

}  // namespace aislewatch::pose
