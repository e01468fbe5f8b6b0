// Structured logs: one JSON object a line on stderr.
//
// {"ts":"2026-01-02T03:04:05.678Z","level":"info","service":"pose","msg":"...","camera":"..."}
// Call InitLogging once in main; before it, lines carry no service. Thread-safe. Fields' names are
// snake_case; ids are camera, store, stream, incident. Never log a password or a picture.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace aislewatch {

using LogField = std::pair<absl::string_view, std::string>;

/// `level`: "debug", "info", "warn" or "error"; anything else counts as "info".
void InitLogging(absl::string_view service, absl::string_view level);

void LogDebug(absl::string_view message, std::initializer_list<LogField> fields = {});
void LogInfo(absl::string_view message, std::initializer_list<LogField> fields = {});
void LogWarning(absl::string_view message, std::initializer_list<LogField> fields = {});
void LogError(absl::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace aislewatch
