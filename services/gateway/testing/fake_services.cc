#include "services/gateway/testing/fake_services.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/sha256.h"

namespace aislewatch::gateway {
namespace {

constexpr size_t kEvidenceBytes = 1'000'000;
constexpr size_t kChunkBytes = 64 * 1024;
constexpr absl::Duration kFramePause = absl::Milliseconds(50);

v1::Principal MakePrincipal(const std::string& name, v1::Role role, const std::string& store_id) {
  v1::Principal principal;
  principal.set_name(name);
  principal.set_role(role);
  if (!store_id.empty()) principal.mutable_scope()->add_store_ids(store_id);
  return principal;
}

std::string MakeEvidence() {
  std::string bytes(kEvidenceBytes, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % 251);
  return bytes;
}

std::string StoreOf(const std::string& incident_id) {
  if (incident_id == kIncidentOfStore1) return "store-1";
  return incident_id == kIncidentOfStore2 ? "store-2" : "";
}

v1::Incident MakeIncident(const std::string& id) {
  v1::Incident incident;
  incident.set_incident_id(id);
  incident.set_store_id(StoreOf(id));
  incident.set_camera_id(StoreOf(id) == "store-1" ? "c1" : "c2");
  incident.set_kind(v1::INCIDENT_KIND_CONCEALMENT);
  incident.set_severity(v1::SEVERITY_WARNING);
  incident.mutable_opened_time()->set_seconds(1772625600);
  return incident;
}

bool Sees(const v1::Principal& principal, const std::string& store_id) {
  const auto& stores = principal.scope().store_ids();
  return stores.empty() || std::find(stores.begin(), stores.end(), store_id) != stores.end();
}

}  // namespace

std::string CredentialOf(const grpc::ServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("authorization");
  if (found == metadata.end()) return "";
  absl::string_view value(found->second.data(), found->second.size());
  return absl::ConsumePrefix(&value, "Bearer ") ? std::string(value) : "?";
}

FakePrincipals::FakePrincipals() {
  users_["ada"] = MakePrincipal("ada", v1::ROLE_ADMIN, "");
  users_["vic"] = MakePrincipal("vic", v1::ROLE_VIEWER, "store-1");
  absl::MutexLock lock(&mutex_);
  by_secret_[kMachineToken] = MakePrincipal("till", v1::ROLE_OPERATOR, "");
  by_secret_[kMachineToken].set_is_token(true);
}

grpc::Status FakePrincipals::Who(const grpc::ServerContext& context, v1::Principal& principal) {
  const std::string secret = CredentialOf(context);
  if (secret.empty()) {
    principal = MakePrincipal("installation", v1::ROLE_ADMIN, "");
    return grpc::Status::OK;
  }
  absl::MutexLock lock(&mutex_);
  const auto found = by_secret_.find(secret);
  if (found == by_secret_.end()) return {grpc::StatusCode::UNAUTHENTICATED, "inner words"};
  principal = found->second;
  return grpc::Status::OK;
}

grpc::Status FakePrincipals::MaySee(const grpc::ServerContext& context, const std::string& store_id,
                                    const std::string& what) {
  v1::Principal principal;
  if (const grpc::Status who = Who(context, principal); !who.ok()) return who;
  if (store_id.empty() || !Sees(principal, store_id)) {
    return {grpc::StatusCode::NOT_FOUND, absl::StrCat("there is no ", what)};
  }
  return grpc::Status::OK;
}

std::string FakePrincipals::Login(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  const std::string secret = absl::StrCat("session-", name, "-", next_++);
  by_secret_[secret] = users_.at(name);
  return secret;
}

void FakePrincipals::EndSessions() {
  absl::MutexLock lock(&mutex_);
  std::erase_if(by_secret_, [](const auto& entry) { return entry.first != kMachineToken; });
}

void FakePrincipals::End(const std::string& secret) {
  absl::MutexLock lock(&mutex_);
  by_secret_.erase(secret);
}

const v1::Principal* FakePrincipals::User(const std::string& name) const {
  const auto found = users_.find(name);
  return found == users_.end() ? nullptr : &found->second;
}

grpc::Status FakeAccess::Login(grpc::ServerContext*, const v1::LoginRequest* request,
                               v1::LoginResponse* response) {
  if (request->name() == "locked")
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, "locked for 15 min"};
  const v1::Principal* user = principals_.User(request->name());
  if (user == nullptr || request->password() != kPassword) {
    return {grpc::StatusCode::UNAUTHENTICATED, "no"};
  }
  response->set_session(principals_.Login(request->name()));
  *response->mutable_principal() = *user;
  return grpc::Status::OK;
}

