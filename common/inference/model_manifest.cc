#include "common/inference/model_manifest.h"

#include <array>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/inference/json_fields.h"

namespace aislewatch {
namespace {

using Json = nlohmann::json;

constexpr absl::string_view kFormat = "aislewatch.model.v1";
constexpr std::array<absl::string_view, 6> kRoles = {"pose",     "classifier", "pose_anomaly",
                                                     "fighting", "object",     "risk"};
constexpr std::array<absl::string_view, 2> kBackends = {"native", "torchscript"};
constexpr int64_t kMaxSide = 65536;

// The place of `text` in `names`; a fault and 0 where it is none of them.
template <size_t N>
size_t Choice(JsonFields& fields, const std::string& name,
              const std::array<absl::string_view, N>& names) {
  const std::string text = fields.Text(name);
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == text) return i;
  }
  if (!text.empty()) {
    fields.Fault(name, absl::StrCat("must be one of ", absl::StrJoin(names, ", ")));
  }
  return 0;
}

std::string Identifier(JsonFields& fields, const std::string& name) {
  std::string text = fields.Text(name);
  if (!text.empty() && !CheckId(text, name).ok()) {
    fields.Fault(name, "must be 1 to 128 characters of [A-Za-z0-9._:-]");
  }
  return text;
}

ModelInput ReadInput(const Json& json, std::vector<std::string>& faults) {
  JsonFields fields(json, "input", faults);
  ModelInput input;
  input.size = fields.WholeList("size", 1, kMaxSide);
  if (input.size.empty()) fields.Fault("size", "must have at least one side");
  input.channels = fields.Text("channels", /*required=*/false);
  if (!input.channels.empty() && input.channels != "rgb" && input.channels != "bgr") {
    fields.Fault("channels", "must be rgb or bgr");
  }
  input.scale = fields.NumberList("scale");
  input.offset = fields.NumberList("offset");
  for (const auto& [name, list] : {std::pair("scale", &input.scale), {"offset", &input.offset}}) {
    if (list->size() == 2 || list->size() > 3) fields.Fault(name, "must have one or three numbers");
  }
  fields.Finish();
  return input;
}

ModelTraining ReadTraining(const Json& json, std::vector<std::string>& faults) {
  JsonFields fields(json, "training", faults);
  ModelTraining training;
  training.data = fields.Text("data");
  training.command = fields.Text("command");
  if (fields.Has("seed")) {
    training.seed = fields.Whole("seed", 0, std::numeric_limits<int64_t>::min(),
                                 std::numeric_limits<int64_t>::max());
  }
  fields.Finish();
  return training;
}

void ReadWeights(const Json& json, ModelManifest& manifest, std::vector<std::string>& faults) {
  JsonFields fields(json, "weights", faults);
  manifest.weights_file = fields.Text("file");
  const std::string& file = manifest.weights_file;
  if (file.find('/') != std::string::npos || file == "." || file == "..") {
    fields.Fault("file", "must be a file's name in the manifest's own folder");
  }
  manifest.weights_sha256 = fields.Text("sha256");
  bool hex = manifest.weights_sha256.size() == 64;
  for (const char c : manifest.weights_sha256) {
    hex = hex && (absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f'));
  }
  if (!manifest.weights_sha256.empty() && !hex) {
    fields.Fault("sha256", "must be 64 lower-case hexadecimal digits");
  }
  fields.Finish();
}

void ReadMetrics(const Json& json, ModelManifest& manifest, std::vector<std::string>& faults) {
  JsonFields fields(json, "metrics", faults);
  for (const auto& [name, value] : json.items()) {
    if (value.is_number() && std::isfinite(value.get<double>())) {
      manifest.metrics[name] = value.get<double>();
    } else {
      fields.Fault(name, "must be a finite number");
    }
  }
}

// Reads {"name": ..., "options": {...}}.
std::string ReadNamed(JsonFields& parent, const std::string& key, bool required, Json& options,
                      std::vector<std::string>& faults) {
  if (!parent.Has(key) && !required) return "";
  const Json object = parent.Object(key);
  JsonFields fields(object, key, faults);
  std::string name = Identifier(fields, "name");
  options = fields.Object("options");
  fields.Finish();
  return name;
}

Json NamedJson(const std::string& name, const Json& options) {
  return {{"name", name}, {"options", options}};
}

}  // namespace

absl::string_view ModelRoleName(ModelRole role) { return kRoles[static_cast<size_t>(role)]; }

absl::string_view ModelBackendName(ModelBackend backend) {
  return kBackends[static_cast<size_t>(backend)];
}

absl::StatusOr<ModelManifest> ParseManifest(absl::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) {
    return absl::InvalidArgumentError("model manifest: is no JSON object");
  }
  std::vector<std::string> faults;
  JsonFields fields(json, "", faults);
  ModelManifest manifest;
  if (fields.Text("format") != kFormat) fields.Fault("format", absl::StrCat("must be ", kFormat));
  manifest.info.name = Identifier(fields, "name");
  manifest.info.version = Identifier(fields, "version");
  manifest.role = static_cast<ModelRole>(Choice(fields, "role", kRoles));
  manifest.backend = static_cast<ModelBackend>(Choice(fields, "backend", kBackends));
  manifest.architecture = ReadNamed(fields, "architecture", true, manifest.options, faults);
  manifest.input = ReadInput(fields.Object("input"), faults);
  manifest.classes = fields.TextList("classes");
  manifest.decoder = ReadNamed(fields, "decoder", false, manifest.decoder_options, faults);
  manifest.licence = fields.Text("licence");
  manifest.source = fields.Text("source", /*required=*/false);
  manifest.training = ReadTraining(fields.Object("training"), faults);
  ReadMetrics(fields.Object("metrics"), manifest, faults);
  ReadWeights(fields.Object("weights"), manifest, faults);
  fields.Finish();
  AW_RETURN_IF_ERROR(FaultsToStatus("model manifest", faults));
  return manifest;
}

std::string ManifestText(const ModelManifest& manifest) {
  Json json = {{"format", std::string(kFormat)},
               {"name", manifest.info.name},
               {"version", manifest.info.version},
               {"role", std::string(ModelRoleName(manifest.role))},
               {"backend", std::string(ModelBackendName(manifest.backend))},
               {"architecture", NamedJson(manifest.architecture, manifest.options)},
               {"input", {{"size", manifest.input.size}}},
               {"licence", manifest.licence},
               {"training",
                {{"data", manifest.training.data}, {"command", manifest.training.command}}},
               {"weights",
                {{"file", manifest.weights_file}, {"sha256", manifest.weights_sha256}}}};
  if (!manifest.input.channels.empty()) json["input"]["channels"] = manifest.input.channels;
  if (!manifest.input.scale.empty()) json["input"]["scale"] = manifest.input.scale;
  if (!manifest.input.offset.empty()) json["input"]["offset"] = manifest.input.offset;
  if (!manifest.classes.empty()) json["classes"] = manifest.classes;
  if (!manifest.decoder.empty()) {
    json["decoder"] = NamedJson(manifest.decoder, manifest.decoder_options);
  }
  if (!manifest.source.empty()) json["source"] = manifest.source;
  if (manifest.training.seed) json["training"]["seed"] = *manifest.training.seed;
  if (!manifest.metrics.empty()) json["metrics"] = manifest.metrics;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace aislewatch
