#include "services/ingest/adapters/file_journal.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/rpc/convert.h"

namespace aislewatch::ingest {
namespace {

namespace fs = std::filesystem;

// Keeps ids such as ".." from being more than names.
constexpr char kCameraPrefix[] = "cam-";
constexpr char kJournalSuffix[] = ".journal";
// Frames without anybody are told together while they follow each other like this.
constexpr absl::Duration kEmptyStep = absl::Seconds(1);
constexpr absl::Duration kEmptyStretch = absl::Seconds(30);
// One file may be this part of what a camera may take.
constexpr size_t kFilesOfACamera = 8;
constexpr absl::Duration kRemoveEvery = absl::Minutes(1);
// Capture times may be behind the clock by which files are named.
constexpr absl::Duration kCaptureLag = absl::Minutes(1);

// What is in a folder; nothing where it cannot be read.
std::vector<fs::path> PathsIn(const std::string& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    paths.push_back(it->path());
  }
  return paths;
}

bool IsUnremarkable(const v1::JudgedFrame& frame) {
  return frame.tracks().empty() && frame.degraded().empty() && !frame.first() && !frame.last();
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileJournal>> FileJournal::Open(JournalOptions options,
                                                               Metrics& metrics, Clock& clock) {
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error || !fs::is_directory(options.folder, error)) {
    return absl::UnavailableError(absl::StrCat(
        options.folder, " cannot be used for the journal of judged frames: ", error.message(),
        "; name another folder with --journal-folder, or do without it with --no-journal"));
  }
  std::unique_ptr<FileJournal> journal(new FileJournal(std::move(options), metrics, clock));
  {
    absl::MutexLock lock(&journal->files_mutex_);
    journal->RemoveOld();
  }
  journal->thread_ = std::thread([journal = journal.get()] { journal->Run(); });
  return journal;
}

FileJournal::FileJournal(JournalOptions options, Metrics& metrics, Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      lost_(metrics.GetCounter("aislewatch_ingest_journal_lost_frames_total",
                               "Judged frames that the journal could not keep")),
      write_errors_(metrics.GetCounter("aislewatch_ingest_journal_write_errors_total",
                                       "Writes of the journal that failed")),
      unreadable_(metrics.GetCounter("aislewatch_ingest_journal_unreadable_files_total",
                                     "Files of the journal that were found damaged")) {}

FileJournal::~FileJournal() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    wake_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
  absl::MutexLock lock(&files_mutex_);
  WriteWaiting(true);
}

void FileJournal::Add(const std::string& camera_id, std::string judged) {
  {
    absl::MutexLock lock(&mutex_);
    if (waiting_bytes_ + judged.size() <= options_.max_waiting_bytes) {
      waiting_bytes_ += judged.size();
      waiting_.emplace_back(camera_id, std::move(judged));
      return;
    }
  }
  Lose(1, absl::ResourceExhaustedError("the disk is too slow"));
}

void FileJournal::Run() {
  absl::MutexLock lock(&mutex_);
  while (!stopping_) {
    const absl::Time next = clock_.Now() + options_.flush_every;
    while (!stopping_ && clock_.Now() < next) clock_.WaitUntil(wake_, mutex_, next);
    mutex_.Unlock();
    {
      absl::MutexLock files(&files_mutex_);
      WriteWaiting(false);
      RemoveOld();
    }
    mutex_.Lock();
  }
}

void FileJournal::Flush() {
  absl::MutexLock lock(&files_mutex_);
  WriteWaiting(true);
  RemoveOld();
}

void FileJournal::WriteWaiting(bool close_stretches) {
  std::vector<std::pair<std::string, std::string>> waiting;
  {
    absl::MutexLock lock(&mutex_);
    waiting.swap(waiting_);
    waiting_bytes_ = 0;
  }
  for (const auto& [camera_id, judged] : waiting) {
    v1::JudgedFrame frame;
    if (!frame.ParseFromString(judged)) {
      Lose(1, absl::InternalError("fusion told no frame"));
      continue;
    }
    Take(std::move(frame), books_[camera_id]);
  }
  for (auto& [camera_id, book] : books_) {
    if (close_stretches) CloseStretch(book);
    if (!book.block.empty()) WriteBlock(camera_id, book);
  }
}

void FileJournal::Take(v1::JudgedFrame frame, Book& book) {
  v1::JudgedFrame& empty = book.empty;
  if (IsUnremarkable(frame)) {
    if (empty.frames() > 0) {
      const absl::Time time = aislewatch::FromProto(frame.capture_time());
      const absl::Duration step = time - aislewatch::FromProto(empty.capture_time());
      const bool goes_on = step > absl::ZeroDuration() && step <= kEmptyStep &&
                           time - aislewatch::FromProto(empty.from_time()) <= kEmptyStretch &&
                           frame.frame_width() == empty.frame_width() &&
                           frame.frame_height() == empty.frame_height();
      if (goes_on) {
        *empty.mutable_capture_time() = frame.capture_time();
        empty.set_frames(empty.frames() + 1);
        return;
      }
      CloseStretch(book);
    }
    *frame.mutable_from_time() = frame.capture_time();
    frame.set_frames(1);
    empty = std::move(frame);
    return;
  }
  CloseStretch(book);
  AppendRecord(frame.SerializeAsString(), book.block);
  ++book.frames;
}

void FileJournal::CloseStretch(Book& book) {
  if (book.empty.frames() == 0) return;
  book.frames += book.empty.frames();
  if (book.empty.frames() == 1) book.empty.clear_from_time();
  AppendRecord(book.empty.SerializeAsString(), book.block);
  book.empty.Clear();
}

void FileJournal::WriteBlock(const std::string& camera_id, Book& book) {
  const absl::Time now = clock_.Now();
  const bool full =
      book.file != nullptr && (now - book.begun >= options_.span || now < book.begun ||
                               book.file->bytes() >= options_.max_bytes / kFilesOfACamera);
  if (full) book.file = nullptr;
  absl::Status status;
  if (book.file == nullptr) status = BeginFile(camera_id, book);
  if (status.ok()) status = book.file->Append(book.block);
  if (status.ok()) {
    book.written = now;
  } else {
    write_errors_.Add();
    book.file = nullptr;
    Lose(book.frames, status);
  }
  book.block.clear();
  book.frames = 0;
}

absl::Status FileJournal::BeginFile(const std::string& camera_id, Book& book) {
  const std::string folder = FolderOf(camera_id);
  std::error_code error;
  fs::create_directories(folder, error);
  // Room for the new file.
  std::vector<File> files = FilesIn(folder);
  const size_t limit = options_.max_bytes - options_.max_bytes / kFilesOfACamera;
  size_t bytes = 0;
  for (const File& file : files) bytes += file.bytes;
  for (size_t i = 0; i < files.size() && bytes > limit; ++i) {
    bytes -= files[i].bytes;
    fs::remove(files[i].path, error);
  }
  book.begun = clock_.Now();
  int64_t name = absl::ToUnixMillis(book.begun);
  // Not before what is there: files are read in the order of their names.
  if (!files.empty()) name = std::max(name, absl::ToUnixMillis(files.back().begun) + 1);
  auto file = JournalFileWriter::Create(
      absl::StrCat(folder, absl::StrFormat("/%013d", name), kJournalSuffix));
  if (!file.ok()) return file.status();
  book.file = *std::move(file);
  return absl::OkStatus();
}

void FileJournal::RemoveOld() {
  const absl::Time now = clock_.Now();
  if (now - removed_ < kRemoveEvery && now >= removed_) return;
  removed_ = now;
  for (auto it = books_.begin(); it != books_.end();) {
    Book& book = it->second;
    const bool idle =
        book.block.empty() && book.empty.frames() == 0 && now - book.written >= options_.span;
    it = idle ? books_.erase(it) : std::next(it);
  }
  std::error_code error;
  for (const fs::path& path : PathsIn(options_.folder)) {
    const std::string name = path.filename().string();
    if (name.rfind(kCameraPrefix, 0) != 0) continue;
    bool left = false;
    for (const File& file : FilesIn(path.string())) {
      // A clock that was put back must not keep anything for ever.
      const bool old = now - file.begun >= options_.keep || file.begun - now >= options_.keep;
      if (old) {
        fs::remove(file.path, error);
      } else {
        left = true;
      }
    }
    // Fails where something else is in it.
    if (!left && books_.count(name.substr(sizeof(kCameraPrefix) - 1)) == 0) {
      fs::remove(path, error);
    }
  }
}

std::string FileJournal::FolderOf(const std::string& camera_id) const {
  return absl::StrCat(options_.folder, "/", kCameraPrefix, camera_id);
}

std::vector<FileJournal::File> FileJournal::FilesIn(const std::string& folder) {
  std::vector<File> files;
  for (const fs::path& path : PathsIn(folder)) {
    int64_t milliseconds = 0;
    if (path.extension() != kJournalSuffix ||
        !absl::SimpleAtoi(path.stem().string(), &milliseconds)) {
      continue;
    }
    std::error_code gone;
    const uintmax_t bytes = fs::file_size(path, gone);
    files.push_back(
        {path.string(), absl::FromUnixMillis(milliseconds), gone ? 0 : static_cast<size_t>(bytes)});
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.begun < b.begun; });
  return files;
}

