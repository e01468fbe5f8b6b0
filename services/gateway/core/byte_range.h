// The Range header for one range of bytes (RFC 9110, section 14).
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace aislewatch::gateway {

/// What a Range header asks of something that has so many bytes.
struct ByteRange {
  enum class Kind {
    /// All of it: there is no header, or none that is understood (several ranges, another unit).
    kWhole,
    /// `length` >= 1 bytes from `offset`.
    kPart,
    /// It begins behind the end: 416.
    kUnsatisfiable,
  };
  Kind kind = Kind::kWhole;
  uint64_t offset = 0;
  uint64_t length = 0;
};

ByteRange ParseByteRange(absl::string_view header, uint64_t size);

/// Whether `etag`, with its quotes, is named by an If-None-Match header.
bool NamesEtag(absl::string_view if_none_match, absl::string_view etag);

}  // namespace aislewatch::gateway
