#include "services/gateway/core/service_view.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace aislewatch::gateway {
namespace {

// {a="x",b="y"} with \\, \" and \n in values. False where it is something else.
bool ParseLabels(absl::string_view text, std::map<std::string, std::string>& labels) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t equals = text.find("=\"", at);
    if (equals == absl::string_view::npos) return false;
    std::string value;
    size_t i = equals + 2;
    for (; i < text.size() && text[i] != '"'; ++i) {
      if (text[i] == '\\' && i + 1 < text.size()) {
        ++i;
        value.push_back(text[i] == 'n' ? '\n' : text[i]);
      } else {
        value.push_back(text[i]);
      }
    }
    if (i >= text.size()) return false;
    labels[std::string(absl::StripAsciiWhitespace(text.substr(at, equals - at)))] = value;
    at = i + 1;
    if (at < text.size() && text[at] == ',') ++at;
  }
  return true;
}

std::string Label(const Sample& sample, const std::string& name) {
  const auto found = sample.labels.find(name);
  return found == sample.labels.end() ? "" : found->second;
}

// Gauges that are shown, by the ends of their names.
constexpr std::pair<absl::string_view, const char*> kShown[] = {
    {"_queue_items", "queueLength"},
    {"_streams", "streams"},
    {"_outbox_pending_items", "outboxPending"},
    {"_leased_cameras", "leasedCameras"},
    {"_unleased_cameras", "unleasedCameras"},
    {"_open_incidents", "openIncidents"},
    {"_watchers", "watchers"}};

}  // namespace

std::vector<Sample> ParseMetrics(absl::string_view text) {
  std::vector<Sample> samples;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    Sample sample;
    const size_t open = line.find('{');
    const size_t close = open == absl::string_view::npos ? open : line.rfind('}');
    size_t rest;
    if (open != absl::string_view::npos) {
      if (close == absl::string_view::npos || close < open) continue;
      sample.name = std::string(line.substr(0, open));
      if (!ParseLabels(line.substr(open + 1, close - open - 1), sample.labels)) continue;
      rest = close + 1;
    } else {
      rest = line.find(' ');
      if (rest == absl::string_view::npos) continue;
      sample.name = std::string(line.substr(0, rest));
    }
    const std::vector<absl::string_view> values =
        absl::StrSplit(line.substr(rest), ' ', absl::SkipEmpty());
    if (values.empty() || !absl::SimpleAtod(values[0], &sample.value)) continue;
    samples.push_back(std::move(sample));
  }
  return samples;
}

DropCounts DropsOf(const std::vector<Sample>& samples) {
  DropCounts counts;
  for (const Sample& sample : samples) {
    // A stage's answers, without those of its batcher inside.
    const bool item = absl::EndsWith(sample.name, "_items_total") &&
                      !absl::EndsWith(sample.name, "_batched_items_total") &&
                      !Label(sample, "outcome").empty();
    const bool frame_lost = absl::EndsWith(sample.name, "_frames_dropped_total");
    const bool frame = frame_lost || absl::EndsWith(sample.name, "_frames_analysed_total");
    if (!item && !frame) continue;
    counts.all += sample.value;
    if (frame_lost || (item && Label(sample, "outcome") != "ok")) counts.dropped += sample.value;
  }
  return counts;
}

void Describe(const std::vector<Sample>& samples, ServiceView& view) {
  view.ready = true;
  for (const Sample& sample : samples) {
    if (absl::EndsWith(sample.name, "_build_info")) {
      view.version = Label(sample, "version");
    } else if (absl::EndsWith(sample.name, "_model_info")) {
      if (sample.value == 0) continue;  // Of a model that served before.
      view.models.push_back(
          {Label(sample, "role"), Label(sample, "name"), Label(sample, "version")});
    } else if (absl::EndsWith(sample.name, "_database_ready")) {
      view.ready = sample.value != 0;
    } else if (absl::EndsWith(sample.name, "_cameras") && !Label(sample, "state").empty()) {
      std::string state = Label(sample, "state");
      state[0] = absl::ascii_toupper(state[0]);
      view.metrics["cameras" + state] += sample.value;
    } else {
      for (const auto& [ending, name] : kShown) {
        // "_unleased_cameras" ends like "_leased_cameras" but for the underscore.
        if (absl::EndsWith(sample.name, ending) && std::isfinite(sample.value)) {
          view.metrics[name] += sample.value;
          break;
        }
      }
    }
  }
}

double DropRates::Since(const std::string& service, const DropCounts& now) {
  absl::MutexLock lock(&mutex_);
  DropCounts& last = last_[service];
  DropCounts before = last;
  last = now;
  if (now.all < before.all || now.dropped < before.dropped) before = {};
  const double all = now.all - before.all;
  return all > 0 ? (now.dropped - before.dropped) / all : 0;
}

std::string SystemJson(const std::vector<ServiceView>& services, absl::string_view grafana_url) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const ServiceView& service : services) {
    Json models = Json::array();
    for (const ModelView& model : service.models) {
      models.push_back({{"role", model.role}, {"name", model.name}, {"version", model.version}});
    }
    Json metrics = Json::object();
    for (const auto& [name, value] : service.metrics) metrics[name] = value;
    list.push_back({{"name", service.name},
                    {"address", service.address},
                    {"ready", service.ready},
                    {"version", service.version},
                    {"models", std::move(models)},
                    {"metrics", std::move(metrics)},
                    {"error", service.error}});
  }
  const Json page = {{"services", std::move(list)}, {"grafanaUrl", std::string(grafana_url)}};
  return page.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace aislewatch::gateway
