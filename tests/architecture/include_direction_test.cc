// Dependencies point one way: docs/architecture.md, "Rooms and directions". This test reads every
// include of our own sources and fails on a breach.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace aislewatch {
namespace {

namespace fs = std::filesystem;

// What a file includes: ours by path from the root, others as written between <> or "".
using Includes = std::map<std::string, std::vector<std::string>>;

fs::path Root() {
  const char* set = std::getenv("AISLEWATCH_SOURCE_DIR");
  return set != nullptr ? fs::path(set) : fs::current_path();
}

std::vector<std::string> ReadIncludes(const fs::path& path) {
  std::vector<std::string> found;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    absl::string_view rest = line;
    if (!absl::ConsumePrefix(&rest, "#include ")) continue;
    if (rest.size() < 3) continue;
    const char close = rest[0] == '<' ? '>' : '"';
    const size_t end = rest.find(close, 1);
    if (end != absl::string_view::npos) found.emplace_back(rest.substr(1, end - 1));
  }
  return found;
}

Includes ReadAll() {
  Includes includes;
  for (const char* top : {"common", "services", "models", "simulator", "cli", "benchmarks"}) {
    for (const auto& entry : fs::recursive_directory_iterator(Root() / top)) {
      const fs::path& path = entry.path();
      if (path.extension() != ".h" && path.extension() != ".cc") continue;
      includes[fs::relative(path, Root()).string()] = ReadIncludes(path);
    }
  }
  return includes;
}

const Includes& All() {
  static const auto* const all = new Includes(ReadAll());
  return *all;
}

// "services/pose" for services/pose/core/tracker.h, "common" for common/base/ids.h.
std::string RoomOf(const std::string& path) {
  const std::vector<std::string> parts = absl::StrSplit(path, '/');
  if (parts.size() > 2 && parts[0] == "services") return parts[0] + "/" + parts[1];
  return parts[0];
}

bool IsTest(const std::string& path) {
  return absl::EndsWith(path, "_test.cc") || absl::StrContains(path, "/testing/");
}

// Everything that `file` includes, over our own headers, with the way there.
void Reach(const std::string& file, const std::string& way,
           std::map<std::string, std::string>& seen) {
  const auto it = All().find(file);
  if (it == All().end()) return;
  for (const std::string& include : it->second) {
    const std::string further = way + " -> " + include;
    if (seen.emplace(include, further).second) Reach(include, further, seen);
  }
}

bool IsHeavy(const std::string& include) {
  for (const char* prefix : {"grpc", "google/protobuf", "torch", "ATen", "c10", "pqxx",
                             "prometheus", "aislewatch/v1", "sqlite3", "httplib"}) {
    if (absl::StartsWith(include, prefix)) return true;
  }
  return false;
}

TEST(Architecture, FindsTheSources) {
  EXPECT_GT(All().size(), 100u);
  EXPECT_EQ(All().count("common/base/ids.h"), 1u);
}

TEST(Architecture, RoomsIncludeOnlyWhatLiesBelowThem) {
  for (const auto& [file, includes] : All()) {
    const std::string room = RoomOf(file);
    for (const std::string& include : includes) {
      const std::string other = RoomOf(include);
      const bool service = absl::StartsWith(other, "services/");
      const auto breach = [&](bool forbidden) {
        EXPECT_FALSE(forbidden) << file << " includes " << include;
      };
      if (room == "common")
        breach(service || other == "models" || other == "simulator" || other == "cli");
      if (room == "models") breach(service || other == "cli");
      if (room == "simulator")
        breach(service || other == "cli" || other == "models" || IsHeavy(include));
      if (room == "cli") breach(service);
      if (absl::StartsWith(room, "services/")) {
        breach((service && other != room) || other == "cli" || other == "simulator");
      }
    }
  }
}

TEST(Architecture, CoresReachNoTransportModelOrDatabase) {
  for (const auto& [file, includes] : All()) {
    const bool core = absl::StrContains(file, "/core/") && absl::StartsWith(file, "services/");
    const bool base =
        absl::StartsWith(file, "common/base/") || absl::StartsWith(file, "common/concurrency/") ||
        absl::StartsWith(file, "common/batching/") || absl::StartsWith(file, "common/vision/") ||
        absl::StartsWith(file, "common/roles/");
    if ((!core && !base) || IsTest(file)) continue;
    std::map<std::string, std::string> reached;
    Reach(file, file, reached);
    for (const auto& [include, way] : reached) EXPECT_FALSE(IsHeavy(include)) << way;
  }
}

TEST(Architecture, CoresIncludeNoOuterLayerOfTheirService) {
  for (const auto& [file, includes] : All()) {
    if (!absl::StartsWith(file, "services/")) continue;
    const bool core = absl::StrContains(file, "/core/") && !IsTest(file);
    const bool inner = absl::StrContains(file, "/adapters/") || absl::StrContains(file, "/rpc/") ||
                       absl::StrContains(file, "/http/");
    for (const std::string& include : includes) {
      if (!absl::StartsWith(include, RoomOf(file) + "/")) continue;
      EXPECT_TRUE(!core || absl::StrContains(include, "/core/")) << file << " includes " << include;
      EXPECT_FALSE(inner && absl::EndsWith(include, "/app.h")) << file << " includes " << include;
    }
  }
}

TEST(Architecture, MainsAreShort) {
  for (const auto& entry : fs::directory_iterator(Root() / "services")) {
    const fs::path main = entry.path() / "main.cc";
    if (!fs::exists(main)) continue;
    std::ifstream file(main);
    const auto lines = std::count(std::istreambuf_iterator<char>(file), {}, '\n');
    EXPECT_LE(lines, 60) << main;
  }
}

}  // namespace
}  // namespace aislewatch
