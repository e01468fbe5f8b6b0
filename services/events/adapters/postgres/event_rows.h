// Inside of the event store: how incidents, transitions and filters become SQL and back. Pure
// functions; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "services/events/adapters/postgres/connection.h"
#include "services/events/adapters/postgres/sql.h"
#include "services/events/core/incident.h"

namespace aislewatch::events {

/// Transitions as the JSON array that the recording statements take apart with
/// jsonb_to_recordset; `ordinal` counts from 1.
std::string TransitionsToJson(const std::vector<const Transition*>& transitions);
/// The tracks of the incidents in `transitions`, likewise.
std::string TracksToJson(const std::vector<const Transition*>& transitions);

/// Conditions on a table (or alias) with the columns that a filter looks at, on parameters $1..$8.
std::string FilterSql(const std::string& table);
/// Appends $1..$8.
void AddFilter(const IncidentFilter& filter, Params& params);

/// Columns of `incidents` under `alias`, and reading them from a row's column `first` on.
std::string IncidentColumns(const std::string& alias);
inline constexpr int kIncidentColumns = 13;
Incident ReadIncident(const pqxx::row& row, int first = 0);

/// Columns of `reviews` under `alias`, likewise.
std::string ReviewColumns(const std::string& alias);
Review ReadReview(const pqxx::row& row, int first = 0);

/// Takes the next `count` change numbers and holds them until the commit; returns the last number
/// before them. Nothing that takes long may follow.
uint64_t TakeChangeNumbers(Transaction& transaction, size_t count);
/// Wakes every replica's watchers at the commit.
void NotifyWatchers(Transaction& transaction);

}  // namespace aislewatch::events
