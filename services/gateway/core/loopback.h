// Which names and addresses mean this machine.
#pragma once

#include "absl/strings/string_view.h"

namespace aislewatch::gateway {

/// Whether a HOST or HOST:PORT, as in a Host header or --http-listen, is localhost, 127.0.0.0/8 or
/// ::1.
bool IsLoopbackHost(absl::string_view host);

}  // namespace aislewatch::gateway
