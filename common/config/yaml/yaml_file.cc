#include "common/config/yaml/yaml_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/config/yaml/suggest.h"
#include "common/config/yaml/yaml_file_impl.h"

namespace aislewatch {
namespace {

constexpr size_t kMaxBytes = 1 << 20;

std::string KeyText(const YAML::Node& key) { return key.IsScalar() ? key.Scalar() : "?"; }

}  // namespace

absl::StatusOr<YamlFile> YamlFile::Load(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    const int error = errno;
    const std::string message = absl::StrCat("cannot read ", path, ": ", std::strerror(error));
    if (error == ENOENT) return absl::NotFoundError(message);
    return absl::PermissionDeniedError(message);
  }
  std::string text(kMaxBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
  text.resize(static_cast<size_t>(in.gcount()));
  return Parse(text, path);
}

absl::StatusOr<YamlFile> YamlFile::Parse(absl::string_view text, absl::string_view name) {
  if (text.size() > kMaxBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " is larger than 1 MiB; is it a settings file?"));
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, " holds ", documents.size(), " documents; keep one and remove the '---' lines"));
    }
    YAML::Node document = documents.empty() ? YAML::Node() : documents.front();
    return YamlFile(std::make_unique<Impl>(document, std::string(name)));
  } catch (const YAML::Exception& e) {
    return absl::InvalidArgumentError(absl::StrCat(name, ":", std::max(0, e.mark.line) + 1, ":",
                                                   std::max(0, e.mark.column) + 1,
                                                   ": not valid YAML: ", e.msg));
  }
}

YamlFile::YamlFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
YamlFile::YamlFile(YamlFile&&) noexcept = default;
YamlFile& YamlFile::operator=(YamlFile&&) noexcept = default;
YamlFile::~YamlFile() = default;

YamlMap YamlFile::root() { return YamlMap(impl_.get(), impl_->VisitRoot()); }

absl::Status YamlFile::status() const { return impl_->Report(); }

size_t YamlFile::Impl::Visit(const YAML::Node& node, const YAML::Mark& mark) {
  maps_.push_back({node, mark, {}});
  return maps_.size() - 1;
}

size_t YamlFile::Impl::VisitRoot() {
  if (root_visited_) return 0;
  root_visited_ = true;
  YAML::Mark start = document_.Mark();
  if (document_.IsMap() || document_.IsNull()) return Visit(document_, start);
  AddError(start, "the file must be a list of \"key: value\" lines");
  return Visit(YAML::Node(), start);
}

YAML::Node YamlFile::Impl::Ask(size_t index, absl::string_view key) {
  Visited& map = maps_[index];
  map.asked.insert(std::string(key));
  for (const auto& entry : map.node) {
    if (KeyText(entry.first) == key) return entry.second;
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

YAML::Node YamlFile::Impl::AskFor(size_t index, absl::string_view key, bool required) {
  YAML::Node value = Ask(index, key);
  if (!value.IsDefined() && required) {
    AddError(maps_[index].mark,
             absl::StrCat("\"", key, "\" is missing; add a line \"", key, ": ...\""));
  }
  return value;
}

YamlFile::Impl::Fault YamlFile::Impl::MakeFault(const YAML::Mark& mark, std::string message) {
  return {std::max(0, mark.line) + 1, std::max(0, mark.column) + 1, std::move(message)};
}

void YamlFile::Impl::AddError(const YAML::Mark& mark, std::string message) {
  faults_.push_back(MakeFault(mark, std::move(message)));
}

std::string YamlFile::Impl::Locate(const YAML::Mark& mark) const {
  return absl::StrCat(name_, ":", std::max(0, mark.line) + 1, ":", std::max(0, mark.column) + 1);
}

void YamlFile::Impl::CheckKeys(const Visited& map, std::vector<Fault>& faults) const {
  std::set<std::string> seen;
  for (const auto& entry : map.node) {
    const std::string key = KeyText(entry.first);
    if (!seen.insert(key).second) {
      faults.push_back(
          MakeFault(entry.first.Mark(), absl::StrCat("\"", key, "\" is there twice; remove one")));
    } else if (map.asked.count(key) == 0) {
      faults.push_back(MakeFault(entry.first.Mark(),
                                 absl::StrCat("unknown key \"", key, "\"; ",
                                              Suggest(key, {map.asked.begin(), map.asked.end()}))));
    }
  }
}

absl::Status YamlFile::Impl::Report() const {
  std::vector<Fault> faults = faults_;
  for (const Visited& map : maps_) CheckKeys(map, faults);
  if (faults.empty()) return absl::OkStatus();
  std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return absl::InvalidArgumentError(
      absl::StrJoin(faults, "\n", [this](std::string* out, const Fault& fault) {
        absl::StrAppend(out, name_, ":", fault.line, ":", fault.column, ": ", fault.message);
      }));
}

}  // namespace aislewatch
