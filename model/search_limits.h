#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace heed {

/// What outputs may be, whatever looks for them.
struct SearchLimits {
  double max_length_ratio = 2.0;  // an output has at most ratio * src_len + offset tokens,
  std::int64_t max_length_offset = 10;
  std::int64_t max_length = 512;     // and at most this many, eos not counted
  std::int64_t min_length = 0;       // no eos ahead of so many tokens
  std::int64_t no_repeat_ngram = 0;  // no n-gram of that many tokens twice in an output; 0: any
  std::int32_t bos_id = 2;
  std::int32_t eos_id = 3;
  std::vector<std::int32_t> forbidden_ids = {0, 2};  // never produced: pad and bos
};

/// The same for the outputs of one sentence.
struct SentenceLimits {
  std::int64_t max_length = 0;           // at least 1, and no less than the prefix
  std::span<const std::int32_t> prefix;  // what they begin with
};

/// Of every source. `prefixes` is one for each, or none. Throws std::invalid_argument where neither
/// holds. The prefixes must outlive the result.
std::vector<SentenceLimits> limits_of_each(std::span<const std::vector<std::int32_t>> sources,
                                           std::span<const std::vector<std::int32_t>> prefixes,
                                           const SearchLimits& limits);

/// The one token that may follow `length` tokens, if there is but one: of the prefix, or eos at the
/// maximum length.
std::optional<std::int32_t> only_token(const SentenceLimits& sentence, std::int64_t length,
                                       const SearchLimits& limits);

/// Takes their scores from the tokens that must not follow `tokens`; returns how many they are at
/// most.
std::size_t ban(std::span<const std::int32_t> tokens, const SearchLimits& limits,
                std::span<float> scores);

}  // namespace heed
