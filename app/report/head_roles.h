#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string_view>
#include <tuple>
#include <vector>

#include "app/align/attention_record.h"

namespace heed {

/// What a head does, measured: means over every row (query) of all sentences, the row of </s> left
/// out. Weights are shares of 1. Clark et al., "What Does BERT Look At?" (2019), name heads by the
/// same means; Voita et al., "Analyzing Multi-Head Self-Attention" (2019), by where the strongest
/// weight lies.
///
/// The anchor of a row is the column it is compared with:
///   encoder self   the unit itself
///   decoder self   the unit before the one being produced, which is what the step reads
///   cross          the source units linked to the unit being produced (gold links where the record
///                  has them); `previous` and `next` are those linked to its neighbours and not to
///                  itself, so that a head that lags or runs ahead by a step shows. Rows without
///                  such links don't count in the mean.
///
/// At the ends of a sentence a row without a column before or after does not count either.
struct HeadRole {
  AttentionKind kind = AttentionKind::kCross;
  int layer = 0;
  int head = 0;
  double previous = 0.0;     // weight on the column before the anchor
  double same = 0.0;         // on the anchor
  double next = 0.0;         // on the column after it (never looked at in decoder self-attention)
  double first = 0.0;        // on the first column: the first unit; <s> in decoder self-attention
  double end = 0.0;          // on </s>; 0 in decoder self-attention, which has none
  double punctuation = 0.0;  // on units that are nothing but punctuation
  double entropy = 0.0;      // of a row, in nats; exp of it is the number of units looked at
  double distance = 0.0;     // |column - anchor| in units; in cross-attention from the diagonal
  double hits = 0.0;         // share of rows whose strongest column is the anchor
};

/// The largest of previous, same, next, first, end and punctuation, by these names.
struct RoleShare {
  std::string_view name;
  double share = 0.0;
};
RoleShare strongest_role(const HeadRole& role);

/// Sums up records; cheap enough for whole corpora.
class HeadRoleMeter {
 public:
  /// Looks at `matrices`. A sentence of no units counts for nothing.
  void add(const AttentionRecord& record);

  std::size_t sentences() const { return sentences_; }
  /// One a head seen, by kind, layer and head.
  std::vector<HeadRole> roles() const;

 private:
  struct Sums {
    HeadRole sum;
    double rows = 0;           // all
    double anchored_rows = 0;  // with an anchor
    double previous_rows = 0;  // with a column before the anchor
    double next_rows = 0;
  };

  /// `linked`: the source units of each target unit; `is_mark`: which columns are punctuation.
  void add_matrix(const AttentionMatrix& matrix, const std::vector<std::set<int>>& linked,
                  const std::vector<bool>& is_mark);

  std::size_t sentences_ = 0;
  std::map<std::tuple<AttentionKind, int, int>, Sums> sums_;
};

/// A list of {kind, layer, head, role, share, previous, ...}: `strongest_role` and the means.
nlohmann::ordered_json head_roles_to_json(const std::vector<HeadRole>& roles);

}  // namespace heed
