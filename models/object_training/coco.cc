#include "models/object_training/coco.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "common/vision/image_codec.h"

namespace aislewatch::object_training {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr char kForeignAnnotationsFile[] = "_annotations.coco.json";
constexpr char kPictureFolder[] = "images";
constexpr char kWeapon[] = "weapon";
constexpr int kDecimals = 100;  // of a pixel, in what is written

absl::StatusOr<std::string> FindAnnotations(const std::string& folder) {
  for (const char* name : {kAnnotationsFile, kForeignAnnotationsFile}) {
    const fs::path path = fs::path(folder) / name;
    std::error_code ignored;
    if (fs::exists(path, ignored)) return path.string();
  }
  return absl::NotFoundError(absl::StrCat("there is no ", kAnnotationsFile, " in ", folder,
                                          "; --dataset must name a folder with COCO annotations "
                                          "and its pictures in the sub-folder images"));
}

/// Python's writer writes numbers that JSON does not know: outside of strings they become null, so
/// that one of them costs a box and not the file.
std::string WithoutPythonNumbers(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\' && i + 1 < text.size()) {
      out.append(text, i++, 2);
      continue;
    }
    if (c == '"') in_string = !in_string;
    bool replaced = false;
    for (const absl::string_view word : {"NaN", "-Infinity", "Infinity"}) {
      if (in_string || text.compare(i, word.size(), word.data(), word.size()) != 0) continue;
      out.append("null");
      i += word.size() - 1;
      replaced = true;
      break;
    }
    if (!replaced) out.push_back(c);
  }
  return out;
}

absl::StatusOr<Json> ReadJson(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::UnavailableError(absl::StrCat("cannot read ", path));
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  try {
    return Json::parse(WithoutPythonNumbers(text));
  } catch (const Json::exception& e) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is damaged or no JSON: ", e.what(), "; export it again"));
  }
}

absl::StatusOr<const Json*> ListOf(const Json& json, const char* name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  if (found == json.end() || !found->is_array()) {
    return absl::InvalidArgumentError(absl::StrCat("it has no list \"", name,
                                                   "\"; COCO's format has images, annotations and "
                                                   "categories"));
  }
  return &*found;
}

std::optional<int64_t> WholeAt(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<int64_t>();
}

std::string TextAt(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// By id, since lists may be in any order.
absl::StatusOr<std::map<int64_t, ObjectClass>> ReadCategories(const Json& list) {
  std::map<int64_t, ObjectClass> categories;
  for (const Json& entry : list) {
    const std::optional<int64_t> id = WholeAt(entry, "id");
    const std::string name = TextAt(entry, "name");
    if (!id.has_value() || name.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("a category has no whole id or no name: ", entry.dump()));
    }
    for (const auto& [other, known] : categories) {
      if (other != *id && known.name != name) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("the category ", entry.dump(), " is there twice"));
    }
    categories[*id] = {name, TextAt(entry, "supercategory") == kWeapon};
  }
  if (categories.empty()) return absl::InvalidArgumentError("it has no categories");
  return categories;
}

std::string FindPicture(const std::string& folder, const std::string& name) {
  for (const fs::path& path : {fs::path(folder) / kPictureFolder / name, fs::path(folder) / name}) {
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) return path.string();
  }
  return "";
}

absl::StatusOr<std::map<int64_t, LabelledPicture>> ReadPictures(const Json& list,
                                                                const std::string& folder,
                                                                Skipped& skipped,
                                                                std::map<int64_t, bool>& known) {
  std::map<int64_t, LabelledPicture> pictures;
  for (const Json& entry : list) {
    const std::optional<int64_t> id = WholeAt(entry, "id");
    if (!id.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("a picture has no whole id: ", entry.dump()));
    }
    if (known.count(*id) > 0) {
      return absl::InvalidArgumentError(absl::StrCat("the picture id ", *id, " is there twice"));
    }
    known[*id] = true;
    const std::string name = TextAt(entry, "file_name");
    const int64_t width = WholeAt(entry, "width").value_or(0);
    const int64_t height = WholeAt(entry, "height").value_or(0);
    const bool has_size =
        width >= 1 && width <= kMaxImageSide && height >= 1 && height <= kMaxImageSide;
    const std::string path = name.empty() ? "" : FindPicture(folder, name);
    if (path.empty()) {
      skipped.Picture(absl::StrCat("there is no file \"", name, "\""));
    } else if (!has_size) {
      skipped.Picture(absl::StrCat(name, " has no width and height of 1..", kMaxImageSide));
    } else {
      pictures[*id] = {path, {static_cast<int>(width), static_cast<int>(height)}, {}};
    }
  }
  return pictures;
}

