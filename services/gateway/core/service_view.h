// What the page "System" shows of a service, out of its Prometheus metrics.
//
// Stateless and thread-safe but for DropRates.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace aislewatch::gateway {

/// One line of the exposition format.
struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

/// The samples of a scrape; lines that are none are passed over.
std::vector<Sample> ParseMetrics(absl::string_view text);

struct ModelView {
  std::string role, name, version;
};

struct ServiceView {
  std::string name;
  std::string address;
  bool ready = false;
  std::string version;
  std::vector<ModelView> models;
  /// By name in JSON, for example "queueLength".
  std::map<std::string, double> metrics;
  /// Why nothing is known; empty where something is.
  std::string error;
};

/// Items that a service was given and those that it dropped, since its start.
struct DropCounts {
  double dropped = 0;
  double all = 0;
};
DropCounts DropsOf(const std::vector<Sample>& samples);

/// Fills `view` with everything but the drop rate.
void Describe(const std::vector<Sample>& samples, ServiceView& view);

/// Shares of dropped items between one look and the next.
class DropRates {
 public:
  /// The share since the last call for `service`, or since its start where it has begun anew; 0
  /// where nothing came.
  double Since(const std::string& service, const DropCounts& now) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Mutex mutex_;
  std::map<std::string, DropCounts> last_ ABSL_GUARDED_BY(mutex_);
};

/// The page as JSON.
std::string SystemJson(const std::vector<ServiceView>& services, absl::string_view grafana_url);

}  // namespace aislewatch::gateway
