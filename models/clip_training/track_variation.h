// Variation of tracks that are already embedded, drawn anew in every epoch.
#pragma once

#include <random>

#include "models/clip_training/sample.h"

namespace aislewatch::clip_training {

/// `view` as another person before another camera might have given it: mirrored, slower or
/// faster, cut out a little differently, keypoints moved and trembling as a pose model's do, some
/// joints unseen, now and then without pose or without picture where `network` sees both, so that
/// it learns to do with either. Targets go with their crops.
///
/// A mirrored map is nearly the map of the mirrored crop: the trunk's filters were trained on
/// mirrored pictures too, and only the padding of strided layers leans to one side.
SampleView VaryView(const clip_networks::ClipNetwork& network, const SampleView& view,
                    std::mt19937_64& random);

}  // namespace aislewatch::clip_training
