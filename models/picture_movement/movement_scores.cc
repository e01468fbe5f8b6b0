#include "models/picture_movement/movement_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace aislewatch::picture_movement {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int kWindowSide = MovementMeter::kRows / 3;
constexpr int kWindowStep = 2;

using Grids = std::vector<const MovementGrid*>;

// Of a mean of speeds in picture heights per second; a thousandth of it is nothing.
float LogOf(double mean) { return static_cast<float>(std::log(1e-3 + mean)); }

double MeanOf(double sum, double count) { return count > 0 ? sum / count : 0; }

DirectionVotes VotesOf(const Grids& grids) {
  DirectionVotes votes;
  for (const MovementGrid* grid : grids) {
    for (const Velocity& place : grid->places) votes.Add(place);
  }
  return votes;
}

// Of the places from (row, column) on.
DirectionVotes VotesOfWindow(const MovementGrid& grid, const std::vector<DirectionVotes>& of_place,
                             int row, int column) {
  DirectionVotes votes;
  for (int r = row; r < std::min(row + kWindowSide, grid.rows); ++r) {
    for (int c = column; c < std::min(column + kWindowSide, grid.columns); ++c) {
      votes.Add(of_place[static_cast<size_t>(r) * grid.columns + c]);
    }
  }
  return votes;
}

// Of the window that the most votes of all frames fall into.
double DisorderOfBusiest(const Grids& grids) {
  const MovementGrid& first = *grids[0];
  std::vector<DirectionVotes> of_place(first.places.size());
  for (const MovementGrid* grid : grids) {
    for (size_t i = 0; i < of_place.size(); ++i) of_place[i].Add(grid->places[i]);
  }
  DirectionVotes busiest;
  // A picture may be narrower than a window.
  for (int row = 0; row <= std::max(first.rows - kWindowSide, 0); row += kWindowStep) {
    for (int column = 0; column <= std::max(first.columns - kWindowSide, 0);
         column += kWindowStep) {
      const DirectionVotes votes = VotesOfWindow(first, of_place, row, column);
      if (votes.Total() > busiest.Total()) busiest = votes;
    }
  }
  return busiest.Disorder();
}

double MeanSpeed(const Grids& grids) {
  double sum = 0, count = 0;
  for (const MovementGrid* grid : grids) {
    for (const Velocity& place : grid->places) sum += place.speed();
    count += static_cast<double>(grid->places.size());
  }
  return MeanOf(sum, count);
}

double MeanAcceleration(const Grids& grids) {
  double sum = 0, count = 0;
  for (size_t g = 1; g < grids.size(); ++g) {
    const double step = absl::ToDoubleSeconds(grids[g]->time - grids[g - 1]->time);
    for (size_t i = 0; i < grids[g]->places.size(); ++i) {
      const Velocity& now = grids[g]->places[i];
      const Velocity& before = grids[g - 1]->places[i];
      sum += std::hypot(now.x - before.x, now.y - before.y) / step;
    }
    count += static_cast<double>(grids[g]->places.size());
  }
  return MeanOf(sum, count);
}

double MeanSpeedOfCamera(const Grids& grids) {
  double sum = 0;
  for (const MovementGrid* grid : grids) sum += grid->camera.speed();
  return MeanOf(sum, static_cast<double>(grids.size()));
}

}  // namespace

void DirectionVotes::Add(const Velocity& velocity) {
  const float speed = velocity.speed();
  if (speed <= kLeastSpeed) return;
  const double turn = (std::atan2(velocity.y, velocity.x) + kPi) / (2 * kPi);  // 0..1
  votes_[static_cast<size_t>(turn * kDirections) % kDirections] += speed;
}

void DirectionVotes::Add(const DirectionVotes& others) {
  for (size_t d = 0; d < kDirections; ++d) votes_[d] += others.votes_[d];
}

double DirectionVotes::Total() const { return std::accumulate(votes_.begin(), votes_.end(), 0.0); }

double DirectionVotes::Disorder() const {
  const double total = Total();
  double entropy = 0;
  for (const double votes : votes_) {
    if (votes > 0) entropy -= votes / total * std::log(votes / total);
  }
  return entropy / std::log(static_cast<double>(kDirections));
}

std::vector<float> MeasureClip(absl::Span<const MovementGrid> grids) {
  Grids same;
  for (const MovementGrid& grid : grids) {
    if (grid.rows == grids[0].rows && grid.columns == grids[0].columns) same.push_back(&grid);
  }
  return {static_cast<float>(VotesOf(same).Disorder()),
          static_cast<float>(same.empty() ? 0 : DisorderOfBusiest(same)), LogOf(MeanSpeed(same)),
          LogOf(MeanAcceleration(same)), LogOf(MeanSpeedOfCamera(same))};
}

}  // namespace aislewatch::picture_movement
