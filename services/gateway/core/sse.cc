#include "services/gateway/core/sse.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace aislewatch::gateway {
namespace {

std::string OneLine(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\r", ""}, {"\n", ""}});
}

}  // namespace

std::string SseEvent(absl::string_view event, absl::string_view id, absl::string_view data) {
  std::string out = absl::StrCat("event: ", OneLine(event), "\n");
  if (!id.empty()) absl::StrAppend(&out, "id: ", OneLine(id), "\n");
  for (const absl::string_view line : absl::StrSplit(data, '\n')) {
    absl::StrAppend(&out, "data: ", absl::StrReplaceAll(line, {{"\r", ""}}), "\n");
  }
  out.push_back('\n');
  return out;
}

}  // namespace aislewatch::gateway
