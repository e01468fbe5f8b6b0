#include "services/ingest/core/picture.h"

#include "common/base/status.h"
#include "common/vision/image_codec.h"

namespace aislewatch::ingest {

absl::StatusOr<std::shared_ptr<const std::string>> Picture::Jpeg() const {
  absl::MutexLock lock(&mutex_);
  if (jpeg_ == nullptr) {
    AW_ASSIGN_OR_RETURN(std::string jpeg, EncodeJpeg(bgr_));
    jpeg_ = std::make_shared<const std::string>(std::move(jpeg));
  }
  return jpeg_;
}

}  // namespace aislewatch::ingest
