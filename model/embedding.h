#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "model/forward_context.h"
#include "model/parameters.h"
#include "model/transformer_config.h"

namespace heed {

/// Token ids to vectors: embedding scaled by sqrt(d_model), plus the position's vector, which with
/// rotary positions is zero.
struct Embedding {
  Embedding(const TransformerConfig& config, std::int64_t vocab_size);

  /// `declares_weight` is false when the matrix belongs to another module (tying).
  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor,
                        bool declares_weight);

  /// ids packed [rows]; returns [rows, d_model]. Learned positions beyond the last are the last.
  at::Tensor forward(const PackedIds& ids, const ForwardContext& context) const;
  /// The tokens' part of it, without positions: ids [rows] -> [rows, d_model].
  at::Tensor tokens(const at::Tensor& ids) const;
  /// One token for each row at the given position: ids [rows] -> [rows, d_model].
  at::Tensor step(const at::Tensor& ids, std::int64_t position) const;

  at::Tensor weight;     // [vocab_size, d_model]
  at::Tensor positions;  // [max_positions, d_model]; undefined unless learned

 private:
  /// Vectors of the positions from 0, [any, d_model]: `len` of them at least, if there are. Those
  /// beyond the last are as the last.
  at::Tensor position_rows(std::int64_t len) const;

  std::int64_t vocab_size_;
  std::int64_t d_model_;
  std::int64_t max_positions_;
  PositionEncoding encoding_;
  double dropout_;
  at::Tensor fixed_;  // kPrecomputed rows of sinusoids; with rotary positions a row of zeros
};

}  // namespace heed
