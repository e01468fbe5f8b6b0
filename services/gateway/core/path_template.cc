#include "services/gateway/core/path_template.h"

#include "absl/strings/str_split.h"
#include "services/gateway/core/http_message.h"

namespace aislewatch::gateway {
namespace {

bool IsName(absl::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace

PathTemplate::PathTemplate(absl::string_view text)
    : text_(text), segments_(absl::StrSplit(text, '/')) {}

bool PathTemplate::Match(absl::string_view path, PathParams& params) const {
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  if (parts.size() != segments_.size()) return false;
  PathParams found;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string& segment = segments_[i];
    if (!IsName(segment)) {
      if (parts[i] != segment) return false;
      continue;
    }
    auto value = PercentDecode(parts[i], false);
    if (!value || value->empty()) return false;
    found[segment.substr(1, segment.size() - 2)] = *std::move(value);
  }
  params = std::move(found);
  return true;
}

std::vector<std::string> PathTemplate::names() const {
  std::vector<std::string> names;
  for (const std::string& segment : segments_) {
    if (IsName(segment)) names.push_back(segment.substr(1, segment.size() - 2));
  }
  return names;
}

}  // namespace aislewatch::gateway
