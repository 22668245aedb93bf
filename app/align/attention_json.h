#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>

#include "app/align/attention_record.h"

namespace heed {

/// The record without its matrices: line, source, target, unit (word, piece or character),
/// source_units, target_units, target_input_units (the columns of decoder self-attention),
/// log_probability and link_source (in words), where known, links ([source, target, probability]
/// each, indices from 0), and where there is such: gold_sure and gold_possible ([source, target]
/// each); attribution_agreement, for each two methods {methods, rank_correlation (Spearman's, mean
/// over target units without </s>; null when undefined), same_strongest (for how many target units
/// both score the same source unit highest), target_units (of so many)}; pieces (source, target,
/// and the units of each piece: source_units, target_units); decoding (beam_size, 0 for a given
/// target, length_penalty, and steps: for each output piece and </s> a list of candidates {piece,
/// probability of the piece, log_probability of the hypothesis with it, rank, hypothesis it
/// extends, fate, place among those kept, output: true where it led to the output}).
nlohmann::ordered_json describe_record(const AttentionRecord& record);

/// A list of {method, scores}, row by row: the target units and </s>, by source units.
nlohmann::ordered_json attributions_to_json(const std::vector<AttributionMatrix>& attributions);

/// Writes the record as one line of JSON: what `describe_record` gives and `attention`, a list of
/// {kind, layer, head, weights}, weights row by row, layers and heads from 0, and where there are
/// some `attribution` (see `attributions_to_json`). Numbers are rounded to 1e-6. Bytes that
/// are not UTF-8 become U+FFFD; a weight that is not finite becomes null. Throws
/// std::invalid_argument when the record is inconsistent (see `check_record`).
void write_attention_json(std::ostream& out, const AttentionRecord& record);

}  // namespace heed
