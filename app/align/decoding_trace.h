#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "app/align/attention_record.h"
#include "app/forced_decoding.h"
#include "data/tokenizer.h"
#include "model/beam_search.h"

namespace heed {

/// What the search did on its way to `output` (token ids without eos): one step a token, then one
/// for eos; later steps, that looked for something better in vain, are left out. Throws
/// std::invalid_argument when the trace does not lead to the output.
DecodingTrace describe_search(const SearchTrace& trace, std::span<const TokenId> output,
                              const SearchOptions& options, const Tokenizer& tokenizer);

/// What a model would have produced at each step of a given target.
DecodingTrace describe_forced(std::span<const StepScores> steps, std::span<const TokenId> output,
                              const Tokenizer& tokenizer);

}  // namespace heed
