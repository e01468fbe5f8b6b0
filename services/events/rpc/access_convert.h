// Between aislewatch.v1 and who may do what. Stateless and thread-safe. A role that this build does
// not know becomes kUnspecified, which validation refuses.
#pragma once

#include "aislewatch/v1/access.pb.h"
#include "services/events/core/access.h"
#include "services/events/core/audit/audit.h"

namespace aislewatch::events {

v1::Principal ToProto(const Principal& principal);
v1::User ToProto(const User& user);
v1::ApiToken ToProto(const ApiToken& token);
User UserFromProto(const v1::User& user);
/// Name, role, scope and end.
ApiToken TokenFromProto(const v1::ApiToken& token);

AuditQuery AuditQueryFromProto(const v1::ListAuditEntriesRequest& request);
v1::AuditEntry ToProto(const AuditEntry& entry);

}  // namespace aislewatch::events
