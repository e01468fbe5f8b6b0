#include "common/rpc/image_convert.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/vision/image_codec.h"

namespace aislewatch {

absl::StatusOr<cv::Mat> FromProto(const v1::Image& image) {
  switch (image.encoding()) {
    case v1::IMAGE_ENCODING_JPEG:
      return DecodeJpeg(image.data());
    case v1::IMAGE_ENCODING_BGR8:
      return DecodeBgr(image.data(), image.width(), image.height());
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("image encoding ", static_cast<int>(image.encoding()),
                       " is unknown; send IMAGE_ENCODING_JPEG or IMAGE_ENCODING_BGR8"));
  }
}

absl::StatusOr<v1::Image> ToProto(const cv::Mat& bgr, v1::ImageEncoding encoding) {
  if (bgr.empty() || bgr.type() != CV_8UC3) {
    return absl::InvalidArgumentError("only 8-bit BGR pictures can be sent");
  }
  v1::Image image;
  image.set_width(bgr.cols);
  image.set_height(bgr.rows);
  if (encoding == v1::IMAGE_ENCODING_BGR8) {
    const cv::Mat packed = bgr.isContinuous() ? bgr : bgr.clone();
    image.set_encoding(v1::IMAGE_ENCODING_BGR8);
    image.set_data(packed.data, packed.total() * packed.elemSize());
    return image;
  }
  AW_ASSIGN_OR_RETURN(*image.mutable_data(), EncodeJpeg(bgr));
  image.set_encoding(v1::IMAGE_ENCODING_JPEG);
  return image;
}

}  // namespace aislewatch
