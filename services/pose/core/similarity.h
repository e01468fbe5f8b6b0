// How alike two sightings of people are.
//
// Stateless and thread-safe.
#pragma once

#include "common/vision/geometry.h"
#include "services/pose/core/body_box.h"

namespace aislewatch::pose {

/// Intersection over union, 0..1.
double Overlap(const BodyBox& a, const BodyBox& b);

/// Joints that two poses must both show before PoseSimilarity says anything.
inline constexpr int kLeastSharedJoints = 5;

/// Object keypoint similarity as COCO defines it, 0..1: the mean over the joints that both show of
/// exp(-d² / (2 · area · k²)), k being COCO's constant of the joint times `slack` (1 compares two
/// sightings in one picture; more allows for the motion between pictures). Negative where fewer
/// than kLeastSharedJoints are shown by both. `area`: of the person's box; poses and area in
/// heights of the picture.
double PoseSimilarity(const Pose& a, const Pose& b, double area, double slack);

}  // namespace aislewatch::pose
