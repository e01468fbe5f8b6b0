// Collects every fault of a request, so that a client learns all of them in one answer.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace aislewatch::events {

/// Not thread-safe.
class Faults {
 public:
  /// The most faults that a message lists; the rest is counted.
  static constexpr size_t kMaxListed = 20;

  void Add(absl::string_view fault) { faults_.emplace_back(fault); }
  void Add(absl::string_view field, absl::string_view what) {
    faults_.push_back(absl::StrCat(field, " ", what));
  }
  /// Adds a status' message where it is an error.
  void Add(const absl::Status& status) {
    if (!status.ok()) faults_.emplace_back(status.message());
  }
  bool empty() const { return faults_.empty(); }

  /// OK, or INVALID_ARGUMENT with `what` and every fault.
  absl::Status ToStatus(absl::string_view what) const {
    if (faults_.empty()) return absl::OkStatus();
    const size_t listed = std::min(faults_.size(), kMaxListed);
    std::string message =
        absl::StrCat(what, ": ", absl::StrJoin(faults_.begin(), faults_.begin() + listed, "; "));
    if (faults_.size() > listed) {
      absl::StrAppend(&message, "; and ", faults_.size() - listed, " more");
    }
    return absl::InvalidArgumentError(message);
  }

 private:
  std::vector<std::string> faults_;
};

}  // namespace aislewatch::events
