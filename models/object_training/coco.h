// Pictures with labelled boxes, in COCO's format (https://cocodataset.org/#format-data).
//
// Plain values; the functions block for the disk and are thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/roles/object_detector.h"
#include "common/vision/geometry.h"

namespace aislewatch::object_training {

/// A thing in a picture.
struct LabelledBox {
  /// Index into the data set's classes.
  int class_index = 0;
  /// In fractions of the picture, inside of it, not empty.
  NormalizedBox box;
  /// COCO's "iscrowd": neither to be found nor wrong to be found, for example what is hardly
  /// visible.
  bool ignored = false;
};

struct LabelledPicture {
  std::string path;
  FrameSize size;
  std::vector<LabelledBox> boxes;
};

/// What was left out while reading, and an example of each.
struct Skipped {
  int pictures = 0;
  std::string first_picture;
  int boxes = 0;
  std::string first_box;

  void Picture(const std::string& why) {
    if (pictures++ == 0) first_picture = why;
  }
  void Box(const std::string& why) {
    if (boxes++ == 0) first_box = why;
  }
  /// A sentence for the user; empty where nothing was left out.
  std::string Text() const;
};

struct ObjectDataset {
  /// By rising category id. A category whose "supercategory" is "weapon" is one.
  std::vector<ObjectClass> classes;
  /// By file name.
  std::vector<LabelledPicture> pictures;
  Skipped skipped;
};

/// Name of the annotations' file below a data set's folder; pictures lie in its sub-folder images/
/// or beside it. "_annotations.coco.json", as other tools export it, is read, too.
inline constexpr char kAnnotationsFile[] = "instances.json";

/// Reads the data set below `folder`: {"images": [{id, file_name, width, height}], "annotations":
/// [{image_id, category_id, bbox: [left, top, width, height] in pixels, iscrowd}], "categories":
/// [{id, name, supercategory}]}; other fields are ignored.
///
/// Left out and counted: pictures whose file is missing or that have no size; boxes of an unknown
/// category or picture, with other than four finite numbers, or without any area in the picture. A
/// box that sticks out is cut. NOT_FOUND and INVALID_ARGUMENT where there is no annotations file,
/// it is no JSON or has another form, or nothing is left.
absl::StatusOr<ObjectDataset> ReadCoco(const std::string& folder);

/// Reads the picture, 8-bit BGR. INVALID_ARGUMENT where it cannot be read or has another size than
/// its annotations say, which would put every box in the wrong place.
absl::StatusOr<cv::Mat> ReadPicture(const LabelledPicture& picture);

/// Decodes every picture once and moves those that ReadPicture refuses to `skipped`. `progress` is
/// told how many are done. INVALID_ARGUMENT where none is left.
absl::Status CheckPictures(ObjectDataset& dataset,
                           const std::function<void(int64_t done, int64_t total)>& progress);

/// Makes `dataset`'s boxes refer to `classes` by name; boxes of other classes are dropped, since a
/// model that does not know them can neither find nor miss them.
void UseClasses(const std::vector<ObjectClass>& classes, ObjectDataset& dataset);

/// Writes `dataset`, whose pictures lie below `folder`/images, as `folder`/instances.json.
/// `description` says what it is.
absl::Status WriteCoco(const std::string& folder, const ObjectDataset& dataset,
                       const std::string& description);

}  // namespace aislewatch::object_training
