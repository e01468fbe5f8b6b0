#include "services/classifier/core/clip_scorer.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/base/status.h"

namespace aislewatch::classifier {
namespace {

/// Side of the grey crops that the model is warmed with; those of pipelines have it too.
constexpr int kWarmSide = 112;

absl::StatusOr<std::vector<CropScore>> RunBatch(ClipClassifier& model,
                                                absl::Span<CropItem> items) {
  std::vector<PersonView> views;
  views.reserve(items.size());
  for (CropItem& item : items) {
    item.view.previous = item.window->CropBefore(item.capture_time, item.view.crop);
    views.push_back(std::move(item.view));
  }
  AW_ASSIGN_OR_RETURN(std::vector<CropFeatures> features, model.Embed(views));
  if (features.size() != items.size()) {
    return absl::InternalError(
        absl::StrCat("the model gave features of ", features.size(), " crops for ", items.size()));
  }
  // Two crops of one track may share a batch: each is scored over the window as it is after it.
  std::vector<std::vector<CropFeatures>> windows;
  windows.reserve(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    items[i].window->Push(items[i].capture_time, std::move(features[i]));
    windows.push_back(items[i].window->features());
  }
  AW_ASSIGN_OR_RETURN(const std::vector<ActionScores> scores, model.Score(windows));
  if (scores.size() != items.size()) {
    return absl::InternalError(
        absl::StrCat("the model scored ", scores.size(), " windows of ", items.size()));
  }
  std::vector<CropScore> results;
  results.reserve(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    results.push_back({scores[i], static_cast<int>(windows[i].size())});
  }
  return results;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClipScorer>> ClipScorer::Create(
    std::unique_ptr<ClipClassifier> model, const BatchingOptions& options, Clock& clock,
    Metrics& metrics) {
  AW_RETURN_IF_ERROR(CheckBatchingOptions(options));
  auto scorer = std::unique_ptr<ClipScorer>(new ClipScorer(std::move(model)));
  AW_RETURN_IF_ERROR(scorer->Warm(options.max_batch));
  using Batcher = DynamicBatcher<CropItem, CropScore>;
  std::vector<Batcher::BatchFunction> workers;
  workers.emplace_back([m = scorer->model_.get()](absl::Span<CropItem> items) {
    return RunBatch(*m, items);
  });
  AW_ASSIGN_OR_RETURN(scorer->batcher_,
                      Batcher::Create(options, std::move(workers), clock, metrics));
  return scorer;
}

absl::Status ClipScorer::Warm(int max_batch) {
  const WindowOptions window_options{.max_crops = window_};
  for (int size = 1; size <= max_batch; ++size) {
    std::vector<CropItem> items;
    for (int i = 0; i < size; ++i) {
      items.push_back({{cv::Mat(kWarmSide, kWarmSide, CV_8UC3, cv::Scalar::all(114)), {}},
                       absl::UnixEpoch(), std::make_shared<TrackWindow>(window_options)});
    }
    AW_RETURN_IF_ERROR(Annotate(RunBatch(*model_, absl::MakeSpan(items)).status(),
                                absl::StrCat("warming up batch size ", size)));
  }
  return absl::OkStatus();
}

}  // namespace aislewatch::classifier
