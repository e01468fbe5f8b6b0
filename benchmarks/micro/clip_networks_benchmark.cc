// What one person costs each clip architecture, and each shipped model, on one thread: a crop
// embedded and the window up to it scored, which happens ten times in a second of video. Weights
// are random; time does not depend on them. Shipped models have the sizes of their manifests in
// models/pretrained, so run it where that is:
//
//   build/release/bin/bench-clip-networks --benchmark_repetitions=9
//
// gflop_per_s is counted from the shapes of the convolutions and matrix products that run, a
// product and its sum being two; matrix_gflops is what this machine's matrix products reach at the
// same moment, so floor_ms_per_s, their quotient, is what a second of video would cost if
// everything ran at that rate.
#include <ATen/Context.h>
#include <ATen/record_function.h>
#include <benchmark/benchmark.h>
#include <torch/types.h>

#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/status.h"
#include "common/inference/compute_check.h"
#include "common/inference/model_repository.h"
#include "models/clip_networks/clip_network.h"
#include "models/clip_networks/network_classifier.h"

namespace aislewatch {
namespace {

using clip_networks::Architecture;

constexpr double kCropsPerSecond = 10;

thread_local double flops = 0;

/// What an output number of a call costs.
struct CallCost : at::ObserverContext {
  explicit CallCost(double each) : per_output(each) {}
  const double per_output;
};

std::unique_ptr<at::ObserverContext> Begin(const at::RecordFunction& call) {
  const std::string name = call.name();
  const auto tensor = [&](size_t i) { return call.inputs()[i].toTensor(); };
  double per_output = 0;
  if (name == "aten::convolution") {
    per_output = 2 * static_cast<double>(tensor(1).numel() / tensor(1).size(0));
  } else if (name == "aten::mm") {
    per_output = 2 * static_cast<double>(tensor(0).size(1));
  } else if (name == "aten::addmm") {
    per_output = 2 * static_cast<double>(tensor(1).size(1));
  }
  return std::make_unique<CallCost>(per_output);
}

void End(const at::RecordFunction& call, at::ObserverContext* context) {
  const double per_output = static_cast<CallCost*>(context)->per_output;
  if (per_output == 0) return;
  flops += per_output * static_cast<double>(call.outputs()[0].toTensor().numel());
}

/// Of everything that `run` calls on this thread.
template <typename Run>
double FlopsOf(const Run& run) {
  flops = 0;
  // oneDNN's fused recurrences would hide their products.
  at::globalContext().setUserEnabledMkldnn(false);
  const auto handle = at::addThreadLocalCallback(at::RecordFunctionCallback(&Begin, &End)
                                                     .needsInputs(true)
                                                     .needsOutputs(true)
                                                     .scopes({at::RecordScope::FUNCTION}));
  run();
  at::removeCallback(handle);
  at::globalContext().setUserEnabledMkldnn(true);
  return flops;
}

/// The sizes of a shipped model.
absl::StatusOr<clip_networks::Options> ShippedOptions(const std::string& model) {
  AW_ASSIGN_OR_RETURN(const ModelFiles files, ModelRepository({"models/pretrained"}).Find(model));
  AW_ASSIGN_OR_RETURN(const Architecture architecture,
                      clip_networks::ArchitectureFromName(files.manifest.architecture));
  return clip_networks::OptionsFromJson(architecture, files.manifest.options);
}

void SecondOfVideo(benchmark::State& state, const clip_networks::Options& options) {
  SetComputeThreads(1);
  const clip_networks::ClipNetworkPtr network = clip_networks::MakeNetwork(options);
  clip_networks::NetworkClassifier classifier({"random", "1"}, network, torch::kCPU, 1);
  PersonView view{.crop = cv::Mat(112, 112, CV_8UC3), .keypoints = {}};
  cv::RNG random(7);
  random.fill(view.crop, cv::RNG::UNIFORM, 0, 255);
  view.previous = view.crop;
  std::vector<CropFeatures> window;
  const auto one_crop = [&] {
    auto features = classifier.Embed({&view, 1});
    if (!features.ok()) return false;
    window.push_back(std::move(features->front()));
    if (static_cast<int>(window.size()) > classifier.window()) window.erase(window.begin());
    return classifier.Score({&window, 1}).ok();
  };
  for (int i = 0; i < classifier.window(); ++i) one_crop();
  const double per_crop = FlopsOf(one_crop);
  for (auto _ : state) {
    for (int i = 0; i < static_cast<int>(kCropsPerSecond); ++i) {
      if (!one_crop()) state.SkipWithError("the network failed");
    }
  }
  int64_t parameters = 0;
  for (const torch::Tensor& parameter : network->parameters()) parameters += parameter.numel();
  const double matrix_gflops = CheckCompute().gflops;
  state.counters["parameters"] = static_cast<double>(parameters);
  state.counters["gflop_per_s"] = per_crop * kCropsPerSecond / 1e9;
  state.counters["matrix_gflops"] = matrix_gflops;
  state.counters["floor_ms_per_s"] = per_crop * kCropsPerSecond / 1e6 / matrix_gflops;
}

void BM_Architecture(benchmark::State& state, Architecture architecture) {
  SecondOfVideo(state, clip_networks::DefaultOptions(architecture));
}

void BM_Shipped(benchmark::State& state, const std::string& model) {
  const absl::StatusOr<clip_networks::Options> options = ShippedOptions(model);
  if (!options.ok()) return state.SkipWithError(options.status().ToString().c_str());
  SecondOfVideo(state, *options);
}

BENCHMARK_CAPTURE(BM_Architecture, cnn_lstm, Architecture::kCnnLstm)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Architecture, conv_lstm, Architecture::kConvLstm)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Architecture, gate_flow_slowfast, Architecture::kGateFlowSlowFast)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Shipped, cnn_gru, std::string("cnn-gru"))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Shipped, joints_gru, std::string("joints-gru"))->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace aislewatch

BENCHMARK_MAIN();
