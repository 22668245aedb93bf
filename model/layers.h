#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <string>

#include "model/forward_context.h"
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

/// The connection around each sublayer: x + dropout(sublayer(norm(x))) with the norm ahead (pre,
/// Xiong et al. 2020), or norm(x + dropout(sublayer(x))) as first published (post).
struct Residual {
  Residual(const TransformerConfig& config);

  void visit_parameters(const std::string& prefix, const ParameterVisitor& visitor);

  template <typename Sublayer>
  at::Tensor forward(const at::Tensor& x, const ForwardContext& context, Sublayer sublayer) const {
    if (position_ == NormPosition::kPre)
      return x + context.drop(sublayer(norm.forward(x)), dropout_);
    return norm.forward(x + context.drop(sublayer(x), dropout_));
  }

  LayerNorm norm;

 private:
  NormPosition position_;
  double dropout_;
};

}  // namespace heed
