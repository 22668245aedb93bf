#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "model/beam_search.h"
#include "tests/support/table_scorer.h"

namespace heed {

// pad 0, unknown 1, bos 2, eos 3, then ordinary tokens.
constexpr std::int32_t kUnknown = 1, kBos = 2, kEos = 3, kA = 4, kB = 5;
constexpr std::int64_t kVocab = 6;
constexpr float kNever = -std::numeric_limits<float>::infinity();

inline SearchOptions options_of(std::int64_t beam_size, std::int64_t max_length, double alpha = 1.0,
                                std::int64_t n_best = 1) {
  SearchOptions options;
  options.beam_size = beam_size;
  options.n_best = n_best;
  options.length_penalty = alpha;
  options.max_length_ratio = 0.0;
  options.max_length_offset = max_length;
  return options;
}

inline std::vector<Hypothesis> search(const ScoreTable& table, const SearchOptions& options,
                                      const Ids& source = {kA}) {
  TableScorer scorer(kVocab, kBos, table);
  return beam_search(scorer, std::vector<Ids>{source}, options).at(0);
}

inline std::vector<Ids> tokens_of(const std::vector<Hypothesis>& hypotheses) {
  std::vector<Ids> tokens;
  for (const Hypothesis& hypothesis : hypotheses) tokens.push_back(hypothesis.tokens);
  return tokens;
}

inline void expect_same(const std::vector<Hypothesis>& actual,
                        const std::vector<Hypothesis>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t rank = 0; rank < actual.size(); ++rank) {
    EXPECT_EQ(actual[rank].tokens, expected[rank].tokens) << "rank " << rank;
    EXPECT_DOUBLE_EQ(actual[rank].log_prob, expected[rank].log_prob) << "rank " << rank;
    EXPECT_DOUBLE_EQ(actual[rank].score, expected[rank].score) << "rank " << rank;
  }
}

/// Probabilities (not logarithms) of the next tokens after each prefix; 0 where not mentioned.
inline ScoreTable by_hand(const std::map<Ids, std::map<std::int32_t, double>>& probabilities) {
  return [=](const Ids&, const Ids& prefix) {
    std::vector<float> row(kVocab, kNever);
    const auto found = probabilities.find(prefix);
    if (found == probabilities.end()) return row;
    for (const auto& [token, probability] : found->second)
      row[static_cast<std::size_t>(token)] = static_cast<float>(std::log(probability));
    return row;
  };
}

}  // namespace heed
