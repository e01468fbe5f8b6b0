#include "models/object_training/simulated_dataset.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status.h"
#include "common/vision/image_codec.h"
#include "simulator/object_scene.h"

namespace aislewatch::object_training {
namespace {

constexpr float kLeastVisible = 1.0f / 3;
constexpr float kLeastPixels = 5;
/// The scenes went through JPEG already; this one shall add nothing.
constexpr int kQuality = 97;

LabelledBox LabelOf(const simulator::SceneObject& object, FrameSize size) {
  const float longest = std::max(object.box.width * static_cast<float>(size.width),
                                 object.box.height * static_cast<float>(size.height));
  return {static_cast<int>(object.kind), object.box,
          object.visible < kLeastVisible || longest < kLeastPixels};
}

/// Not atomic: syncing thousands of pictures to the disk takes longer than drawing them, and
/// without the annotations, which come last, they are no data set.
absl::Status WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  file.close();
  if (!file.fail()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot write ", path, ": check that the disk has room"));
}

}  // namespace

absl::StatusOr<ObjectDataset> WriteSimulatedDataset(
    const std::string& folder, uint64_t seed, int count,
    const std::function<void(int64_t done)>& progress) {
  const std::string pictures = absl::StrCat(folder, "/images");
  std::error_code error;
  std::filesystem::create_directories(pictures, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot make ", pictures, ": ", error.message()));
  }
  ObjectDataset dataset;
  for (int i = 0; i < simulator::kHeldObjectCount; ++i) {
    const auto kind = static_cast<simulator::HeldObject>(i);
    dataset.classes.push_back(
        {std::string(simulator::kHeldObjectNames[static_cast<size_t>(i)]), IsWeapon(kind)});
  }
  for (int i = 0; i < count; ++i) {
    AW_ASSIGN_OR_RETURN(const simulator::ObjectScene scene,
                        simulator::RenderObjectScene(seed + static_cast<uint64_t>(i)));
    LabelledPicture picture;
    picture.path = absl::StrCat(pictures, "/", absl::StrFormat("%09d.jpg", seed + i));
    picture.size = {scene.image.cols, scene.image.rows};
    for (const simulator::SceneObject& object : scene.objects) {
      picture.boxes.push_back(LabelOf(object, picture.size));
    }
    AW_ASSIGN_OR_RETURN(const std::string jpeg, EncodeJpeg(scene.image, kQuality));
    AW_RETURN_IF_ERROR(WriteBytes(picture.path, jpeg));
    dataset.pictures.push_back(std::move(picture));
    progress(i + 1);
  }
  AW_RETURN_IF_ERROR(
      WriteCoco(folder, dataset,
                absl::StrCat("Simulated people with drawn weapons and look-alikes, seeds ", seed,
                             " to ", seed + static_cast<uint64_t>(count) - 1,
                             "; synthetic, and no substitute for real pictures.")));
  return dataset;
}

}  // namespace aislewatch::object_training
