#include "models/yolo_pose/yolo_pose_decoder.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace aislewatch {
namespace {

// One candidate of the output: a column.
class Candidate {
 public:
  Candidate(absl::Span<const float> output, size_t candidates, size_t index)
      : output_(output), candidates_(candidates), index_(index) {}
  float operator[](size_t row) const { return output_[row * candidates_ + index_]; }
  float score() const { return (*this)[4]; }

 private:
  const absl::Span<const float> output_;
  const size_t candidates_;
  const size_t index_;
};

DetectedPerson ToPerson(const Candidate& candidate, FrameSize input) {
  const auto width = static_cast<float>(input.width);
  const auto height = static_cast<float>(input.height);
  DetectedPerson person;
  person.box = {(candidate[0] - candidate[2] / 2) / width,
                (candidate[1] - candidate[3] / 2) / height, candidate[2] / width,
                candidate[3] / height};
  person.score = candidate.score();
  for (size_t joint = 0; joint < kJointCount; ++joint) {
    person.keypoints[joint] = {candidate[5 + 3 * joint] / width, candidate[6 + 3 * joint] / height,
                               candidate[7 + 3 * joint]};
  }
  return person;
}

bool IsUsable(const DetectedPerson& person) {
  bool finite = std::isfinite(person.box.x) && std::isfinite(person.box.y) &&
                person.box.width > 0 && person.box.height > 0 && std::isfinite(person.box.area());
  for (const Keypoint& k : person.keypoints) {
    finite = finite && std::isfinite(k.x) && std::isfinite(k.y) && std::isfinite(k.confidence);
  }
  return finite;
}

}  // namespace

absl::StatusOr<std::vector<DetectedPerson>> DecodeYoloPose(absl::Span<const float> output,
                                                           FrameSize input,
                                                           const YoloPoseDecoderOptions& options) {
  if (output.size() % kYoloPoseRows != 0 || input.width < 1 || input.height < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("a YOLO pose output of ", output.size(), " values for an input of ",
                     input.width, "x", input.height, " is not [56, N]"));
  }
  const size_t candidates = output.size() / kYoloPoseRows;
  std::vector<DetectedPerson> found;
  for (size_t i = 0; i < candidates; ++i) {
    const Candidate candidate(output, candidates, i);
    // Written so that NaN fails.
    if (!(candidate.score() >= options.min_score && candidate.score() <= 1)) continue;
    const DetectedPerson person = ToPerson(candidate, input);
    if (IsUsable(person)) found.push_back(person);
  }
  std::stable_sort(found.begin(), found.end(), [](const DetectedPerson& a,
                                                  const DetectedPerson& b) {
    return a.score > b.score;
  });
  std::vector<DetectedPerson> people;
  for (const DetectedPerson& person : found) {
    if (people.size() >= static_cast<size_t>(std::max(1, options.max_people))) break;
    const bool covered = std::any_of(people.begin(), people.end(), [&](const DetectedPerson& p) {
      return IntersectionOverUnion(p.box, person.box) > options.max_overlap;
    });
    if (!covered) people.push_back(person);
  }
  return people;
}

}  // namespace aislewatch
