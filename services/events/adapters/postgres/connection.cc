#include "services/events/adapters/postgres/connection.h"

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace aislewatch::events {
namespace {

using Keywords = std::map<std::string, std::string>;

absl::StatusOr<Keywords> ParseConninfo(const std::string& conninfo) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(conninfo.c_str(), &error), PQconninfoFree);
  if (options == nullptr) {
    // libpq's message may quote the text around the fault, and so the password.
    PQfreemem(error);
    return absl::InvalidArgumentError(
        "--database is not a connection string that libpq can read; write for example "
        "\"host=db.example dbname=aislewatch user=aislewatch\" or "
        "postgresql://aislewatch@db.example/aislewatch");
  }
  Keywords keywords;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) keywords[option->keyword] = option->val;
  }
  return keywords;
}

std::string Quote(const std::string& value) {
  return absl::StrCat("'", absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

absl::Status FromSqlState(const std::string& state, absl::string_view message) {
  const absl::string_view group = absl::string_view(state).substr(0, 2);
  if (state == "57014" || state == "55P03") {
    return absl::UnavailableError(
        absl::StrCat("the database took longer than --statement-timeout; try again: ", message));
  }
  // Operator intervention (shutdown, recovery), connection trouble, too many connections, a
  // standby.
  if (group == "57" || group == "08" || state == "53300" || state == "25006") {
    return absl::UnavailableError(
        absl::StrCat("the database takes no requests at present; try again: ", message));
  }
  if (group == "53") return absl::ResourceExhaustedError(absl::StrCat("database: ", message));
  if (group == "40") return absl::AbortedError(absl::StrCat("database: ", message));
  if (group == "22") {
    return absl::InvalidArgumentError(absl::StrCat("the database cannot hold a value: ", message));
  }
  return absl::InternalError(absl::StrCat("database error ", state, ": ", message));
}

}  // namespace

absl::StatusOr<std::string> CompleteConninfo(const DatabaseOptions& options) {
  auto parsed = ParseConninfo(options.conninfo);
  if (!parsed.ok()) return parsed.status();
  Keywords keywords = *std::move(parsed);
  const int64_t connect_ms = absl::ToInt64Milliseconds(options.connect_timeout);
  const int64_t statement_ms = absl::ToInt64Milliseconds(options.statement_timeout);
  keywords.emplace("connect_timeout", absl::StrCat((connect_ms + 999) / 1000));
  keywords.emplace("tcp_user_timeout", absl::StrCat(connect_ms + statement_ms));
  keywords.emplace("keepalives_idle", "10");
  keywords.emplace("keepalives_interval", "5");
  keywords.emplace("keepalives_count", "3");
  keywords.emplace("application_name", "aislewatch-events");
  // Custom plans: which partitions and indexes serve a list depends on the filter's values.
  keywords["options"] = absl::StrCat(
      "-c statement_timeout=", statement_ms, " -c timezone=UTC ",
      "-c client_min_messages=warning -c plan_cache_mode=force_custom_plan ",
      "-c idle_in_transaction_session_timeout=", 2 * statement_ms, " ", keywords["options"]);
  std::string text;
  for (const auto& [keyword, value] : keywords) {
    absl::StrAppend(&text, text.empty() ? "" : " ", keyword, "=", Quote(value));
  }
  return text;
}

std::string DescribeConninfo(const std::string& conninfo) {
  auto keywords = ParseConninfo(conninfo);
  if (!keywords.ok()) return "an unreadable connection string";
  const auto value = [&](const char* keyword, const char* otherwise) {
    const auto found = keywords->find(keyword);
    return found == keywords->end() ? std::string(otherwise) : found->second;
  };
  return absl::StrCat(value("dbname", "the default database"), " on ",
                      value("host", "the default host"), ":", value("port", "5432"));
}

pqxx::result Transaction::Run(const Statement& statement, const Params& params) {
  if (connection_.prepared_.insert(statement.name).second) {
    try {
      connection_.raw().prepare(statement.name, statement.text);
    } catch (...) {
      connection_.prepared_.erase(statement.name);
      throw;
    }
  }
#if PQXX_VERSION_MAJOR < 7
  std::vector<const char*> values;
  for (const auto& value : params.values()) values.push_back(value ? value->c_str() : nullptr);
  return work_.exec_prepared(statement.name, pqxx::prepare::make_dynamic_params(values));
#else
  pqxx::params values;
  for (const auto& value : params.values()) {
    if (value.has_value()) {
      values.append(*value);
    } else {
      values.append();
    }
  }
#if PQXX_VERSION_MAJOR > 7 || PQXX_VERSION_MINOR >= 10
  return work_.exec(pqxx::prepped{statement.name}, values);
#else
  return work_.exec_prepared(statement.name, values);
#endif
#endif
}

Failure CurrentFailure() {
  try {
    throw;
  } catch (const pqxx::in_doubt_error& error) {
    return {absl::UnavailableError(absl::StrCat(
                "the connection to the database was lost at the commit, so it is not known whether "
                "everything was stored; do the same again: ",
                error.what())),
            true};
  } catch (const pqxx::broken_connection& error) {
    return {absl::UnavailableError(
                absl::StrCat("the database cannot be reached; nothing was stored, try again: ",
                             absl::StripTrailingAsciiWhitespace(error.what()))),
            true};
  } catch (const pqxx::statement_completion_unknown& error) {
    return {
        absl::UnavailableError(absl::StrCat(
            "it is not known whether everything was stored; do the same again: ", error.what())),
        true};
  } catch (const pqxx::transaction_rollback& error) {
    // Deadlocks and the like; in libpqxx 6 this is no sql_error.
    return {absl::AbortedError(absl::StrCat("database: ", error.what())), false};
  } catch (const pqxx::sql_error& error) {
    const std::string state = error.sqlstate();
    // Without a state the server did not answer at all. 57P01..03: it is shutting down or starting.
    const bool lost =
        state.empty() || absl::StartsWith(state, "57P") || absl::StartsWith(state, "08");
    if (state.empty()) {
      return {absl::UnavailableError(absl::StrCat("the database went away: ", error.what())), lost};
    }
    return {FromSqlState(state, absl::StripTrailingAsciiWhitespace(error.what())), lost};
  } catch (const std::exception& error) {
    return {absl::InternalError(absl::StrCat("database: ", error.what())), false};
  }
}

}  // namespace aislewatch::events
