// Event storage and ingest as the gateway sees them, in memory: two incidents in two stores, two
// cameras, one piece of evidence, an admin, a viewer of one store, and the token of a machine.
//
// They behave: scopes hide what lies outside of them, sessions end, watches go on after a cursor.
// Thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "aislewatch/v1/access.grpc.pb.h"
#include "aislewatch/v1/attention.grpc.pb.h"
#include "aislewatch/v1/cameras.grpc.pb.h"
#include "aislewatch/v1/events.grpc.pb.h"
#include "aislewatch/v1/ingest.grpc.pb.h"
#include "aislewatch/v1/webhooks.grpc.pb.h"

namespace aislewatch::gateway {

inline constexpr char kIncidentOfStore1[] = "11111111-1111-4111-8111-111111111111";
inline constexpr char kIncidentOfStore2[] = "22222222-2222-4222-8222-222222222222";
inline constexpr char kEvidenceId[] = "33333333-3333-4333-8333-333333333333";
inline constexpr char kPassword[] = "correct horse battery";
inline constexpr char kMachineToken[] = "awt_machine";

/// Who is known, shared by the services.
class FakePrincipals {
 public:
  FakePrincipals();

  /// Who the call's credential belongs to; the installation itself where it shows none.
  grpc::Status Who(const grpc::ServerContext& context, v1::Principal& principal)
      ABSL_LOCKS_EXCLUDED(mutex_);
  /// NOT_FOUND with `what` where the store is outside of the caller's scope.
  grpc::Status MaySee(const grpc::ServerContext& context, const std::string& store_id,
                      const std::string& what);
  std::string Login(const std::string& name) ABSL_LOCKS_EXCLUDED(mutex_);
  void EndSessions() ABSL_LOCKS_EXCLUDED(mutex_);
  void End(const std::string& secret) ABSL_LOCKS_EXCLUDED(mutex_);
  const v1::Principal* User(const std::string& name) const;

 private:
  std::map<std::string, v1::Principal> users_;  // Constant after construction.
  absl::Mutex mutex_;
  std::map<std::string, v1::Principal> by_secret_ ABSL_GUARDED_BY(mutex_);
  int next_ ABSL_GUARDED_BY(mutex_) = 1;
};

/// The credential of a call; empty where there is none.
std::string CredentialOf(const grpc::ServerContext& context);

class FakeAccess final : public v1::AccessService::Service {
 public:
  explicit FakeAccess(FakePrincipals& principals) : principals_(principals) {}
  grpc::Status Login(grpc::ServerContext* context, const v1::LoginRequest* request,
                     v1::LoginResponse* response) override;
  grpc::Status Logout(grpc::ServerContext* context, const v1::LogoutRequest* request,
                      v1::LogoutResponse* response) override;
  grpc::Status Authenticate(grpc::ServerContext* context, const v1::AuthenticateRequest* request,
                            v1::AuthenticateResponse* response) override;
  grpc::Status ChangePassword(grpc::ServerContext* context,
                              const v1::ChangePasswordRequest* request,
                              v1::ChangePasswordResponse* response) override;
  grpc::Status CreateUser(grpc::ServerContext* context, const v1::CreateUserRequest* request,
                          v1::CreateUserResponse* response) override;
  /// One entry, for who has everything in its scope.
  grpc::Status ListAuditEntries(grpc::ServerContext* context,
                                const v1::ListAuditEntriesRequest* request,
                                v1::ListAuditEntriesResponse* response) override;

 private:
  FakePrincipals& principals_;
};

class FakeEvents final : public v1::EventStorageService::Service {
 public:
  explicit FakeEvents(FakePrincipals& principals);

  /// Adds a change that watchers see.
  void Emit() ABSL_LOCKS_EXCLUDED(mutex_);
  int watchers() ABSL_LOCKS_EXCLUDED(mutex_);
  /// Ends the watches.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  grpc::Status GetIncident(grpc::ServerContext* context, const v1::GetIncidentRequest* request,
                           v1::GetIncidentResponse* response) override;
  grpc::Status ListIncidents(grpc::ServerContext* context, const v1::ListIncidentsRequest* request,
                             v1::ListIncidentsResponse* response) override;
  grpc::Status WatchIncidents(grpc::ServerContext* context,
                              const v1::WatchIncidentsRequest* request,
                              grpc::ServerWriter<v1::WatchIncidentsResponse>* writer) override;
  grpc::Status ReviewIncident(grpc::ServerContext* context,
                              const v1::ReviewIncidentRequest* request,
                              v1::ReviewIncidentResponse* response) override;
  grpc::Status DownloadEvidence(grpc::ServerContext* context,
                                const v1::DownloadEvidenceRequest* request,
                                grpc::ServerWriter<v1::DownloadEvidenceResponse>* writer) override;
  grpc::Status ExportIncident(grpc::ServerContext* context,
                              const v1::ExportIncidentRequest* request,
                              grpc::ServerWriter<v1::ExportIncidentResponse>* writer) override;

 private:
  FakePrincipals& principals_;
  const std::string evidence_;
  absl::Mutex mutex_;
  size_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
  int watchers_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

class FakeCameras final : public v1::CameraRegistryService::Service {
 public:
  explicit FakeCameras(FakePrincipals& principals) : principals_(principals) {}
  grpc::Status GetCamera(grpc::ServerContext* context, const v1::GetCameraRequest* request,
                         v1::GetCameraResponse* response) override;
  grpc::Status CreateCamera(grpc::ServerContext* context, const v1::CreateCameraRequest* request,
                            v1::CreateCameraResponse* response) override;
  grpc::Status UpdateCamera(grpc::ServerContext* context, const v1::UpdateCameraRequest* request,
                            v1::UpdateCameraResponse* response) override;

 private:
  FakePrincipals& principals_;
};

/// Has one sum of each store, whose zones have names that spreadsheets would run.
class FakeAttention final : public v1::AttentionService::Service {
 public:
  explicit FakeAttention(FakePrincipals& principals) : principals_(principals) {}
  grpc::Status ListAttention(grpc::ServerContext* context, const v1::ListAttentionRequest* request,
                             v1::ListAttentionResponse* response) override;

 private:
  FakePrincipals& principals_;
};

/// Runs `camera`, and gives a frame every 50 ms; "" runs none.
class FakeIngest final : public v1::FrameIngestService::Service {
 public:
  explicit FakeIngest(std::string camera) : camera_(std::move(camera)) {}
  int watchers() ABSL_LOCKS_EXCLUDED(mutex_);
  /// Previews that go on.
  int previews() ABSL_LOCKS_EXCLUDED(mutex_);
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  grpc::Status WatchLive(grpc::ServerContext* context, const v1::WatchLiveRequest* request,
                         grpc::ServerWriter<v1::WatchLiveResponse>* writer) override;
  grpc::Status ProbeSource(grpc::ServerContext* context, const v1::ProbeSourceRequest* request,
                           v1::ProbeSourceResponse* response) override;
  /// Each rule would have raised as many incidents as hours were asked for; a rule called "away"
  /// finds fusion away, and one called "long" takes until the caller goes.
  grpc::Status PreviewRules(grpc::ServerContext* context, const v1::PreviewRulesRequest* request,
                            v1::PreviewRulesResponse* response) override;

 private:
  const std::string camera_;
  absl::Mutex mutex_;
  int watchers_ ABSL_GUARDED_BY(mutex_) = 0;
  int previews_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace aislewatch::gateway
