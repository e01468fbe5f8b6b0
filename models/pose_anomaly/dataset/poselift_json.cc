// Parsing of one PoseLift file. It is read as a stream of tokens: the files hold millions of
// numbers, and a document tree of them would take ten times the time and memory.
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status.h"
#include "models/pose_anomaly/dataset/poselift.h"

namespace aislewatch::pose_anomaly {
namespace {

using nlohmann::json;

constexpr size_t kNumbersPerPose = 3 * kJointCount;

// JSON knows no NaN, Python's writer writes it all the same: bare NaN becomes null.
std::string WithNullForNan(absl::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 50);
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\' && i + 1 < text.size()) {
      out.push_back(c);
      out.push_back(text[++i]);
      continue;
    }
    if (c == '"') in_string = !in_string;
    if (!in_string && c == 'N' && text.substr(i, 3) == "NaN") {
      out.append("null");
      i += 2;
      continue;
    }
    out.push_back(c);
  }
  return out;
}

// Takes the tokens of {person: {frame: {"keypoints": [51 numbers], ...}}}; ignores whatever else a
// frame has. Every handler returns false to stop the parser, with error() saying why.
class ClipHandler : public nlohmann::json_sax<json> {
 public:
  std::vector<ClipTrack> TakeTracks() { return std::move(tracks_); }
  size_t unknown_confidences() const { return unknown_confidences_; }
  const std::string& error() const { return error_; }

  bool null() override { return Value(std::numeric_limits<double>::quiet_NaN()); }
  bool boolean(bool) override { return Scalar(); }
  bool number_integer(number_integer_t v) override { return Value(static_cast<double>(v)); }
  bool number_unsigned(number_unsigned_t v) override { return Value(static_cast<double>(v)); }
  bool number_float(number_float_t v, const string_t&) override { return Value(v); }
  bool string(string_t&) override { return Scalar(); }
  bool binary(binary_t&) override { return Scalar(); }

  bool start_object(std::size_t) override {
    ++depth_;
    if (InKeypoints()) return Fail("keypoints hold an object");
    return true;
  }

  bool key(string_t& name) override {
    if (depth_ == kRoot) return StartTrack(name);
    if (depth_ == kPerson) return StartPose(name);
    if (depth_ == kFrame) in_keypoints_key_ = name == "keypoints";
    return true;
  }

  bool end_object() override {
    if (depth_ == kFrame && !FinishPose()) return false;
    if (depth_ == kPerson && tracks_.back().poses.empty()) tracks_.pop_back();
    --depth_;
    return true;
  }

  bool start_array(std::size_t) override {
    ++depth_;
    if (depth_ <= kFrame) return Fail("an array where an object belongs");
    if (depth_ > kKeypoints && in_keypoints_key_) return Fail("keypoints are nested");
    return true;
  }

  bool end_array() override {
    --depth_;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return Fail(absl::StrFormat("no valid JSON at byte %d", position));
  }

 private:
  // Depths of the brackets that are open.
  static constexpr int kRoot = 1, kPerson = 2, kFrame = 3, kKeypoints = 4;

  bool InKeypoints() const { return depth_ >= kKeypoints && in_keypoints_key_; }

  bool Fail(absl::string_view what) {
    error_ = std::string(what);
    if (!tracks_.empty()) absl::StrAppend(&error_, " (person ", tracks_.back().person);
    if (!tracks_.empty() && depth_ >= kFrame) absl::StrAppend(&error_, ", frame ", frame_);
    if (!tracks_.empty()) absl::StrAppend(&error_, ")");
    return false;
  }

  bool Scalar() {
    if (depth_ < kFrame) return Fail("a value where an object belongs");
    if (InKeypoints()) return Fail("keypoints hold something that is no number");
    return true;
  }

  bool Value(double value) {
    if (depth_ < kFrame) return Fail("a value where an object belongs");
    if (!InKeypoints()) return true;
    if (numbers_.size() == kNumbersPerPose) return Fail("more than 51 numbers in keypoints");
    numbers_.push_back(value);
    return true;
  }

  bool StartTrack(const std::string& name) {
    ClipTrack track;
    if (!absl::SimpleAtoi(name, &track.person)) {
      return Fail(absl::StrCat("person '", name.substr(0, 40), "' is no number"));
    }
    tracks_.push_back(std::move(track));
    return true;
  }

  bool StartPose(const std::string& name) {
    numbers_.clear();
    in_keypoints_key_ = false;
    if (absl::SimpleAtoi(name, &frame_) && frame_ >= 0) return true;
    return Fail(absl::StrCat("frame '", name.substr(0, 40), "' is no frame number"));
  }

  bool FinishPose() {
    if (numbers_.size() != kNumbersPerPose) {
      return Fail(absl::StrCat(numbers_.size(), " numbers in keypoints instead of 51"));
    }
    ClipPose pose;
    pose.frame = frame_;
    for (int j = 0; j < kJointCount; ++j) {
      const double y = numbers_[3 * j], x = numbers_[3 * j + 1], confidence = numbers_[3 * j + 2];
      if (!std::isfinite(x) || !std::isfinite(y)) return Fail("a coordinate is not finite");
      pose.pose[j] = {static_cast<float>(x / kPoseLiftFrame.width),
                      static_cast<float>(y / kPoseLiftFrame.height),
                      std::isfinite(confidence) ? static_cast<float>(confidence) : 0.0f};
      if (!std::isfinite(confidence)) ++unknown_confidences_;
    }
    tracks_.back().poses.push_back(pose);
    return true;
  }

  std::vector<ClipTrack> tracks_;
  std::vector<double> numbers_;
  int frame_ = 0;
  int depth_ = 0;
  bool in_keypoints_key_ = false;
  size_t unknown_confidences_ = 0;
  std::string error_;
};

absl::Status SortFrames(absl::string_view name, std::vector<ClipTrack>& tracks) {
  for (ClipTrack& track : tracks) {
    auto earlier = [](const ClipPose& a, const ClipPose& b) { return a.frame < b.frame; };
    std::sort(track.poses.begin(), track.poses.end(), earlier);
    for (size_t i = 1; i < track.poses.size(); ++i) {
      if (track.poses[i].frame != track.poses[i - 1].frame) continue;
      return absl::InvalidArgumentError(absl::StrCat(name, ": person ", track.person, " has frame ",
                                                     track.poses[i].frame, " twice"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PoseClip> ParsePoseLiftClip(absl::string_view name, absl::string_view text) {
  ClipHandler handler;
  const std::string strict = WithNullForNan(text);
  // The handler reports every error itself; the parser throws nothing through it.
  if (!json::sax_parse(strict, &handler)) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": ", handler.error(),
                     "; expected PoseLift's {person: {frame: {\"keypoints\": [51 numbers]}}}"));
  }
  PoseClip clip{std::string(name), handler.TakeTracks(), handler.unknown_confidences()};
  AW_RETURN_IF_ERROR(SortFrames(name, clip.tracks));
  return clip;
}

}  // namespace aislewatch::pose_anomaly
