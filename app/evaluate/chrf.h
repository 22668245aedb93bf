#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace heed {

inline constexpr std::size_t kMaxChrfCharOrder = 6;
inline constexpr std::size_t kMaxChrfWordOrder = 2;

struct ChrfOptions {
  int char_order = 6;      ///< longest character n-gram, 1 to 6
  int word_order = 0;      ///< longest word n-gram, 0 to 2: 0 is chrF, 2 is chrF++
  int beta = 2;            ///< recall weighs beta² times as much as precision; at least 1
  bool lowercase = false;  ///< compare lower-cased text
};

/// What chrF needs to know of a segment or, added up, of a corpus: for each order, characters
/// before words, the n-grams of the hypothesis, of the reference, and in both.
struct ChrfStatistics {
  static constexpr std::size_t kOrders = kMaxChrfCharOrder + kMaxChrfWordOrder;
  struct Order {
    std::int64_t hypothesis = 0;  ///< 0 as well when the reference has no n-gram of this order
    std::int64_t reference = 0;
    std::int64_t matches = 0;
    friend bool operator==(const Order&, const Order&) = default;
  };
  std::array<Order, kOrders> orders{};

  ChrfStatistics& operator+=(const ChrfStatistics& other);
  ChrfStatistics& operator-=(const ChrfStatistics& other);
  friend bool operator==(const ChrfStatistics&, const ChrfStatistics&) = default;
};

/// chrF (Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015) and
/// chrF++ (Popović, "chrF++: words helping character n-grams", WMT 2017) as sacreBLEU computes them
/// by default: white space is no character; precision and recall are averaged over the orders that
/// both sides have, then combined to one F score.
/// An object is immutable and may be shared by threads.
class Chrf {
 public:
  /// std::invalid_argument when an option is out of its range.
  explicit Chrf(ChrfOptions options = {});

  /// Of one hypothesis with the reference that scores best, the first of equals. At least one
  /// reference; std::invalid_argument otherwise.
  ChrfStatistics statistics(std::string_view hypothesis,
                            std::span<const std::string> references) const;

  /// 0 to 100; 0 when nothing matches.
  double score(const ChrfStatistics& statistics) const;

  /// In sacreBLEU's form; see Bleu::signature.
  std::string signature(std::size_t num_references, std::string_view sampling = "") const;

  /// sacreBLEU's: "chrF2", "chrF2++"; the number is beta.
  std::string name() const;

 private:
  ChrfOptions options_;
};

/// chrF of a corpus with one reference a segment.
/// std::invalid_argument when there are not as many hypotheses as references.
double corpus_chrf(std::span<const std::string> hypotheses, std::span<const std::string> references,
                   ChrfOptions options = {});

}  // namespace heed
