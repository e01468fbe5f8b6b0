#include "services/gateway/adapters/site.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"

namespace aislewatch::gateway {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxSite = size_t{64} << 20;
constexpr char kIndex[] = "/index.html";
constexpr std::pair<absl::string_view, absl::string_view> kTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".ico", "image/vnd.microsoft.icon"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
    {".map", "application/json"}};

std::string TypeOf(absl::string_view path) {
  for (const auto& [ending, type] : kTypes) {
    if (absl::EndsWith(path, ending)) return std::string(type);
  }
  return "application/octet-stream";
}

std::string EtagOf(const std::string& bytes) {
  return absl::StrCat("\"", Sha256Hex(bytes).substr(0, 24), "\"");
}

// Vite names "assets/NAME-HASH.EXT", with 8 characters or more.
bool HasHash(absl::string_view path) {
  if (!absl::StartsWith(path, "/assets/")) return false;
  const absl::string_view name = path.substr(path.rfind('/') + 1);
  const size_t dot = name.find('.');
  const size_t hyphen = name.substr(0, dot).find('-');
  return dot != absl::string_view::npos && hyphen != absl::string_view::npos && dot >= hyphen + 9;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Site>> Site::Load(const std::string& folder) {
  auto site = std::make_unique<Site>();
  std::error_code error;
  size_t total = 0;
  fs::recursive_directory_iterator entries(folder, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    if (entries->is_symlink() || !entries->is_regular_file()) continue;
    const std::string path =
        absl::StrCat("/", fs::relative(entries->path(), folder).generic_string());
    std::ifstream file(entries->path(), std::ios::binary);
    SiteFile read;
    read.bytes.assign(std::istreambuf_iterator<char>(file), {});
    if (file.bad()) return absl::InvalidArgumentError(absl::StrCat("cannot read ", folder, path));
    total += read.bytes.size();
    if (total > kMaxSite) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--console ", folder, " has more than 64 MiB; name the folder of the built console"));
    }
    read.content_type = TypeOf(path);
    read.etag = EtagOf(read.bytes);
    read.immutable = HasHash(path);
    site->files_.emplace(path, std::move(read));
  }
  if (site->files_.count(kIndex) == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--console ", folder, " has no index.html; name the folder of the built console"));
  }
  return site;
}

const SiteFile* Site::Find(absl::string_view path) const {
  auto found = files_.find(path);
  if (found == files_.end() && path.find('.') == absl::string_view::npos)
    found = files_.find(kIndex);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace aislewatch::gateway
