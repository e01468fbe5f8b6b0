// Where a person's box is and where it goes: Kalman filters of constant velocity.
#pragma once

#include "absl/time/time.h"
#include "services/pose/core/body_box.h"

namespace aislewatch::pose {

/// How people move, in bodies (the longer side of the box, about 1.7 m for one who stands).
struct MotionOptions {
  /// Standard deviation of a box's edge around the person, in bodies; > 0.
  double measurement_noise = 0.05;
  /// How fast velocity wanders: standard deviation of its change over one second, in bodies per
  /// second; > 0. A walker stops or sets off (0.8 bodies per second) within that time.
  double velocity_noise = 1.0;
  /// Standard deviation of the unknown velocity of somebody first seen, in bodies per second; > 0.
  double initial_velocity = 0.8;
  /// Time in which the velocity of somebody unseen falls to 1/e, > 0: who is hidden for long has
  /// probably stopped or turned.
  absl::Duration coasting_time = absl::Seconds(1);
};

/// A position and its velocity along one axis. The four axes of a box have no noise in common, so
/// four of these are the eight-dimensional filter of SORT and ByteTrack (arXiv 2110.06864), less
/// its zeros. Plain value.
class AxisFilter {
 public:
  AxisFilter(double position, double position_noise, double velocity_noise);
  /// Moves on by `dt` seconds, where velocity wanders by `noise` in each second (white-noise
  /// acceleration). `keep` 0..1 is the share of the velocity that is left afterwards.
  void Predict(double dt, double noise, double keep);
  /// Takes a measurement with standard deviation `noise`.
  void Correct(double measured, double noise);
  void Stop() { velocity_ = 0; }
  double position() const { return position_; }
  double velocity() const { return velocity_; }

 private:
  double position_;
  double velocity_ = 0;
  double var_position_;
  double covariance_ = 0;
  double var_velocity_;
};

/// The motion of one box. Plain value.
class BodyMotion {
 public:
  BodyMotion(const BodyBox& seen, const MotionOptions& options);
  /// Moves on by `dt` >= 0. `coasting`: the person was not seen last, so the size stays and the
  /// velocity fades.
  void Predict(absl::Duration dt, bool coasting);
  /// Takes the box as it was seen.
  void Correct(const BodyBox& seen);
  /// The estimate; sides are always positive.
  BodyBox box() const;
  /// Heights of the picture per second, rightwards and downwards.
  double velocity_x() const { return x_.velocity(); }
  double velocity_y() const { return y_.velocity(); }

 private:
  MotionOptions options_;
  AxisFilter x_;
  AxisFilter y_;
  AxisFilter width_;
  AxisFilter height_;
};

}  // namespace aislewatch::pose
