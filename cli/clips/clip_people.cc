#include "cli/clips/clip_people.h"

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/console/progress.h"
#include "common/base/status.h"
#include "models/clip_training/clip_reader.h"

namespace aislewatch {

ClipPeople::ClipPeople(ModelRepository repository, LocalClusterOptions options,
                       std::string pose_model, std::string cache)
    : repository_(std::move(repository)),
      cluster_(std::move(options)),
      by_service_(cluster_, std::move(pose_model)),
      finder_(by_service_, std::move(cache)) {}

absl::StatusOr<std::unique_ptr<ClipPeople>> ClipPeople::Create(const ClipClusterFlags& flags,
                                                               const std::string& bin_dir,
                                                               std::vector<std::string> services) {
  AW_ASSIGN_OR_RETURN(LocalClusterOptions options, MakeClusterOptions(flags.cluster, bin_dir));
  options.services = std::move(services);
  options.flags["pose"].push_back(absl::StrCat("--model=", flags.pose_model));
  ModelRepository repository(options.model_repositories);
  AW_ASSIGN_OR_RETURN(const ModelFiles files, repository.Find(flags.pose_model));
  const ModelInfo& info = files.manifest.info;
  return std::unique_ptr<ClipPeople>(new ClipPeople(std::move(repository), std::move(options),
                                                    absl::StrCat(info.name, "-", info.version),
                                                    flags.cache));
}

absl::Status ClipPeople::ForEach(const std::vector<clip_training::ClipFile>& clips,
                                 const Use& use) {
  ProgressBar bar("clips", static_cast<int64_t>(clips.size()));
  int64_t done = 0;
  for (const clip_training::ClipFile& clip : clips) {
    const auto frames = clip_training::ReadClip(clip.path);
    if (frames.ok()) {
      const auto people = finder_.Find(*frames);
      if (!people.ok()) return Annotate(people.status(), clip.path);
      AW_RETURN_IF_ERROR(Annotate(use(clip, *frames, *people), clip.path));
    } else {
      std::fprintf(stderr, "left out %s: %s\n", clip.path.c_str(),
                   std::string(frames.status().message()).c_str());
    }
    bar.Update(++done, clip.folder);
  }
  return absl::OkStatus();
}

}  // namespace aislewatch
