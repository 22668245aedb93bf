#include "model/embedding.h"

#include <cmath>

#include "model/aten_ops.h"

namespace heed {
namespace {

constexpr std::int64_t kPrecomputed = 512;

}  // namespace

at::Tensor sinusoidal_positions(std::int64_t start, std::int64_t len, std::int64_t d_model) {
  at::Tensor table = at::empty({len, d_model}, at::kFloat);
  auto rows = table.accessor<float, 2>();
  for (std::int64_t row = 0; row < len; ++row) {
    for (std::int64_t pair = 0; pair < d_model / 2; ++pair) {
      const double exponent = 2.0 * static_cast<double>(pair) / static_cast<double>(d_model);
      const double angle = static_cast<double>(start + row) / std::pow(10000.0, exponent);
      rows[row][2 * pair] = static_cast<float>(std::sin(angle));
      rows[row][2 * pair + 1] = static_cast<float>(std::cos(angle));
    }
  }
  return table;
}

Embedding::Embedding(const TransformerConfig& config, std::int64_t vocab_size)
    : vocab_size_(vocab_size),
      d_model_(config.d_model),
      max_positions_(config.max_positions),
      encoding_(config.positions),
      dropout_(config.embedding_dropout) {
  if (encoding_ == PositionEncoding::kSinusoidal)
    sinusoids_ = sinusoidal_positions(0, kPrecomputed, d_model_);
}

void Embedding::visit_parameters(const std::string& prefix, const ParameterVisitor& visitor,
                                 bool declares_weight) {
  if (declares_weight)
    visitor(prefix + ".weight", weight, {vocab_size_, d_model_}, Initializer::kEmbedding);
  if (encoding_ == PositionEncoding::kLearned)
    visitor(prefix + ".positions", positions, {max_positions_, d_model_}, Initializer::kEmbedding);
}

at::Tensor Embedding::position_rows(std::int64_t start, std::int64_t len) const {
  if (encoding_ == PositionEncoding::kLearned) {
    const at::Tensor indices = at::arange(start, start + len, positions.options().dtype(at::kLong));
    return positions.index_select(0, indices.clamp_max(max_positions_ - 1));
  }
  if (start + len <= kPrecomputed) return sinusoids_.narrow(0, start, len);
  return sinusoidal_positions(start, len, d_model_);
}

at::Tensor Embedding::forward(const at::Tensor& ids, std::int64_t start,
                              const ForwardContext& context) const {
  const at::Tensor tokens = at::embedding(weight, ids) * std::sqrt(static_cast<double>(d_model_));
  const at::Tensor rows = position_rows(start, ids.size(1)).to(tokens.device());
  return context.drop(tokens + rows, dropout_);
}

}  // namespace heed
