// What finds and follows the people of a clip, and keeps what it found.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/capture/frame_source.h"
#include "common/vision/geometry.h"

namespace aislewatch::clip_training {

/// One person in one frame.
struct FoundPerson {
  uint64_t track_id = 0;
  NormalizedBox box;
  /// In fractions of the frame, like the box.
  Pose keypoints{};
};

/// The people of each frame of a clip.
using PeopleByFrame = std::vector<std::vector<FoundPerson>>;

/// Finds people as the cluster would. Thread-safe; Find blocks for the inference.
class PersonFinder {
 public:
  virtual ~PersonFinder() = default;
  /// `frames` are one clip's, in order. One entry per frame.
  virtual absl::StatusOr<PeopleByFrame> Find(absl::Span<const CapturedFrame> frames) = 0;
  /// Changes when the same frames may give other people, for example "movenet-multipose-1".
  virtual std::string version() const = 0;
};

/// Remembers in a folder what another finder found, by the frames' digest and the finder's
/// version, as one JSON file per clip. Thread-safe where the other finder is. A file that cannot be
/// read counts as absent.
class CachingPersonFinder : public PersonFinder {
 public:
  /// `folder` is made where it does not exist; `finder` outlives this.
  CachingPersonFinder(PersonFinder& finder, std::string folder);

  absl::StatusOr<PeopleByFrame> Find(absl::Span<const CapturedFrame> frames) override;
  std::string version() const override { return finder_.version(); }

 private:
  PersonFinder& finder_;
  const std::string folder_;
};

/// `people` as JSON text and back; INVALID_ARGUMENT for any other text. Coordinates keep four
/// decimals, a twentieth of a pixel in an analysed frame.
std::string PeopleToJson(const PeopleByFrame& people);
absl::StatusOr<PeopleByFrame> PeopleFromJson(absl::string_view text);

}  // namespace aislewatch::clip_training
