// aislewatch incidents list|show|watch|review|hold|release|evidence|export: what event storage has.

#include <grpcpp/client_context.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aislewatch/v1/events.grpc.pb.h"
#include "cli/commands/commands.h"
#include "cli/commands/events_command.h"
#include "cli/events_client.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"

namespace aislewatch {
namespace {

using IncidentsStub = v1::EventStorageService::Stub;

struct IncidentsFlags : EventsCommandOptions {
  std::string camera, store, kind, severity, state, review;
  int limit = 50;
  std::string id, cursor, reviewer, note, out = ".", file;
  bool confirmed = false, false_alarm = false;
};

void PrintIncident(const v1::Incident& incident) {
  std::printf("%s  %-20s %-9s %-16s %-20s risk %.2f  %s\n", incident.incident_id().c_str(),
              absl::FormatTime("%Y-%m-%d %H:%M:%S", FromProto(incident.opened_time()),
                               absl::LocalTimeZone())
                  .c_str(),
              SeverityName(incident.severity()).c_str(), KindName(incident.kind()).c_str(),
              incident.camera_id().c_str(), incident.peak_risk(),
              incident.state() == v1::INCIDENT_STATE_OPEN ? "open" : "closed");
}

// "critical" with "SEVERITY_" before it; CLI11 has checked the word.
template <class Enum, class Parse>
Enum ParseEnum(const std::string& prefix, const std::string& word, Parse parse) {
  Enum value = Enum();
  if (!word.empty()) parse(absl::StrCat(prefix, absl::AsciiStrToUpper(word)), &value);
  return value;
}

v1::IncidentFilter Filter(const IncidentsFlags& options) {
  v1::IncidentFilter filter;
  if (!options.camera.empty()) filter.add_camera_ids(options.camera);
  if (!options.store.empty()) filter.add_store_ids(options.store);
  if (!options.kind.empty()) {
    filter.add_kinds(
        ParseEnum<v1::IncidentKind>("INCIDENT_KIND_", options.kind, v1::IncidentKind_Parse));
  }
  filter.set_min_severity(
      ParseEnum<v1::Severity>("SEVERITY_", options.severity, v1::Severity_Parse));
  filter.set_state(
      ParseEnum<v1::IncidentState>("INCIDENT_STATE_", options.state, v1::IncidentState_Parse));
  filter.set_review_state(
      ParseEnum<v1::ReviewState>("REVIEW_STATE_", options.review, v1::ReviewState_Parse));
  return filter;
}

absl::Status ListIncidents(const IncidentsFlags& options, IncidentsStub& stub) {
  v1::ListIncidentsRequest request;
  *request.mutable_filter() = Filter(options);
  int left = options.limit;
  while (left > 0) {
    request.set_page_size(std::min(left, 500));
    grpc::ClientContext context;
    v1::ListIncidentsResponse response;
    AW_RETURN_IF_ERROR(FromGrpc(stub.ListIncidents(&context, request, &response)));
    for (const auto& incident : response.incidents()) {
      if (options.json)
        std::printf("%s\n", MessageJson(incident).c_str());
      else
        PrintIncident(incident);
    }
    left -= response.incidents_size();
    if (response.next_page_token().empty()) break;
    request.set_page_token(response.next_page_token());
  }
  if (left == options.limit && !options.json) std::printf("no incidents\n");
  return absl::OkStatus();
}

absl::Status ShowIncident(const IncidentsFlags& options, IncidentsStub& stub) {
  grpc::ClientContext context;
  v1::GetIncidentRequest request;
  request.set_incident_id(options.id);
  v1::GetIncidentResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.GetIncident(&context, request, &response)));
  if (options.json) {
    std::printf("%s\n", MessageJson(response).c_str());
    return absl::OkStatus();
  }
  const v1::Incident& incident = response.incident();
  PrintIncident(incident);
  for (const auto& part : incident.parts()) {
    std::printf("  %-20s %.2f  %+.2f log-odds\n", part.name().c_str(), part.value(),
                part.contribution());
  }
  for (const auto& transition : response.transitions()) {
    std::printf(
        "  %3u %-8s %s risk %.2f\n", transition.number(),
        absl::AsciiStrToLower(v1::TransitionKind_Name(transition.kind()).substr(16)).c_str(),
        absl::FormatTime("%H:%M:%E1S", FromProto(transition.time()), absl::LocalTimeZone()).c_str(),
        transition.incident().peak_risk());
  }
  for (const auto& review : response.reviews()) {
    std::printf("  review by %s: %s %s\n", review.reviewer().c_str(),
                v1::ReviewState_Name(review.state()).c_str(), review.note().c_str());
  }
  return absl::OkStatus();
}

