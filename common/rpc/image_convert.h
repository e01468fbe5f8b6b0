// Between pictures on the wire and in memory.
//
// Apart from convert.h, so that a program that sees no pictures loads no picture codecs. Stateless and
// thread-safe.
#pragma once

#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"
#include "aislewatch/v1/types.pb.h"

namespace aislewatch {

/// Decodes a picture that a peer sent. INVALID_ARGUMENT says what is wrong with it.
absl::StatusOr<cv::Mat> FromProto(const v1::Image& image);
/// An 8-bit BGR picture as JPEG (quality 90) or raw; UNSPECIFIED counts as JPEG.
absl::StatusOr<v1::Image> ToProto(const cv::Mat& bgr, v1::ImageEncoding encoding);

}  // namespace aislewatch
