#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "model/scorer.h"

namespace heed {

using Ids = std::vector<std::int32_t>;

/// Log-probabilities of each next token as a function of the source and of what was produced so far
/// (without bos).
using ScoreTable = std::function<std::vector<float>(const Ids& source, const Ids& prefix)>;

/// Attention of the step that follows what was produced so far: a weight a source position.
using AttentionTable = std::function<std::vector<float>(const Ids& source, const Ids& prefix)>;

/// A scorer without a network. Throws std::logic_error when the search breaks the contract of
/// NextTokenScorer.
class TableScorer : public NextTokenScorer {
 public:
  /// Without an attention table it gives none.
  TableScorer(std::int64_t vocab_size, std::int32_t bos_id, ScoreTable table,
              AttentionTable attention = nullptr)
      : vocab_size_(vocab_size),
        bos_id_(bos_id),
        table_(std::move(table)),
        attention_table_(std::move(attention)) {}

  std::int64_t vocab_size() const override { return vocab_size_; }
  bool is_normalized() const override { return true; }
  /// Rows of each step since `start`.
  const std::vector<std::size_t>& rows_per_step() const { return rows_per_step_; }

  bool gives_attention() const override { return attention_table_ != nullptr; }
  void want_attention(bool wanted) override {
    require(!wanted || gives_attention(), "attention is wanted that is not given");
    wants_attention_ = wanted;
  }
  bool wants_attention() const { return wants_attention_; }
  std::span<const float> attention(std::int64_t row) const override {
    require(wants_attention_, "attention was not wanted");
    return attention_.at(static_cast<std::size_t>(row));
  }

  void start(std::span<const Ids> sources) override {
    sources_.assign(sources.begin(), sources.end());
    rows_.clear();
    rows_per_step_.clear();
    for (std::size_t index = 0; index < sources_.size(); ++index) rows_.push_back({index, {}});
  }

  void step(std::span<const std::int32_t> tokens, std::span<const std::int32_t> beam_origins,
            const TakeScores& take) override {
    rows_ = continue_rows(tokens, beam_origins);
    check_grouping();
    rows_per_step_.push_back(rows_.size());
    attention_.clear();
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      const Ids prefix(rows_[row].tokens.begin() + 1, rows_[row].tokens.end());
      std::vector<float> scores = table_(sources_[rows_[row].sentence], prefix);
      require(std::ssize(scores) == vocab_size_, "the table doesn't fit the vocabulary");
      take(static_cast<std::int64_t>(row), scores);
      if (wants_attention_)
        attention_.push_back(attention_table_(sources_[rows_[row].sentence], prefix));
    }
  }

 private:
  struct Row {
    std::size_t sentence = 0;
    Ids tokens;  // bos first
  };

  static void require(bool holds, const char* what) {
    if (!holds) throw std::logic_error(what);
  }

  std::vector<Row> continue_rows(std::span<const std::int32_t> tokens,
                                 std::span<const std::int32_t> beam_origins) const {
    require(!tokens.empty(), "a step without rows");
    require(tokens.size() == beam_origins.size(), "as many tokens as origins");
    std::vector<Row> next;
    for (std::size_t row = 0; row < tokens.size(); ++row) {
      require(beam_origins[row] >= 0 && beam_origins[row] < std::ssize(rows_), "no such origin");
      require(tokens[row] >= 0 && tokens[row] < vocab_size_, "no such token");
      next.push_back(rows_[static_cast<std::size_t>(beam_origins[row])]);
      require(!next.back().tokens.empty() || tokens[row] == bos_id_, "bos comes first");
      next.back().tokens.push_back(tokens[row]);
    }
    return next;
  }

  /// Sentences in their order, each with equally many rows.
  void check_grouping() const {
    std::vector<std::size_t> counts;
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      const bool opens = row == 0 || rows_[row].sentence != rows_[row - 1].sentence;
      require(row == 0 || rows_[row].sentence >= rows_[row - 1].sentence, "sentences in order");
      if (opens) counts.push_back(0);
      ++counts.back();
    }
    for (const std::size_t count : counts) require(count == counts.front(), "equally many rows");
  }

  std::int64_t vocab_size_;
  std::int32_t bos_id_;
  ScoreTable table_;
  AttentionTable attention_table_;
  bool wants_attention_ = false;
  std::vector<std::vector<float>> attention_;  // of each row
  std::vector<Ids> sources_;
  std::vector<Row> rows_;
  std::vector<std::size_t> rows_per_step_;
};

/// A table whose rows are shifted, as a network's scores are.
class ShiftedScorer : public TableScorer {
 public:
  using TableScorer::TableScorer;
  bool is_normalized() const override { return false; }
  void step(std::span<const std::int32_t> tokens, std::span<const std::int32_t> beam_origins,
            const TakeScores& take) override {
    TableScorer::step(tokens, beam_origins, [&](std::int64_t row, std::span<float> scores) {
      for (float& score : scores) score += static_cast<float>(row) - 3.0F;
      take(row, scores);
    });
  }
};

/// Random distributions, one for each source and prefix; the larger `spread`, the more peaked.
inline ScoreTable random_table(std::int64_t vocab_size, std::uint32_t seed, double spread = 1.5) {
  return [=](const Ids& source, const Ids& prefix) {
    std::vector<std::uint32_t> key{seed, static_cast<std::uint32_t>(source.size())};
    key.insert(key.end(), source.begin(), source.end());
    key.insert(key.end(), prefix.begin(), prefix.end());
    std::seed_seq sequence(key.begin(), key.end());
    std::mt19937 random(sequence);
    std::normal_distribution<double> logit(0.0, spread);
    std::vector<double> logits(static_cast<std::size_t>(vocab_size));
    double sum = 0.0;
    for (double& value : logits) sum += std::exp(value = logit(random));
    std::vector<float> log_probs;
    for (const double value : logits)
      log_probs.push_back(static_cast<float>(value - std::log(sum)));
    return log_probs;
  };
}

/// The scores of all rows of a step.
inline std::vector<std::vector<float>> scores_of(NextTokenScorer& scorer, const Ids& tokens,
                                                 const Ids& origins) {
  std::vector<std::vector<float>> rows;
  scorer.step(tokens, origins, [&](std::int64_t row, std::span<float> scores) {
    EXPECT_EQ(row, std::ssize(rows));
    rows.emplace_back(scores.begin(), scores.end());
  });
  return rows;
}

}  // namespace heed