/// The part of an annotation's box that lies in its picture.
std::optional<NormalizedBox> BoxIn(const Json& entry, FrameSize size) {
  const auto found = entry.find("bbox");
  if (found == entry.end() || !found->is_array() || found->size() != 4) return std::nullopt;
  double side[4];
  for (size_t i = 0; i < 4; ++i) {
    if (!(*found)[i].is_number()) return std::nullopt;
    side[i] = (*found)[i].get<double>();
    if (!std::isfinite(side[i])) return std::nullopt;
  }
  const double left = std::clamp(side[0] / size.width, 0.0, 1.0);
  const double top = std::clamp(side[1] / size.height, 0.0, 1.0);
  const double right = std::clamp((side[0] + side[2]) / size.width, 0.0, 1.0);
  const double bottom = std::clamp((side[1] + side[3]) / size.height, 0.0, 1.0);
  // Less than a hundredth of a pixel is no box either.
  if (!(right - left > 0.01 / size.width && bottom - top > 0.01 / size.height)) return std::nullopt;
  return NormalizedBox{static_cast<float>(left), static_cast<float>(top),
                       static_cast<float>(right - left), static_cast<float>(bottom - top)};
}

absl::StatusOr<ObjectDataset> FromJson(const Json& json, const std::string& folder) {
  AW_ASSIGN_OR_RETURN(const Json* category_list, ListOf(json, "categories"));
  AW_ASSIGN_OR_RETURN(const Json* picture_list, ListOf(json, "images"));
  AW_ASSIGN_OR_RETURN(const Json* box_list, ListOf(json, "annotations"));
  AW_ASSIGN_OR_RETURN(const auto categories, ReadCategories(*category_list));
  ObjectDataset dataset;
  std::map<int64_t, int> class_of;
  for (const auto& [id, object_class] : categories) {
    class_of[id] = static_cast<int>(dataset.classes.size());
    dataset.classes.push_back(object_class);
  }
  std::map<int64_t, bool> known;
  AW_ASSIGN_OR_RETURN(auto pictures, ReadPictures(*picture_list, folder, dataset.skipped, known));
  for (const Json& entry : *box_list) {
    const std::optional<int64_t> picture = WholeAt(entry, "image_id");
    const std::optional<int64_t> category = WholeAt(entry, "category_id");
    if (!picture.has_value() || known.count(*picture) == 0) {
      dataset.skipped.Box(absl::StrCat("of no picture: ", entry.dump()));
      continue;
    }
    const auto place = pictures.find(*picture);
    if (place == pictures.end()) continue;  // Counted with its picture.
    if (!category.has_value() || class_of.count(*category) == 0) {
      dataset.skipped.Box(absl::StrCat("of no category: ", entry.dump()));
      continue;
    }
    const std::optional<NormalizedBox> box = BoxIn(entry, place->second.size);
    if (!box.has_value()) {
      dataset.skipped.Box(absl::StrCat("no box in its picture: ", entry.dump()));
      continue;
    }
    place->second.boxes.push_back(
        {class_of.at(*category), *box, WholeAt(entry, "iscrowd").value_or(0) != 0});
  }
  for (auto& [id, picture] : pictures) dataset.pictures.push_back(std::move(picture));
  std::sort(dataset.pictures.begin(), dataset.pictures.end(),
            [](const LabelledPicture& a, const LabelledPicture& b) { return a.path < b.path; });
  if (dataset.pictures.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has no picture that can be used. ", dataset.skipped.Text()));
  }
  return dataset;
}

double Rounded(double pixels) { return std::round(pixels * kDecimals) / kDecimals; }

}  // namespace

std::string Skipped::Text() const {
  std::string text;
  if (pictures > 0) {
    absl::StrAppend(&text, "left out ", pictures, " pictures, the first: ", first_picture);
  }
  if (boxes > 0) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", "left out ", boxes,
                    " boxes, the first: ", first_box);
  }
  return text;
}

