#include "models/object_training/hand_pictures.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status.h"
#include "common/vision/hand_region.h"
#include "common/vision/image_codec.h"

namespace aislewatch::object_training {
namespace {

constexpr float kLeastVisible = 1.0f / 3;
constexpr float kLeastPixels = 5;
/// The pictures went through JPEG already; this one shall add nothing.
constexpr int kQuality = 97;

cv::Rect2f Pixels(const NormalizedBox& box, const cv::Mat& picture) {
  const auto width = static_cast<float>(picture.cols);
  const auto height = static_cast<float>(picture.rows);
  return {box.x * width, box.y * height, box.width * width, box.height * height};
}

/// The thing as the part `region` of the picture shows it; nothing where it does not.
std::optional<LabelledBox> LabelIn(const cv::Rect& region, const LabelledBox& label,
                                   const cv::Mat& picture) {
  const cv::Rect2f whole = Pixels(label.box, picture);
  const cv::Rect2f part = whole & cv::Rect2f(region);
  if (!(part.width >= 1 && part.height >= 1)) return std::nullopt;
  const auto across = static_cast<float>(region.width);
  const auto along = static_cast<float>(region.height);
  LabelledBox in = label;
  in.box = {(part.x - static_cast<float>(region.x)) / across,
            (part.y - static_cast<float>(region.y)) / along, part.width / across,
            part.height / along};
  // Things fill their boxes about evenly.
  in.ignored |= part.area() < kLeastVisible * whole.area() ||
                std::max(part.width, part.height) < kLeastPixels;
  return in;
}

/// Not atomic: syncing thousands of pictures to the disk takes longer than making them.
absl::Status WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  file.close();
  if (!file.fail()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot write ", path, ": check that the disk has room"));
}

std::vector<cv::Rect> RegionsOf(absl::Span<const DetectedPerson> people, const cv::Mat& picture) {
  std::vector<cv::Rect> regions;
  for (const DetectedPerson& person : people) {
    for (const cv::Rect& region : HandRegions(person, {picture.cols, picture.rows})) {
      regions.push_back(region);
    }
  }
  return regions;
}

std::vector<CutPicture> Cut(const cv::Mat& picture, absl::Span<const cv::Rect> regions,
                            absl::Span<const LabelledBox> boxes) {
  std::vector<CutPicture> cut;
  for (const cv::Rect& region : regions) {
    CutPicture& part = cut.emplace_back(CutPicture{picture(region), {}});
    for (const LabelledBox& box : boxes) {
      if (const auto label = LabelIn(region, box, picture)) part.boxes.push_back(*label);
    }
  }
  return cut;
}

bool IsShown(const LabelledBox& label, const cv::Mat& picture, absl::Span<const cv::Rect> regions) {
  return std::any_of(regions.begin(), regions.end(), [&](const cv::Rect& region) {
    const auto shown = LabelIn(region, label, picture);
    return shown.has_value() && !shown->ignored;
  });
}

}  // namespace

std::vector<CutPicture> CutHands(const cv::Mat& picture, absl::Span<const DetectedPerson> people,
                                 absl::Span<const LabelledBox> boxes) {
  return Cut(picture, RegionsOf(people, picture), boxes);
}

PictureSetWriter::PictureSetWriter(std::string folder, std::vector<ObjectClass> classes)
    : folder_(std::move(folder)) {
  dataset_.classes = std::move(classes);
}

absl::StatusOr<PictureSetWriter> PictureSetWriter::Create(std::string folder,
                                                          std::vector<ObjectClass> classes) {
  const std::string pictures = absl::StrCat(folder, "/images");
  std::error_code error;
  std::filesystem::create_directories(pictures, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot make ", pictures, ": ", error.message()));
  }
  return PictureSetWriter(std::move(folder), std::move(classes));
}

absl::Status PictureSetWriter::Add(uint64_t number, absl::Span<const CutPicture> pictures) {
  for (size_t i = 0; i < pictures.size(); ++i) {
    const CutPicture& picture = pictures[i];
    const std::string path = absl::StrFormat("%s/images/%09d-%d.jpg", folder_, number, i);
    AW_ASSIGN_OR_RETURN(const std::string jpeg, EncodeJpeg(picture.image, kQuality));
    AW_RETURN_IF_ERROR(WriteBytes(path, jpeg));
    dataset_.pictures.push_back({path, {picture.image.cols, picture.image.rows}, picture.boxes});
  }
  return absl::OkStatus();
}

absl::StatusOr<ObjectDataset> PictureSetWriter::Finish(const std::string& description) && {
  if (dataset_.pictures.empty()) {
    return absl::InvalidArgumentError(
        "nobody's hands were found in any picture; the pose model must find people in them, with "
        "hands of which the region around is 32 pixels or more");
  }
  AW_RETURN_IF_ERROR(WriteCoco(folder_, dataset_, description));
  return std::move(dataset_);
}

absl::StatusOr<CutDataset> CutHandsOfDataset(const ObjectDataset& dataset, PoseModel& poses,
                                             const std::string& folder,
                                             const std::function<void(int64_t done)>& progress) {
  AW_ASSIGN_OR_RETURN(PictureSetWriter writer, PictureSetWriter::Create(folder, dataset.classes));
  CutDataset cut;
  Skipped skipped = dataset.skipped;
  for (size_t i = 0; i < dataset.pictures.size(); ++i) {
    const LabelledPicture& from = dataset.pictures[i];
    const absl::StatusOr<cv::Mat> picture = ReadPicture(from);
    progress(static_cast<int64_t>(i) + 1);
    if (!picture.ok()) {
      skipped.Picture(std::string(picture.status().message()));
      continue;
    }
    AW_ASSIGN_OR_RETURN(const auto found, poses.Detect({*picture}));
    const std::vector<cv::Rect> hands = RegionsOf(found[0], *picture);
    AW_RETURN_IF_ERROR(writer.Add(i, Cut(*picture, hands, from.boxes)));
    for (const LabelledBox& box : from.boxes) {
      if (box.ignored) continue;
      ++cut.things;
      cut.things_at_hands += IsShown(box, *picture, hands);
    }
  }
  AW_ASSIGN_OR_RETURN(cut.hands,
                      std::move(writer).Finish("Hands cut out of another data set's pictures."));
  cut.hands.skipped = std::move(skipped);
  return cut;
}

}  // namespace aislewatch::object_training
