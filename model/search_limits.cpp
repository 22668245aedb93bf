#include "model/search_limits.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace heed {
namespace {

std::int64_t max_length_of(std::size_t src_len, const SearchLimits& limits) {
  const double relative = limits.max_length_ratio * static_cast<double>(src_len) +
                          static_cast<double>(limits.max_length_offset);
  const double limit = std::min(relative, static_cast<double>(limits.max_length));
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(limit));
}

}  // namespace

std::vector<SentenceLimits> limits_of_each(std::span<const std::vector<std::int32_t>> sources,
                                           std::span<const std::vector<std::int32_t>> prefixes,
                                           const SearchLimits& limits) {
  if (!prefixes.empty() && prefixes.size() != sources.size())
    throw std::invalid_argument("as many prefixes as sources, or none");
  std::vector<SentenceLimits> sentences;
  for (std::size_t index = 0; index < sources.size(); ++index) {
    SentenceLimits& sentence = sentences.emplace_back();
    if (!prefixes.empty()) sentence.prefix = prefixes[index];
    sentence.max_length = std::max<std::int64_t>(max_length_of(sources[index].size(), limits),
                                                 std::ssize(sentence.prefix));
  }
  return sentences;
}

std::optional<std::int32_t> only_token(const SentenceLimits& sentence, std::int64_t length,
                                       const SearchLimits& limits) {
  if (length < std::ssize(sentence.prefix))
    return sentence.prefix[static_cast<std::size_t>(length)];
  if (length == sentence.max_length) return limits.eos_id;
  return std::nullopt;
}

std::size_t ban(std::span<const std::int32_t> tokens, const SearchLimits& limits,
                std::span<float> scores) {
  std::size_t banned = 0;
  const auto take_score = [&](std::int32_t id) {
    if (id < 0 || id >= std::ssize(scores)) return;
    scores[static_cast<std::size_t>(id)] = -std::numeric_limits<float>::infinity();
    ++banned;
  };
  for (const std::int32_t id : limits.forbidden_ids) take_score(id);
  if (std::ssize(tokens) < limits.min_length) take_score(limits.eos_id);
  const std::int64_t known = limits.no_repeat_ngram - 1;  // the last tokens, that begin the n-gram
  if (known >= 0 && std::ssize(tokens) > known) {
    for (auto end = tokens.begin() + known; end != tokens.end(); ++end)
      if (std::equal(end - known, end, tokens.end() - known)) take_score(*end);
  }
  return banned;
}

}  // namespace heed