void FileJournal::Read(const std::string& camera_id, absl::Time since,
                       const std::function<bool(const v1::JudgedFrame&)>& visit) {
  Flush();
  const std::vector<File> files = FilesIn(FolderOf(camera_id));
  bool more = true;
  for (size_t i = 0; i < files.size() && more; ++i) {
    if (i + 1 < files.size() && files[i + 1].begun + kCaptureLag < since) continue;
    const absl::Status status = ReadJournalFile(files[i].path, [&](absl::string_view record) {
      v1::JudgedFrame frame;
      const bool usable = frame.ParseFromArray(record.data(), static_cast<int>(record.size())) &&
                          frame.has_capture_time() &&
                          aislewatch::FromProto(frame.capture_time()) >= since;
      if (usable) more = visit(frame);
      return more;
    });
    // Removed in the meantime, since it is too old.
    if (status.ok() || absl::IsNotFound(status)) continue;
    unreadable_.Add();
    LogWarning("a file of the journal is damaged; what follows in it is passed over",
               {{"camera", camera_id}, {"error", std::string(status.message())}});
  }
}

void FileJournal::Lose(uint64_t frames, const absl::Status& why) {
  lost_.Add(static_cast<double>(frames));
  if (!pace_.Due(clock_.Now())) return;
  LogWarning("judged frames are not kept for trying rules",
             {{"frames", absl::StrCat(frames)}, {"error", std::string(why.message())}});
}

}  // namespace aislewatch::ingest
