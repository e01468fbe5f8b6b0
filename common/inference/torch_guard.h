// Where LibTorch's exceptions become statuses.
#pragma once

#include <exception>
#include <type_traits>
#include <utility>

#include <c10/util/Exception.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace aislewatch {

/// Calls `function`, which returns a Status or StatusOr, and turns what it throws into INTERNAL
/// with `what` before LibTorch's own message (without its backtrace).
template <typename Function>
auto CatchTorch(absl::string_view what, Function&& function) -> std::invoke_result_t<Function> {
  try {
    return std::forward<Function>(function)();
  } catch (const c10::Error& error) {
    return absl::InternalError(absl::StrCat(what, ": ", error.what_without_backtrace()));
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat(what, ": ", error.what()));
  }
}

}  // namespace aislewatch
