// aislewatch models train object, aislewatch models evaluate object.

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/cluster/local_cluster.h"
#include "cli/commands/commands.h"
#include "cli/commands/report_provenance.h"
#include "cli/console/progress.h"
#include "common/base/atomic_write.h"
#include "common/base/status.h"
#include "common/inference/model_repository.h"
#include "models/object_training/report/detection_picture.h"
#include "models/object_training/report/object_page.h"
#include "models/object_training/trainer.h"
#include "models/report/report_folder.h"
#include "models/retinanet/load.h"

namespace aislewatch {
namespace {

using object_training::ClassFigures;
using object_training::FalseAlarms;
using object_training::ObjectEvaluation;
using object_training::ObjectReport;
using object_training::Skipped;

struct TrainObjectFlags {
  object_training::TrainingOptions training;
  std::vector<std::string> repositories;
};

struct EvaluateObjectFlags {
  std::string dataset;
  std::string model = kDefaultObjectModel;
  std::string version;
  double threshold = -1;
  int threads = 1;
  std::string json;
  std::string report;
  std::vector<std::string> repositories;
};

ModelRepository RepositoryOf(const std::vector<std::string>& folders, const std::string& bin_dir) {
  return ModelRepository(folders.empty() ? DefaultModelRepositories(bin_dir) : folders);
}

void Tell(const std::string& what, const Skipped& skipped) {
  const std::string text = skipped.Text();
  if (!text.empty()) std::fprintf(stderr, "%s: %s\n", what.c_str(), text.c_str());
}

void PrintAlarms(const char* what, const FalseAlarms& count) {
  std::printf("%s: a weapon is seen in %d of %d pictures\n", what, count.alarms, count.pictures);
}

void PrintEvaluation(const ObjectEvaluation& evaluation) {
  std::printf("%d pictures, mean AP at IoU 0.5 %.3f, of weapons %.3f\n", evaluation.pictures,
              evaluation.mean_average_precision, evaluation.weapon_average_precision);
  std::printf("  %-16s %6s %6s %10s %8s   from score %.2f on\n", "class", "boxes", "AP",
              "precision", "recall", evaluation.threshold);
  for (const ClassFigures& figures : evaluation.classes) {
    std::printf("  %-16s %6d %6s %10.3f %8.3f%s\n", figures.object_class.name.c_str(),
                figures.boxes,
                figures.average_precision.has_value()
                    ? absl::StrFormat("%.3f", *figures.average_precision).c_str()
                    : "-",
                figures.counts.precision(), figures.counts.recall(),
                figures.object_class.weapon ? "   weapon" : "");
  }
  std::printf("  %-16s %6d %6s %10.3f %8.3f\n", "all weapons",
              evaluation.weapons.right + evaluation.weapons.missed, "",
              evaluation.weapons.precision(), evaluation.weapons.recall());
  PrintAlarms("look-alikes only", evaluation.look_alikes);
  PrintAlarms("nothing in a hand", evaluation.nothing);
}

absl::Status TrainObject(const TrainObjectFlags& flags, const std::string& bin_dir) {
  std::optional<ProgressBar> bar;
  std::string stage;
  const auto progress = [&](const object_training::TrainingProgress& now) {
    if (now.stage == "epochs") {
      bar.reset();
      stage.clear();
      std::fprintf(stderr, "epoch %d of %d: %s\n", static_cast<int>(now.done),
                   static_cast<int>(now.total), now.note.c_str());
      return;
    }
    if (!bar.has_value() || stage != now.stage) {
      stage = std::string(now.stage);
      bar.reset();
      bar.emplace(stage, now.total);
    }
    bar->Update(now.done, now.note);
  };
  AW_ASSIGN_OR_RETURN(const object_training::TrainingResult result,
                      object_training::TrainDetector(
                          flags.training, RepositoryOf(flags.repositories, bin_dir), progress));
  bar.reset();
  Tell(flags.training.dataset, result.skipped);
  Tell(flags.training.validation, result.validation_skipped);
  std::printf("best of %d epochs: %d; on the validation pictures:\n", result.epochs,
              result.best_epoch);
  PrintEvaluation(result.validation);
  std::printf("wrote %s\n", flags.training.out.c_str());
  return absl::OkStatus();
}

/// The data set with the detector's classes, without pictures that cannot be read.
absl::StatusOr<object_training::ObjectDataset> ReadPictures(const std::string& folder,
                                                            const ObjectDetector& detector) {
  AW_ASSIGN_OR_RETURN(object_training::ObjectDataset dataset, object_training::ReadCoco(folder));
  ProgressBar bar("pictures", static_cast<int64_t>(dataset.pictures.size()));
  AW_RETURN_IF_ERROR(
      object_training::CheckPictures(dataset, [&](int64_t done, int64_t) { bar.Update(done); }));
  object_training::UseClasses(detector.classes(), dataset);
  return dataset;
}

absl::StatusOr<std::vector<object_training::JudgedPicture>> JudgeWithProgress(
    ObjectDetector& detector, const object_training::ObjectDataset& dataset) {
  ProgressBar bar("detection", static_cast<int64_t>(dataset.pictures.size()));
  return object_training::JudgePictures(detector, dataset,
                                        [&](int64_t done, int64_t) { bar.Update(done); });
}

absl::Status WriteObjectJson(const std::string& path, const ObjectReport& report) {
  nlohmann::json json = object_training::EvaluationToJson(report.evaluation);
  json["model"] = report.model.name;
  json["version"] = report.model.version;
  const Skipped& skipped = report.dataset.skipped;
  json["skipped"] = {{"pictures", skipped.pictures}, {"boxes", skipped.boxes}};
  return WriteFileAtomically(path, json.dump(2) + "\n");
}

absl::Status DrawMistakes(ObjectReport& report) {
  const double threshold = report.evaluation.threshold;
  report.pictures.assign(report.judged.size(), "");
  for (const size_t i :
       object_training::PicturesOfMistakes(report.dataset.classes, report.judged, threshold)) {
    AW_ASSIGN_OR_RETURN(const cv::Mat image,
                        object_training::ReadPicture(report.dataset.pictures[i]));
    AW_ASSIGN_OR_RETURN(report.pictures[i],
                        object_training::DetectionPicture(image, report.judged[i],
                                                          report.dataset.classes, threshold));
  }
  return absl::OkStatus();
}

absl::Status EvaluateObject(const EvaluateObjectFlags& flags, const CommandContext& context) {
  if (!flags.report.empty()) AW_RETURN_IF_ERROR(report::PrepareReportFolder(flags.report));
  const ModelRepository repository = RepositoryOf(flags.repositories, context.bin_dir);
  AW_ASSIGN_OR_RETURN(const std::unique_ptr<ObjectDetector> detector,
                      LoadObjectDetector(repository, flags.model, flags.version, flags.threads));
  ObjectReport report;
  report.name = flags.dataset;
  report.model = detector->info();
  AW_ASSIGN_OR_RETURN(report.dataset, ReadPictures(flags.dataset, *detector));
  AW_ASSIGN_OR_RETURN(report.judged, JudgeWithProgress(*detector, report.dataset));
  report.evaluation = object_training::EvaluateDetections(
      detector->classes(), report.judged,
      flags.threshold < 0 ? detector->threshold() : flags.threshold);
  Tell(flags.dataset, report.dataset.skipped);
  std::printf("%s/%s: ", report.model.name.c_str(), report.model.version.c_str());
  PrintEvaluation(report.evaluation);
  if (!flags.json.empty()) AW_RETURN_IF_ERROR(WriteObjectJson(flags.json, report));
  if (flags.report.empty()) return absl::OkStatus();
  AW_RETURN_IF_ERROR(DrawMistakes(report));
  return report::WriteReport(
      flags.report,
      object_training::ObjectPage(report, MakeProvenance(context, repository, report.model)));
}

std::string TrainObjectLine(const object_training::TrainingOptions& o) {
  // Where the pictures lay on somebody's machine is of no use to anybody else.
  std::string line = "aislewatch models train object --dataset DIR";
  if (!o.validation.empty()) absl::StrAppend(&line, " --validation DIR");
  if (!o.weapons.empty()) absl::StrAppend(&line, " --weapons ", absl::StrJoin(o.weapons, ","));
  absl::StrAppend(&line, " --input-side ", o.network.input_side, " --pyramid-channels ",
                  o.network.pyramid_channels, " --head-convolutions ", o.network.head_convolutions,
                  " --epochs ", o.epochs, " --patience ", o.patience, " --batch ", o.batch,
                  " --learning-rate ", o.learning_rate, " --seed ", o.seed);
  if (o.trunk_model.empty()) absl::StrAppend(&line, " --trunk-model none");
  return absl::StrCat(line, " --out NAME/VERSION");
}

}  // namespace

void AddTrainObjectCommand(CLI::App& train, CommandContext& context) {
  auto flags = std::make_shared<TrainObjectFlags>();
  object_training::TrainingOptions& training = flags->training;
  CLI::App* command = train.add_subcommand(
      "object", "Trains a RetinaNet that finds things, such as weapons, in pictures");
  command->footer(
      "Example:\n  aislewatch simulate weapons --scenes 3000 --out build/weapons\n"
      "  aislewatch models train object --dataset build/weapons --out "
      "build/models/retinanet-weapons/2");
  command
      ->add_option("--dataset", training.dataset,
                   "Folder with instances.json in COCO's format and the pictures in images/")
      ->required();
  command->add_option("--validation", training.validation,
                      "Another such folder to choose epoch and threshold by; default: the last "
                      "tenth of --dataset by file name");
  command->add_option("--out", training.out, "Folder NAME/VERSION for the model")->required();
  command
      ->add_option("--weapons", training.weapons,
                   "Classes that are weapons; default: those whose supercategory is \"weapon\"")
      ->delimiter(',');
  command->add_option("--data-note", training.data_note, "What the pictures are, for the manifest");
  command->add_option("--input-side", training.network.input_side, "Side of the network's picture")
      ->capture_default_str();
  command
      ->add_option("--pyramid-channels", training.network.pyramid_channels,
                   "Channels of each level of the pyramid and of the subnets")
      ->capture_default_str();
  command
      ->add_option("--head-convolutions", training.network.head_convolutions,
                   "3×3 convolutions of each subnet before its last one")
      ->capture_default_str();
  command->add_option("--epochs", training.epochs)
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command
      ->add_option("--patience", training.patience,
                   "Ends after so many epochs without a better mean AP")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--batch", training.batch, "Pictures of one step")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--learning-rate", training.learning_rate)
      ->check(CLI::Range(1e-7, 1.0))
      ->capture_default_str();
  command->add_option("--seed", training.seed)->capture_default_str();
  command->add_option("--device", training.device, "auto, cpu or cuda")->capture_default_str();
  command->add_option("--threads", training.threads, "Threads of one step")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command
      ->add_option("--trunk-model", training.trunk_model,
                   "Pose model whose trunk is taken over, or \"none\"")
      ->capture_default_str();
  command->add_flag("--resume", training.resume, "Goes on with the run that lies in --out");
  command->add_option("--model-repository", flags->repositories,
                      "Folder of models; may be given several times");
  command->callback([&context, flags] {
    if (flags->training.trunk_model == "none") flags->training.trunk_model.clear();
    flags->training.command = TrainObjectLine(flags->training);
    context.run = [&context, flags] { return TrainObject(*flags, context.bin_dir); };
  });
}

