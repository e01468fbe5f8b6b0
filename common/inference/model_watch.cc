#include "common/inference/model_watch.h"

#include <chrono>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"

namespace aislewatch {
namespace {

namespace fs = std::filesystem;

std::string NameOf(const ModelInfo& model) { return absl::StrCat(model.name, "/", model.version); }

// Differs as soon as a file of the folder is written, comes or goes.
std::string LookOf(const std::string& folder) {
  std::set<std::string> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    const auto size = it->file_size(ignored);
    const auto time = it->last_write_time(ignored).time_since_epoch();
    files.insert(absl::StrCat(it->path().filename().string(), " ", static_cast<uint64_t>(size), " ",
                              std::chrono::duration_cast<std::chrono::nanoseconds>(time).count()));
  }
  std::string look = folder;
  for (const std::string& file : files) absl::StrAppend(&look, "\n", file);
  return look;
}

}  // namespace

ModelWatch::ModelWatch(ModelRepository repository, std::string service,
                       std::vector<WatchedModel> models, absl::Duration every, Metrics& metrics,
                       Clock& clock)
    : repository_(std::move(repository)), every_(every), clock_(clock) {
  for (WatchedModel& model : models) {
    const std::string prefix = absl::StrCat("aislewatch_", service);
    const Labels labels = {{"role", model.role}};
    Counter& swaps = metrics.GetCounter(prefix + "_model_swaps_total",
                                        "Times that another version came to serve", labels);
    Gauge& refuses =
        metrics.GetGauge(prefix + "_model_refused",
                         "1 while the newest version on the disk cannot be served", labels);
    refuses.Set(0);
    models_.push_back({std::move(model), "", &swaps, &refuses});
  }
  if (!models_.empty()) thread_ = std::thread([this] { Run(); });
}

ModelWatch::~ModelWatch() {
  Stop();
  if (thread_.joinable()) thread_.join();
}

void ModelWatch::Stop() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  stopped_.SignalAll();
}

void ModelWatch::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const absl::Time next = clock_.Now() + every_;
      while (!stopping_ && clock_.Now() < next) clock_.WaitUntil(stopped_, mutex_, next);
      if (stopping_) return;
    }
    for (Watched& watched : models_) {
      if (stopping()) return;
      Look(watched);
    }
  }
}

bool ModelWatch::stopping() {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void ModelWatch::Look(Watched& watched) {
  WatchedModel& model = watched.model;
  if (model.release) model.release();
  const absl::StatusOr<ModelPlace> newest = repository_.Newest(model.serving.name);
  if (!newest.ok()) {
    // None is left, or what there is cannot be known now: what serves goes on.
    if (!absl::IsNotFound(newest.status())) {
      LogWarning("newer models cannot be looked for",
                 {{"role", model.role}, {"error", std::string(newest.status().message())}});
    }
    return;
  }
  if (newest->model.version == model.serving.version) {
    Accept(watched);
    return;
  }
  const std::string look = LookOf(newest->folder);
  if (look == watched.refused) return;
  const absl::Time begin = clock_.Now();
  const absl::Status served = model.serve(newest->model);
  if (!served.ok()) {
    watched.refused = look;
    watched.refuses->Set(1);
    LogError(
        "a version of a model cannot be served; the one before goes on, and this one is "
        "tried again when its files change",
        {{"role", model.role},
         {"model", NameOf(newest->model)},
         {"serving", NameOf(model.serving)},
         {"error", std::string(served.message())}});
    return;
  }
  LogInfo("another version of a model serves",
          {{"role", model.role},
           {"model", NameOf(newest->model)},
           {"before", NameOf(model.serving)},
           {"warm_up", absl::FormatDuration(clock_.Now() - begin)}});
  Accept(watched);
  watched.swaps->Add();
  model.serving = newest->model;
}

void ModelWatch::Accept(Watched& watched) {
  watched.refused.clear();
  watched.refuses->Set(0);
}

}  // namespace aislewatch
