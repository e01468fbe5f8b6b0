// Simulated people whom nobody has to find.
//
// Rendering, finding people and embedding crops take a second of two cores for one or two seconds
// of footage; the simulator alone takes milliseconds. What people do is learnt from poses as much
// as from pictures, so most of what the network learns from are sketches: the simulator's joints,
// with a pose model's faults drawn anew each time (pose_faults.h).
#pragma once

#include <vector>

#include "absl/types/span.h"
#include "common/vision/geometry.h"
#include "models/clip_training/sample.h"
#include "simulator/truth.h"

namespace aislewatch::clip_training {

/// The people of `frames` (10 per second) while enough of them is visible, as tracks without maps
/// whose keypoints are true: the third number is the visibility. Who is away for more than a second
/// is a new track. Targets are what holds at each crop. `size`: of the pictures that nobody drew.
SampleView SketchPeople(absl::Span<const simulator::TruthFrame> frames, FrameSize size);

/// The same people as a PersonFinder would give them, so that they can be cut out of pictures: true
/// boxes and joints, of which the confidence is the visibility, under the simulator's own ids.
PeopleByFrame TruePeople(absl::Span<const simulator::TruthFrame> frames);

}  // namespace aislewatch::clip_training