grpc::Status FakeAccess::Logout(grpc::ServerContext* context, const v1::LogoutRequest*,
                                v1::LogoutResponse*) {
  principals_.End(gateway::CredentialOf(*context));
  return grpc::Status::OK;
}

grpc::Status FakeAccess::Authenticate(grpc::ServerContext* context, const v1::AuthenticateRequest*,
                                      v1::AuthenticateResponse* response) {
  return principals_.Who(*context, *response->mutable_principal());
}

grpc::Status FakeAccess::ChangePassword(grpc::ServerContext*,
                                        const v1::ChangePasswordRequest* request,
                                        v1::ChangePasswordResponse*) {
  if (request->current_password() == kPassword) return grpc::Status::OK;
  return {grpc::StatusCode::PERMISSION_DENIED, "the current password is wrong"};
}

grpc::Status FakeAccess::CreateUser(grpc::ServerContext* context,
                                    const v1::CreateUserRequest* request,
                                    v1::CreateUserResponse* response) {
  v1::Principal principal;
  if (const grpc::Status who = principals_.Who(*context, principal); !who.ok()) return who;
  if (principal.role() != v1::ROLE_ADMIN) {
    return {grpc::StatusCode::PERMISSION_DENIED, "only an admin may change users"};
  }
  if (principals_.User(request->user().name()) != nullptr) {
    return {grpc::StatusCode::ALREADY_EXISTS, "that name is taken"};
  }
  *response->mutable_user() = request->user();
  return grpc::Status::OK;
}

grpc::Status FakeAccess::ListAuditEntries(grpc::ServerContext* context,
                                          const v1::ListAuditEntriesRequest* request,
                                          v1::ListAuditEntriesResponse* response) {
  v1::Principal principal;
  if (const grpc::Status who = principals_.Who(*context, principal); !who.ok()) return who;
  if (!principal.scope().store_ids().empty()) {
    return {grpc::StatusCode::PERMISSION_DENIED, "the audit log is for admins"};
  }
  v1::AuditEntry& entry = *response->add_entries();
  entry.set_number(7);
  entry.mutable_time()->set_seconds(1772625600);
  entry.set_principal(request->principal());
  entry.set_role(v1::ROLE_ADMIN);
  entry.set_action("DeleteCamera");
  entry.set_target(request->target());
  entry.set_result("OK");
  response->set_next_page_token(absl::StrCat(request->page_token(), "+", request->page_size()));
  return grpc::Status::OK;
}

FakeEvents::FakeEvents(FakePrincipals& principals)
    : principals_(principals), evidence_(MakeEvidence()) {}

void FakeEvents::Emit() {
  absl::MutexLock lock(&mutex_);
  ++changes_;
}

int FakeEvents::watchers() {
  absl::MutexLock lock(&mutex_);
  return watchers_;
}

void FakeEvents::Stop() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

grpc::Status FakeEvents::GetIncident(grpc::ServerContext* context,
                                     const v1::GetIncidentRequest* request,
                                     v1::GetIncidentResponse* response) {
  const std::string& id = request->incident_id();
  if (id == "crash") return {grpc::StatusCode::INTERNAL, "secret inner detail"};
  const grpc::Status status =
      principals_.MaySee(*context, StoreOf(id), absl::StrCat("incident ", id));
  if (status.ok()) *response->mutable_incident() = MakeIncident(id);
  return status;
}

grpc::Status FakeEvents::ListIncidents(grpc::ServerContext* context,
                                       const v1::ListIncidentsRequest* request,
                                       v1::ListIncidentsResponse* response) {
  v1::Principal principal;
  if (const grpc::Status who = principals_.Who(*context, principal); !who.ok()) return who;
  const auto& filter = request->filter();
  for (const char* id : {kIncidentOfStore1, kIncidentOfStore2}) {
    const v1::Incident incident = MakeIncident(id);
    const auto& stores = filter.store_ids();
    const bool wanted = stores.empty() || std::find(stores.begin(), stores.end(),
                                                    incident.store_id()) != stores.end();
    const bool late = !filter.has_opened_from() ||
                      incident.opened_time().seconds() >= filter.opened_from().seconds();
    if (wanted && late && Sees(principal, incident.store_id()) &&
        filter.min_severity() <= incident.severity()) {
      *response->add_incidents() = incident;
    }
  }
  response->set_next_page_token(absl::StrCat(request->page_token(), "+", request->page_size()));
  return grpc::Status::OK;
}

