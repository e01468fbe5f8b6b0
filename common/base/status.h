// Helpers around absl::Status. Errors name the thing that is wrong and what to do about it.
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace aislewatch {

/// The same code and payload-free message with `context` and ": " before it.
inline absl::Status Annotate(const absl::Status& status, const std::string& context) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(context, ": ", status.message()));
}

}  // namespace aislewatch

#define AW_STATUS_CONCAT_INNER_(a, b) a##b
#define AW_STATUS_CONCAT_(a, b) AW_STATUS_CONCAT_INNER_(a, b)

/// Returns from the function where `expr`, an absl::Status, is an error.
#define AW_RETURN_IF_ERROR(expr)                      \
  do {                                                \
    if (absl::Status aw_s = (expr); !aw_s.ok()) return aw_s; \
  } while (false)

/// Assigns the value of `expr`, an absl::StatusOr, to `lhs`, or returns its error.
#define AW_ASSIGN_OR_RETURN(lhs, expr) \
  AW_ASSIGN_OR_RETURN_IMPL_(AW_STATUS_CONCAT_(aw_or_, __LINE__), lhs, expr)
#define AW_ASSIGN_OR_RETURN_IMPL_(tmp, lhs, expr) \
  auto tmp = (expr);                              \
  if (!tmp.ok()) return std::move(tmp).status();  \
  lhs = *std::move(tmp)
