// Exports for tests: a new site key each time.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "services/events/adapters/archive/zip_writer.h"
#include "services/events/core/export/incident_export.h"
#include "services/events/rpc/export_stream.h"

namespace aislewatch::events {

inline std::shared_ptr<const SiteKey> MakeTestKey() {
  const std::string path = absl::StrCat("/tmp/aw-site-key-", NewUuid());
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  FILE* file = std::fopen(path.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  EVP_PKEY_free(key);
  auto loaded = SiteKey::Load(path);
  std::remove(path.c_str());
  return loaded.value();
}

inline IncidentExporter MakeTestExporter() {
  return IncidentExporter(
      {MakeTestKey(), [] { return std::make_unique<ZipWriter>(); }, HistoryToJson, EvidenceToJson});
}

}  // namespace aislewatch::events
