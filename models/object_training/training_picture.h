// Labelled pictures as the network gets to see them while it learns.
//
// Pure functions; no LibTorch.
#pragma once

#include <opencv2/core/mat.hpp>
#include <random>
#include <vector>

#include "models/object_training/coco.h"
#include "models/retinanet/anchors.h"

namespace aislewatch::object_training {

/// A picture of the network's size, with its boxes in that picture's pixels.
struct TrainingPicture {
  /// 8-bit BGR, side × side.
  cv::Mat image;
  std::vector<retinanet::PixelBox> boxes;
  /// Of each box.
  std::vector<int> classes;
  /// Regions from which nothing is learnt.
  std::vector<retinanet::PixelBox> ignored;
};

/// `image` (8-bit BGR) at 0.8 to 1.3 times the size at which it fits into `side` × `side`,
/// somewhere there, mirrored or not, in another light and now and then without colours. What is cut
/// off by more than two thirds is ignored.
TrainingPicture VaryPicture(const cv::Mat& image, const std::vector<LabelledBox>& labels, int side,
                            std::mt19937_64& random);

}  // namespace aislewatch::object_training
