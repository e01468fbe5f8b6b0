#include "benchmarks/attention/seen_corridor.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/pose/core/appearance.h"
#include "services/pose/core/tracker.h"

namespace aislewatch {
namespace {

using SeenJson = nlohmann::json;

SeenJson ToJson(const TrackedPerson& person) {
  const NormalizedBox& b = person.person.box;
  SeenJson numbers = {person.track_id, person.person.score, b.x, b.y, b.width, b.height};
  for (const Keypoint& joint : person.person.keypoints) {
    for (const float value : {joint.x, joint.y, joint.confidence}) numbers.push_back(value);
  }
  return numbers;
}

TrackedPerson FromJson(const SeenJson& numbers) {
  TrackedPerson person;
  person.track_id = numbers.at(0);
  person.person.score = numbers.at(1);
  person.person.box = {numbers.at(2), numbers.at(3), numbers.at(4), numbers.at(5)};
  size_t next = 6;
  for (Keypoint& joint : person.person.keypoints) {
    joint = {numbers.at(next), numbers.at(next + 1), numbers.at(next + 2)};
    next += 3;
  }
  return person;
}

}  // namespace

absl::StatusOr<SeenCorridor> SeeCorridor(PoseModel& model, uint64_t seed, double seconds) {
  AW_ASSIGN_OR_RETURN(const auto scenario, simulator::FindScenario("storefront"));
  simulator::SimulationOptions options;
  options.seed = seed;
  options.duration = absl::Seconds(seconds);
  options.people_per_minute = scenario.people_per_minute;
  options.mix = scenario.mix;
  options.storefronts = scenario.storefronts;
  AW_ASSIGN_OR_RETURN(const auto simulation, simulator::Simulation::Create(options));
  AW_ASSIGN_OR_RETURN(pose::Tracker tracker, pose::Tracker::Create({}));
  SeenCorridor corridor;
  while (auto frame = simulation->Next()) {
    AW_ASSIGN_OR_RETURN(const auto found, model.Detect({&frame->image, 1}));
    corridor.found.push_back(tracker.Update(absl::UnixEpoch() + absl::Seconds(frame->truth.time_s),
                                            options.size, found[0],
                                            pose::AppearancesOf(frame->image, found[0])));
    corridor.truth.frames.push_back(std::move(frame->truth));
  }
  corridor.truth.scene = simulation->scene();
  corridor.truth.visits = simulation->visits();
  return corridor;
}

absl::StatusOr<SeenCorridor> ReadCorridor(const std::string& file) {
  std::ifstream in(file);
  if (!in) return absl::NotFoundError(absl::StrCat(file, " cannot be read"));
  SeenCorridor corridor;
  try {
    const SeenJson json = SeenJson::parse(in);
    AW_ASSIGN_OR_RETURN(corridor.truth,
                        simulator::FootageTruthFromJson(json.at("truth").get<std::string>()));
    for (const SeenJson& frame : json.at("found")) {
      auto& people = corridor.found.emplace_back();
      for (const SeenJson& person : frame) people.push_back(FromJson(person));
    }
  } catch (const SeenJson::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": ", error.what()));
  }
  if (corridor.found.size() != corridor.truth.frames.size()) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": truth and poses differ in length"));
  }
  return corridor;
}

absl::Status WriteCorridor(const SeenCorridor& corridor, const std::string& file) {
  SeenJson found = SeenJson::array();
  for (const auto& frame : corridor.found) {
    SeenJson people = SeenJson::array();
    for (const TrackedPerson& person : frame) people.push_back(ToJson(person));
    found.push_back(std::move(people));
  }
  std::ofstream out(file);
  out << SeenJson{{"truth", simulator::ToJson(corridor.truth)}, {"found", std::move(found)}};
  out.close();
  return out ? absl::OkStatus() : absl::UnknownError(absl::StrCat(file, " cannot be written"));
}

}  // namespace aislewatch
