#include <optional>

#include "model/autograd_calls.h"
#include "model/reference_functions.h"

namespace heed {
namespace {

/// What the kernel works on, forward and backward.
struct AttentionCall {
  at::Tensor queries, keys_values, q_offsets, k_offsets;
  std::int64_t num_heads;
  std::int64_t longest_keys;
  bool is_causal;
  at::Tensor rotations, positions;  // undefined without
  DropoutMask mask;

  bool is_self() const { return !keys_values.defined(); }
  std::int64_t d_model() const { return queries.size(1) / (is_self() ? 3 : 1); }

  /// Keys begin in column `first` of this tensor, values d_model after them.
  const at::Tensor& key_tensor() const { return is_self() ? queries : keys_values; }
  std::int64_t first_key_column() const { return is_self() ? d_model() : 0; }

  /// Turns the queries and keys of `rows`, or their gradients back; queries of a self-attention.
  void rotate(const at::Tensor& rows, bool is_back) const {
    if (!rotations.defined()) return;
    RotaryArguments rotation;
    rotation.rows = rows.size(0);
    rotation.stride = rows.size(1);
    rotation.columns = 2 * d_model();
    rotation.head_dim = rotations.size(1);
    rotation.angles = read<float>(rotations);
    rotation.position = read<std::int32_t>(positions);
    rotation.is_back = is_back;
    with_type(rows, [&]<typename T>(T) { kernels<T>().rotate(rotation, write<T>(rows)); });
  }

  template <typename T>
  AttentionArguments<T> arguments() const {
    AttentionArguments<T> arguments;
    arguments.batch = q_offsets.numel() - 1;
    arguments.heads = num_heads;
    arguments.head_dim = d_model() / num_heads;
    arguments.causal = is_causal;
    arguments.q_offsets = q_offsets.const_data_ptr<std::int32_t>();
    arguments.k_offsets = k_offsets.const_data_ptr<std::int32_t>();
    arguments.q = read<T>(queries);
    arguments.k = read<T>(key_tensor()) + first_key_column();
    arguments.v = arguments.k + d_model();
    arguments.q_stride = queries.size(1);
    arguments.kv_stride = key_tensor().size(1);
    arguments.dropout = mask;
    const std::int64_t room = kernels<T>().attention_workspace(longest_keys, arguments.head_dim);
    arguments.workspace = reinterpret_cast<float*>(scratch(Scratch::kAttention, room));
    return arguments;
  }
};

class AttentionFunction : public torch::autograd::Function<AttentionFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& queries,
                            const std::optional<at::Tensor>& keys_values,
                            const AttentionInput& input, const Dropout& dropout) {
    const bool is_rotary = input.rotations.defined();
    const AttentionCall call{
        is_rotary ? queries.clone(at::MemoryFormat::Contiguous) : queries.contiguous(),
        keys_values.has_value() ? keys_values->contiguous() : at::Tensor(),
        input.q_packing.offsets(),
        input.k_packing.offsets(),
        input.num_heads,
        input.k_packing.longest(),
        input.is_causal,
        input.rotations,
        is_rotary ? input.q_packing.positions() : at::Tensor(),
        make_mask(dropout)};
    call.rotate(call.queries, /*is_back=*/false);
    at::Tensor out = at::empty({queries.size(0), call.d_model()}, queries.options());
    const at::Tensor log_sums = at::empty({queries.size(0), call.num_heads}, at::kFloat);
    with_type(queries, [&]<typename T>(T) {
      auto arguments = call.arguments<T>();
      arguments.out = write<T>(out);
      arguments.log_sums = write<float>(log_sums);
      kernels<T>().attention_forward(arguments);
    });
    if (context == nullptr) return out;
    context->save_for_backward({call.queries, call.keys_values, call.q_offsets, call.k_offsets, out,
                                log_sums, call.rotations, call.positions});
    auto& data = context->saved_data;
    data["num_heads"] = call.num_heads;
    data["longest_keys"] = call.longest_keys;
    data["is_causal"] = call.is_causal;
    save_dropout(context, dropout);
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const variable_list saved = context->get_saved_variables();
    auto& data = context->saved_data;
    const AttentionCall call{saved[0],
                             saved[1],
                             saved[2],
                             saved[3],
                             data["num_heads"].toInt(),
                             data["longest_keys"].toInt(),
                             data["is_causal"].toBool(),
                             saved[6],
                             saved[7],
                             saved_mask(context)};
    const at::Tensor out_grad = grads[0].contiguous();
    const at::Tensor query_grad = at::empty_like(call.queries);
    const at::Tensor key_grad = call.is_self() ? at::Tensor() : at::empty_like(call.keys_values);
    with_type(call.queries, [&]<typename T>(T) {
      auto arguments = call.arguments<T>();
      arguments.out = write<T>(saved[4]);
      arguments.log_sums = write<float>(saved[5]);
      arguments.out_grad = read<T>(out_grad);
      arguments.q_grad = write<T>(query_grad);
      arguments.k_grad = write<T>(call.is_self() ? query_grad : key_grad) + call.first_key_column();
      arguments.v_grad = arguments.k_grad + call.d_model();
      kernels<T>().attention_backward(arguments);
    });
    call.rotate(query_grad, /*is_back=*/true);
    return {query_grad, key_grad, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor attend(const AttentionInput& input, const Dropout& dropout) {
  if (!input.queries.is_cpu()) return reference::attend(input, dropout);
  const auto keys_values = input.is_self() ? std::nullopt : std::optional(input.keys_values);
  return call<AttentionFunction>(input.queries, keys_values, input, dropout);
}

at::Tensor attention_weights(const AttentionInput& input) {
  return reference::attention_weights(input);
}

}  // namespace heed
