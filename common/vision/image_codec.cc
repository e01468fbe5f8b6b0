#include "common/vision/image_codec.h"

#include <cstring>
#include <vector>

#include <opencv2/imgcodecs.hpp>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch {
namespace {

absl::Status CheckSides(uint64_t width, uint64_t height) {
  if (width >= 1 && height >= 1 && width <= kMaxImageSide && height <= kMaxImageSide) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("picture of ", width, "x", height,
                                                 " pixels; each side must be 1..", kMaxImageSide));
}

uint8_t ByteAt(absl::string_view bytes, size_t i) { return static_cast<uint8_t>(bytes[i]); }

// Whether the JPEG ends with its end-of-image marker; encoders may pad after it.
bool HasEnd(absl::string_view jpeg) {
  return jpeg.substr(jpeg.size() - std::min<size_t>(jpeg.size(), 1024)).rfind("\xFF\xD9") !=
         absl::string_view::npos;
}

}  // namespace

// ISO/IEC 10918-1, B.1 and B.2: markers are 0xFF and a code; all but a few carry a 16-bit length;
// SOF0..SOF15 without DHT, JPG and DAC carry precision, height, width.
absl::StatusOr<FrameSize> JpegSize(absl::string_view jpeg) {
  if (jpeg.size() < 4 || ByteAt(jpeg, 0) != 0xFF || ByteAt(jpeg, 1) != 0xD8) {
    return absl::InvalidArgumentError("not a JPEG: it does not start with FF D8");
  }
  size_t i = 2;
  while (i + 4 <= jpeg.size()) {
    if (ByteAt(jpeg, i) != 0xFF) break;
    const uint8_t code = ByteAt(jpeg, i + 1);
    if (code == 0xFF) {
      ++i;
      continue;
    }
    if (code == 0x01 || (code >= 0xD0 && code <= 0xD8)) {
      i += 2;
      continue;
    }
    if (code == 0xDA || code == 0xD9) break;
    const size_t length = (size_t{ByteAt(jpeg, i + 2)} << 8) | ByteAt(jpeg, i + 3);
    const bool frame_header =
        code >= 0xC0 && code <= 0xCF && code != 0xC4 && code != 0xC8 && code != 0xCC;
    if (frame_header && i + 9 <= jpeg.size()) {
      const int height = (ByteAt(jpeg, i + 5) << 8) | ByteAt(jpeg, i + 6);
      const int width = (ByteAt(jpeg, i + 7) << 8) | ByteAt(jpeg, i + 8);
      AW_RETURN_IF_ERROR(CheckSides(width, height));
      return FrameSize{width, height};
    }
    if (length < 2) break;
    i += 2 + length;
  }
  return absl::InvalidArgumentError("corrupt JPEG: no frame header; send a complete JPEG file");
}

absl::StatusOr<cv::Mat> DecodeJpeg(absl::string_view jpeg) {
  AW_ASSIGN_OR_RETURN(const FrameSize size, JpegSize(jpeg));
  if (!HasEnd(jpeg)) {
    return absl::InvalidArgumentError(
        absl::StrCat("truncated JPEG: ", jpeg.size(), " bytes without an end marker"));
  }
  try {
    const cv::Mat bytes(1, static_cast<int>(jpeg.size()), CV_8UC1,
                        const_cast<char*>(jpeg.data()));
    cv::Mat image = cv::imdecode(bytes, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
    if (image.empty() || image.cols != size.width || image.rows != size.height) {
      return absl::InvalidArgumentError("corrupt JPEG: it cannot be decoded");
    }
    return image;
  } catch (const cv::Exception& e) {
    return absl::InvalidArgumentError(absl::StrCat("corrupt JPEG: ", e.what()));
  }
}

absl::StatusOr<cv::Mat> DecodeBgr(absl::string_view data, uint32_t width, uint32_t height) {
  AW_RETURN_IF_ERROR(CheckSides(width, height));
  const size_t expected = size_t{width} * height * 3;
  if (data.size() != expected) {
    return absl::InvalidArgumentError(absl::StrCat("raw picture of ", width, "x", height,
                                                   " needs ", expected, " bytes, not ",
                                                   data.size()));
  }
  cv::Mat image(static_cast<int>(height), static_cast<int>(width), CV_8UC3);
  std::memcpy(image.data, data.data(), expected);
  return image;
}

absl::StatusOr<std::string> EncodeJpeg(const cv::Mat& bgr, int quality) {
  if (bgr.empty() || bgr.type() != CV_8UC3) {
    return absl::InvalidArgumentError("only 8-bit BGR pictures can be encoded");
  }
  try {
    std::vector<uint8_t> bytes;
    if (!cv::imencode(".jpg", bgr, bytes, {cv::IMWRITE_JPEG_QUALITY, quality})) {
      return absl::InternalError("JPEG encoder failed");
    }
    return std::string(bytes.begin(), bytes.end());
  } catch (const cv::Exception& e) {
    return absl::InternalError(absl::StrCat("JPEG encoder failed: ", e.what()));
  }
}

}  // namespace aislewatch
