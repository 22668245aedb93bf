#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "data/direction.h"
#include "data/special_tokens.h"
#include "model/alignment_head.h"
#include "model/transformer.h"

namespace heed {

struct TokenScore {
  TokenId token = 0;
  double log_prob = 0.0;
};

/// What the model would have produced at one step of a given target.
struct StepScores {
  std::vector<TokenScore> best;  // the most probable first; of equal ones the lower id
  double given_log_prob = 0.0;   // of the token that was given
  int given_rank = 0;            // its place among all tokens, from 1
};

/// A batch of given pairs seen by the model: the target is forced, not searched for.
struct ForcedDecoding {
  std::vector<std::vector<float>> token_log_probs;  // of each target piece, then of eos
  AttentionWeights weights;                         // of all layers; empty unless asked for
  AlignmentScores alignment;                        // after exp(), on the CPU; likewise
  std::vector<std::vector<StepScores>> steps;       // as token_log_probs; empty unless asked for

  /// log p(target | source) of pair `index`, eos included.
  double log_prob(std::size_t index) const;
};

/// What is asked of it.
struct ForcedRequest {
  bool log_probs = true;
  bool weights = false;
  bool alignment = false;  // of the alignment head, which the model must have
  /// So many tokens of each step (all, if there are fewer) are ranked; pad and bos, which are never
  /// produced, are left out.
  std::size_t alternatives = 0;
  Direction direction = Direction::kForward;
};

/// Ids without bos and eos; either side may be empty. Throws std::bad_alloc where there is no
/// memory.
ForcedDecoding force_decode(const Transformer& transformer,
                            std::span<const std::span<const TokenId>> src,
                            std::span<const std::span<const TokenId>> tgt,
                            const ForcedRequest& request, at::Device device = at::kCPU);

}  // namespace heed
