#include "models/movenet/movenet_decoder.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

namespace aislewatch {
namespace {

// Constants of the published graph, as its half-precision weights hold them.
constexpr int kPeakReach = 2;               // a peak is the largest of 5 x 5 cells
constexpr float kPeakTolerance = 1.0133e-6f;  // between probabilities that count as equal
constexpr float kKernelWidth = 0.300048828f;  // of the grid's smaller side

float Sigmoid(float logit) { return 1.0f / (1.0f + std::exp(-logit)); }

struct Peak {
  int y;
  int x;
  float score;
};

// A person's box in cells.
struct GridBox {
  float top, left, bottom, right;
};

// A range of cells that is never empty where begin < end.
struct Range {
  int begin;
  int end;
};

// Whether no cell within reach has a centre that is more probable than `score`.
bool IsPeak(const MoveNetHeadViews& heads, int y, int x, float logit, float score) {
  float largest = logit;
  for (int v = std::max(0, y - kPeakReach); v <= std::min(heads.height - 1, y + kPeakReach); ++v) {
    for (int u = std::max(0, x - kPeakReach); u <= std::min(heads.width - 1, x + kPeakReach); ++u) {
      largest = std::max(largest, *heads.center.Cell(v * heads.width + u));
    }
  }
  return largest == logit || Sigmoid(largest) - score < kPeakTolerance;
}

std::vector<Peak> FindPeaks(const MoveNetHeadViews& heads, const MoveNetDecoderOptions& options) {
  // Most cells fail this comparison, which needs no exponential.
  const float p = std::clamp(options.min_center_score, 1e-6f, 1 - 1e-6f);
  const float min_logit = std::log(p / (1 - p));
  std::vector<Peak> peaks;
  for (int y = 0; y < heads.height; ++y) {
    for (int x = 0; x < heads.width; ++x) {
      const float logit = *heads.center.Cell(y * heads.width + x);
      if (!(logit >= min_logit) || !std::isfinite(logit)) continue;
      const float score = Sigmoid(logit);
      if (IsPeak(heads, y, x, logit, score)) peaks.push_back({y, x, score});
    }
  }
  std::stable_sort(peaks.begin(), peaks.end(),
                   [](const Peak& a, const Peak& b) { return a.score > b.score; });
  const auto most = static_cast<size_t>(std::max(1, options.max_people));
  if (peaks.size() > most) peaks.resize(most);
  return peaks;
}

GridBox BoxAt(const MoveNetHeadViews& heads, const Peak& peak) {
  const int cell = peak.y * heads.width + peak.x;
  const float* scale = heads.box_scale.Cell(cell);
  const float* offset = heads.box_offset.Cell(cell);
  const float y = static_cast<float>(peak.y) + offset[0];
  const float x = static_cast<float>(peak.x) + offset[1];
  const float half_height = std::max(scale[0], 0.0f) / 2;
  const float half_width = std::max(scale[1], 0.0f) / 2;
  const auto height = static_cast<float>(heads.height);
  const auto width = static_cast<float>(heads.width);
  return {std::clamp(y - half_height, 0.0f, height), std::clamp(x - half_width, 0.0f, width),
          std::clamp(y + half_height, 0.0f, height), std::clamp(x + half_width, 0.0f, width)};
}

// Cells whose index is in [low, high), which lie in 0..limit.
Range Cells(float low, float high) {
  return {static_cast<int>(std::ceil(low)), static_cast<int>(std::ceil(high))};
}

// exp(-(i - centre)^2 / spread) for each cell of the range: the kernel is separable.
void Kernel(Range cells, float centre, float spread, std::vector<float>& out) {
  out.clear();
  for (int i = cells.begin; i < cells.end; ++i) {
    const float d = static_cast<float>(i) - centre;
    out.push_back(std::exp(-(d * d) / spread));
  }
}

// Finds the joints of one person. Keeps its buffers from person to person.
class JointFinder {
 public:
  explicit JointFinder(const MoveNetHeadViews& heads)
      : heads_(heads),
        spread_(kKernelWidth * static_cast<float>(std::min(heads.height, heads.width))) {}

