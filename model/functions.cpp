#include "model/functions.h"

#include <cmath>
#include <optional>

#include "model/autograd_calls.h"
#include "model/reference_functions.h"

namespace heed {
namespace {

constexpr std::int64_t kPackingPays = 512;  // rows

std::int64_t row_count(const at::Tensor& x) {
  return x.size(-1) == 0 ? 0 : x.numel() / x.size(-1);
}

class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias) {
    const at::Tensor in = x.contiguous();
    if (context != nullptr) context->save_for_backward({in, weight, bias});
    std::vector<std::int64_t> shape = in.sizes().vec();
    shape.back() = weight.size(0);
    at::Tensor out = at::empty(shape, in.options());
    with_type(in, [&]<typename T>(T) {
      kernels<T>().multiply(read<T>(in), row_count(in), in.size(-1), pack_transposed<T>(weight),
                            read<float>(bias), write<T>(out), weight.size(0));
    });
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& in = saved[0];
    const at::Tensor& weight = saved[1];
    const at::Tensor grad = grads[0].contiguous();
    at::Tensor in_grad = at::empty_like(in);
    with_type(in, [&]<typename T>(T) {
      const std::int64_t rows = row_count(in);
      const std::int64_t out_features = weight.size(0);
      const std::int64_t in_features = weight.size(1);
      kernels<T>().multiply(read<T>(grad), rows, out_features, pack<T>(weight), nullptr,
                            write<T>(in_grad), in_features);
      if (!weight.requires_grad()) return;
      add_product(read<T>(grad), out_features, out_features, read<T>(in), in_features, rows,
                  grad_of(weight));
      kernels<T>().add_column_sums(read<T>(grad), rows, out_features, grad_of(saved[2]));
    });
    return {in_grad, at::Tensor(), at::Tensor()};
  }
};

class ActivationFunction : public torch::autograd::Function<ActivationFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, Activation activation,
                            const Dropout& dropout) {
    const at::Tensor in = x.contiguous();
    at::Tensor out = at::empty_like(in);
    with_type(in, [&]<typename T>(T) {
      kernels<T>().activate(activation, read<T>(in), row_count(in), in.size(-1), make_mask(dropout),
                            write<T>(out));
    });
    if (context == nullptr) return out;
    save_dropout(context, dropout);
    context->saved_data["activation"] = static_cast<std::int64_t>(activation);
    context->save_for_backward({activation == Activation::kRelu ? out : in});
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const at::Tensor saved = context->get_saved_variables()[0];
    const auto activation = static_cast<Activation>(context->saved_data["activation"].toInt());
    const at::Tensor grad = grads[0].contiguous();
    at::Tensor in_grad = at::empty_like(saved);
    with_type(saved, [&]<typename T>(T) {
      kernels<T>().activate_backward(activation, read<T>(saved), read<T>(grad), row_count(saved),
                                     saved.size(-1), saved_mask(context), write<T>(in_grad));
    });
    return {in_grad, at::Tensor(), at::Tensor()};
  }
};

/// x, y -> x + dropout(y) and its norm; without y only the norm of x.
class NormFunction : public torch::autograd::Function<NormFunction> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& x,
                               const std::optional<at::Tensor>& y, const at::Tensor& weight,
                               const at::Tensor& bias, const Dropout& dropout) {
    const at::Tensor in = x.contiguous();
    const at::Tensor addend = y.has_value() ? y->contiguous() : at::Tensor();
    const at::Tensor sum = y.has_value() ? at::empty_like(in) : in;
    const at::Tensor normed = at::empty_like(in);
    const at::Tensor statistics = at::empty({row_count(in), 2}, at::kFloat);
    with_type(in, [&]<typename T>(T) {
      auto arguments = common_arguments<T>(sum, weight, statistics, make_mask(dropout));
      arguments.x = read<T>(in);
      arguments.y = read<T>(addend);
      arguments.bias = read<float>(bias);
      arguments.normed = write<T>(normed);
      kernels<T>().residual_norm_forward(arguments);
    });
    if (context != nullptr) {
      save_dropout(context, dropout);
      context->saved_data["has_sum"] = y.has_value();
      context->set_materialize_grads(false);
      context->save_for_backward({sum, weight, bias, statistics});
    }
    if (!y.has_value()) return {normed};
    return {sum, normed};
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const variable_list saved = context->get_saved_variables();
    const bool has_sum = context->saved_data["has_sum"].toBool();
    const DropoutMask mask = saved_mask(context);
    const at::Tensor& sum = saved[0];
    const at::Tensor normed_grad =
        grads.back().defined() ? grads.back().contiguous() : at::zeros_like(sum);
    const at::Tensor sum_grad =
        has_sum && grads[0].defined() ? grads[0].contiguous() : at::Tensor();
    const at::Tensor x_grad = at::empty_like(sum);
    at::Tensor y_grad;
    if (has_sum) y_grad = mask.drop_below == 0 ? x_grad : at::empty_like(sum);
    with_type(sum, [&]<typename T>(T) {
      auto arguments = common_arguments<T>(sum, saved[1], saved[3], mask);
      arguments.normed_grad = read<T>(normed_grad);
      arguments.sum_grad = read<T>(sum_grad);
      arguments.x_grad = write<T>(x_grad);
      arguments.y_grad = mask.drop_below == 0 ? nullptr : write<T>(y_grad);
      arguments.weight_grad = grad_of(saved[1]);
      arguments.bias_grad = grad_of(saved[2]);
      kernels<T>().residual_norm_backward(arguments);
    });
    return {x_grad, y_grad, at::Tensor(), at::Tensor(), at::Tensor()};
  }

 private:
  template <typename T>
  static ResidualNormArguments<T> common_arguments(const at::Tensor& sum, const at::Tensor& weight,
                                                   const at::Tensor& statistics,
                                                   const DropoutMask& mask) {
    ResidualNormArguments<T> arguments;
    arguments.rows = row_count(sum);
    arguments.size = sum.size(-1);
    arguments.dropout = mask;
    arguments.weight = read<float>(weight);
    arguments.sum = write<T>(sum);
    arguments.statistics = write<float>(statistics);
    return arguments;
  }
};

