#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <string>

#include "model/forward_context.h"
#include "model/functions.h"
#include "model/parameters.h"
#include "model/transformer_config.h"

namespace heed {

/// y = x W^T + b.
struct Linear {
  std::int64_t in_features = 0;
  std::int64_t out_features = 0;
  at::Tensor weight;  // [out_features, in_features]
  at::Tensor bias;    // [out_features]

  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor);
  at::Tensor forward(const at::Tensor& x) const;  // [..., in_features] -> [..., out_features]
};

/// Layer normalisation (Ba et al. 2016) over the last dimension.
struct LayerNorm {
  std::int64_t size = 0;
  at::Tensor weight;
  at::Tensor bias;

  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor);
  at::Tensor forward(const at::Tensor& x) const;
};

/// Position-wise feed-forward network: outer(activation(inner(x))).
struct FeedForward {
  FeedForward(const TransformerConfig& config);

  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor);
  at::Tensor forward(const at::Tensor& x, const ForwardContext& context) const;

  Linear inner;
  Linear outer;

 private:
  Activation activation_;
  double dropout_;
};

/// What flows through a stack of layers: the sum of all sublayers' outputs so far and, with the
/// norm ahead of the sublayers, the norm of it that the next one reads. [rows, d_model] each.
struct ResidualStream {
  at::Tensor sum;
  at::Tensor normed;
};

/// The connection around each sublayer: x + dropout(sublayer(norm(x))) with the norm ahead (pre,
/// Xiong et al. 2020), or norm(x + dropout(sublayer(x))) as first published (post). Adding, dropout
/// and the norm that comes next, which with pre is the next sublayer's, are one operation.
struct Residual {
  Residual(const TransformerConfig& config);

  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor);

  bool is_pre() const { return position_ == NormPosition::kPre; }
  /// The stream into the first sublayer of a stack.
  ResidualStream begin(const at::Tensor& x) const;
  /// `next` is the norm ahead of what follows; not used with post.
  template <typename Sublayer>
  ResidualStream forward(const ResidualStream& stream, const LayerNorm& next,
                         const ForwardContext& context, Sublayer sublayer) const {
    const at::Tensor y = sublayer(stream.normed);
    const LayerNorm& layer_norm = is_pre() ? next : norm;
    const SumAndNorm result =
        add_and_norm(stream.sum, y, context.drop(dropout_), layer_norm.weight, layer_norm.bias);
    return {is_pre() ? result.sum : result.normed, result.normed};
  }

  /// The stream past a layer that is left out.
  ResidualStream pass(const ResidualStream& stream, const LayerNorm& next) const {
    return is_pre() ? ResidualStream{stream.sum, next.forward(stream.sum)} : stream;
  }

  LayerNorm norm;

 private:
  NormPosition position_;
  double dropout_;
};

}  // namespace heed
