#pragma once

#include <span>
#include <vector>

#include "app/attribution/attribution_input.h"
#include "app/worker_pool.h"
#include "model/transformer.h"

namespace heed {

/// Attribution by leaving out (representation erasure: Li, Monroe & Jurafsky, "Understanding Neural
/// Networks through Representation Erasure", 2016, of whole input words): the score of source unit
/// s for target unit t is
///   log p(t | target before t, source) - log p(t | target before t, source without s)
/// in nats, the sum over the pieces of t. Above 0: the unit spoke for the output; below: against.
///
/// Left out means that the pieces of s are gone and the others move up, as if the word had not been
/// written; nothing stands in its place, since a placeholder is a word too, and one that training
/// never showed. The other pieces stay as they were: the text is not split anew. A piece that
/// belongs to several units goes with each of them; a unit without pieces scores 0. Without its
/// only unit a source is the end of the sentence alone.
///
/// Costs one forced decoding for each source unit and one more, of all inputs together in batches
/// of `max_tokens` (see BatchOptions); one matrix an input, in order.
std::vector<AttributionMatrix> occlude(const Transformer& transformer, at::Device device,
                                       std::span<const AttributionInput> inputs,
                                       std::size_t max_tokens, WorkerPool& pool,
                                       const StepReport& report = {});

}  // namespace heed