absl::Status Watch(const IncidentsFlags& options, IncidentsStub& stub) {
  grpc::ClientContext context;
  v1::WatchIncidentsRequest request;
  *request.mutable_filter() = Filter(options);
  request.set_cursor(options.cursor);
  const auto reader = stub.WatchIncidents(&context, request);
  v1::WatchIncidentsResponse response;
  while (reader->Read(&response)) {
    if (options.json)
      std::printf("%s\n", MessageJson(response).c_str());
    else if (response.has_transition())
      PrintIncident(response.transition().incident());
    std::fflush(stdout);
  }
  return FromGrpc(reader->Finish());
}

absl::Status Review(const IncidentsFlags& options, IncidentsStub& stub) {
  if (options.confirmed == options.false_alarm) {
    return absl::InvalidArgumentError("say either --confirmed or --false-alarm");
  }
  grpc::ClientContext context;
  v1::ReviewIncidentRequest request;
  request.set_incident_id(options.id);
  request.set_state(options.confirmed ? v1::REVIEW_STATE_CONFIRMED : v1::REVIEW_STATE_FALSE_ALARM);
  request.set_reviewer(options.reviewer);
  request.set_note(options.note);
  v1::ReviewIncidentResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.ReviewIncident(&context, request, &response)));
  std::printf("%s\n", options.json ? MessageJson(response.review()).c_str() : "reviewed");
  return absl::OkStatus();
}

const char* Extension(const std::string& media_type) {
  if (media_type == "image/jpeg") return ".jpg";
  if (media_type == "video/mp4") return ".mp4";
  if (media_type == "application/json") return ".json";
  return ".bin";
}

absl::Status SetHold(const IncidentsFlags& options, IncidentsStub& stub, bool hold) {
  grpc::ClientContext context;
  v1::SetIncidentHoldRequest request;
  request.set_incident_id(options.id);
  request.set_hold(hold);
  v1::SetIncidentHoldResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.SetIncidentHold(&context, request, &response)));
  std::printf("%s\n", options.json ? MessageJson(response.incident()).c_str()
                      : hold       ? "held: retention leaves it and its evidence alone"
                                   : "released: retention may take it when its time comes");
  return absl::OkStatus();
}
absl::Status HoldIncident(const IncidentsFlags& options, IncidentsStub& stub) {
  return SetHold(options, stub, true);
}
absl::Status ReleaseIncident(const IncidentsFlags& options, IncidentsStub& stub) {
  return SetHold(options, stub, false);
}

absl::Status Download(const IncidentsFlags& options, const v1::Evidence& evidence,
                      IncidentsStub& stub) {
  const std::string path =
      absl::StrCat(options.out, "/", evidence.evidence_id(), Extension(evidence.media_type()));
  std::ofstream file(path, std::ios::binary);
  grpc::ClientContext context;
  v1::DownloadEvidenceRequest request;
  request.set_evidence_id(evidence.evidence_id());
  const auto reader = stub.DownloadEvidence(&context, request);
  v1::DownloadEvidenceResponse response;
  while (reader->Read(&response)) file << response.chunk();
  AW_RETURN_IF_ERROR(FromGrpc(reader->Finish()));
  if (!file.flush()) return absl::UnavailableError(absl::StrCat("cannot write ", path));
  std::printf("%s\n", path.c_str());
  return absl::OkStatus();
}

absl::Status Evidence(const IncidentsFlags& options, IncidentsStub& stub) {
  grpc::ClientContext context;
  v1::ListEvidenceRequest request;
  request.set_incident_id(options.id);
  v1::ListEvidenceResponse response;
  AW_RETURN_IF_ERROR(FromGrpc(stub.ListEvidence(&context, request, &response)));
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat("cannot create the folder ", options.out, ": ",
                                                   error.message(), "; choose another with --out"));
  }
  for (const auto& evidence : response.evidence()) {
    if (evidence.state() == v1::EVIDENCE_STATE_READY) {
      AW_RETURN_IF_ERROR(Download(options, evidence, stub));
    } else {
      std::printf("%s is %s %s\n", evidence.evidence_id().c_str(),
                  v1::EvidenceState_Name(evidence.state()).c_str(), evidence.error().c_str());
    }
  }
  if (response.evidence().empty()) std::printf("no evidence\n");
  return absl::OkStatus();
}

