#include "app/translate/span_choice.h"

namespace heed {

std::vector<double> inside_weights(std::span<const Link> links, UnitSpan inside, int tgt_count) {
  std::vector<double> weights(static_cast<std::size_t>(tgt_count), 0.0);
  for (const Link& link : links) {
    const bool is_inside = link.src >= inside.begin && link.src < inside.end;
    weights[static_cast<std::size_t>(link.tgt)] += is_inside ? link.probability : -link.probability;
  }
  return weights;
}

std::optional<ScoredSpan> heaviest_span(std::span<const double> weights, UnitSpan range) {
  std::optional<ScoredSpan> best;
  double sum = 0.0;
  int begin = range.begin;
  for (int unit = range.begin; unit < range.end; ++unit) {
    sum += weights[static_cast<std::size_t>(unit)];
    if (!(sum > 0.0)) {
      sum = 0.0;
      begin = unit + 1;
    } else if (!best || sum > best->score) {
      best = ScoredSpan{{begin, unit + 1}, sum};
    }
  }
  return best;
}

std::vector<double> crossing_costs(std::span<const Link> links, int src_gap, int tgt_count) {
  std::vector<double> changes(static_cast<std::size_t>(tgt_count) + 2, 0.0);
  const auto add = [&](int begin, int end, double cost) {
    changes[static_cast<std::size_t>(begin)] += cost;
    changes[static_cast<std::size_t>(end)] -= cost;
  };
  for (const Link& link : links) {
    if (link.src < src_gap) {
      add(0, link.tgt + 1, link.probability);
    } else {
      add(link.tgt + 1, tgt_count + 1, link.probability);
    }
  }
  std::vector<double> costs(static_cast<std::size_t>(tgt_count) + 1, 0.0);
  double sum = 0.0;
  for (std::size_t gap = 0; gap < costs.size(); ++gap) costs[gap] = sum += changes[gap];
  return costs;
}

}  // namespace heed
