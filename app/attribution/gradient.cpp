#include "app/attribution/gradient.h"

#include <torch/csrc/autograd/autograd.h>

#include "app/packed_pairs.h"
#include "model/aten_ops.h"
#include "model/loss.h"

namespace heed {
namespace {

/// What stays the same from one target piece to the next.
struct Graph {
  PackedPairs pairs;
  at::Tensor tokens;       // packed [src_rows, d_model]
  at::Tensor embedded;     // the same with positions; what gradients are taken by
  at::Tensor hidden;       // packed [tgt_rows, d_model]
  at::Tensor hidden_grad;  // of each row's own log-probability, negated
};

Graph build_graph(const Transformer& transformer, at::Device device,
                  std::span<const AttributionInput> inputs, const Batch& batch) {
  std::vector<std::span<const TokenId>> src;
  std::vector<std::span<const TokenId>> tgt;
  for (const std::uint32_t index : batch) {
    src.emplace_back(inputs[index].src);
    tgt.emplace_back(inputs[index].tgt);
  }
  Graph graph{pack_pairs(src, tgt, inputs[batch.front()].direction), {}, {}, {}, {}};
  const PackedIds ids = graph.pairs.src.to(device);
  graph.embedded = transformer.embed_source(ids, {}).detach().requires_grad_(true);
  graph.tokens = transformer.source_tokens(ids.ids);
  const Memory memory = transformer.encode_embedded(graph.embedded, ids.packing, {});
  graph.hidden = transformer.decode(graph.pairs.tgt_in.to(device), memory, {});
  graph.hidden_grad =
      projected_loss(graph.hidden, transformer.output_weight(),
                     copy_to(graph.pairs.tgt_out.ids, device), 0.0, transformer.output_bias())
          .hidden_grad;
  return graph;
}

/// The scores of all source pieces, packed [src_rows], for each sentence's target piece at `place`.
at::Tensor scores_of_place(const Graph& graph, std::int64_t place) {
  const at::Tensor is_place =
      copy_to(graph.pairs.tgt_out.packing.positions() == place, graph.hidden_grad.device());
  // A row of the decoder's output decides on its own piece alone, and sentences know nothing of
  // each other: one backward pass gives a piece of every sentence its own gradient.
  const at::Tensor gradient = torch::autograd::grad({graph.hidden}, {graph.embedded},
                                                    {graph.hidden_grad * is_place.unsqueeze(1)},
                                                    /*retain_graph=*/true)[0];
  return (gradient * graph.tokens).abs().sum(1).to(at::kCPU);
}

void attribute_batch(const Transformer& transformer, at::Device device,
                     std::span<const AttributionInput> inputs, const Batch& batch,
                     std::vector<AttributionMatrix>& results) {
  const at::AutoGradMode with_gradients(true);
  const Graph graph = build_graph(transformer, device, inputs, batch);
  const Packing& src = graph.pairs.src.packing;
  const Packing& tgt = graph.pairs.tgt_out.packing;
  std::vector<std::vector<float>> piece_scores(batch.size());
  for (std::int64_t place = 0; place < tgt.longest(); ++place) {
    const at::Tensor scores = scores_of_place(graph, place);
    const float* values = scores.const_data_ptr<float>();
    for (std::size_t s = 0; s < batch.size(); ++s) {
      const auto sentence = static_cast<std::int64_t>(s);
      if (place >= tgt.length(sentence)) continue;
      piece_scores[s].insert(piece_scores[s].end(), values + src.begin(sentence),
                             values + src.begin(sentence + 1));
    }
  }
  for (std::size_t s = 0; s < batch.size(); ++s) {
    const AttributionInput& input = inputs[batch[s]];
    results[batch[s]] = {AttributionMethod::kGradient, input.tgt_units.unit_count,
                         input.src_units.unit_count,
                         sum_to_units(piece_scores[s], input.tgt_units, input.src_units)};
  }
}

}  // namespace

std::vector<AttributionMatrix> attribute_by_gradient(const Transformer& transformer,
                                                     at::Device device,
                                                     std::span<const AttributionInput> inputs,
                                                     std::size_t max_tokens, WorkerPool& pool,
                                                     const StepReport& report) {
  std::vector<PairLength> lengths;
  for (const AttributionInput& input : inputs) lengths.push_back(input.length());
  std::vector<AttributionMatrix> matrices(inputs.size());
  run_batches(lengths, max_tokens, pool, report, [&](const Batch& batch) {
    attribute_batch(transformer, device, inputs, batch, matrices);
  });
  return matrices;
}

}  // namespace heed
