#include "services/ingest/adapters/h264_clip_writer.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
}

namespace aislewatch::ingest {
namespace {

constexpr int kTicksPerSecond = 1000;
constexpr int kIoBuffer = 64 * 1024;
// Room for the index before the pictures: what a picture's entries take at most, and the rest.
constexpr int kIndexBytesPerPicture = 48;
constexpr int kIndexBytes = 16 * 1024;
constexpr absl::Duration kBetweenKeys = absl::Seconds(2);

absl::Status AvError(const char* what, int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof(text));
  return absl::InternalError(absl::StrCat("the clip cannot be encoded: ", what, ": ", text));
}

// A file in memory, as libavformat writes it.
struct MemoryFile {
  std::string bytes;
  size_t at = 0;

#if LIBAVFORMAT_VERSION_MAJOR >= 61
  using Bytes = const uint8_t*;
#else
  using Bytes = uint8_t*;
#endif
  static int Write(void* opaque, Bytes data, int size) {
    auto& file = *static_cast<MemoryFile*>(opaque);
    const size_t end = file.at + static_cast<size_t>(size);
    if (end > file.bytes.size()) file.bytes.resize(end);
    std::memcpy(file.bytes.data() + file.at, data, static_cast<size_t>(size));
    file.at = end;
    return size;
  }
  static int64_t Seek(void* opaque, int64_t offset, int whence) {
    auto& file = *static_cast<MemoryFile*>(opaque);
    const auto size = static_cast<int64_t>(file.bytes.size());
    if ((whence & AVSEEK_SIZE) != 0) return size;
    whence &= ~AVSEEK_FORCE;
    const int64_t base = whence == SEEK_SET   ? 0
                         : whence == SEEK_CUR ? static_cast<int64_t>(file.at)
                                              : size;
    if (base + offset < 0) return AVERROR(EINVAL);
    // The room that is left for the index is written later.
    file.at = static_cast<size_t>(base + offset);
    return base + offset;
  }
};

// The software encoders of Debian's libavcodec, the better one first. Others want hardware.
const AVCodec* FindEncoder() {
  for (const char* name : {"libx264", "libopenh264"}) {
    if (const AVCodec* codec = avcodec_find_encoder_by_name(name)) return codec;
  }
  return nullptr;
}

class H264ClipWriter final : public ClipWriter {
 public:
  H264ClipWriter() = default;
  ~H264ClipWriter() override {
    avcodec_free_context(&encoder_);
    av_packet_free(&packet_);
    av_frame_free(&frame_);
    if (io_ != nullptr) av_freep(&io_->buffer);
    avio_context_free(&io_);
    avformat_free_context(muxer_);
  }
  H264ClipWriter(const H264ClipWriter&) = delete;
  H264ClipWriter& operator=(const H264ClipWriter&) = delete;

  absl::Status Open(const ClipFormat& format) {
    width_ = format.size.width & ~1;
    height_ = format.size.height & ~1;
    if (width_ < 16 || height_ < 16) {
      return absl::InvalidArgumentError(absl::StrCat(
          "pictures of ", format.size.width, "x", format.size.height, " are too small for a clip"));
    }
    interval_ = std::clamp(format.interval, absl::Milliseconds(1), absl::Seconds(10));
    AW_RETURN_IF_ERROR(OpenEncoder());
    AW_RETURN_IF_ERROR(OpenMuxer(format));
    frame_ = av_frame_alloc();
    packet_ = av_packet_alloc();
    if (frame_ == nullptr || packet_ == nullptr) return AvError("memory", AVERROR(ENOMEM));
    frame_->format = encoder_->pix_fmt;
    frame_->width = width_;
    frame_->height = height_;
    const int code = av_frame_get_buffer(frame_, 0);
    return code < 0 ? AvError("memory", code) : absl::OkStatus();
  }

  absl::Status Add(const cv::Mat& bgr, absl::Duration position) override {
    const int64_t ticks = absl::ToInt64Milliseconds(position + absl::Microseconds(500));
    if (finished_ || pictures_ >= most_pictures_ || ticks < 0 ||
        (pictures_ > 0 && ticks <= last_)) {
      return absl::InvalidArgumentError(
          "pictures of a clip must rise in time, and be as many as said");
    }
    if (const int code = av_frame_make_writable(frame_); code < 0) return AvError("memory", code);
    AW_RETURN_IF_ERROR(Convert(bgr));
    frame_->pts = ticks;
    last_ = ticks;
    ++pictures_;
    return Encode(frame_);
  }

  absl::StatusOr<std::string> Finish() override {
    if (std::exchange(finished_, true)) return absl::FailedPreconditionError("finished before");
    if (pictures_ == 0) return absl::InvalidArgumentError("the clip has no picture");
    AW_RETURN_IF_ERROR(Encode(nullptr));
    if (const int code = av_write_trailer(muxer_); code < 0) return AvError("index", code);
    avio_flush(io_);
    return std::move(file_.bytes);
  }

