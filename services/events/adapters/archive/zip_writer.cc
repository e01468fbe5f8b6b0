#include "services/events/adapters/archive/zip_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch::events {
namespace {

la_ssize_t AppendOutput(archive*, void* output, const void* bytes, size_t size) {
  static_cast<std::string*>(output)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

ZipWriter::ZipWriter() : archive_(archive_write_new()) {
  archive_write_set_format_zip(archive_);
  archive_write_set_options(archive_, "zip:compression=store");
  archive_write_set_bytes_per_block(archive_, 0);  // No padding, no buffer of its own.
  archive_write_open(archive_, &output_, nullptr, AppendOutput, nullptr);
}

ZipWriter::~ZipWriter() { archive_write_free(archive_); }

absl::Status ZipWriter::Check(int result) {
  if (result == ARCHIVE_OK) return absl::OkStatus();
  const char* reason = archive_error_string(archive_);
  return absl::InternalError(absl::StrCat("zip: ", reason == nullptr ? "it failed" : reason));
}

absl::Status ZipWriter::Begin(const std::string& name, uint64_t size, absl::Time modified) {
  const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                       archive_entry_free);
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), absl::ToTimeT(modified), 0);
  return Check(archive_write_header(archive_, entry.get()));
}

absl::Status ZipWriter::Append(absl::string_view bytes) {
  const la_ssize_t written = archive_write_data(archive_, bytes.data(), bytes.size());
  if (written == static_cast<la_ssize_t>(bytes.size())) return absl::OkStatus();
  // More bytes than Begin announced are cut without an error.
  if (written >= 0) return absl::InternalError("zip: more bytes came than were announced");
  return Check(static_cast<int>(written));
}

absl::Status ZipWriter::Finish() { return Check(archive_write_close(archive_)); }

}  // namespace aislewatch::events
