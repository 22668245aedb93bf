#pragma once

#include <torch/csrc/autograd/custom_function.h>

#include "model/aten_ops.h"
#include "model/kernel_calls.h"

/// What the functions with gradients of their own share.
namespace heed {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Without gradients there is nothing to keep: `context` is then null, and autograd is not asked.
template <typename Function, typename... Arguments>
auto call(const Arguments&... arguments) {
  return at::GradMode::is_enabled() ? Function::apply(arguments...)
                                    : Function::forward(nullptr, arguments...);
}

inline void save_dropout(AutogradContext* context, const Dropout& dropout) {
  context->saved_data["probability"] = dropout.probability;
  context->saved_data["seed"] = static_cast<std::int64_t>(dropout.seed);
}

inline DropoutMask saved_mask(AutogradContext* context) {
  return make_mask({context->saved_data["probability"].toDouble(),
                    static_cast<std::uint64_t>(context->saved_data["seed"].toInt())});
}

}  // namespace heed
