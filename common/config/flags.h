// Command line flags as every program of Aislewatch takes them.
//
// A flag's value comes from, in this order: the command line, a file of `flag=value` lines
// (--flagfile), the environment (AISLEWATCH_<PROGRAM>_<FLAG>), its default.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace aislewatch {

/// A flag for a duration, written as "250ms", "10s", "1m30s". `least` is its smallest legal value.
CLI::Option* AddDurationFlag(CLI::App& app, const std::string& name, absl::Duration& value,
                             const std::string& help, absl::Duration least = absl::ZeroDuration());

/// --model-refresh of services that serve models: how often newer versions are looked for.
CLI::Option* AddModelRefreshFlag(CLI::App& app, absl::Duration& every);

/// Gives every flag of `app` but --help and --version its environment variable
/// (AISLEWATCH_<PROGRAM>_<FLAG>, upper case, hyphens as underscores) and adds --flagfile. Call it
/// after all flags have been added.
void AddFlagSources(CLI::App& app, absl::string_view program);

}  // namespace aislewatch
