#include "model/kernels/attention_parts.h"

namespace heed::isa::HEED_ISA {
namespace {

HEED_INLINE std::int64_t visible_keys(bool causal, std::int64_t query, std::int64_t keys) {
  return causal ? min_of(query + 1, keys) : keys;
}

/// The mask of the weights of query row `row` under head `head`.
HEED_INLINE std::uint32_t weight_key(const DropoutMask& mask, std::int64_t row, std::int64_t head) {
  return row_key(mask, (row << 8) + head);
}

template <typename T>
struct Head {
  const AttentionArguments<T>& args;
  std::int64_t head;
  std::int64_t q_begin, q_count;
  std::int64_t k_begin, k_count;
  float scale;
  Room room;

  const T* q(std::int64_t query) const {
    return args.q + (q_begin + query) * args.q_stride + head * args.head_dim;
  }
  const T* k() const { return args.k + k_begin * args.kv_stride + head * args.head_dim; }
  const T* v() const { return args.v + k_begin * args.kv_stride + head * args.head_dim; }
  std::int64_t out_stride() const { return args.heads * args.head_dim; }
  std::int64_t out_offset(std::int64_t query) const {
    return (q_begin + query) * out_stride() + head * args.head_dim;
  }
  float& log_sum(std::int64_t query) const {
    return args.log_sums[(q_begin + query) * args.heads + head];
  }
  std::uint32_t mask_key(std::int64_t query) const {
    return weight_key(args.dropout, q_begin + query, head);
  }
};

template <typename T>
void forward_block(const Head<T>& head, std::int64_t begin, std::int64_t count) {
  const AttentionArguments<T>& args = head.args;
  const Room& room = head.room;
  all_dot_products(head.q(begin), args.q_stride, count, args.head_dim, room.k_t, room.keys,
                   head.scale, room.scores);
  for (std::int64_t r = 0; r < count; ++r) {
    float* row = room.scores + r * room.keys;
    head.log_sum(begin + r) =
        softmax(row, room.keys, visible_keys(args.causal, begin + r, head.k_count));
    if (args.dropout.drop_below == 0) continue;
    const std::uint32_t key = head.mask_key(begin + r);
    for (std::int64_t j = 0; j < room.keys; j += kLanes)
      store(row + j, load(row + j) * mask_factors(args.dropout, key, j));
  }
  const std::int64_t seen = visible_keys(args.causal, begin + count - 1, head.k_count);
  all_weighted_sums<false>({room.scores, room.keys, 1}, count, seen, room.v, room.width, room.q);
  store_rows(room.q, room.width, count, args.head_dim, args.out + head.out_offset(begin),
             head.out_stride());
}

template <typename T>
void forward_head(const Head<T>& head) {
  const AttentionArguments<T>& args = head.args;
  const Room& room = head.room;
  transpose_rows(head.k(), args.kv_stride, head.k_count, args.head_dim, room.k_t, room.keys);
  copy_rows(head.v(), args.kv_stride, head.k_count, args.head_dim, room.v, room.width);
  for (std::int64_t begin = 0; begin < head.q_count; begin += kQueryBlock)
    forward_block(head, begin, min_of(kQueryBlock, head.q_count - begin));
}

/// From scores and products out_grad . v of one query: its weights times their mask, and the
/// gradient of its scores, weight * (product * mask - their mean under the weights).
template <typename T>
HEED_INLINE void backward_row(const Head<T>& head, std::int64_t query, float mean, float* scores,
                              float* grads) {
  const AttentionArguments<T>& args = head.args;
  const std::int64_t visible = visible_keys(args.causal, query, head.k_count);
  const float log_sum = head.log_sum(query);
  const std::uint32_t key = head.mask_key(query);
  for (std::int64_t j = 0; j < head.room.keys; j += kLanes) {
    const Floats seen = hide(broadcast(1.0F), j, visible);
    const Floats weight = seen > 0.0F ? exponential(load(scores + j) - log_sum) : Floats{};
    const Floats mask = mask_factors(args.dropout, key, j);
    const Floats grad = weight * (load(grads + j) * mask - mean);
    store(scores + j, weight * mask);
    store(grads + j, grad * head.scale);
  }
}

template <typename T>
void backward_block(const Head<T>& head, std::int64_t begin, std::int64_t count) {
  const AttentionArguments<T>& args = head.args;
  const Room& room = head.room;
  const T* out_grad = args.out_grad + head.out_offset(begin);
  const T* out = args.out + head.out_offset(begin);
  all_dot_products(head.q(begin), args.q_stride, count, args.head_dim, room.k_t, room.keys,
                   head.scale, room.scores);
  all_dot_products(out_grad, head.out_stride(), count, args.head_dim, room.v_t, room.keys, 1.0F,
                   room.score_grads);
  copy_rows(head.q(begin), args.q_stride, count, args.head_dim, room.q, room.width);
  copy_rows(out_grad, head.out_stride(), count, args.head_dim, room.out_grad, room.width);
  for (std::int64_t r = 0; r < count; ++r) {
    Floats products{};
    for (std::int64_t d = 0; d < args.head_dim; d += kLanes)
      products += load(room.out_grad + r * room.width + d) *
                  load_part(out + r * head.out_stride() + d, args.head_dim - d);
    backward_row(head, begin + r, sum(products), room.scores + r * room.keys,
                 room.score_grads + r * room.keys);
  }
  const std::int64_t seen = visible_keys(args.causal, begin + count - 1, head.k_count);
  all_weighted_sums<true>({room.scores, 1, room.keys}, seen, count, room.out_grad, room.width,
                          room.v_grad);
  all_weighted_sums<true>({room.score_grads, 1, room.keys}, seen, count, room.q, room.width,
                          room.k_grad);
  all_weighted_sums<false>({room.score_grads, room.keys, 1}, count, seen, room.k, room.width,
                           room.q);
  store_rows(room.q, room.width, count, args.head_dim, args.q_grad + (head.q(begin) - args.q),
             args.q_stride);
}

template <typename T>
void backward_head(const Head<T>& head) {
  const AttentionArguments<T>& args = head.args;
  const Room& room = head.room;
  transpose_rows(head.k(), args.kv_stride, head.k_count, args.head_dim, room.k_t, room.keys);
  transpose_rows(head.v(), args.kv_stride, head.k_count, args.head_dim, room.v_t, room.keys);
  copy_rows(head.k(), args.kv_stride, head.k_count, args.head_dim, room.k, room.width);
  __builtin_memset(room.k_grad, 0,
                   static_cast<std::size_t>(room.keys * room.width) * sizeof(float));
  __builtin_memset(room.v_grad, 0,
                   static_cast<std::size_t>(room.keys * room.width) * sizeof(float));
  for (std::int64_t begin = 0; begin < head.q_count; begin += kQueryBlock)
    backward_block(head, begin, min_of(kQueryBlock, head.q_count - begin));
  store_rows(room.k_grad, room.width, head.k_count, args.head_dim,
             args.k_grad + (head.k() - args.k), args.kv_stride);
  store_rows(room.v_grad, room.width, head.k_count, args.head_dim,
             args.v_grad + (head.v() - args.v), args.kv_stride);
}

template <typename T, typename Body>
HEED_INLINE void for_each_head(const AttentionArguments<T>& args, const Body& body) {
  const float scale = 1.0F / __builtin_sqrtf(static_cast<float>(args.head_dim));
  for (std::int64_t s = 0; s < args.batch; ++s) {
    const std::int64_t q_begin = args.q_offsets[s];
    const std::int64_t k_begin = args.k_offsets[s];
    const std::int64_t q_count = args.q_offsets[s + 1] - q_begin;
    const std::int64_t k_count = args.k_offsets[s + 1] - k_begin;
    const Room room = divide(args.workspace, padded(k_count), padded(args.head_dim));
    for (std::int64_t h = 0; h < args.heads; ++h)
      body(Head<T>{args, h, q_begin, q_count, k_begin, k_count, scale, room});
  }
}

template <typename T>
void attention_forward(const AttentionArguments<T>& args) {
  for_each_head(args, [](const Head<T>& head) { forward_head(head); });
}

template <typename T>
void attention_backward(const AttentionArguments<T>& args) {
  for_each_head(args, [](const Head<T>& head) { backward_head(head); });
}

std::int64_t attention_workspace(std::int64_t longest_keys, std::int64_t head_dim) {
  return room_size(padded(longest_keys), padded(head_dim));
}

}  // namespace

template <typename T>
void add_attention_kernels(Kernels<T>& table) {
  table.attention_workspace = attention_workspace;
  table.attention_forward = attention_forward<T>;
  table.attention_backward = attention_backward<T>;
}

template void add_attention_kernels(Kernels<float>&);
template void add_attention_kernels(Kernels<BFloat16>&);

}  // namespace heed::isa::HEED_ISA
