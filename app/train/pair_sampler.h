#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "app/model_folder.h"
#include "data/encoded_corpus.h"
#include "data/subword_sampler.h"

namespace heed {

/// What a pair is turned into for one pass through the network.
struct SampledPair {
  std::vector<TokenId> src;
  std::vector<TokenId> tgt;     // to be predicted
  std::vector<TokenId> tgt_in;  // what the decoder is shown of it
  /// How their pieces lie over those of the corpus, where that is asked for.
  PieceOverlaps src_overlaps, tgt_overlaps;
};

struct PairSamplerOptions {
  SubwordSampling subwords;
  double src_word_dropout = 0.0;  // probability of a word to be hidden
  double tgt_word_dropout = 0.0;
  std::size_t max_length = 0;  // longer segmentations are not taken; 0: no limit
  std::uint64_t seed = 1;
  bool with_overlaps = false;

  bool is_random() const;
};

/// Makes training text uncertain: other subwords (see SubwordSampling) and hidden words, drawn anew
/// every epoch. What is drawn is a pure function of (seed, epoch, pair, pass).
class PairSampler {
 public:
  PairSampler(const Tokenizers& tokenizers, const PairSamplerOptions& options);

  /// Pair `index` of `corpus` for `pass` of `epoch`. `tgt` is the same in all passes of an epoch,
  /// so that what they predict can be compared; the source is split anew for each.
  SampledPair sample(const EncodedCorpus& corpus, std::uint32_t index, std::uint64_t epoch,
                     std::uint64_t pass) const;

 private:
  struct Side {
    Side(const Vocabulary& vocabulary, const SubwordSampling& sampling);
    SubwordSampler subwords;
    std::vector<bool> begins_word;  // by id
  };

  std::vector<TokenId> split(const Side& side, std::span<const TokenId> ids,
                             SplitMix64& random) const;

  PairSamplerOptions options_;
  Side forward_src_;
  Side forward_tgt_;
};

}  // namespace heed