void AddEvaluateObjectCommand(CLI::App& evaluate, CommandContext& context) {
  auto flags = std::make_shared<EvaluateObjectFlags>();
  CLI::App* command = evaluate.add_subcommand(
      "object", "Measures an object detector on pictures with labelled boxes");
  command->footer(
      "Example:\n  aislewatch simulate weapons --scenes 600 --seed 1000001 --out "
      "build/weapons-test\n"
      "  aislewatch models evaluate object --dataset build/weapons-test --json figures.json\n"
      "      --report build/reports/weapons");
  command
      ->add_option("--dataset", flags->dataset,
                   "Folder with instances.json in COCO's format and the pictures in images/")
      ->required();
  command->add_option("--model", flags->model)->capture_default_str();
  command->add_option("--model-version", flags->version, "Default: the newest");
  command
      ->add_option("--threshold", flags->threshold,
                   "Score from which a detection counts; default: the model's own")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--threads", flags->threads, "Threads of one inference")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--json", flags->json, "Write the figures to this file");
  command->add_option("--report", flags->report,
                      "Write a page with curves, classes and the worst mistakes to this folder");
  command->add_option("--model-repository", flags->repositories,
                      "Folder of models; may be given several times");
  command->callback([&context, flags] {
    context.run = [&context, flags] { return EvaluateObject(*flags, context); };
  });
}

}  // namespace aislewatch
