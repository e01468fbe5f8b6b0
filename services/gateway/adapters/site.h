// The console's files, read once at the start.
//
// What is served is what was found in the folder then, by its name, so no address reaches anything
// else. Constant after Load.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace aislewatch::gateway {

struct SiteFile {
  std::string bytes;
  std::string content_type;
  /// With its quotes.
  std::string etag;
  /// Its name has a hash of its contents, so it never changes.
  bool immutable = false;
};

class Site {
 public:
  /// Every regular file under `folder`; links are not followed. INVALID_ARGUMENT where there is no
  /// index.html, or more than 64 MiB. Blocks on the disk.
  static absl::StatusOr<std::unique_ptr<Site>> Load(const std::string& folder);

  /// The file at a decoded path such as "/assets/index-4f3a9c21.js"; index.html for "/" and for
  /// paths without a dot, which are the console's own. Null where there is none.
  const SiteFile* Find(absl::string_view path) const;

 private:
  std::map<std::string, SiteFile, std::less<>> files_;  // By path.
};

}  // namespace aislewatch::gateway