grpc::Status FakeAttention::ListAttention(grpc::ServerContext* context,
                                          const v1::ListAttentionRequest* request,
                                          v1::ListAttentionResponse* response) {
  v1::Principal principal;
  if (const grpc::Status who = principals_.Who(*context, principal); !who.ok()) return who;
  if (request->time_zone() == "Nowhere") {
    return {grpc::StatusCode::INVALID_ARGUMENT, "time_zone Nowhere is not known"};
  }
  for (const char* store : {"store-1", "store-2"}) {
    const auto& stores = request->store_ids();
    if (!stores.empty() && std::find(stores.begin(), stores.end(), store) == stores.end()) continue;
    if (!Sees(principal, store)) continue;
    v1::AttentionSum& sum = *response->add_sums();
    sum.set_store_id(store);
    sum.set_camera_id("c1");
    sum.set_zone_id("=1+1,\"two\"");
    sum.set_zone_kind(v1::ZONE_KIND_STOREFRONT);
    sum.mutable_start_time()->set_seconds(1772625600);
    sum.set_passers_by(12);
    sum.set_looked(request->step() == v1::ATTENTION_STEP_DAY ? 5 : 4);
    sum.mutable_looking_time()->set_nanos(500'000'000);
  }
  return grpc::Status::OK;
}

grpc::Status FakeEvents::WatchIncidents(grpc::ServerContext* context,
                                        const v1::WatchIncidentsRequest* request,
                                        grpc::ServerWriter<v1::WatchIncidentsResponse>* writer) {
  v1::Principal principal;
  if (const grpc::Status who = principals_.Who(*context, principal); !who.ok()) return who;
  size_t next = 0;
  if (!request->cursor().empty() && !absl::SimpleAtoi(request->cursor(), &next)) {
    return {grpc::StatusCode::INVALID_ARGUMENT, "the cursor is not one of event storage's"};
  }
  absl::MutexLock lock(&mutex_);
  if (request->cursor().empty()) next = changes_;
  ++watchers_;
  bool told = !request->cursor().empty();
  while (!context->IsCancelled() && !stopping_) {
    if (told && next == changes_) {
      const auto change = [this, next]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
        return stopping_ || changes_ > next;
      };
      mutex_.AwaitWithTimeout(absl::Condition(&change), absl::Milliseconds(20));
      continue;
    }
    v1::WatchIncidentsResponse message;
    if (told) {
      ++next;
      *message.mutable_transition()->mutable_incident() = MakeIncident(kIncidentOfStore1);
      message.mutable_transition()->set_number(static_cast<uint32_t>(next));
    }
    told = true;
    message.set_cursor(absl::StrCat(next));
    mutex_.Unlock();
    const bool open = writer->Write(message);
    mutex_.Lock();
    if (!open) break;
  }
  --watchers_;
  return stopping_ ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining") : grpc::Status::OK;
}

grpc::Status FakeEvents::ReviewIncident(grpc::ServerContext* context,
                                        const v1::ReviewIncidentRequest* request,
                                        v1::ReviewIncidentResponse* response) {
  const grpc::Status status = principals_.MaySee(*context, StoreOf(request->incident_id()),
                                                 absl::StrCat("incident ", request->incident_id()));
  v1::Review& review = *response->mutable_review();
  review.set_incident_id(request->incident_id());
  review.set_state(request->state());
  review.set_reviewer(request->reviewer());
  review.set_note(request->note());
  return status;
}

grpc::Status FakeEvents::DownloadEvidence(
    grpc::ServerContext* context, const v1::DownloadEvidenceRequest* request,
    grpc::ServerWriter<v1::DownloadEvidenceResponse>* writer) {
  const bool known = request->evidence_id() == kEvidenceId;
  const grpc::Status status = principals_.MaySee(*context, known ? "store-1" : "",
                                                 absl::StrCat("evidence ", request->evidence_id()));
  if (!status.ok()) return status;
  v1::DownloadEvidenceResponse message;
  message.mutable_evidence()->set_evidence_id(kEvidenceId);
  message.mutable_evidence()->set_media_type("video/mp4");
  message.mutable_evidence()->set_size_bytes(evidence_.size());
  message.mutable_evidence()->set_sha256(Sha256Hex(evidence_));
  bool open = writer->Write(message);
  for (size_t at = request->offset(); open && at < evidence_.size(); at += kChunkBytes) {
    message.set_chunk(evidence_.substr(at, kChunkBytes));
    open = writer->Write(message);
  }
  return grpc::Status::OK;
}

