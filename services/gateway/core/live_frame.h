// One frame as viewers get it.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace aislewatch::gateway {

/// Constant once it is shared; made once, written to every viewer.
struct LiveFrame {
  /// WatchLiveResponse as JSON, with the picture as base64 where there is one.
  std::string json;
  /// The picture; empty where none was asked for.
  std::string jpeg;
};

}  // namespace aislewatch::gateway
