#include "services/ingest/adapters/journal_file.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace aislewatch::ingest {
namespace {

constexpr absl::string_view kJournalMagic = "AWJ1";
constexpr size_t kBlockHead = 8;
// Raw deflate, without zlib's own header.
constexpr int kRawWindow = -15;
constexpr int kJournalLevel = 6;
constexpr int kJournalMemory = 8;

uint32_t Crc(absl::string_view bytes) {
  return static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

void PutNumber(uint32_t value, std::string& to) {
  for (int shift = 0; shift < 32; shift += 8) to.push_back(static_cast<char>(value >> shift));
}

uint32_t GetNumber(const char* from) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<uint8_t>(from[i]);
  return value;
}

absl::Status Errno(const std::string& path, absl::string_view what) {
  const int error = errno;
  const std::string message = absl::StrCat(path, ": ", what, ": ", std::strerror(error));
  if (error == EEXIST) return absl::AlreadyExistsError(message);
  if (error == ENOENT) return absl::NotFoundError(message);
  return absl::UnavailableError(message);
}

// Undoes a Deflater's work, block by block.
class Inflater {
 public:
  Inflater() { ok_ = inflateInit2(&stream_, kRawWindow) == Z_OK; }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends what the block holds; false where it is damaged.
  bool Inflate(std::string& block, std::string& to) {
    stream_.next_in = reinterpret_cast<Bytef*>(block.data());
    stream_.avail_in = static_cast<uInt>(block.size());
    std::array<char, 1 << 14> buffer;
    while (ok_) {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream_.avail_out = buffer.size();
      const int result = inflate(&stream_, Z_SYNC_FLUSH);
      if (result != Z_OK && result != Z_BUF_ERROR) return false;
      to.append(buffer.data(), buffer.size() - stream_.avail_out);
      if (to.size() > kMaxJournalBlock) return false;
      if (stream_.avail_out > 0) return stream_.avail_in == 0;
    }
    return false;
  }

 private:
  z_stream stream_ = {};
  bool ok_ = false;
};

// Takes a record off `rest`; false where it is cut off.
bool TakeRecord(absl::string_view& rest, absl::string_view& record) {
  uint64_t length = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (rest.empty()) return false;
    const uint8_t byte = static_cast<uint8_t>(rest.front());
    rest.remove_prefix(1);
    length |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) {
      if (length > rest.size()) return false;
      record = rest.substr(0, length);
      rest.remove_prefix(length);
      return true;
    }
  }
  return false;
}

enum class BlockRead { kRead, kEnd, kDamaged };

BlockRead ReadBlock(std::istream& file, std::string& block) {
  std::array<char, kBlockHead> head;
  if (!file.read(head.data(), head.size())) return BlockRead::kEnd;
  const uint32_t size = GetNumber(head.data());
  if (size > kMaxJournalBlock) return BlockRead::kDamaged;
  block.resize(size);
  if (!file.read(block.data(), size)) return BlockRead::kEnd;
  return Crc(block) == GetNumber(head.data() + 4) ? BlockRead::kRead : BlockRead::kDamaged;
}

}  // namespace

void AppendRecord(absl::string_view record, std::string& block) {
  size_t length = record.size();
  while (length >= 0x80) {
    block.push_back(static_cast<char>(length | 0x80));
    length >>= 7;
  }
  block.push_back(static_cast<char>(length));
  block.append(record.data(), record.size());
}

class JournalFileWriter::Deflater {
 public:
  Deflater() {
    ok_ = deflateInit2(&stream_, kJournalLevel, Z_DEFLATED, kRawWindow, kJournalMemory,
                       Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  absl::StatusOr<std::string> Deflate(const std::string& block) {
    if (!ok_) return absl::ResourceExhaustedError("no memory to compress with");
    std::string out;
    // zlib does not write to what it reads.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block.data()));
    stream_.avail_in = static_cast<uInt>(block.size());
    std::array<char, 1 << 14> buffer;
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream_.avail_out = buffer.size();
      if (deflate(&stream_, Z_SYNC_FLUSH) == Z_STREAM_ERROR) {
        return absl::InternalError("zlib cannot compress");
      }
      out.append(buffer.data(), buffer.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
    return out;
  }

 private:
  z_stream stream_ = {};
  bool ok_ = false;
};

absl::StatusOr<std::unique_ptr<JournalFileWriter>> JournalFileWriter::Create(
    const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return Errno(path, "cannot be created");
  std::unique_ptr<JournalFileWriter> file(new JournalFileWriter(path, fd));
  if (absl::Status status = file->Write(kJournalMagic); !status.ok()) {
    unlink(path.c_str());
    return status;
  }
  return file;
}

JournalFileWriter::JournalFileWriter(std::string path, int fd)
    : path_(std::move(path)), fd_(fd), deflater_(std::make_unique<Deflater>()) {}

JournalFileWriter::~JournalFileWriter() { close(fd_); }

absl::Status JournalFileWriter::Append(const std::string& block) {
  if (broken_) return absl::FailedPreconditionError(absl::StrCat(path_, " takes no more"));
  if (block.size() > kMaxJournalBlock) return absl::InvalidArgumentError("the block is too long");
  // What the stream has taken cannot be taken back, so after an error another file has to be begun.
  broken_ = true;
  AW_ASSIGN_OR_RETURN(const std::string data, deflater_->Deflate(block));
  std::string bytes;
  PutNumber(static_cast<uint32_t>(data.size()), bytes);
  PutNumber(Crc(data), bytes);
  bytes += data;
  AW_RETURN_IF_ERROR(Write(bytes));
  broken_ = false;
  return absl::OkStatus();
}

absl::Status JournalFileWriter::Write(absl::string_view bytes) {
  const size_t before = bytes_;
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const absl::Status status = Errno(path_, "cannot be written");
      if (ftruncate(fd_, static_cast<off_t>(before)) == 0) bytes_ = before;
      return status;
    }
    bytes_ += static_cast<size_t>(written);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status ReadJournalFile(const std::string& path,
                             const std::function<bool(absl::string_view record)>& visit) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, " cannot be opened"));
  std::string magic(kJournalMagic.size(), '\0');
  // A file that was just begun.
  if (!file.read(magic.data(), static_cast<std::streamsize>(magic.size()))) {
    return absl::OkStatus();
  }
  if (magic != kJournalMagic) return absl::DataLossError(absl::StrCat(path, " is no journal"));
  Inflater inflater;
  std::string block;
  std::string records;
  while (true) {
    const BlockRead read = ReadBlock(file, block);
    if (read == BlockRead::kEnd) return absl::OkStatus();
    records.clear();
    if (read == BlockRead::kDamaged || !inflater.Inflate(block, records)) {
      return absl::DataLossError(absl::StrCat(path, " is damaged"));
    }
    absl::string_view rest = records;
    absl::string_view record;
    while (!rest.empty()) {
      if (!TakeRecord(rest, record)) {
        return absl::DataLossError(absl::StrCat(path, " holds half a record"));
      }
      if (!visit(record)) return absl::OkStatus();
    }
  }
}

}  // namespace aislewatch::ingest
