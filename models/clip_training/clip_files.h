// The clips of a data set on disk: one folder per class.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "models/clip_training/clip_labels.h"

namespace aislewatch::clip_training {

/// One video file.
struct ClipFile {
  std::string path;
  /// The data set's name, for reports.
  std::string dataset;
  /// The folder it lies in.
  std::string folder;
  /// What it shows; see ActionsOfFolder. Empty where nothing says so.
  ActionSet actions;
};

/// A clip that was left out since it cannot be read, and why.
struct SkippedClip {
  std::string path;
  std::string reason;
};

/// Every .mp4, .avi, .mkv, .mov and .webm of `directory`'s folders, by folder and then file name.
/// NOT_FOUND where there is no such directory or not one clip in it; INVALID_ARGUMENT where a
/// folder's name is no class. Blocks for the disk.
absl::StatusOr<std::vector<ClipFile>> ListClips(const std::string& dataset,
                                                const std::string& directory);

/// The videos that lie in `directory` itself, by file name: footage of which nothing says what it
/// shows, so that `actions` is empty. NOT_FOUND where there is no such directory or no video in it.
/// Blocks for the disk.
absl::StatusOr<std::vector<ClipFile>> ListFootage(const std::string& dataset,
                                                  const std::string& directory);

/// Parts of a data set that share no block of neighbouring clips.
struct ClipSplit {
  std::vector<ClipFile> train;
  /// Chooses the epoch.
  std::vector<ClipFile> validation;
  /// Never seen in training.
  std::vector<ClipFile> test;
};

/// Which block of clips is held out: the `index`-th (from 1) of `count` in each class.
struct Fold {
  int index = 3;
  int count = 3;
};

/// Splits by blocks, since neighbouring numbers show the same person: of each class one block, by
/// default the last third, is the test part, and the last fifth of the rest the validation part.
/// `clips` as ListClips orders them; 1 <= fold.index <= fold.count.
ClipSplit SplitByBlocks(const std::vector<ClipFile>& clips, const Fold& fold = {});

/// INVALID_ARGUMENT, with the one class that there is, where clips of several classes are needed to
/// learn or to measure anything.
absl::Status RequireSeveralClasses(const std::vector<ClipFile>& clips);

}  // namespace aislewatch::clip_training