absl::StatusOr<ObjectDataset> ReadCoco(const std::string& folder) {
  AW_ASSIGN_OR_RETURN(const std::string path, FindAnnotations(folder));
  AW_ASSIGN_OR_RETURN(const Json json, ReadJson(path));
  auto dataset = FromJson(json, folder);
  if (!dataset.ok()) return Annotate(dataset.status(), path);
  return dataset;
}

absl::StatusOr<cv::Mat> ReadPicture(const LabelledPicture& picture) {
  cv::Mat image;
  try {
    image = cv::imread(picture.path, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& e) {
    return absl::InvalidArgumentError(absl::StrCat(picture.path, ": ", e.what()));
  }
  if (image.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(picture.path, " is no picture, or damaged"));
  }
  if (image.cols != picture.size.width || image.rows != picture.size.height) {
    return absl::InvalidArgumentError(absl::StrCat(picture.path, " is ", image.cols, "x",
                                                   image.rows, ", its annotations say ",
                                                   picture.size.width, "x", picture.size.height));
  }
  return image;
}

absl::Status CheckPictures(ObjectDataset& dataset,
                           const std::function<void(int64_t, int64_t)>& progress) {
  std::vector<LabelledPicture> good;
  int64_t done = 0;
  const auto total = static_cast<int64_t>(dataset.pictures.size());
  for (LabelledPicture& picture : dataset.pictures) {
    const auto image = ReadPicture(picture);
    if (image.ok()) {
      good.push_back(std::move(picture));
    } else {
      dataset.skipped.Picture(std::string(image.status().message()));
    }
    progress(++done, total);
  }
  dataset.pictures = std::move(good);
  if (!dataset.pictures.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("there is no picture that can be used: ", dataset.skipped.Text()));
}

void UseClasses(const std::vector<ObjectClass>& classes, ObjectDataset& dataset) {
  std::vector<int> index_of;
  for (const ObjectClass& own : dataset.classes) {
    const auto found = std::find_if(classes.begin(), classes.end(), [&](const ObjectClass& other) {
      return other.name == own.name;
    });
    index_of.push_back(found == classes.end() ? -1 : static_cast<int>(found - classes.begin()));
  }
  for (LabelledPicture& picture : dataset.pictures) {
    std::vector<LabelledBox> kept;
    for (LabelledBox box : picture.boxes) {
      box.class_index = index_of[static_cast<size_t>(box.class_index)];
      if (box.class_index >= 0) kept.push_back(box);
    }
    picture.boxes = std::move(kept);
  }
  dataset.classes = classes;
}

absl::Status WriteCoco(const std::string& folder, const ObjectDataset& dataset,
                       const std::string& description) {
  Json images = Json::array(), annotations = Json::array(), categories = Json::array();
  for (size_t i = 0; i < dataset.classes.size(); ++i) {
    categories.push_back({{"id", i + 1},
                          {"name", dataset.classes[i].name},
                          {"supercategory", dataset.classes[i].weapon ? kWeapon : "harmless"}});
  }
  for (size_t i = 0; i < dataset.pictures.size(); ++i) {
    const LabelledPicture& picture = dataset.pictures[i];
    images.push_back({{"id", i + 1},
                      {"file_name", fs::path(picture.path).filename().string()},
                      {"width", picture.size.width},
                      {"height", picture.size.height}});
    for (const LabelledBox& box : picture.boxes) {
      const double width = Rounded(static_cast<double>(box.box.width) * picture.size.width);
      const double height = Rounded(static_cast<double>(box.box.height) * picture.size.height);
      annotations.push_back(
          {{"id", annotations.size() + 1},
           {"image_id", i + 1},
           {"category_id", box.class_index + 1},
           {"bbox",
            {Rounded(static_cast<double>(box.box.x) * picture.size.width),
             Rounded(static_cast<double>(box.box.y) * picture.size.height), width, height}},
           {"area", Rounded(width * height)},
           {"iscrowd", box.ignored ? 1 : 0}});
    }
  }
  const Json json = {{"info", {{"description", description}}},
                     {"images", images},
                     {"annotations", annotations},
                     {"categories", categories}};
  return WriteFileAtomically((fs::path(folder) / kAnnotationsFile).string(), json.dump() + "\n");
}

}  // namespace aislewatch::object_training
