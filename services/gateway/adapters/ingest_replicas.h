// Every replica of ingest behind the names there are: which of them runs a camera, only it knows.
#pragma once

#include <grpcpp/channel.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "aislewatch/v1/ingest.grpc.pb.h"
#include "common/rpc/tls.h"

namespace aislewatch::gateway {

struct IngestReplica {
  std::string address;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::FrameIngestService::Stub> stub;
};

/// Thread-safe.
class IngestReplicas {
 public:
  /// `targets`: HOST:PORT or dns:///NAME:PORT.
  IngestReplicas(const std::vector<std::string>& targets, TlsFiles tls);

  /// One per address of the names, each with a connection of its own that is kept. Asks the name
  /// server every two seconds at most, and blocks on it then; where it does not answer, what it
  /// said last. Empty where nothing is known.
  std::vector<std::shared_ptr<IngestReplica>> List() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Name {
    std::string host;
    std::string port;
  };
  // Addresses with the names that they were found by; empty where a name server did not answer.
  std::map<std::string, std::string> Resolve() const;

  const TlsFiles tls_;
  std::vector<Name> names_;  // Constant after construction.
  absl::Mutex mutex_;
  std::map<std::string, std::shared_ptr<IngestReplica>> replicas_ ABSL_GUARDED_BY(mutex_);
  absl::Time resolved_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace aislewatch::gateway
