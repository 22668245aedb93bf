#include "app/train/pair_sampler.h"

namespace heed {
namespace {

// Streams of one pair in one epoch.
constexpr std::uint64_t kTargetStream = 0;
constexpr std::uint64_t kFirstPassStream = 1;
constexpr std::uint64_t kStreams = 4;

constexpr const char* kSpaceMark = "\u2581";

/// Replaces whole words by unk, each with probability `rate` (Gal & Ghahramani 2016; Sennrich &
/// Zhang 2019).
void hide_words(std::vector<TokenId>& ids, const std::vector<bool>& begins_word, double rate,
                SplitMix64& random) {
  if (rate <= 0.0) return;
  bool is_hidden = false;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i == 0 || begins_word[static_cast<std::size_t>(ids[i])])
      is_hidden = random.uniform() < rate;
    if (is_hidden) ids[i] = kUnkId;
  }
}

}  // namespace

bool PairSamplerOptions::is_random() const {
  return subwords.bpe_dropout > 0.0 || subwords.unigram_alpha > 0.0 || src_word_dropout > 0.0 ||
         tgt_word_dropout > 0.0;
}

PairSampler::Side::Side(const Vocabulary& vocabulary, const SubwordSampling& sampling)
    : subwords(vocabulary, sampling) {
  for (const VocabularyPiece& piece : vocabulary.pieces)
    begins_word.push_back(piece.text.starts_with(kSpaceMark));
}

PairSampler::PairSampler(const Tokenizers& tokenizers, const PairSamplerOptions& options)
    : options_(options),
      forward_src_(tokenizers.src.vocabulary(), options.subwords),
      forward_tgt_(tokenizers.tgt.vocabulary(), options.subwords) {}

std::vector<TokenId> PairSampler::split(const Side& side, std::span<const TokenId> ids,
                                        SplitMix64& random) const {
  std::vector<TokenId> drawn = side.subwords.sample(ids, random);
  if (options_.max_length > 0 && drawn.size() > options_.max_length)
    return {ids.begin(), ids.end()};
  return drawn;
}

SampledPair PairSampler::sample(const EncodedCorpus& corpus, std::uint32_t index,
                                std::uint64_t epoch, std::uint64_t pass) const {
  const bool is_forward = corpus.direction(index) == Direction::kForward;
  const Side& src_side = is_forward ? forward_src_ : forward_tgt_;
  const Side& tgt_side = is_forward ? forward_tgt_ : forward_src_;
  const std::uint64_t of_epoch = SplitMix64(options_.seed, epoch).next();
  const auto stream = [&](std::uint64_t number) {
    return SplitMix64(of_epoch, kStreams * index + number);
  };
  SampledPair pair;
  SplitMix64 random = stream(kTargetStream);
  pair.tgt = split(tgt_side, corpus.tgt(index), random);
  random = stream(kFirstPassStream + pass);
  pair.src = split(src_side, corpus.src(index), random);
  if (options_.with_overlaps) {
    pair.src_overlaps = src_side.subwords.overlaps(corpus.src(index), pair.src);
    pair.tgt_overlaps = tgt_side.subwords.overlaps(corpus.tgt(index), pair.tgt);
  }
  hide_words(pair.src, src_side.begins_word, options_.src_word_dropout, random);
  pair.tgt_in = pair.tgt;
  hide_words(pair.tgt_in, tgt_side.begins_word, options_.tgt_word_dropout, random);
  return pair;
}

}  // namespace heed
