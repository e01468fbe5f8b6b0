#include "common/inference/sha256.h"

#include <memory>

#include "common/base/sha256.h"
#include "common/base/status.h"
#include "common/inference/file_bytes.h"

namespace aislewatch {

absl::StatusOr<std::string> Sha256OfFile(const std::string& path) {
  AW_ASSIGN_OR_RETURN(const std::shared_ptr<const FileBytes> file, FileBytes::Read(path));
  const absl::Span<const uint8_t> bytes = file->bytes();
  return Sha256Hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace aislewatch
