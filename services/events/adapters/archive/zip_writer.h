// A zip file by libarchive. Files are stored as they are: pictures and videos are compressed
// already. Not thread-safe.
#pragma once

#include <string>
#include <utility>

#include "services/events/core/export/incident_export.h"

struct archive;

namespace aislewatch::events {

class ZipWriter : public ArchiveWriter {
 public:
  ZipWriter();
  ~ZipWriter() override;
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;

  absl::Status Begin(const std::string& name, uint64_t size, absl::Time modified) override;
  absl::Status Append(absl::string_view bytes) override;
  absl::Status Finish() override;
  std::string Take() override { return std::exchange(output_, std::string()); }

 private:
  absl::Status Check(int result);

  archive* const archive_;
  std::string output_;
};

}  // namespace aislewatch::events
