#include "app/evaluate/chrf.h"

#include <fmt/format.h>

#include <stdexcept>
#include <vector>

#include "app/evaluate/metric_tokenizer.h"
#include "app/evaluate/ngrams.h"
#include "app/evaluate/signature.h"
#include "data/utf8.h"

namespace heed {
namespace {

constexpr unsigned kBitsPerCharacter = 21;
constexpr unsigned kBitsPerWord = 32;

struct SegmentNgrams {
  std::vector<NgramCounts> counts;   // by order, characters before words
  std::vector<std::int64_t> totals;  // likewise
};

bool is_ascii_punctuation(char c) {
  constexpr std::string_view kPunctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
  return kPunctuation.find(c) != std::string_view::npos;
}

std::vector<std::uint32_t> visible_characters(std::string_view text) {
  std::vector<std::uint32_t> characters;
  for (std::size_t position = 0; position < text.size();) {
    const char32_t code_point = decode_code_point(text, position);
    if (!is_metric_space(code_point)) characters.push_back(code_point);
  }
  return characters;
}

/// Words of white space, with at most one ASCII punctuation mark cut off each: the last character,
/// or the first when the last is none. "(hi)" becomes "(hi" and ")", as in Popović's script.
std::vector<std::string_view> words_and_punctuation(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split_at_spaces(text)) {
    if (word.size() > 1 && is_ascii_punctuation(word.back())) {
      words.push_back(word.substr(0, word.size() - 1));
      words.push_back(word.substr(word.size() - 1));
    } else if (word.size() > 1 && is_ascii_punctuation(word.front())) {
      words.push_back(word.substr(0, 1));
      words.push_back(word.substr(1));
    } else {
      words.push_back(word);
    }
  }
  return words;
}

void add_orders(std::span<const std::uint32_t> symbols, int max_order, unsigned bits_per_symbol,
                SegmentNgrams& ngrams) {
  for (std::size_t n = 1; n <= static_cast<std::size_t>(max_order); ++n) {
    ngrams.counts.push_back(count_ngrams(symbols, n, bits_per_symbol));
    ngrams.totals.push_back(ngram_total(symbols.size(), n));
  }
}

SegmentNgrams segment_ngrams(std::string_view text, const ChrfOptions& options, WordIds& word_ids) {
  const std::string prepared = prepare_segment(text, options.lowercase);
  SegmentNgrams ngrams;
  add_orders(visible_characters(prepared), options.char_order, kBitsPerCharacter, ngrams);
  if (options.word_order > 0) {
    add_orders(word_ids.ids_of(words_and_punctuation(prepared)), options.word_order, kBitsPerWord,
               ngrams);
  }
  return ngrams;
}

ChrfStatistics compare(const SegmentNgrams& hypothesis, const SegmentNgrams& reference) {
  ChrfStatistics statistics;
  for (std::size_t n = 0; n < hypothesis.counts.size(); ++n) {
    ChrfStatistics::Order& order = statistics.orders[n];
    order.reference = reference.totals[n];
    // sacreBLEU's rule: an order that the reference is too short for is no fault of the hypothesis.
    order.hypothesis = order.reference > 0 ? hypothesis.totals[n] : 0;
    order.matches = clipped_matches(hypothesis.counts[n], reference.counts[n]);
  }
  return statistics;
}

void require_range(const char* name, int value, int low, int high) {
  if (value >= low && value <= high) return;
  throw std::invalid_argument(
      fmt::format("chrF: {} is {}; it must be {} to {}", name, value, low, high));
}

}  // namespace

ChrfStatistics& ChrfStatistics::operator+=(const ChrfStatistics& other) {
  for (std::size_t n = 0; n < kOrders; ++n) {
    orders[n].hypothesis += other.orders[n].hypothesis;
    orders[n].reference += other.orders[n].reference;
    orders[n].matches += other.orders[n].matches;
  }
  return *this;
}

ChrfStatistics& ChrfStatistics::operator-=(const ChrfStatistics& other) {
  for (std::size_t n = 0; n < kOrders; ++n) {
    orders[n].hypothesis -= other.orders[n].hypothesis;
    orders[n].reference -= other.orders[n].reference;
    orders[n].matches -= other.orders[n].matches;
  }
  return *this;
}

Chrf::Chrf(ChrfOptions options) : options_(options) {
  require_range("char_order", options.char_order, 1, kMaxChrfCharOrder);
  require_range("word_order", options.word_order, 0, kMaxChrfWordOrder);
  require_range("beta", options.beta, 1, 100);
}

ChrfStatistics Chrf::statistics(std::string_view hypothesis,
                                std::span<const std::string> references) const {
  if (references.empty()) throw std::invalid_argument("chrF needs a reference for each segment");
  WordIds word_ids;
  const SegmentNgrams hyp_ngrams = segment_ngrams(hypothesis, options_, word_ids);
  ChrfStatistics best;
  double best_score = -1.0;
  for (const std::string& reference : references) {
    const SegmentNgrams ref_ngrams = segment_ngrams(reference, options_, word_ids);
    const ChrfStatistics candidate = compare(hyp_ngrams, ref_ngrams);
    const double candidate_score = score(candidate);
    if (candidate_score <= best_score) continue;
    best = candidate;
    best_score = candidate_score;
  }
  return best;
}

double Chrf::score(const ChrfStatistics& statistics) const {
  double precision = 0.0;
  double recall = 0.0;
  int effective_orders = 0;
  for (const ChrfStatistics::Order& order : statistics.orders) {
    if (order.hypothesis == 0 || order.reference == 0) continue;
    precision += static_cast<double>(order.matches) / static_cast<double>(order.hypothesis);
    recall += static_cast<double>(order.matches) / static_cast<double>(order.reference);
    ++effective_orders;
  }
  if (precision + recall == 0.0) return 0.0;
  precision /= effective_orders;
  recall /= effective_orders;
  const double beta_squared = options_.beta * options_.beta;
  return 100.0 * (1.0 + beta_squared) * precision * recall / (beta_squared * precision + recall);
}

std::string Chrf::signature(std::size_t num_references, std::string_view sampling) const {
  return fmt::format("nrefs:{}|{}case:{}|eff:yes|nc:{}|nw:{}|space:no|version:{}", num_references,
                     sampling, options_.lowercase ? "lc" : "mixed", options_.char_order,
                     options_.word_order, kSacrebleuVersion);
}

std::string Chrf::name() const {
  return fmt::format("chrF{}{}", options_.beta,
                     std::string(static_cast<std::size_t>(options_.word_order), '+'));
}

double corpus_chrf(std::span<const std::string> hypotheses, std::span<const std::string> references,
                   ChrfOptions options) {
  require_same_length(hypotheses.size(), references.size());
  const Chrf chrf(options);
  ChrfStatistics sum;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    sum += chrf.statistics(hypotheses[i], references.subspan(i, 1));
  }
  return chrf.score(sum);
}

}  // namespace heed
