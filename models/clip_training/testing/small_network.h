// A network for tests: large enough to learn, small enough to train in a second.
#pragma once

#include "models/clip_networks/options.h"

namespace aislewatch::clip_training {

inline clip_networks::Options SmallNetwork() {
  clip_networks::Options options;
  options.trunk = {.stem_channels = 4,
                   .first_channels = 4,
                   .expansion = 2,
                   .stages = {{6, 1, 2}, {8, 1, 2}, {8, 1, 2}}};
  options.crop_side = 32;
  options.reduced_channels = 8;
  options.feature_size = 16;
  options.pose_size = 8;
  options.hidden_size = 16;
  options.window = 8;
  return options;
}

}  // namespace aislewatch::clip_training
