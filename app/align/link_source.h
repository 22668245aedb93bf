#pragma once

#include <optional>
#include <string>

#include "app/align/aligner.h"
#include "app/align/symmetrization.h"

namespace heed {

/// Where an aligner's links come from, in words: "alignment head", "attention, mean of all heads of
/// all layers", "attention, head 0 of layer 1". `options` name a source and every layer and head,
/// as the aligner has made them do.
std::string describe_link_source(const AlignerOptions& options, const TransformerConfig& config);

/// `source` with the name of what made one of two directions, where there is such: "statistics,
/// grow-diag".
std::string with_symmetrization(const std::string& source,
                                const std::optional<Symmetrization>& symmetrization);

}  // namespace heed
