#include "models/risk/episode.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace aislewatch::risk_training {
namespace {

using Json = nlohmann::json;

// A moment is [time, dwell, anomaly, shoplifting, fighting, pair, alone, [zone kinds]], seconds
// first; null stands for what is not known. There are ten thousands of them, so no names.
constexpr size_t kMomentFields = 8;

Json Number(std::optional<float> value) {
  // Four decimals are as good as any score is.
  return value ? Json(std::round(*value * 1e4) / 1e4) : Json(nullptr);
}

Json MomentToJson(const Moment& moment) {
  const RiskInputs& inputs = moment.inputs;
  Json zones = Json::array();
  for (const ZoneKind kind : inputs.zones) zones.push_back(static_cast<int>(kind));
  return {Number(static_cast<float>(absl::ToDoubleSeconds(moment.time))),
          Number(static_cast<float>(absl::ToDoubleSeconds(inputs.dwell))),
          Number(inputs.pose_anomaly),
          Number(inputs.shoplifting),
          Number(inputs.fighting),
          inputs.pair ? Number(inputs.pair->probability) : Json(nullptr),
          inputs.pair ? Json(inputs.pair->alone) : Json(nullptr),
          std::move(zones)};
}

std::optional<float> ToNumber(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return json.get<float>();
}

// Throws Json::exception where the text is no episode; its one caller catches it.
Moment MomentFromJson(const Json& json) {
  if (json.size() != kMomentFields)
    throw Json::other_error::create(501, "a moment has 8 fields", &json);
  Moment moment;
  moment.time = absl::Seconds(json.at(0).get<double>());
  RiskInputs& inputs = moment.inputs;
  inputs.dwell = absl::Seconds(json.at(1).get<double>());
  inputs.pose_anomaly = ToNumber(json.at(2));
  inputs.shoplifting = ToNumber(json.at(3));
  inputs.fighting = ToNumber(json.at(4));
  if (!json.at(5).is_null()) {
    inputs.pair = FightingEvidence{json.at(5).get<float>(), json.at(6).get<bool>()};
  }
  for (const Json& kind : json.at(7)) {
    const size_t index = kind.get<size_t>();
    if (index < kZoneKindNames.size()) inputs.zones.push_back(static_cast<ZoneKind>(index));
  }
  return moment;
}

Json Label(std::optional<bool> label) { return label ? Json(*label) : Json(nullptr); }

std::optional<bool> ToLabel(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return json.get<bool>();
}

Episode EpisodeFromJson(const Json& json) {
  Episode episode;
  episode.source = json.at("source").get<std::string>();
  episode.group = json.at("group").get<std::string>();
  episode.conceals = ToLabel(json.at("conceals"));
  episode.fights = ToLabel(json.at("fights"));
  for (const Json& track : json.at("tracks")) {
    TrackMoments& moments = episode.tracks.emplace_back();
    for (const Json& moment : track) moments.push_back(MomentFromJson(moment));
  }
  return episode;
}

}  // namespace

std::string EpisodesToJsonLines(const std::vector<Episode>& episodes) {
  std::string text;
  for (const Episode& episode : episodes) {
    Json tracks = Json::array();
    for (const TrackMoments& track : episode.tracks) {
      Json moments = Json::array();
      for (const Moment& moment : track) moments.push_back(MomentToJson(moment));
      tracks.push_back(std::move(moments));
    }
    const Json json = {{"source", episode.source},
                       {"group", episode.group},
                       {"conceals", Label(episode.conceals)},
                       {"fights", Label(episode.fights)},
                       {"tracks", std::move(tracks)}};
    absl::StrAppend(&text, json.dump(-1, ' ', false, Json::error_handler_t::replace), "\n");
  }
  return text;
}

absl::StatusOr<std::vector<Episode>> EpisodesFromJsonLines(absl::string_view text) {
  std::vector<Episode> episodes;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (line.empty()) continue;
    try {
      episodes.push_back(EpisodeFromJson(Json::parse(line.begin(), line.end())));
    } catch (const Json::exception& fault) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, " is no episode: ", fault.what()));
    }
  }
  return episodes;
}

}  // namespace aislewatch::risk_training
