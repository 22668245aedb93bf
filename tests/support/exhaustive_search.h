#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "tests/support/beam_search_testing.h"

namespace heed {

/// The coverage term of a search: `table`, where the score gets beta times it.
struct CoverageTerm {
  AttentionTable table;
  double beta = 0.0;
};

/// Every sequence of at most `max_length` allowed tokens, best score first.
class ExhaustiveSearch {
 public:
  ExhaustiveSearch(ScoreTable table, Ids source, std::int64_t max_length, double alpha,
                   CoverageTerm coverage = {})
      : table_(std::move(table)),
        source_(std::move(source)),
        max_length_(max_length),
        alpha_(alpha),
        coverage_(std::move(coverage)) {
    extend({}, 0.0, std::vector<double>(source_.size() + 1, 0.0));
    std::stable_sort(all_.begin(), all_.end(),
                     [](const Hypothesis& a, const Hypothesis& b) { return a.score > b.score; });
  }

  std::vector<Hypothesis> best(std::size_t count) const {
    return {all_.begin(), all_.begin() + static_cast<std::ptrdiff_t>(std::min(count, all_.size()))};
  }
  std::size_t size() const { return all_.size(); }

 private:
  void extend(const Ids& prefix, double log_prob, std::vector<double> seen) {
    const std::vector<float> row = table_(source_, prefix);
    double term = 0.0;
    if (coverage_.beta > 0.0) {
      const std::vector<float> weights = coverage_.table(source_, prefix);
      for (std::size_t i = 0; i < seen.size(); ++i)
        term += std::log(std::min(1.0, seen[i] += static_cast<double>(weights[i])));
    }
    const double ended = log_prob + static_cast<double>(row[kEos]);
    const auto length = static_cast<double>(prefix.size() + 1);
    all_.push_back({prefix, ended, ended / std::pow(length, alpha_) + coverage_.beta * term});
    if (std::ssize(prefix) == max_length_) return;
    for (const std::int32_t token : {kUnknown, kA, kB}) {
      Ids longer = prefix;
      longer.push_back(token);
      extend(longer, log_prob + static_cast<double>(row[static_cast<std::size_t>(token)]), seen);
    }
  }

  ScoreTable table_;
  Ids source_;
  std::int64_t max_length_;
  double alpha_;
  CoverageTerm coverage_;
  std::vector<Hypothesis> all_;
};

}  // namespace heed
