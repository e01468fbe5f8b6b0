#include "models/training/checkpoint.h"

#include <torch/serialize/archive.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "common/inference/safetensors.h"
#include "common/inference/torch_guard.h"
#include "common/inference/torch_tensors.h"

namespace aislewatch::training {
namespace {

absl::Status LoadWeights(const std::string& path, torch::nn::Module& network) {
  AW_ASSIGN_OR_RETURN(const SafetensorsFile file, SafetensorsFile::Open(path));
  return Annotate(LoadParameters(file, network), path);
}

}  // namespace

absl::Status Checkpoint::Save(const RunState& state, const torch::nn::Module& network,
                              const torch::nn::Module& average,
                              const torch::optim::Optimizer& optimizer, bool is_best) const {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot make ", folder_, ": ", error.message()));
  }
  if (is_best) AW_RETURN_IF_ERROR(SaveParameters(Path("best.safetensors"), average));
  AW_RETURN_IF_ERROR(SaveParameters(Path("average.safetensors"), average));
  AW_RETURN_IF_ERROR(SaveParameters(Path("last.safetensors"), network));
  AW_RETURN_IF_ERROR(CatchTorch("saving the optimizer", [&] {
    torch::serialize::OutputArchive archive;
    optimizer.save(archive);
    archive.save_to(Path("optimizer.pt"));
    return absl::OkStatus();
  }));
  const nlohmann::json json = {
      {"epoch", state.epoch}, {"best_loss", state.best_loss}, {"best_epoch", state.best_epoch}};
  return WriteFileAtomically(Path("state.json"), json.dump(2));
}

absl::StatusOr<RunState> Checkpoint::Resume(torch::nn::Module& network, torch::nn::Module& average,
                                            torch::optim::Optimizer& optimizer) const {
  std::ifstream in(Path("state.json"));
  if (!in) {
    return absl::NotFoundError(
        absl::StrCat("no run to resume in ", folder_, "; start it without --resume"));
  }
  RunState state;
  try {
    const nlohmann::json json = nlohmann::json::parse(in);
    state = {json.at("epoch").get<int>(), json.at("best_loss").get<double>(),
             json.at("best_epoch").get<int>()};
  } catch (const nlohmann::json::exception& e) {
    return absl::DataLossError(absl::StrCat(Path("state.json"), ": ", e.what()));
  }
  AW_RETURN_IF_ERROR(LoadWeights(Path("last.safetensors"), network));
  AW_RETURN_IF_ERROR(LoadWeights(Path("average.safetensors"), average));
  AW_RETURN_IF_ERROR(CatchTorch("loading the optimizer", [&] {
    torch::serialize::InputArchive archive;
    archive.load_from(Path("optimizer.pt"));
    optimizer.load(archive);
    return absl::OkStatus();
  }));
  return state;
}

absl::Status Checkpoint::LoadBest(torch::nn::Module& network) const {
  return LoadWeights(Path("best.safetensors"), network);
}

}  // namespace aislewatch::training
