// Judges the clips of a data set one after another.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/capture/frame_source.h"
#include "common/roles/model_info.h"
#include "models/clip_training/clip_files.h"
#include "models/clip_training/clip_verdict.h"
#include "models/clip_training/person_finder.h"
#include "models/clip_training/report/classifier_page.h"

namespace aislewatch {

/// A clip's verdict, and the model that gave it.
struct ServiceVerdict {
  clip_training::ClipVerdict verdict;
  ModelInfo model;
};

/// Makes a verdict of a clip's frames and the people in them.
using ClipJudge = std::function<absl::StatusOr<ServiceVerdict>(
    absl::Span<const CapturedFrame> frames, const clip_training::PeopleByFrame& people)>;

struct JudgeClipsOptions {
  /// Keep a picture of each clip's decisive moment.
  bool pictures = false;
  /// Told after each clip how many are done.
  std::function<void(size_t done, const clip_training::ClipFile& clip)> progress;
};

/// Fills `model`, `clips`, `pictures`, `skipped` and `evaluation` of a report. A clip that cannot
/// be read is skipped; that a finder or judge fails is an error with the clip's path.
/// INVALID_ARGUMENT where `clips`, or those of them that can be read, are not of several classes.
absl::StatusOr<clip_training::ClassifierReport> JudgeClips(
    const std::vector<clip_training::ClipFile>& clips, clip_training::PersonFinder& finder,
    const ClipJudge& judge, const JudgeClipsOptions& options);

}  // namespace aislewatch
