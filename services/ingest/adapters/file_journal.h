// The journal of judged frames in files: a folder for each camera, a file for each stretch of time.
//
//   FOLDER/cam-CAMERA/MILLISECONDS.journal     named by when it was begun; journal_file.h has the
//   format
//
// Frames wait in memory for a few seconds and are written by a thread of the journal's own, so a
// pipeline only copies bytes into a queue. Files are never opened for writing again: what a crash
// leaves stays as it is, and the next process begins new ones. Stretches without anybody become one
// record. A disk that is full and files that are damaged are counted and logged, and cost frames of
// the journal, nothing else.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "aislewatch/v1/fusion.pb.h"
#include "common/base/clock.h"
#include "common/base/log_pace.h"
#include "common/base/metrics.h"
#include "services/ingest/adapters/journal_file.h"
#include "services/ingest/core/frame_journal.h"

namespace aislewatch::ingest {

struct JournalOptions {
  /// Made where it is missing.
  std::string folder;
  /// Files begun before that are removed.
  absl::Duration keep = absl::Hours(24);
  /// A file is for so long.
  absl::Duration span = absl::Minutes(10);
  /// Of a camera's files together; the oldest goes first. >= 1 MiB.
  size_t max_bytes = size_t{64} << 20;
  /// Frames that wait for the disk, of all cameras; more are lost.
  size_t max_waiting_bytes = size_t{8} << 20;
  absl::Duration flush_every = absl::Seconds(2);
};

/// Thread-safe.
class FileJournal : public FrameJournal {
 public:
  /// Removes what is too old. UNAVAILABLE where the folder cannot be made or read.
  static absl::StatusOr<std::unique_ptr<FileJournal>> Open(JournalOptions options, Metrics& metrics,
                                                           Clock& clock = RealClock());
  /// Writes what waits.
  ~FileJournal() override;

  void Add(const std::string& camera_id, std::string judged) override ABSL_LOCKS_EXCLUDED(mutex_);

  /// Shows `visit` the camera's frames from capture time `since` on, in the order in which they
  /// were added, until it returns false. Damaged files are passed over from where they are damaged.
  /// Blocks on the disk.
  void Read(const std::string& camera_id, absl::Time since,
            const std::function<bool(const v1::JudgedFrame&)>& visit)
      ABSL_LOCKS_EXCLUDED(mutex_, files_mutex_);

  /// Writes what waits, as the journal's thread does now and then. Blocks on the disk.
  void Flush() ABSL_LOCKS_EXCLUDED(mutex_, files_mutex_);

 private:
  // What is being written of one camera.
  struct Book {
    std::unique_ptr<JournalFileWriter> file;
    absl::Time begun;
    absl::Time written;
    // Records for the next block, and how many frames they are.
    std::string block;
    uint64_t frames = 0;
    // Frames without anybody that are not in the block yet; frames is 0 where there are none.
    v1::JudgedFrame empty;
  };
  struct File {
    std::string path;
    absl::Time begun;
    size_t bytes = 0;
  };

  FileJournal(JournalOptions options, Metrics& metrics, Clock& clock);
  void Run() ABSL_LOCKS_EXCLUDED(mutex_, files_mutex_);
  void WriteWaiting(bool close_stretches) ABSL_EXCLUSIVE_LOCKS_REQUIRED(files_mutex_);
  static void Take(v1::JudgedFrame frame, Book& book);
  static void CloseStretch(Book& book);
  void WriteBlock(const std::string& camera_id, Book& book)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(files_mutex_);
  absl::Status BeginFile(const std::string& camera_id, Book& book)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(files_mutex_);
  void RemoveOld() ABSL_EXCLUSIVE_LOCKS_REQUIRED(files_mutex_);
  std::string FolderOf(const std::string& camera_id) const;
  static std::vector<File> FilesIn(const std::string& folder);
  void Lose(uint64_t frames, const absl::Status& why);

  const JournalOptions options_;
  Clock& clock_;
  Counter& lost_;
  Counter& write_errors_;
  Counter& unreadable_;
  LogPace pace_;

  // Held over the disk; taken before mutex_.
  absl::Mutex files_mutex_;
  std::map<std::string, Book> books_ ABSL_GUARDED_BY(files_mutex_);
  absl::Time removed_ ABSL_GUARDED_BY(files_mutex_) = absl::InfinitePast();

  absl::Mutex mutex_;
  std::vector<std::pair<std::string, std::string>> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::CondVar wake_;

  std::thread thread_;
};

}  // namespace aislewatch::ingest
