#include "models/clip_training/trunk_import.h"

#include "models/cnn_gru/trunk_import.h"

namespace aislewatch::clip_training {

absl::Status ImportTrunk(const SafetensorsFile& movenet, cnn_gru::Network& network) {
  return cnn_gru::ImportTrunk(movenet, network->trunk());
}

}  // namespace aislewatch::clip_training
