#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "app/evaluate/metric_tokenizer.h"

namespace heed {

inline constexpr std::size_t kBleuOrders = 4;

struct BleuOptions {
  MetricTokenizer tokenizer = MetricTokenizer::k13a;
  bool lowercase = false;
};

/// What BLEU needs to know of a segment or, added up, of a corpus.
struct BleuStatistics {
  std::int64_t hypothesis_length = 0;               ///< tokens
  std::int64_t reference_length = 0;                ///< tokens of the reference closest in length
  std::array<std::int64_t, kBleuOrders> matches{};  ///< n-grams found in a reference, clipped
  std::array<std::int64_t, kBleuOrders> totals{};   ///< n-grams of the hypothesis

  BleuStatistics& operator+=(const BleuStatistics& other);
  BleuStatistics& operator-=(const BleuStatistics& other);
  friend bool operator==(const BleuStatistics&, const BleuStatistics&) = default;
};

struct BleuScore {
  double score = 0.0;                            ///< 0 to 100
  std::array<double, kBleuOrders> precisions{};  ///< percent, smoothed, of 1- to 4-grams
  double brevity_penalty = 1.0;                  ///< 0 to 1
  std::size_t hypothesis_length = 0;             ///< tokens
  std::size_t reference_length = 0;              ///< tokens
};

/// Corpus BLEU (Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation",
/// ACL 2002) as sacreBLEU computes it by default: 4 orders, and the k-th order without a match
/// counts as 1 / 2^k matches (Chen and Cherry, WMT 2014, method 3: "exp").
/// An object is immutable and may be shared by threads.
class Bleu {
 public:
  explicit Bleu(BleuOptions options = {}) : options_(options) {}

  /// Of one hypothesis with its references, at least one; std::invalid_argument otherwise. An
  /// n-gram may match as often as it is in the reference that has most of it.
  BleuStatistics statistics(std::string_view hypothesis,
                            std::span<const std::string> references) const;

  /// 0 when nothing matches or when no hypothesis has 4 tokens.
  BleuScore score(const BleuStatistics& statistics) const;

  /// In sacreBLEU's form, for this many references; `sampling` is put behind their number as it is:
  /// empty or such as "bs:1000|seed:12345|".
  std::string signature(std::size_t num_references, std::string_view sampling = "") const;

  std::string name() const { return "BLEU"; }

 private:
  BleuOptions options_;
};

/// BLEU of a corpus with one reference a segment.
/// std::invalid_argument when there are not as many hypotheses as references.
BleuScore corpus_bleu(std::span<const std::string> hypotheses,
                      std::span<const std::string> references, BleuOptions options = {});

}  // namespace heed
