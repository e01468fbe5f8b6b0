#include "models/clip_training/person_finder.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/atomic_write.h"
#include "common/base/sha256.h"
#include "common/base/status.h"

namespace aislewatch::clip_training {
namespace {

std::string DigestOf(absl::Span<const CapturedFrame> frames) {
  std::string digests;
  for (const CapturedFrame& frame : frames) {
    const cv::Mat image = frame.image.isContinuous() ? frame.image : frame.image.clone();
    absl::StrAppend(&digests, Sha256Hex({reinterpret_cast<const char*>(image.data),
                                         image.total() * image.elemSize()}));
  }
  return Sha256Hex(digests);
}

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// As a double, so that JSON does not spell a float's last bits out.
double Rounded(float value) { return std::round(static_cast<double>(value) * 1e4) / 1e4; }

}  // namespace

CachingPersonFinder::CachingPersonFinder(PersonFinder& finder, std::string folder)
    : finder_(finder), folder_(std::move(folder)) {}

absl::StatusOr<PeopleByFrame> CachingPersonFinder::Find(absl::Span<const CapturedFrame> frames) {
  const std::string path =
      absl::StrCat(folder_, "/", finder_.version(), "/", DigestOf(frames), ".json");
  if (const absl::StatusOr<std::string> text = ReadText(path); text.ok()) {
    absl::StatusOr<PeopleByFrame> kept = PeopleFromJson(*text);
    if (kept.ok() && kept->size() == frames.size()) return kept;
  }
  AW_ASSIGN_OR_RETURN(PeopleByFrame people, finder_.Find(frames));
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot make the cache folder for ", path, ": ", error.message()));
  }
  AW_RETURN_IF_ERROR(WriteFileAtomically(path, PeopleToJson(people)));
  return people;
}

std::string PeopleToJson(const PeopleByFrame& people) {
  nlohmann::json frames = nlohmann::json::array();
  for (const std::vector<FoundPerson>& frame : people) {
    nlohmann::json found = nlohmann::json::array();
    for (const FoundPerson& person : frame) {
      const NormalizedBox& box = person.box;
      nlohmann::json joints = nlohmann::json::array();
      for (const Keypoint& joint : person.keypoints) {
        for (const float value : {joint.x, joint.y, joint.confidence}) {
          joints.push_back(Rounded(value));
        }
      }
      found.push_back(
          {{"track_id", person.track_id},
           {"box", {Rounded(box.x), Rounded(box.y), Rounded(box.width), Rounded(box.height)}},
           {"keypoints", std::move(joints)}});
    }
    frames.push_back(std::move(found));
  }
  return nlohmann::json{{"frames", std::move(frames)}}.dump();
}

absl::StatusOr<PeopleByFrame> PeopleFromJson(absl::string_view text) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text.begin(), text.end());
    PeopleByFrame people;
    for (const nlohmann::json& frame : json.at("frames")) {
      std::vector<FoundPerson>& found = people.emplace_back();
      for (const nlohmann::json& person : frame) {
        const nlohmann::json& box = person.at("box");
        FoundPerson& one = found.emplace_back();
        one.track_id = person.at("track_id").get<uint64_t>();
        one.box = {box.at(0).get<float>(), box.at(1).get<float>(), box.at(2).get<float>(),
                   box.at(3).get<float>()};
        const nlohmann::json& joints = person.at("keypoints");
        for (size_t j = 0; j < one.keypoints.size(); ++j) {
          one.keypoints[j] = {joints.at(3 * j).get<float>(), joints.at(3 * j + 1).get<float>(),
                              joints.at(3 * j + 2).get<float>()};
        }
      }
    }
    return people;
  } catch (const nlohmann::json::exception& e) {
    return absl::InvalidArgumentError(absl::StrCat("no list of people by frame: ", e.what()));
  }
}

}  // namespace aislewatch::clip_training
