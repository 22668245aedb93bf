#include "model/embedding.h"

#include <algorithm>
#include <cmath>

#include "model/aten_ops.h"
#include "model/position_tables.h"

namespace heed {
namespace {

constexpr std::int64_t kPrecomputed = 512;

}  // namespace

Embedding::Embedding(const TransformerConfig& config, std::int64_t vocab_size)
    : vocab_size_(vocab_size),
      d_model_(config.d_model),
      max_positions_(config.max_positions),
      encoding_(config.positions),
      dropout_(config.embedding_dropout) {
  if (encoding_ == PositionEncoding::kSinusoidal)
    fixed_ = sinusoidal_positions(0, kPrecomputed, d_model_);
  if (encoding_ == PositionEncoding::kRotary) fixed_ = at::zeros({1, d_model_});
}

void Embedding::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor,
                                 bool declares_weight) {
  if (declares_weight)
    visitor(prefix + ".weight", weight, {vocab_size_, d_model_}, Initializer::kEmbedding);
  if (encoding_ == PositionEncoding::kLearned)
    visitor(prefix + ".positions", positions, {max_positions_, d_model_}, Initializer::kPositions);
}

at::Tensor Embedding::position_rows(std::int64_t len) const {
  if (encoding_ == PositionEncoding::kLearned) return positions;
  const bool is_enough = encoding_ == PositionEncoding::kRotary || len <= kPrecomputed;
  return is_enough ? fixed_ : sinusoidal_positions(0, len, d_model_);
}

at::Tensor Embedding::forward(const PackedIds& ids, const ForwardContext& context) const {
  const at::Tensor rows = copy_to(position_rows(ids.packing.longest()), weight.device());
  return embed(weight, rows, ids, context.drop(dropout_));
}

at::Tensor Embedding::tokens(const at::Tensor& ids) const {
  return at::embedding(weight, ids) * std::sqrt(static_cast<double>(d_model_));
}

at::Tensor Embedding::step(const at::Tensor& ids, std::int64_t position) const {
  const bool is_computed = encoding_ == PositionEncoding::kSinusoidal && position >= kPrecomputed;
  const at::Tensor rows =
      is_computed ? sinusoidal_positions(position, 1, d_model_) : position_rows(position);
  const at::Tensor row = rows.narrow(0, std::min(position, rows.size(0) - 1), 1);
  return tokens(ids) + row.to(weight.device());
}

}  // namespace heed
