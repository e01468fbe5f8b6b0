#include "models/object_training/simulated_dataset.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "models/object_training/hand_pictures.h"
#include "simulator/object_scene.h"

namespace aislewatch::object_training {
namespace {

constexpr float kLeastUnhidden = 1.0f / 3;

std::vector<ObjectClass> HeldObjectClasses() {
  std::vector<ObjectClass> classes;
  for (int i = 0; i < simulator::kHeldObjectCount; ++i) {
    const auto kind = static_cast<simulator::HeldObject>(i);
    classes.push_back(
        {std::string(simulator::kHeldObjectNames[static_cast<size_t>(i)]), IsWeapon(kind)});
  }
  return classes;
}

}  // namespace

absl::StatusOr<ObjectDataset> WriteSimulatedDataset(
    const std::string& folder, uint64_t seed, int scenes, ScenePart part,
    const std::function<void(int64_t done)>& progress) {
  AW_ASSIGN_OR_RETURN(PictureSetWriter writer,
                      PictureSetWriter::Create(folder, HeldObjectClasses()));
  for (int i = 0; i < scenes; ++i) {
    const uint64_t number = seed + static_cast<uint64_t>(i);
    AW_ASSIGN_OR_RETURN(const simulator::ObjectScene scene, simulator::RenderObjectScene(number));
    std::vector<LabelledBox> labels;
    for (const simulator::SceneObject& object : scene.objects) {
      labels.push_back(
          {static_cast<int>(object.kind), object.box, object.visible < kLeastUnhidden});
    }
    AW_RETURN_IF_ERROR(writer.Add(number, part == ScenePart::kHands
                                              ? CutHands(scene.image, scene.people, labels)
                                              : std::vector<CutPicture>{{scene.image, labels}}));
    progress(i + 1);
  }
  return std::move(writer).Finish(
      absl::StrCat(part == ScenePart::kHands ? "Hands of simulated" : "Simulated",
                   " people with drawn weapons and look-alikes, seeds ", seed, " to ",
                   seed + static_cast<uint64_t>(scenes) - 1,
                   "; synthetic, and no substitute for real pictures."));
}

}  // namespace aislewatch::object_training
