#pragma once

#include <optional>
#include <span>
#include <string>

#include "app/align/aligner.h"
#include "app/align/symmetrization.h"

namespace heed {

/// A reading that is resolved, in words: "mean of all heads of all layers", "head 0 of layer 1, one
/// step later".
std::string describe_reading(const AttentionReading& reading, const TransformerConfig& config);

/// Where an aligner's links come from, in words: "alignment head", "attention, head 0 of layer 1",
/// "attention of both directions, head 0 of layer 1; back: head 3 of layer 1, grow-diag". `options`
/// name a source; `readings` are of one direction, or of both.
std::string describe_link_source(const AlignerOptions& options,
                                 std::span<const AttentionReading> readings,
                                 const TransformerConfig& config);

/// `source` with the name of what made one of two directions, where there is such: "statistics,
/// grow-diag".
std::string with_symmetrization(const std::string& source,
                                const std::optional<Symmetrization>& symmetrization);

}  // namespace heed
