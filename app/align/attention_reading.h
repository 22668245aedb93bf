#pragma once

#include <vector>

#include "model/transformer_config.h"

namespace heed {

/// At which step of the decoder a target piece's cross-attention is read.
enum class LinkStep {
  kProduce,  // where the piece is the output
  kConsume,  // one later, where it is the input (Shift-Att: Chen et al., "Accurate Word Alignment
             // Induction from Neural Machine Translation", 2020)
};

/// Which cross-attention is read: the mean over these layers and heads.
struct HeadSelection {
  std::vector<int> layers;  // from 0, negative counts from the last; empty: all
  std::vector<int> heads;   // of each layer, from 0; empty: all

  bool is_empty() const { return layers.empty() && heads.empty(); }
  bool operator==(const HeadSelection&) const = default;
};

/// How links are read from cross-attention.
struct AttentionReading {
  HeadSelection selection{};
  LinkStep step = LinkStep::kProduce;

  bool operator==(const AttentionReading&) const = default;
};

/// Makes every index explicit and not negative. Throws UsageError when the selection names a layer
/// or head that a model of `config` hasn't.
void resolve(HeadSelection& selection, const TransformerConfig& config);

}  // namespace heed
