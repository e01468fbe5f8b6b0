// The frame of a report: one HTML file that needs no other, reads in light and dark, on a phone and
// on paper, and tells how it was made.
//
// Stateless and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "models/ranking/bootstrap.h"
#include "models/report/html.h"

namespace aislewatch::report {

/// How a report came to be.
struct Provenance {
  /// The command line that made it.
  std::string command;
  absl::Time time;
  /// Of this program.
  std::string version;
  /// model.json of the model that was measured, and where it lies.
  std::string manifest;
  std::string manifest_path;
};

/// A table; the first cell of a row is its heading.
struct Table {
  struct Column {
    std::string name;
    /// Words, aligned left; figures are aligned right.
    bool words = false;
  };
  std::string caption;
  std::vector<Column> columns;
  std::vector<std::vector<Html>> rows;
};
Html ToHtml(const Table& table);

/// `content` behind a line to click on.
Html Folded(const std::string& summary, const Html& content);

/// A paragraph in a paler colour: what to know when reading what stands above it.
Html Note(std::initializer_list<Html> content);

/// <section> with a heading of its own.
Html Section(const std::string& heading, std::initializer_list<Html> content);

/// "0.716", or "–" where there is none.
std::string FigureText(const std::optional<double>& value);
/// "0.591 to 0.802", or "–".
std::string IntervalText(const std::optional<ranking::Interval>& interval);

/// <img> that carries its JPEG; `alt` says what it shows.
Html Picture(absl::string_view jpeg, const std::string& alt);

/// The whole page: title, `summary` (one sentence on what was measured), `body`, then the
/// provenance with the manifest.
std::string Page(const std::string& title, const std::string& summary, const Html& body,
                 const Provenance& provenance);

}  // namespace aislewatch::report
