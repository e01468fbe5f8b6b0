#include "models/object_training/detector_data.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "models/object_training/training_picture.h"

namespace aislewatch::object_training {
namespace {

/// Share of the pictures that validate where no others are given: one in so many.
constexpr size_t kValidationShare = 10;

absl::Status NameWeapons(const std::vector<std::string>& names, ObjectDataset& dataset) {
  if (names.empty()) return absl::OkStatus();
  std::vector<std::string> known;
  for (ObjectClass& one : dataset.classes) {
    known.push_back(one.name);
    one.weapon = std::find(names.begin(), names.end(), one.name) != names.end();
  }
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "the weapon ", name, " is none of the data set's classes ", absl::StrJoin(known, ", ")));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DetectorData> ReadDetectorData(const TrainingOptions& options,
                                              const TrainingProgressFn& progress) {
  const auto check = [&](ObjectDataset& dataset) {
    return CheckPictures(dataset, [&](int64_t done, int64_t total) {
      progress({"pictures", done, total, ""});
    });
  };
  DetectorData data;
  AW_ASSIGN_OR_RETURN(data.train, ReadCoco(options.dataset));
  AW_RETURN_IF_ERROR(NameWeapons(options.weapons, data.train));
  AW_RETURN_IF_ERROR(check(data.train));
  if (!options.validation.empty()) {
    AW_ASSIGN_OR_RETURN(data.validation, ReadCoco(options.validation));
    AW_RETURN_IF_ERROR(check(data.validation));
    UseClasses(data.train.classes, data.validation);
  } else {
    std::vector<LabelledPicture>& all = data.train.pictures;
    const size_t held_out = std::max<size_t>(1, all.size() / kValidationShare);
    if (all.size() < 2) {
      return absl::InvalidArgumentError(
          absl::StrCat(options.dataset,
                       " has one usable picture; one to learn from and one to "
                       "choose by are the least"));
    }
    data.validation.classes = data.train.classes;
    data.validation.pictures.assign(all.end() - static_cast<std::ptrdiff_t>(held_out), all.end());
    all.resize(all.size() - held_out);
  }
  const bool any_box = std::any_of(
      data.train.pictures.begin(), data.train.pictures.end(), [](const LabelledPicture& picture) {
        return std::any_of(picture.boxes.begin(), picture.boxes.end(),
                           [](const LabelledBox& box) { return !box.ignored; });
      });
  if (!any_box) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.dataset, " has no box to learn from. ", data.train.skipped.Text()));
  }
  return data;
}

}  // namespace aislewatch::object_training