  // The joint in fractions of the input; its confidence is the heatmap's value times the kernel's.
  // Cells outside the person's box do not count.
  Keypoint Find(const Peak& peak, const GridBox& box, int joint) {
    const Range rows = Cells(box.top, box.bottom);
    const Range columns = Cells(box.left, box.right);
    const float* guess =
        heads_.kpt_regress.Cell(peak.y * heads_.width + peak.x) + static_cast<ptrdiff_t>(joint) * 2;
    Kernel(rows, static_cast<float>(peak.y) + guess[0], spread_, row_kernel_);
    Kernel(columns, static_cast<float>(peak.x) + guess[1], spread_, column_kernel_);
    float best = 0;
    int best_cell = 0;
    for (int y = rows.begin; y < rows.end; ++y) {
      const float row_weight = row_kernel_[static_cast<size_t>(y - rows.begin)];
      // A probability is at most 1, so a kernel value that is not above the best cannot win.
      if (!(row_weight > best)) continue;
      for (int x = columns.begin; x < columns.end; ++x) {
        const float weight = row_weight * column_kernel_[static_cast<size_t>(x - columns.begin)];
        if (!(weight > best)) continue;
        const int cell = y * heads_.width + x;
        const float value = weight * Sigmoid(heads_.kpt_heatmap.Cell(cell)[joint]);
        if (value > best) {
          best = value;
          best_cell = cell;
        }
      }
    }
    const float* offset = heads_.kpt_offset.Cell(best_cell) + static_cast<ptrdiff_t>(joint) * 2;
    return {(static_cast<float>(best_cell % heads_.width) + offset[1]) /
                static_cast<float>(heads_.width),
            (static_cast<float>(best_cell / heads_.width) + offset[0]) /
                static_cast<float>(heads_.height),
            best};
  }

 private:
  const MoveNetHeadViews& heads_;
  const float spread_;
  std::vector<float> row_kernel_;
  std::vector<float> column_kernel_;
};

bool IsFinite(const DetectedPerson& person) {
  bool finite = std::isfinite(person.box.area());
  for (const Keypoint& k : person.keypoints) {
    finite = finite && std::isfinite(k.x) && std::isfinite(k.y) && std::isfinite(k.confidence);
  }
  return finite;
}

DetectedPerson DecodePerson(const MoveNetHeadViews& heads, const Peak& peak, JointFinder& finder) {
  const GridBox box = BoxAt(heads, peak);
  const auto height = static_cast<float>(heads.height);
  const auto width = static_cast<float>(heads.width);
  DetectedPerson person;
  person.box = {box.left / width, box.top / height, (box.right - box.left) / width,
                (box.bottom - box.top) / height};
  // A box that is not finite has no cells that could be visited.
  if (!std::isfinite(person.box.area())) return person;
  float sum = 0;
  int seen = 0;
  for (int joint = 0; joint < kJointCount; ++joint) {
    Keypoint& keypoint = person.keypoints[static_cast<size_t>(joint)];
    keypoint = finder.Find(peak, box, joint);
    if (keypoint.confidence > kSeenJointConfidence) {
      sum += keypoint.confidence;
      ++seen;
    }
  }
  person.score = seen > 0 ? peak.score * sum / static_cast<float>(seen) : 0;
  return person;
}

absl::Status CheckSizes(const MoveNetHeadViews& heads) {
  if (heads.height < 1 || heads.width < 1) {
    return absl::InvalidArgumentError("MoveNet's heads have no cells");
  }
  const size_t cells = static_cast<size_t>(heads.height) * static_cast<size_t>(heads.width);
  const std::pair<const HeadView*, size_t> sizes[] = {
      {&heads.center, 1},       {&heads.kpt_heatmap, 17}, {&heads.kpt_regress, 34},
      {&heads.kpt_offset, 34},  {&heads.box_scale, 2},    {&heads.box_offset, 2}};
  for (const auto& [head, channels] : sizes) {
    if (head->size() == cells * channels) continue;
    return absl::InvalidArgumentError(absl::StrCat("a MoveNet head with ", channels,
                                                   " channels has ", head->size(), " values for ",
                                                   cells, " cells"));
  }
  return absl::OkStatus();
}

}  // namespace

HeadView HeadView::Upright(absl::Span<const float> values, int channels) {
  return {values.data(), channels, values.size()};
}

HeadView HeadView::Turned(absl::Span<const float> values, int channels) {
  const auto step = static_cast<size_t>(channels);
  const size_t last = values.size() < step ? 0 : values.size() - step;
  return {values.data() + last, -channels, values.size()};
}

absl::StatusOr<std::vector<DetectedPerson>> DecodeMoveNet(const MoveNetHeadViews& heads,
                                                          const MoveNetDecoderOptions& options) {
  if (absl::Status status = CheckSizes(heads); !status.ok()) return status;
  JointFinder finder(heads);
  std::vector<DetectedPerson> people;
  for (const Peak& peak : FindPeaks(heads, options)) {
    DetectedPerson person = DecodePerson(heads, peak, finder);
    if (person.score >= options.min_score && IsFinite(person)) people.push_back(person);
  }
  std::stable_sort(people.begin(), people.end(), [](const DetectedPerson& a,
                                                    const DetectedPerson& b) {
    return a.score > b.score;
  });
  return people;
}

}  // namespace aislewatch
