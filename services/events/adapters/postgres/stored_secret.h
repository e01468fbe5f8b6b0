// Secrets in two columns of a table: in clear, or sealed with a key that the database does not
// have. Cameras and webhooks keep theirs so (docs/adr/0033-camera-passwords-are-sealed.md).
//
// Thread-safe. SealTable blocks.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "services/events/adapters/postgres/pool.h"
#include "services/events/core/secret_box.h"

namespace aislewatch::events {

struct StoredSecret {
  std::string clear;   // The secret, or what may be seen of it where it is sealed.
  std::string sealed;  // Empty where it is not.
};

/// SecretBox::Open with a box that may be null. The message says why it cannot be opened.
absl::StatusOr<std::string> OpenSealed(const SecretBox* secrets, const std::string& sealed,
                                       const std::string& context);

/// Where secrets lie, and how they are read and written there.
struct SecretTable {
  /// Id, clear and sealed of rows whose id is above $1, by id, at most $2; locks them.
  const Statement& select;
  /// Writes $2 and $3, clear and sealed, of row $1.
  const Statement& update;
  std::function<absl::StatusOr<std::string>(const std::string& id, const StoredSecret&)> open;
  std::function<absl::StatusOr<StoredSecret>(const std::string& id, const std::string& secret)>
      seal;
  /// Whether there is anything to hide in what `open` gave.
  std::function<bool(const std::string& secret)> is_secret;
  /// Of rows whose secret cannot be opened: what is logged, and as what their id.
  const char* unreadable_message;
  const char* id_label;
  /// Runs first in each transaction; may be null.
  const Statement* lock = nullptr;
};

struct SealCounts {
  int sealed = 0;      // Sealed now, those sealed with an older key included.
  int unreadable = 0;  // Sealed with a key that is not there.
  int clear = 0;       // Left in clear: there is no key.
};

/// Seals what is in clear or sealed with another than the first key, and logs what cannot be
/// opened. May run at several replicas at once.
absl::StatusOr<SealCounts> SealTable(Pool& pool, const SecretBox* secrets,
                                     const SecretTable& table);

}  // namespace aislewatch::events
