#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace heed {

/// How far apart the words are that neighbouring words are linked to: relative frequencies of jumps
/// from -kFar to kFar; farther ones count as those.
class JumpTable {
 public:
  static constexpr int kFar = 10;
  static constexpr std::size_t kSize = 2 * kFar + 1;

  /// All jumps alike.
  JumpTable() : weights_(kSize, 1.0F) {}
  /// By how often each was seen, from -kFar on.
  explicit JumpTable(std::span<const double> counts);

  float weight(int jump) const {
    const int place = std::clamp(jump, -kFar, kFar) + kFar;
    return weights_[static_cast<std::size_t>(place)];
  }

 private:
  std::vector<float> weights_;
};

/// Emissions of one sentence pair: how probable each generated word is given each state, and given
/// none.
struct Emissions {
  std::size_t states = 0;
  std::size_t words = 0;
  std::vector<float> of_state;  // [words, states]
  std::vector<float> of_null;   // [words]
};

/// The hidden Markov model of word alignment (Vogel, Ney & Tillmann 1996) on one sentence pair: the
/// words of one side are generated one after another, each from a word of the other side (the
/// state) or, with probability `null_probability`, from nothing, which leaves the state as it is
/// (Och & Ney 2003, 2.1.3). The probability of a state depends on the jump from the one before; the
/// first is a jump from place -1. Time grows with words times states, memory likewise.
class HmmChain {
 public:
  HmmChain(const JumpTable& jumps, double null_probability)
      : jumps_(jumps), null_probability_(static_cast<float>(null_probability)) {}

  /// Probability of each link given both sentences: `posteriors` [words, states]; what a row lacks
  /// of 1 is that of no link. With `jump_counts` (JumpTable::kSize) the expected number of each
  /// jump is added to it. Without states or words nothing happens.
  void run(const Emissions& emissions, std::vector<float>& posteriors,
           std::vector<double>* jump_counts);

 private:
  void forward(const Emissions& emissions);
  void backward(const Emissions& emissions, std::vector<double>* jump_counts);
  void prepare_jumps(std::size_t states);
  /// Jumps between two words, by what leaves (`from_`) and enters (`into_`) each state.
  void count_jumps(std::vector<double>& counts) const;

  const JumpTable& jumps_;
  float null_probability_;
  std::size_t states_ = 0;
  std::vector<float> start_;       // [states] probability of the first state
  std::vector<float> jump_scale_;  // [states] 1 / sum of the weights of jumps from there
  std::vector<float> alpha_;       // [words, 2, states] scaled; linked, then not
  std::vector<float> beta_;        // [words, states]; the same whether linked or not
  std::vector<float> scale_;       // [words]
  std::vector<float> from_, into_, moved_;
};

}  // namespace heed