 private:
  absl::Status OpenEncoder() {
    const AVCodec* codec = FindEncoder();
    if (codec == nullptr) {
      return absl::UnavailableError(
          "libavcodec has no H.264 encoder (libx264 or libopenh264); install Debian's libavcodec");
    }
    encoder_ = avcodec_alloc_context3(codec);
    if (encoder_ == nullptr) return AvError("memory", AVERROR(ENOMEM));
    encoder_->width = width_;
    encoder_->height = height_;
    encoder_->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder_->color_range = AVCOL_RANGE_MPEG;
    encoder_->colorspace = AVCOL_SPC_SMPTE170M;
    encoder_->time_base = {1, kTicksPerSecond};
    const double fps = 1 / absl::ToDoubleSeconds(interval_);
    encoder_->framerate = av_d2q(fps, 1000);
    encoder_->gop_size = std::max(1, static_cast<int>(absl::FDivDuration(kBetweenKeys, interval_)));
    // Without pictures out of order the file begins at 0, which every player understands alike.
    encoder_->max_b_frames = 0;
    encoder_->thread_count = 1;
    // It would write a page about each clip between the log's lines; errors are still said.
    encoder_->log_level_offset = AV_LOG_INFO - AV_LOG_ERROR;
    encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (std::string(codec->name) == "libx264") {
      av_opt_set(encoder_->priv_data, "preset", "veryfast", 0);
      av_opt_set(encoder_->priv_data, "crf", "25", 0);
    } else {
      encoder_->bit_rate = int64_t{1000000};
    }
    const int code = avcodec_open2(encoder_, codec, nullptr);
    return code < 0 ? AvError("encoder", code) : absl::OkStatus();
  }

  absl::Status OpenMuxer(const ClipFormat& format) {
    int code = avformat_alloc_output_context2(&muxer_, nullptr, "mp4", nullptr);
    if (code < 0) return AvError("MP4", code);
    auto* buffer = static_cast<unsigned char*>(av_malloc(kIoBuffer));
    if (buffer == nullptr) return AvError("memory", AVERROR(ENOMEM));
    io_ = avio_alloc_context(buffer, kIoBuffer, 1, &file_, nullptr, &MemoryFile::Write,
                             &MemoryFile::Seek);
    if (io_ == nullptr) {
      av_free(buffer);
      return AvError("memory", AVERROR(ENOMEM));
    }
    muxer_->pb = io_;
    stream_ = avformat_new_stream(muxer_, nullptr);
    if (stream_ == nullptr) return AvError("memory", AVERROR(ENOMEM));
    stream_->time_base = encoder_->time_base;
    stream_->avg_frame_rate = encoder_->framerate;
    code = avcodec_parameters_from_context(stream_->codecpar, encoder_);
    if (code < 0) return AvError("MP4", code);
    const std::string taken =
        absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", format.start, absl::UTCTimeZone());
    av_dict_set(&muxer_->metadata, "creation_time", taken.c_str(), 0);
    if (!format.comment.empty()) {
      av_dict_set(&muxer_->metadata, "comment", format.comment.c_str(), 0);
    }
    // The index stands before the pictures without a second pass: its room is kept.
    most_pictures_ = std::max(1, format.most_pictures);
    AVDictionary* options = nullptr;
    av_dict_set_int(&options, "moov_size", kIndexBytes + most_pictures_ * kIndexBytesPerPicture, 0);
    code = avformat_write_header(muxer_, &options);
    av_dict_free(&options);
    return code < 0 ? AvError("MP4", code) : absl::OkStatus();
  }

  absl::Status Convert(const cv::Mat& bgr) {
    try {
      cv::Mat picture = bgr;
      if ((picture.cols & ~1) != width_ || (picture.rows & ~1) != height_) {
        cv::resize(picture, picture, {width_, height_}, 0, 0, cv::INTER_AREA);
      }
      cv::Mat planes;
      cv::cvtColor(picture(cv::Rect(0, 0, width_, height_)), planes, cv::COLOR_BGR2YUV_I420);
      const uint8_t* from = planes.ptr();
      for (int plane = 0; plane < 3; ++plane) {
        const int width = plane == 0 ? width_ : width_ / 2;
        const int height = plane == 0 ? height_ : height_ / 2;
        for (int y = 0; y < height; ++y, from += width) {
          std::memcpy(frame_->data[plane] + y * frame_->linesize[plane], from,
                      static_cast<size_t>(width));
        }
      }
    } catch (const cv::Exception& e) {
      return absl::InternalError(absl::StrCat("the clip cannot be encoded: ", e.what()));
    }
    return absl::OkStatus();
  }

  // Null drains the encoder.
  absl::Status Encode(const AVFrame* frame) {
    int code = avcodec_send_frame(encoder_, frame);
    if (code < 0) return AvError("picture", code);
    while ((code = avcodec_receive_packet(encoder_, packet_)) >= 0) {
      // Of each packet but the last, the muxer takes the next one's time.
      packet_->duration = absl::ToInt64Milliseconds(interval_);
      av_packet_rescale_ts(packet_, encoder_->time_base, stream_->time_base);
      packet_->stream_index = stream_->index;
      code = av_interleaved_write_frame(muxer_, packet_);
      if (code < 0) return AvError("MP4", code);
    }
    return code == AVERROR(EAGAIN) || code == AVERROR_EOF ? absl::OkStatus()
                                                          : AvError("picture", code);
  }

  MemoryFile file_;
  int width_ = 0;
  int height_ = 0;
  absl::Duration interval_;
  AVCodecContext* encoder_ = nullptr;
  AVFormatContext* muxer_ = nullptr;
  AVIOContext* io_ = nullptr;
  AVStream* stream_ = nullptr;
  AVFrame* frame_ = nullptr;
  AVPacket* packet_ = nullptr;
  int64_t most_pictures_ = 1;
  int64_t pictures_ = 0;
  int64_t last_ = 0;
  bool finished_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ClipWriter>> NewH264ClipWriter(const ClipFormat& format) {
  auto writer = std::make_unique<H264ClipWriter>();
  AW_RETURN_IF_ERROR(writer->Open(format));
  return writer;
}

}  // namespace aislewatch::ingest
