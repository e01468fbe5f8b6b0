#include "models/training/checkpoint.h"

#include <torch/serialize/archive.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "common/inference/safetensors.h"
#include "common/inference/torch_guard.h"
#include "common/inference/torch_tensors.h"

namespace aislewatch::training {
namespace {

namespace fs = std::filesystem;

constexpr char kState[] = "state.json";
constexpr char kLast[] = "last.safetensors";
constexpr char kAverage[] = "average.safetensors";
constexpr char kOptimizer[] = "optimizer.pt";
constexpr char kFolderPrefix[] = "epoch-";
/// Of earlier releases, which had no sub-folders.
constexpr char kOldBest[] = "best.safetensors";

absl::Status Torn(const std::string& path, absl::string_view why) {
  return absl::DataLossError(
      absl::StrCat(path, " is torn: ", why, "; start the run again without --resume"));
}

absl::StatusOr<SafetensorsFile> OpenWeights(const std::string& path) {
  absl::StatusOr<SafetensorsFile> file = SafetensorsFile::Open(path);
  if (!file.ok()) return Torn(path, file.status().message());
  return file;
}

absl::Status LoadWeights(const std::string& path, torch::nn::Module& network) {
  AW_ASSIGN_OR_RETURN(const SafetensorsFile file, OpenWeights(path));
  return Annotate(LoadParameters(file, network), path);
}

absl::Status ReadArchive(const std::string& path, torch::serialize::InputArchive& archive) {
  const absl::Status read = CatchTorch("the optimizer", [&] {
    archive.load_from(path);
    return absl::OkStatus();
  });
  return read.ok() ? read : Torn(path, read.message());
}

// In memory first: LibTorch does not notice that a file's last bytes found no room.
absl::Status WriteOptimizer(const std::string& path, const torch::optim::Optimizer& optimizer) {
  std::string bytes;
  AW_RETURN_IF_ERROR(CatchTorch("saving the optimizer", [&] {
    torch::serialize::OutputArchive archive;
    optimizer.save(archive);
    archive.save_to([&](const void* data, size_t size) {
      bytes.append(static_cast<const char*>(data), size);
      return size;
    });
    return absl::OkStatus();
  }));
  return WriteFileAtomically(path, bytes);
}

}  // namespace

absl::Status Checkpoint::Save(const RunState& state, const torch::nn::Module& network,
                              const torch::nn::Module& average,
                              const torch::optim::Optimizer& optimizer, bool is_best) const {
  const absl::StatusOr<Saved> before = Read();
  Saved saved{state, network_, absl::StrCat(kFolderPrefix, state.epoch), ""};
  // A run that begins anew where another one lies must not write into what that still needs.
  while (before.ok() &&
         (before->folder == saved.folder || absl::StartsWith(before->best, saved.folder + "/"))) {
    saved.folder += "-anew";
  }
  if (is_best) {
    saved.best = absl::StrCat(saved.folder, "/", kAverage);
  } else if (before.ok()) {
    saved.best = before->best;
  } else {
    return absl::FailedPreconditionError(
        absl::StrCat("the run's best weights are gone: ", before.status().message()));
  }
  const absl::Status written = Write(saved, network, average, optimizer);
  if (written.ok()) {
    RemoveAllBut(saved);
    return written;
  }
  std::error_code ignored;
  fs::remove_all(Path(saved.folder), ignored);
  return absl::Status(written.code(),
                      absl::StrCat("cannot save the run: ", written.message(),
                                   "; make room or the folder writable, then ",
                                   before.ok() && state.epoch > 1
                                       ? absl::StrCat("go on with --resume after epoch ",
                                                      before->state.epoch, ", whose state is kept")
                                       : "start again"));
}

absl::Status Checkpoint::Write(const Saved& saved, const torch::nn::Module& network,
                               const torch::nn::Module& average,
                               const torch::optim::Optimizer& optimizer) const {
  const std::string folder = Path(saved.folder);
  std::error_code error;
  fs::remove_all(folder, error);  // Of an interrupted write.
  fs::create_directories(folder, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot make ", folder, ": ", error.message()));
  }
  AW_RETURN_IF_ERROR(SaveParameters(absl::StrCat(folder, "/", kAverage), average));
  AW_RETURN_IF_ERROR(SaveParameters(absl::StrCat(folder, "/", kLast), network));
  AW_RETURN_IF_ERROR(WriteOptimizer(absl::StrCat(folder, "/", kOptimizer), optimizer));
  const nlohmann::json json = {{"epoch", saved.state.epoch},
                               {"best_loss", saved.state.best_loss},
                               {"best_epoch", saved.state.best_epoch},
                               {"network", saved.network},
                               {"folder", saved.folder},
                               {"best", saved.best}};
  return WriteFileAtomically(Path(kState),
                             json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

// What cannot be removed takes room and harms nothing.
void Checkpoint::RemoveAllBut(const Saved& saved) const {
  std::error_code ignored;
  for (const char* old : {kLast, kAverage, kOptimizer}) fs::remove(Path(old), ignored);
  if (saved.best != kOldBest) fs::remove(Path(kOldBest), ignored);
  std::vector<fs::path> folders;
  for (fs::directory_iterator it(folder_, ignored), end; it != end; it.increment(ignored)) {
    if (absl::StartsWith(it->path().filename().string(), kFolderPrefix)) {
      folders.push_back(it->path());
    }
  }
  for (const fs::path& folder : folders) {
    const std::string name = folder.filename().string();
    if (name == saved.folder) continue;
    if (!absl::StartsWith(saved.best, name + "/")) {
      fs::remove_all(folder, ignored);
      continue;
    }
    for (const char* superseded : {kLast, kOptimizer}) fs::remove(folder / superseded, ignored);
  }
}

absl::StatusOr<Checkpoint::Saved> Checkpoint::Read() const {
  std::ifstream in(Path(kState));
  if (!in) {
    return absl::NotFoundError(
        absl::StrCat("no run to resume in ", folder_, "; start it without --resume"));
  }
  try {
    const nlohmann::json json = nlohmann::json::parse(in);
    return Saved{{json.at("epoch").get<int>(), json.at("best_loss").get<double>(),
                  json.at("best_epoch").get<int>()},
                 json.value("network", ""),
                 json.value("folder", ""),
                 json.value("best", kOldBest)};
  } catch (const nlohmann::json::exception& e) {
    return Torn(Path(kState), e.what());
  }
}

absl::StatusOr<Checkpoint::Saved> Checkpoint::ReadOwn() const {
  AW_ASSIGN_OR_RETURN(Saved saved, Read());
  if (!saved.network.empty() && saved.network != network_) {
    return absl::InvalidArgumentError(
        absl::StrCat("the run in ", folder_, " trains ", saved.network, ", not ", network_,
                     "; resume it with the flags that it was started with, or give another --out"));
  }
  return saved;
}

std::string Checkpoint::LastPath(const Saved& saved, const char* name) const {
  return saved.folder.empty() ? Path(name) : Path(absl::StrCat(saved.folder, "/", name));
}

absl::Status Checkpoint::CheckResumable() const {
  AW_ASSIGN_OR_RETURN(const Saved saved, ReadOwn());
  for (const std::string& path :
       {LastPath(saved, kLast), LastPath(saved, kAverage), Path(saved.best)}) {
    AW_RETURN_IF_ERROR(OpenWeights(path).status());
  }
  torch::serialize::InputArchive archive;
  return ReadArchive(LastPath(saved, kOptimizer), archive);
}

absl::StatusOr<RunState> Checkpoint::Resume(torch::nn::Module& network, torch::nn::Module& average,
                                            torch::optim::Optimizer& optimizer) const {
  AW_ASSIGN_OR_RETURN(const Saved saved, ReadOwn());
  AW_RETURN_IF_ERROR(LoadWeights(LastPath(saved, kLast), network));
  AW_RETURN_IF_ERROR(LoadWeights(LastPath(saved, kAverage), average));
  const std::string path = LastPath(saved, kOptimizer);
  torch::serialize::InputArchive archive;
  AW_RETURN_IF_ERROR(ReadArchive(path, archive));
  const absl::Status restored = CatchTorch("the optimizer", [&] {
    optimizer.load(archive);
    return absl::OkStatus();
  });
  if (!restored.ok()) return Torn(path, restored.message());
  return saved.state;
}

absl::Status Checkpoint::LoadBest(torch::nn::Module& network) const {
  AW_ASSIGN_OR_RETURN(const Saved saved, Read());
  return LoadWeights(Path(saved.best), network);
}

}  // namespace aislewatch::training