class EmbedFunction : public torch::autograd::Function<EmbedFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& table,
                            const at::Tensor& positions, const at::Tensor& ids,
                            const at::Tensor& places, const Dropout& dropout) {
    at::Tensor out = at::empty({ids.size(0), table.size(1)}, table.options().requires_grad(false));
    with_type(table, [&]<typename T>(T) {
      kernels<T>().embed(read<T>(table), read<std::int64_t>(ids), read<std::int32_t>(places),
                         read<float>(positions), ids.size(0), table.size(1), scale_of(table),
                         make_mask(dropout), write<T>(out));
    });
    if (context == nullptr) return out;
    save_dropout(context, dropout);
    context->save_for_backward({table, positions, ids, places});
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& table = saved[0];
    const at::Tensor& positions = saved[1];
    const at::Tensor grad = grads[0].contiguous();
    with_type(table, [&]<typename T>(T) {
      kernels<T>().embed_backward(
          read<T>(grad), read<std::int64_t>(saved[2]), read<std::int32_t>(saved[3]), grad.size(0),
          grad.size(1), scale_of(table), saved_mask(context), grad_of(table), grad_of(positions));
    });
    return variable_list(5);
  }

 private:
  static float scale_of(const at::Tensor& table) {
    return std::sqrt(static_cast<float>(table.size(1)));
  }
};

}  // namespace

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  // Packing the weight pays for the many rows of given sentences, not for the few of a decoding
  // step.
  const bool is_step = !at::GradMode::is_enabled() && row_count(x) < kPackingPays;
  if (!x.is_cpu() || is_step) return reference::linear(x, weight, bias);
  return call<LinearFunction>(x, weight, bias);
}

at::Tensor activate(const at::Tensor& x, Activation activation, const Dropout& dropout) {
  return x.is_cpu() ? call<ActivationFunction>(x, activation, dropout)
                    : reference::activate(x, activation, dropout);
}

at::Tensor layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  if (!x.is_cpu()) return reference::layer_norm(x, weight, bias);
  return call<NormFunction>(x, std::optional<at::Tensor>(), weight, bias, Dropout{})[0];
}

SumAndNorm add_and_norm(const at::Tensor& x, const at::Tensor& y, const Dropout& dropout,
                        const at::Tensor& weight, const at::Tensor& bias) {
  if (!x.is_cpu()) return reference::add_and_norm(x, y, dropout, weight, bias);
  const variable_list results = call<NormFunction>(x, std::optional(y), weight, bias, dropout);
  return {results[0], results[1]};
}

at::Tensor embed(const at::Tensor& table, const at::Tensor& positions, const PackedIds& ids,
                 const Dropout& dropout) {
  if (!table.is_cpu()) return reference::embed(table, positions, ids, dropout);
  at::Tensor places = ids.packing.positions();
  if (ids.packing.longest() > positions.size(0)) places = places.clamp_max(positions.size(0) - 1);
  return call<EmbedFunction>(table, positions, ids.ids, places, dropout);
}

}  // namespace heed
