// What fusion told of the frames of the last day, so that other zones and rules can be tried on
// them. adapters/file_journal.h keeps it in files.
#pragma once

#include <string>

namespace aislewatch::ingest {

/// Thread-safe.
class FrameJournal {
 public:
  virtual ~FrameJournal() = default;
  /// Notes a frame of a camera: an aislewatch.v1.JudgedFrame. Neither blocks nor fails: what cannot
  /// be kept is lost, and counted.
  virtual void Add(const std::string& camera_id, std::string judged) = 0;
};

}  // namespace aislewatch::ingest
