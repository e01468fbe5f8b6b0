#include "common/base/log.h"

#include <memory>
#include <string>

#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace aislewatch {
namespace {

// Written once by InitLogging before threads start.
std::string& ServiceName() {
  static auto* const name = new std::string;
  return *name;
}

spdlog::logger& Sink() {
  static const auto* const logger = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto* made = new std::shared_ptr<spdlog::logger>(
        std::make_shared<spdlog::logger>("aislewatch", std::move(sink)));
    (*made)->set_pattern("%v");
    (*made)->flush_on(spdlog::level::info);
    return made;
  }();
  return **logger;
}

void Write(spdlog::level::level_enum level, absl::string_view name, absl::string_view message,
           std::initializer_list<LogField> fields) {
  spdlog::logger& sink = Sink();
  if (!sink.should_log(level)) return;
  nlohmann::ordered_json line;
  line["ts"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  line["level"] = std::string(name);
  if (!ServiceName().empty()) line["service"] = ServiceName();
  line["msg"] = std::string(message);
  for (const auto& [key, value] : fields) line[std::string(key)] = value;
  // Bytes that are no UTF-8 come from peers; replacing them keeps the line valid JSON.
  sink.log(level, "{}", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

void InitLogging(absl::string_view service, absl::string_view level) {
  ServiceName() = std::string(service);
  auto parsed = spdlog::level::info;
  if (level == "debug") parsed = spdlog::level::debug;
  if (level == "warn") parsed = spdlog::level::warn;
  if (level == "error") parsed = spdlog::level::err;
  Sink().set_level(parsed);
}

void LogDebug(absl::string_view message, std::initializer_list<LogField> fields) {
  Write(spdlog::level::debug, "debug", message, fields);
}
void LogInfo(absl::string_view message, std::initializer_list<LogField> fields) {
  Write(spdlog::level::info, "info", message, fields);
}
void LogWarning(absl::string_view message, std::initializer_list<LogField> fields) {
  Write(spdlog::level::warn, "warn", message, fields);
}
void LogError(absl::string_view message, std::initializer_list<LogField> fields) {
  Write(spdlog::level::err, "error", message, fields);
}

}  // namespace aislewatch
