// Small videos for tests.
#pragma once

#include <string>

#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>

namespace aislewatch {

/// Writes `frames` frames of growing brightness as Motion JPEG at `fps`. Returns whether it could.
inline bool WriteTestVideo(const std::string& path, int frames, double fps,
                           cv::Size size = {160, 120}) {
  cv::VideoWriter writer(path, cv::CAP_FFMPEG, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), fps,
                         size);
  if (!writer.isOpened()) return false;
  for (int i = 0; i < frames; ++i) {
    writer.write(cv::Mat(size, CV_8UC3, cv::Scalar::all(20 + 200.0 * i / frames)));
  }
  return true;
}

}  // namespace aislewatch
