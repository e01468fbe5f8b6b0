// JPEG and raw pictures in and out of cv::Mat, with limits that a hostile peer cannot pass.
//
// Stateless and thread-safe. Never throws.
#pragma once

#include <cstdint>
#include <string>

#include <opencv2/core/mat.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/vision/geometry.h"

namespace aislewatch {

/// Longest side of a picture that is accepted, in pixels.
inline constexpr int kMaxImageSide = 8192;

/// Width and height that a JPEG's header declares, without decoding it. INVALID_ARGUMENT where
/// there is no frame header, or a side is 0 or above kMaxImageSide.
absl::StatusOr<FrameSize> JpegSize(absl::string_view jpeg);

/// Decodes a complete JPEG to 8-bit BGR. INVALID_ARGUMENT where it is truncated, corrupt, no JPEG
/// or too large; the limit is checked on the header before memory is taken.
absl::StatusOr<cv::Mat> DecodeJpeg(absl::string_view jpeg);

/// A copy of `data` as 8-bit BGR. INVALID_ARGUMENT unless each side is 1..kMaxImageSide and data
/// holds exactly width * height * 3 bytes.
absl::StatusOr<cv::Mat> DecodeBgr(absl::string_view data, uint32_t width, uint32_t height);

/// Encodes an 8-bit BGR picture; quality 1..100.
absl::StatusOr<std::string> EncodeJpeg(const cv::Mat& bgr, int quality = 90);

}  // namespace aislewatch
