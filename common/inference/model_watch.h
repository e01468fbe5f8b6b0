// Finds newer versions of models that are being served.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/inference/model_repository.h"

namespace aislewatch {

/// A model whose newest version shall serve.
struct WatchedModel {
  /// As in the manifest: "pose", "classifier", ...
  std::string role;
  /// What serves now.
  ModelInfo serving;
  /// Loads `model`, warms it up and has it serve; blocks for that. On an error the one before goes
  /// on serving.
  std::function<absl::Status(const ModelInfo& model)> serve;
  /// Destroys what nobody works with any more; called now and then. May be empty.
  std::function<void()> release;
};

/// A model that `load(NAME, VERSION)` makes, and that `service` takes by its Serve and frees by its
/// ReleaseUnused. The service must outlive the watch.
template <typename Service, typename Load>
WatchedModel WatchedOf(Service& service, std::string role, ModelInfo serving, Load load) {
  return {std::move(role), std::move(serving),
          [&service, load = std::move(load)](const ModelInfo& model) -> absl::Status {
            auto next = load(model.name, model.version);
            if (!next.ok()) return next.status();
            service.Serve(*std::move(next));
            return absl::OkStatus();
          },
          [&service] { service.ReleaseUnused(); }};
}

/// Looks into the repository every `every`, on a thread of its own, and has the newest version of
/// each model served: a higher one that has come, or the next lower one where the newest was
/// removed. A version that cannot be served is logged, told by a gauge, and tried again once its
/// files have changed: it may have been looked at while it was being copied. A folder that cannot
/// be read changes nothing.
///
/// Not to be used from several threads. `metrics`, `clock` and what the functions use must outlive
/// it.
class ModelWatch {
 public:
  /// `service` is the metrics' aislewatch_SERVICE_. Models are of one repository; none is fine.
  ModelWatch(ModelRepository repository, std::string service, std::vector<WatchedModel> models,
             absl::Duration every, Metrics& metrics, Clock& clock);
  /// Waits for a version that is being loaded.
  ~ModelWatch();
  ModelWatch(const ModelWatch&) = delete;
  ModelWatch& operator=(const ModelWatch&) = delete;

  /// No other version is begun any more. Does not block.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Watched {
    WatchedModel model;
    /// What the files of the version looked like that could not be served; empty where all is well.
    std::string refused;
    Counter* swaps;
    Gauge* refuses;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool stopping() ABSL_LOCKS_EXCLUDED(mutex_);
  void Look(Watched& watched);
  // Nothing newer is refused.
  void Accept(Watched& watched);

  const ModelRepository repository_;
  const absl::Duration every_;
  Clock& clock_;
  std::vector<Watched> models_;  // Used by the thread alone.

  absl::Mutex mutex_;
  absl::CondVar stopped_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // Last: it uses the others.
};

}  // namespace aislewatch
