// Lines in a frame with axes, as inline SVG.
//
// Colours and sizes are classes of the page's style sheet (page.h). Stateless and thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/ranking/ranking_metrics.h"
#include "models/report/html.h"

namespace aislewatch::report {

/// Told apart by dashes as well as by colour, up to six.
struct Series {
  std::string name;
  std::vector<ranking::CurvePoint> points;
};

struct LineChart {
  std::string title;
  /// What somebody hears who does not see the chart.
  std::string description;
  std::string x_label;
  std::string y_label;
  double x_high = 1;
  double y_high = 1;
  /// Stretches of x with a background of their own.
  std::vector<std::pair<double, double>> bands;
  /// A dotted line from corner to corner: what chance would do.
  bool diagonal = false;
  std::vector<Series> series;
};

/// A figure of one or more lines over 0..x_high and 0..y_high, with a caption that names them.
/// Points outside are moved to the edge; those that are not finite are left out.
Html Draw(const LineChart& chart);

/// The lines alone in a low strip, for a row of a table.
Html DrawStrip(const LineChart& chart);

}  // namespace aislewatch::report
