// The certificate of the HTTP listener, read again when its files change, as common/rpc/tls.h does
// for gRPC.
#pragma once

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace aislewatch::gateway {

/// Thread-safe.
class TlsContext {
 public:
  /// INVALID_ARGUMENT where a file cannot be read or they do not belong together; it is named.
  static absl::StatusOr<std::unique_ptr<TlsContext>> Create(const std::string& certificate,
                                                            const std::string& key);

  /// For a new connection. Looks at the files every two seconds at most; ones that cannot be used
  /// leave what was read before.
  std::shared_ptr<SSL_CTX> Get() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Times = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;
  TlsContext(std::string certificate, std::string key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}
  absl::StatusOr<std::shared_ptr<SSL_CTX>> Load() const;
  Times ChangeTimes() const;

  const std::string certificate_;
  const std::string key_;
  absl::Mutex mutex_;
  std::shared_ptr<SSL_CTX> context_ ABSL_GUARDED_BY(mutex_);
  Times changed_ ABSL_GUARDED_BY(mutex_);
  absl::Time looked_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace aislewatch::gateway
