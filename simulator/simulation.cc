#include "simulator/simulation.h"

#include "absl/strings/str_cat.h"

namespace aislewatch::simulator {
namespace {

// Seeds of the parts, so that a change in one does not shuffle the others.
enum StorePurpose : uint64_t { kStoreLayout, kStoreCamera, kStorePeople, kStorePicture };

constexpr double kLongestStep = 0.02;

absl::Status Check(const SimulationOptions& o) {
  const auto bad = [](absl::string_view what) { return absl::InvalidArgumentError(what); };
  if (!(o.duration > absl::ZeroDuration()) || o.duration > absl::Hours(24)) {
    return bad("duration must be above 0 and at most 24 h");
  }
  if (!(o.fps >= 1 && o.fps <= 60)) return bad("fps must be 1..60");
  if (o.size.width < 64 || o.size.width > 4096 || o.size.height < 64 || o.size.height > 4096) {
    return bad(absl::StrCat("size ", o.size.width, "x", o.size.height,
                            ": each side must be 64..4096 pixels"));
  }
  if (!(o.people_per_minute >= 0 && o.people_per_minute <= 120)) {
    return bad("people_per_minute must be 0..120");
  }
  if (o.max_people < 1 || o.max_people > 30) return bad("max_people must be 1..30");
  float total = 0;
  for (const float weight : o.mix) {
    if (!(weight >= 0)) return bad("the mix of visits must not have negative weights");
    total += weight;
  }
  if (!(total > 0)) return bad("the mix of visits must have a weight above 0");
  const float windows = o.mix[static_cast<size_t>(VisitKind::kWindowShop)];
  if (o.storefronts ? windows < total : windows > 0) {
    return bad("people pass shops where there are storefronts, and do nothing else there");
  }
  return absl::OkStatus();
}

CrowdOptions CrowdOf(const SimulationOptions& options) {
  CrowdOptions crowd;
  crowd.people_per_minute = static_cast<float>(options.people_per_minute);
  crowd.max_people = options.max_people;
  crowd.mix = options.mix;
  crowd.loiter_s = static_cast<float>(absl::ToDoubleSeconds(options.loiter));
  return crowd;
}

}  // namespace

absl::Span<const Scenario> Scenarios() {
  // Browse, buy, put back, conceal in clothes, in a bag, loiter, restricted, fight, rehearsal, window
  // shop, armed, look-alike.
  static constexpr Scenario kScenarios[] = {
      {"store", "everything a shop sees, more theft than a real one", kShopMix, 8},
      {"honest",
       "shoppers only; every incident is a false alarm",
       {0.4f, 0.4f, 0.2f, 0, 0, 0, 0, 0},
       8},
      {"theft",
       "half of the people conceal something",
       {0.2f, 0.2f, 0.1f, 0.25f, 0.25f, 0, 0, 0},
       8},
      {"trouble",
       "loitering, the staff area and fights among shoppers",
       {0.25f, 0.25f, 0.1f, 0, 0, 0.13f, 0.13f, 0.14f},
       8},
      {"crowd", "as store, but full", kShopMix, 40},
      {"weapons",
       "some threaten with a knife or a pistol, as many bring out a phone, a bottle or an umbrella",
       {0.2f, 0.2f, 0.1f, 0, 0, 0, 0, 0, 0, 0, 0.25f, 0.25f},
       8},
      {"storefront",
       "a corridor with shops that people pass, look at or enter",
       kWindowShopMix,
       12,
       true}};
  return kScenarios;
}

absl::StatusOr<Scenario> FindScenario(absl::string_view name) {
  std::string names;
  for (const Scenario& scenario : Scenarios()) {
    if (scenario.name == name) return scenario;
    absl::StrAppend(&names, names.empty() ? "" : ", ", scenario.name);
  }
  return absl::NotFoundError(absl::StrCat("no scenario \"", name, "\"; there are ", names));
}

absl::StatusOr<std::unique_ptr<Simulation>> Simulation::Create(const SimulationOptions& options) {
  if (absl::Status status = Check(options); !status.ok()) return status;
  std::unique_ptr<Simulation> simulation(new Simulation(options));
  if (simulation->stage_.spots.empty() || simulation->stage_.open_floor.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("size ", options.size.width, "x", options.size.height,
                     ": the camera sees no place where people stand; use a wider picture"));
  }
  return simulation;
}

Simulation::Simulation(const SimulationOptions& options)
    : options_(options),
      layout_(options.storefronts
                  ? StoreLayout::CreateStorefronts(Random(options.seed, kStoreLayout))
                  : StoreLayout::Create(Random(options.seed, kStoreLayout))),
      camera_(PlaceCamera(Random(options.seed, kStoreCamera), options.size)),
      stage_(VisibleStage(layout_, camera_)),
      scene_{options.seed, options.size, options.fps, ZonesInPicture(layout_, camera_)},
      frame_count_(std::max(
          1, static_cast<int>(absl::ToDoubleSeconds(options.duration) * options.fps + 1e-6))),
      crowd_(stage_, CrowdOf(options), Random(options.seed, kStorePeople)),
      renderer_(layout_, camera_, options.clean, Random(options.seed, kStorePicture)) {}

std::optional<SimulatedFrame> Simulation::Next() {
  if (next_frame_ >= frame_count_) return std::nullopt;
  const double interval = 1 / options_.fps;
  if (next_frame_ > 0) {
    const int steps = static_cast<int>(std::ceil(interval / kLongestStep));
    for (int i = 0; i < steps; ++i) crowd_.Step(static_cast<float>(interval / steps));
  }
  SimulatedFrame frame;
  frame.truth.index = next_frame_;
  frame.truth.time_s = next_frame_ * interval;
  frame.image = renderer_.Render(crowd_.people(), frame.truth.time_s, frame.truth.people);
  ++next_frame_;
  return frame;
}

}  // namespace aislewatch::simulator
