#include "models/ranking/bootstrap.h"

#include <algorithm>
#include <random>

namespace aislewatch::ranking {

std::vector<std::optional<Interval>> BootstrapIntervals(size_t groups, const DrawnFigures& figures,
                                                        int draws, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::vector<double>> values;  // [figure][draw]
  for (int i = 0; groups > 0 && i < draws; ++i) {
    std::vector<double> drawn(groups, 0);
    for (size_t g = 0; g < groups; ++g) drawn[random() % groups] += 1;
    const std::vector<std::optional<double>> now = figures(drawn);
    values.resize(std::max(values.size(), now.size()));
    for (size_t f = 0; f < now.size(); ++f) {
      if (now[f]) values[f].push_back(*now[f]);
    }
  }
  std::vector<std::optional<Interval>> intervals;
  for (std::vector<double>& of_figure : values) {
    std::sort(of_figure.begin(), of_figure.end());
    const size_t count = of_figure.size();
    intervals.push_back(count == 0 ? std::nullopt
                                   : std::optional(Interval{of_figure[count * 25 / 1000],
                                                            of_figure[count * 975 / 1000]}));
  }
  return intervals;
}

}  // namespace aislewatch::ranking
