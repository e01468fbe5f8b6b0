// What users, tokens and passwords must be like before they are stored. Pure functions; every error
// is INVALID_ARGUMENT and lists every fault.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/events/core/access.h"
#include "services/events/core/faults.h"

namespace aislewatch::events {

/// Whether a user can have this name.
bool IsUserName(const std::string& name);
/// `password`: checked where `password_required` or it is not empty.
absl::Status CheckUser(const User& user, const std::string& password, bool password_required);
absl::Status CheckToken(const ApiToken& token, absl::Time now);
void CheckPasswordText(const std::string& password, Faults& faults);

}  // namespace aislewatch::events
