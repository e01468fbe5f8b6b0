// Paths of routes such as /api/v1/cameras/{id}.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace aislewatch::gateway {

/// What {name}s of a template stand for, decoded.
using PathParams = std::map<std::string, std::string>;

/// Constant after construction.
class PathTemplate {
 public:
  /// Segments of `text` in braces match any one segment that is not empty.
  explicit PathTemplate(absl::string_view text);

  /// Whether `path`, percent-encoded as it came, matches; fills `params`. A segment is decoded
  /// after the path was split, so that an encoded slash stays within it.
  bool Match(absl::string_view path, PathParams& params) const;

  const std::string& text() const { return text_; }
  /// Names in braces, in order.
  std::vector<std::string> names() const;

 private:
  const std::string text_;
  std::vector<std::string> segments_;
};

}  // namespace aislewatch::gateway