// Into a file beside the one asked for, which takes its place once it is whole.
absl::Status ExportIncident(const IncidentsFlags& options, IncidentsStub& stub) {
  const std::string path = options.file.empty() ? options.id + ".zip" : options.file;
  const std::string partial = path + ".partial";
  std::ofstream file(partial, std::ios::binary | std::ios::trunc);
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot write ", partial));
  grpc::ClientContext context;
  v1::ExportIncidentRequest request;
  request.set_incident_id(options.id);
  const auto reader = stub.ExportIncident(&context, request);
  v1::ExportIncidentResponse response;
  while (reader->Read(&response)) file << response.chunk();
  absl::Status status = FromGrpc(reader->Finish());
  file.close();
  std::error_code error;
  if (status.ok() && !file) status = absl::UnavailableError(absl::StrCat("cannot write ", partial));
  if (status.ok()) std::filesystem::rename(partial, path, error);
  if (error) status = absl::UnavailableError(absl::StrCat("cannot write ", path));
  if (!status.ok()) {
    std::filesystem::remove(partial, error);
    return status;
  }
  std::printf("%s\n", path.c_str());
  return absl::OkStatus();
}

void AddFilterFlags(CLI::App& command, IncidentsFlags& options) {
  command.add_option("--camera", options.camera, "Only of this camera");
  command.add_option("--store", options.store, "Only of this store");
  command.add_option("--kind", options.kind, "Only of this kind")
      ->check(CLI::IsMember({"concealment", "loitering", "restricted_zone", "fight",
                             "checkout_bypass", "crowd", "weapon"}));
  command.add_option("--min-severity", options.severity, "Only this urgent or more")
      ->check(CLI::IsMember({"info", "warning", "critical"}));
  command.add_option("--state", options.state, "Only open or closed ones")
      ->check(CLI::IsMember({"open", "closed"}));
  command.add_option("--review", options.review, "Only with this review state")
      ->check(CLI::IsMember({"unreviewed", "confirmed", "false_alarm"}));
}

}  // namespace

void AddIncidentsCommand(CLI::App& parent, CommandContext& context) {
  auto options = std::make_shared<IncidentsFlags>();
  CLI::App* group = parent.add_subcommand("incidents", "Lists, watches and reviews incidents");
  group->require_subcommand(1);
  group->footer(
      "Example:\n  aislewatch incidents list --min-severity warning\n"
      "  aislewatch incidents review ID --confirmed --by anna --note \"perfume in bag\"");
  CLI::App* list = AddEventsAction<v1::EventStorageService>(*group, context, options, "list",
                                                            "Newest first", ListIncidents);
  AddFilterFlags(*list, *options);
  list->add_option("--limit", options->limit, "At most so many")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  CLI::App* show = AddEventsAction<v1::EventStorageService>(*group, context, options, "show",
                                                            "One with its history", ShowIncident);
  show->add_option("id", options->id, "The incident")->required();
  CLI::App* watch = AddEventsAction<v1::EventStorageService>(*group, context, options, "watch",
                                                             "As they happen", Watch);
  AddFilterFlags(*watch, *options);
  watch->add_option("--cursor", options->cursor, "Go on from here; 0 is the beginning");
  CLI::App* review = AddEventsAction<v1::EventStorageService>(*group, context, options, "review",
                                                              "Says what it was", Review);
  review->add_option("id", options->id, "The incident")->required();
  review->add_flag("--confirmed", options->confirmed, "It was as the system said");
  review->add_flag("--false-alarm", options->false_alarm, "It was nothing");
  review->add_option("--by", options->reviewer, "Who says so; with a token, its name counts");
  review->add_option("--note", options->note, "Free text");
  AddEventsAction<v1::EventStorageService>(*group, context, options, "hold",
                                           "Keeps it and its evidence from retention", HoldIncident)
      ->add_option("id", options->id, "The incident")
      ->required();
  AddEventsAction<v1::EventStorageService>(*group, context, options, "release",
                                           "Lets retention have it again", ReleaseIncident)
      ->add_option("id", options->id, "The incident")
      ->required();
  CLI::App* evidence = AddEventsAction<v1::EventStorageService>(
      *group, context, options, "evidence", "Downloads its evidence", Evidence);
  evidence->add_option("id", options->id, "The incident")->required();
  evidence->add_option("--out", options->out, "Folder to write to")->capture_default_str();
  CLI::App* exporting = AddEventsAction<v1::EventStorageService>(
      *group, context, options, "export", "Writes all about it to a signed zip file",
      ExportIncident);
  exporting->add_option("id", options->id, "The incident")->required();
  exporting->add_option("--out", options->file, "File to write; ID.zip otherwise");
}

}  // namespace aislewatch
