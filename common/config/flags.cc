#include "common/config/flags.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace aislewatch {

CLI::Option* AddDurationFlag(CLI::App& app, const std::string& name, absl::Duration& value,
                             const std::string& help, absl::Duration least) {
  const auto parse = [&value, least, name](const CLI::results_t& results) {
    absl::Duration parsed;
    if (!absl::ParseDuration(results.back(), &parsed)) {
      throw CLI::ValidationError(
          name, absl::StrCat("\"", results.back(), "\" is no duration; write 250ms, 10s or 1m30s"));
    }
    if (parsed < least) {
      throw CLI::ValidationError(
          name, absl::StrCat(results.back(), " is less than ", absl::FormatDuration(least)));
    }
    value = parsed;
    return true;
  };
  return app.add_option(name, parse, help)
      ->type_name("DURATION")
      ->default_str(absl::FormatDuration(value));
}

CLI::Option* AddModelRefreshFlag(CLI::App& app, absl::Duration& every) {
  return AddDurationFlag(app, "--model-refresh", every,
                         "How often newer versions of models that are served without a version are "
                         "looked for and served; 0s: never");
}

void AddFlagSources(CLI::App& app, absl::string_view program) {
  const std::string prefix = absl::StrCat("AISLEWATCH_", absl::AsciiStrToUpper(program), "_");
  for (CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) continue;
    // A variable must not make a service print something and end: AISLEWATCH_POSE_VERSION could be
    // anyone's.
    const std::string& name = option->get_lnames()[0];
    if (name == "help" || name == "version") continue;
    option->envname(
        absl::StrCat(prefix, absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"-", "_"}}))));
  }
  app.set_config("--flagfile", "", "Read flags from a file of flag=value lines");
}

}  // namespace aislewatch
