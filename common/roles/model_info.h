// Name and version of a loaded model.
#pragma once

#include <string>

namespace aislewatch {

/// As in the model repository: NAME/VERSION.
struct ModelInfo {
  std::string name;
  std::string version;
};

}  // namespace aislewatch
