#include "services/events/core/access_rights.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"

namespace aislewatch::events {
namespace {

const std::map<absl::string_view, Right>& Rights() {
  static const auto* const rights = new std::map<absl::string_view, Right>{
      // EventStorageService
      {"RecordTransitions", Right::kIngest},
      {"GetIncident", Right::kRead},
      {"ListIncidents", Right::kReadOrIngest},
      {"WatchIncidents", Right::kRead},
      {"ReviewIncident", Right::kOperate},
      {"SetIncidentHold", Right::kOperate},
      {"ExportIncident", Right::kOperate},
      {"UploadEvidence", Right::kIngest},
      {"GetUpload", Right::kIngest},
      {"DownloadEvidence", Right::kRead},
      {"ListEvidence", Right::kRead},
      // CameraRegistryService
      {"CreateCamera", Right::kManage},
      {"UpdateCamera", Right::kManage},
      {"DeleteCamera", Right::kManage},
      {"GetCamera", Right::kReadOrIngest},
      {"ListCameras", Right::kRead},
      // Its answer has passwords, and shares of cameras are fair over all of them.
      {"SyncLeases", Right::kIngestAll},
      // AccessService
      {"Login", Right::kOpen},
      {"Logout", Right::kOpen},
      {"Authenticate", Right::kIdentify},
      {"ChangePassword", Right::kIdentify},
      {"CreateUser", Right::kAdminister},
      {"UpdateUser", Right::kAdminister},
      {"DeleteUser", Right::kAdminister},
      {"ListUsers", Right::kAdminister},
      {"CreateApiToken", Right::kAdminister},
      {"RevokeApiToken", Right::kAdminister},
      {"ListApiTokens", Right::kAdminister},
      {"ListAuditEntries", Right::kAdminister},
      // WebhookService: what a webhook sends leaves the installation.
      {"CreateWebhook", Right::kAdminister},
      {"UpdateWebhook", Right::kAdminister},
      {"DeleteWebhook", Right::kAdminister},
      {"ListWebhooks", Right::kAdminister},
      {"TestWebhook", Right::kAdminister},
      {"ListDeliveries", Right::kAdminister},
      {"RetryDelivery", Right::kAdminister},
      // AttentionService
      {"RecordVisits", Right::kIngest},
      {"ListAttention", Right::kRead},
  };
  return *rights;
}

// Each of the first three roles includes those before it; ingest stands beside them.
bool Includes(Role role, Role least) {
  if (role == Role::kIngest || least == Role::kIngest) return role == least;
  return role != Role::kUnspecified && static_cast<int>(role) >= static_cast<int>(least);
}

absl::Status Need(const Principal& principal, Role least, absl::string_view method) {
  if (Includes(principal.role, least)) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat(method, " needs the role ", RoleName(least), "; ",
                                                  principal.name, " has the role ",
                                                  RoleName(principal.role)));
}

absl::Status NeedWholeScope(const Principal& principal, absl::string_view method) {
  if (principal.scope.everything()) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat(method, " concerns the whole installation; ",
                                                  principal.name,
                                                  " is limited to some stores or cameras"));
}

}  // namespace

Right RightFor(absl::string_view method) {
  const auto found = Rights().find(method);
  return found == Rights().end() ? Right::kNone : found->second;
}

absl::string_view RoleName(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kOperator:
      return "operator";
    case Role::kAdmin:
      return "admin";
    case Role::kIngest:
      return "ingest";
    case Role::kUnspecified:
      break;
  }
  return "none";
}

absl::Status CheckRight(const Principal& principal, absl::string_view method) {
  if (principal.installation) return absl::OkStatus();
  switch (RightFor(method)) {
    case Right::kOpen:
    case Right::kIdentify:
      return absl::OkStatus();
    case Right::kReadOrIngest:
      if (principal.role == Role::kIngest) return absl::OkStatus();
      return Need(principal, Role::kViewer, method);
    case Right::kRead:
      return Need(principal, Role::kViewer, method);
    case Right::kOperate:
      return Need(principal, Role::kOperator, method);
    case Right::kManage:
      return Need(principal, Role::kAdmin, method);
    case Right::kAdminister: {
      const absl::Status role = Need(principal, Role::kAdmin, method);
      return role.ok() ? NeedWholeScope(principal, method) : role;
    }
    case Right::kIngest:
      return Need(principal, Role::kIngest, method);
    case Right::kIngestAll: {
      const absl::Status role = Need(principal, Role::kIngest, method);
      return role.ok() ? NeedWholeScope(principal, method) : role;
    }
    case Right::kNone:
      break;
  }
  return absl::PermissionDeniedError(absl::StrCat("nobody was given the right to call ", method));
}

}  // namespace aislewatch::events
