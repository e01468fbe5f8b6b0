#include "cli/clips/judge_clips.h"

#include <optional>
#include <string>
#include <utility>

#include "common/base/status.h"
#include "models/clip_training/clip_reader.h"
#include "models/clip_training/report/moment_picture.h"

namespace aislewatch {
namespace {

using clip_training::ClassifierReport;
using clip_training::ClipFile;
using clip_training::JudgedClip;
using clip_training::PeopleByFrame;

/// The picture of a clip's decisive moment; empty where there is none.
absl::StatusOr<std::string> PictureOf(const JudgedClip& judged,
                                      const std::vector<CapturedFrame>& frames,
                                      const PeopleByFrame& people) {
  const std::optional<clip_training::Moment> moment = clip_training::ShownMoment(judged);
  if (!moment) return std::string();
  return clip_training::MomentPicture(frames[moment->frame], people[moment->frame],
                                      {moment->track_id});
}

absl::Status JudgeAndAdd(const ClipFile& clip, clip_training::PersonFinder& finder,
                         const ClipJudge& judge, bool picture, ClassifierReport& report) {
  const absl::StatusOr<std::vector<CapturedFrame>> frames = clip_training::ReadClip(clip.path);
  if (!frames.ok()) {
    report.skipped.push_back({clip.path, std::string(frames.status().message())});
    return absl::OkStatus();
  }
  AW_ASSIGN_OR_RETURN(const PeopleByFrame people, finder.Find(*frames));
  AW_ASSIGN_OR_RETURN(ServiceVerdict judged, judge(*frames, people));
  report.model = std::move(judged.model);
  report.clips.push_back({clip, std::move(judged.verdict)});
  report.pictures.emplace_back();
  if (!picture) return absl::OkStatus();
  AW_ASSIGN_OR_RETURN(report.pictures.back(), PictureOf(report.clips.back(), *frames, people));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ClassifierReport> JudgeClips(const std::vector<ClipFile>& clips,
                                            clip_training::PersonFinder& finder,
                                            const ClipJudge& judge,
                                            const JudgeClipsOptions& options) {
  AW_RETURN_IF_ERROR(clip_training::RequireSeveralClasses(clips));
  ClassifierReport report;
  size_t done = 0;
  for (const ClipFile& clip : clips) {
    const absl::Status status = JudgeAndAdd(clip, finder, judge, options.pictures, report);
    if (!status.ok()) return Annotate(status, clip.path);
    if (options.progress) options.progress(++done, clip);
  }
  std::vector<ClipFile> read;
  for (const JudgedClip& judged : report.clips) read.push_back(judged.clip);
  const absl::Status several = clip_training::RequireSeveralClasses(read);
  if (!several.ok()) {
    return Annotate(several,
                    absl::StrCat(report.skipped.size(), " clips cannot be read (the first: ",
                                 report.skipped.front().reason, "), and of the others"));
  }
  report.evaluation = clip_training::Evaluate(report.clips);
  return report;
}

}  // namespace aislewatch