grpc::Status FakeEvents::ExportIncident(grpc::ServerContext* context,
                                        const v1::ExportIncidentRequest* request,
                                        grpc::ServerWriter<v1::ExportIncidentResponse>* writer) {
  const grpc::Status status = principals_.MaySee(*context, StoreOf(request->incident_id()),
                                                 absl::StrCat("incident ", request->incident_id()));
  if (!status.ok()) return status;
  v1::ExportIncidentResponse message;
  for (const char* chunk : {"PK", "zip"}) {
    message.set_chunk(chunk);
    writer->Write(message);
  }
  return grpc::Status::OK;
}

grpc::Status FakeCameras::GetCamera(grpc::ServerContext* context,
                                    const v1::GetCameraRequest* request,
                                    v1::GetCameraResponse* response) {
  const std::string& id = request->camera_id();
  const std::string store = id == "c1" ? "store-1" : id == "c2" ? "store-2" : "";
  const grpc::Status status = principals_.MaySee(*context, store, absl::StrCat("camera ", id));
  if (status.ok()) {
    response->mutable_camera()->set_camera_id(id);
    response->mutable_camera()->set_store_id(store);
  }
  return status;
}

grpc::Status FakeCameras::CreateCamera(grpc::ServerContext*, const v1::CreateCameraRequest* request,
                                       v1::CreateCameraResponse* response) {
  *response->mutable_camera() = request->camera();
  response->mutable_camera()->set_revision(1);
  return grpc::Status::OK;
}

grpc::Status FakeCameras::UpdateCamera(grpc::ServerContext*, const v1::UpdateCameraRequest* request,
                                       v1::UpdateCameraResponse* response) {
  if (request->camera().revision() == 1) {
    return {grpc::StatusCode::ABORTED, "the camera was changed meanwhile; read it again"};
  }
  *response->mutable_camera() = request->camera();
  return grpc::Status::OK;
}

int FakeIngest::watchers() {
  absl::MutexLock lock(&mutex_);
  return watchers_;
}

void FakeIngest::Stop() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

grpc::Status FakeIngest::WatchLive(grpc::ServerContext* context,
                                   const v1::WatchLiveRequest* request,
                                   grpc::ServerWriter<v1::WatchLiveResponse>* writer) {
  if (camera_.empty() || request->camera_id() != camera_) {
    return {grpc::StatusCode::NOT_FOUND, "not here"};
  }
  absl::MutexLock lock(&mutex_);
  ++watchers_;
  v1::WatchLiveResponse message;
  for (uint64_t sequence = 1; !stopping_ && !context->IsCancelled(); ++sequence) {
    message.mutable_verdict()->set_sequence(sequence);
    if (request->include_image()) {
      message.mutable_image()->set_encoding(v1::IMAGE_ENCODING_JPEG);
      message.mutable_image()->set_data("\xFF\xD8picture\xFF\xD9");
    }
    mutex_.Unlock();
    const bool open = writer->Write(message);
    mutex_.Lock();
    if (!open) break;
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kFramePause);
  }
  --watchers_;
  return grpc::Status::OK;
}

int FakeIngest::previews() {
  absl::MutexLock lock(&mutex_);
  return previews_;
}

grpc::Status FakeIngest::PreviewRules(grpc::ServerContext* context,
                                      const v1::PreviewRulesRequest* request,
                                      v1::PreviewRulesResponse* response) {
  if (camera_.empty() || request->camera_id() != camera_) {
    return {grpc::StatusCode::NOT_FOUND, "not here"};
  }
  for (const v1::Rule& rule : request->rules()) {
    if (rule.kind() == v1::INCIDENT_KIND_UNSPECIFIED) {
      return {grpc::StatusCode::INVALID_ARGUMENT, "a rule has no kind"};
    }
    if (rule.rule_id() == "away") {
      return {grpc::StatusCode::UNAVAILABLE, "fusion is away: 127.0.0.1:1"};
    }
    if (rule.rule_id() == "long") {
      absl::MutexLock lock(&mutex_);
      ++previews_;
      while (!context->IsCancelled() && !stopping_) {
        mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kFramePause);
      }
      --previews_;
      return grpc::Status::CANCELLED;
    }
    v1::RuleRehearsal& rehearsal = *response->add_rules();
    rehearsal.set_rule_id(rule.rule_id());
    rehearsal.set_incidents(static_cast<uint32_t>(request->window().seconds() / 3600));
  }
  response->mutable_watched()->set_seconds(7);
  return grpc::Status::OK;
}

grpc::Status FakeIngest::ProbeSource(grpc::ServerContext*, const v1::ProbeSourceRequest*,
                                     v1::ProbeSourceResponse* response) {
  response->set_width(640);
  return grpc::Status::OK;
}

}  // namespace aislewatch::gateway
