#include "services/ingest/core/live_picture.h"

#include "common/base/status.h"
#include "common/vision/head_blur.h"
#include "common/vision/image_codec.h"

namespace aislewatch::ingest {

absl::StatusOr<std::shared_ptr<const std::string>> LivePicture::Jpeg() const {
  // The pipeline has made this one already.
  if (hidden_ == Hidden::kNothing) return picture_->Jpeg();
  absl::MutexLock lock(&mutex_);
  if (jpeg_ == nullptr) {
    cv::Mat shown = picture_->bgr().clone();
    if (hidden_ == Hidden::kHeads) {
      BlurHeads(shown, people_);
    } else {
      BlurEverything(shown);
    }
    AW_ASSIGN_OR_RETURN(std::string jpeg, EncodeJpeg(shown));
    jpeg_ = std::make_shared<const std::string>(std::move(jpeg));
  }
  return jpeg_;
}

}  // namespace aislewatch::ingest
