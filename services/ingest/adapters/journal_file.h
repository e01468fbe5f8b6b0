// One file of a journal: records, compressed, appended in blocks.
//
//   "AWJ1"  then blocks: length of the data (4 bytes, little endian), its CRC-32 (4 bytes), data
//
// The data of all blocks are one raw deflate stream (RFC 1951), flushed at the end of each block,
// so that small blocks compress as well as one large one. Decompressed they are records, each
// preceded by its length as a varint. A crash can only cut off the last block.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aislewatch::ingest {

/// Records of one block are at most this long all together.
inline constexpr size_t kMaxJournalBlock = size_t{16} << 20;

/// Appends `record` to `block` as a block holds it.
void AppendRecord(absl::string_view record, std::string& block);

/// Writes a new file. Not thread-safe; blocks on the disk.
class JournalFileWriter {
 public:
  /// ALREADY_EXISTS where there is such a file.
  static absl::StatusOr<std::unique_ptr<JournalFileWriter>> Create(const std::string& path);
  ~JournalFileWriter();
  JournalFileWriter(const JournalFileWriter&) = delete;
  JournalFileWriter& operator=(const JournalFileWriter&) = delete;

  /// Appends a block of records. After an error the file is as it was before, and takes no more.
  absl::Status Append(const std::string& block);
  /// Size of the file.
  size_t bytes() const { return bytes_; }

 private:
  class Deflater;
  JournalFileWriter(std::string path, int fd);
  absl::Status Write(absl::string_view bytes);

  const std::string path_;
  const int fd_;
  std::unique_ptr<Deflater> deflater_;
  size_t bytes_ = 0;
  bool broken_ = false;
};

/// Shows every record to `visit` until that returns false. A last block that is cut off is left
/// out. DATA_LOSS where a block is damaged, after what lies before it was shown; NOT_FOUND where
/// there is no such file. Blocks on the disk.
absl::Status ReadJournalFile(const std::string& path,
                             const std::function<bool(absl::string_view record)>& visit);

}  // namespace aislewatch::ingest
