#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "app/align/attention_record.h"

namespace heed {

/// How far two methods of attribution agree about target units (the end of the sentence left out),
/// over one sentence pair or, summed, over many.
struct Agreement {
  AttributionMethod first = AttributionMethod::kAttention;
  AttributionMethod second = AttributionMethod::kAttention;
  /// Target units of pairs with two source units or more: with one there is nothing to agree about.
  std::size_t units = 0;
  std::size_t same_strongest = 0;  // of `units`: both methods score the same source unit highest
  double by_chance = 0.0;          // how many of `units` would be by blind choice
  /// Of `units`: without some source unit the output is e times less probable or worse, by
  /// occlusion. Of the others no source unit decides, and which is the strongest says little.
  std::size_t decided = 0;
  std::size_t same_of_decided = 0;
  std::size_t ranked = 0;     // of `units`: the rank correlation is defined
  double correlations = 0.0;  // their sum

  Agreement& operator+=(const Agreement& other);
  /// Spearman's, over target units; nothing when it is defined for none.
  std::optional<double> mean_correlation() const;
};

/// One for each two of the record's attributions, in their order. Of equal scores the first source
/// unit counts as the highest.
std::vector<Agreement> compare_attributions(const AttentionRecord& record);

/// Adds up what `compare_attributions` gave for records with the same methods.
class AgreementSummary {
 public:
  void add(const AttentionRecord& record);
  /// A table for people, a line for each two methods; empty when nothing was compared.
  std::string table(UnitKind kind) const;

 private:
  std::vector<Agreement> totals_;
};

}  // namespace heed
