#include "model/kernels/attention_parts.h"

namespace heed::isa::HEED_ISA {
namespace {

HEED_INLINE float score_scale(std::int64_t head_dim) {
  return 1.0F / __builtin_sqrtf(static_cast<float>(head_dim));
}

/// Vector v of a head's row; `Vectors` is how many fill it, 0 if they don't.
template <int Vectors, typename T>
HEED_INLINE Floats load_of_head(const T* row, std::int64_t v, std::int64_t head_dim) {
  if constexpr (Vectors > 0) return load(row + v * kLanes);
  return load_part(row + v * kLanes, head_dim - v * kLanes);
}

/// Scores of kLanes keys, those of one head, with one query.
template <int Vectors, typename T>
HEED_INLINE Floats score_keys(const float* query, const T* const* keys, std::int64_t offset,
                              std::int64_t head_dim) {
  const std::int64_t vectors = Vectors > 0 ? Vectors : ceil_div(head_dim, kLanes);
  Floats products[kLanes] = {};
  for (std::int64_t v = 0; v < vectors; ++v) {
    const Floats part = load_of_head<Vectors>(query, v, head_dim);
#pragma GCC unroll 16
    for (int j = 0; j < kLanes; ++j)
      products[j] += part * load_of_head<Vectors>(keys[j] + offset, v, head_dim);
  }
  return sums_of_lanes(products);
}

/// out (+)= the sum of rows by their weights, of one head.
template <int Vectors, typename T>
HEED_INLINE void weigh_rows(const float* weights, std::int64_t count, const T* const* rows,
                            std::int64_t offset, std::int64_t head_dim, bool add, float* out) {
  const std::int64_t vectors = Vectors > 0 ? Vectors : ceil_div(head_dim, kLanes);
  constexpr int kAtATime = Vectors > 0 ? Vectors : 1;
  for (std::int64_t v = 0; v < vectors; v += kAtATime) {
    Floats sums[kAtATime];
    for (int i = 0; i < kAtATime; ++i)
      sums[i] = add ? load_of_head<Vectors>(out, v + i, head_dim) : Floats{};
    for (std::int64_t j = 0; j < count; ++j) {
      const Floats weight = broadcast(weights[j]);
      for (int i = 0; i < kAtATime; ++i)
        sums[i] += weight * load_of_head<Vectors>(rows[j] + offset, v + i, head_dim);
    }
    for (int i = 0; i < kAtATime; ++i)
      store_part(out + (v + i) * kLanes, sums[i], head_dim - (v + i) * kLanes);
  }
}

/// The rows of up to kLanes positions, from `begin` on; the last again where there are fewer.
template <typename T>
struct PastRows {
  PastRows(const StepSelfAttention<T>& args, std::int64_t row, std::int64_t begin)
      : count(min_of(kLanes, args.positions - begin)) {
    const std::int32_t* ancestors = args.ancestors + row * args.ancestor_stride + begin;
    const std::int64_t width = 2 * args.heads * args.head_dim;
    for (std::int64_t j = 0; j < kLanes; ++j) {
      const std::int64_t position = min_of(j, count - 1);
      rows[j] = args.blocks[begin + position] + ancestors[position] * width;
    }
  }

  std::int64_t count;
  const T* rows[kLanes];
};

template <int Vectors, typename T>
void attend_to_past(const StepSelfAttention<T>& args, std::int64_t row) {
  const float* query = args.queries + row * args.query_stride;
  const std::int64_t d_model = args.heads * args.head_dim;
  const std::int64_t width = padded(args.positions);
  const float scale = score_scale(args.head_dim);
  for (std::int64_t begin = 0; begin < args.positions; begin += kLanes) {
    const PastRows<T> past(args, row, begin);
    for (std::int64_t head = 0; head < args.heads; ++head)
      store(args.workspace + head * width + begin,
            scale * score_keys<Vectors>(query + head * args.head_dim, past.rows,
                                        head * args.head_dim, args.head_dim));
  }
  for (std::int64_t head = 0; head < args.heads; ++head)
    softmax(args.workspace + head * width, width, args.positions);
  float* out = args.out + row * d_model;
  for (std::int64_t begin = 0; begin < args.positions; begin += kLanes) {
    const PastRows<T> past(args, row, begin);
    for (std::int64_t head = 0; head < args.heads; ++head)
      weigh_rows<Vectors>(args.workspace + head * width + begin, past.count, past.rows,
                          d_model + head * args.head_dim, args.head_dim, begin > 0,
                          out + head * args.head_dim);
  }
}

template <int Vectors, typename T>
void attend_all_to_past(const StepSelfAttention<T>& args) {
  for (std::int64_t row = 0; row < args.rows; ++row) attend_to_past<Vectors>(args, row);
}

template <typename T>
void self(const StepSelfAttention<T>& args) {
  switch (args.head_dim) {  // the usual sizes
    case 32:
      return attend_all_to_past<32 / kLanes>(args);
    case 64:
      return attend_all_to_past<64 / kLanes>(args);
    default:
      return attend_all_to_past<0>(args);
  }
}

HEED_INLINE std::uint32_t key_word(const float* key, std::int64_t word, std::int64_t, float) {
  return bits<std::uint32_t>(key[word]);
}

HEED_INLINE std::uint32_t key_word(const float* key, std::int64_t word, std::int64_t head_dim,
                                   BFloat16) {
  const std::uint32_t low = round_to_bfloat16(key[2 * word]);
  return 2 * word + 1 < head_dim ? low | (round_to_bfloat16(key[2 * word + 1]) << 16) : low;
}

template <typename T>
std::int64_t keys_size(std::int64_t src_len, std::int64_t heads, std::int64_t head_dim) {
  return heads * ceil_div(head_dim, kPerWord<T>) * padded(src_len);
}

template <typename T>
void pack_keys(const float* keys, std::int64_t stride, std::int64_t src_len, std::int64_t heads,
               std::int64_t head_dim, std::uint32_t* to) {
  const std::int64_t words = ceil_div(head_dim, kPerWord<T>);
  const std::int64_t width = padded(src_len);
  for (std::int64_t head = 0; head < heads; ++head)
    for (std::int64_t word = 0; word < words; ++word, to += width) {
      for (std::int64_t j = 0; j < src_len; ++j)
        to[j] = key_word(keys + j * stride + head * head_dim, word, head_dim, T{});
      for (std::int64_t j = src_len; j < width; ++j) to[j] = 0;
    }
}

template <typename T>
void store_values(const float* from, std::int64_t size, T* to) {
  for (std::int64_t i = 0; i < size; i += kLanes)
    store_part(to + i, load_part(from + i, size - i), size - i);
}

/// The workspace of a sentence's hypotheses under one head.
struct CrossRoom {
  float* scores;           // [rows, padded src_len]
  std::uint32_t* queries;  // [rows, words of head_dim]
};

template <typename T>
void score_source(const StepCrossAttention<T>& args, std::int64_t head, const CrossRoom& room) {
  const std::int64_t words = ceil_div(args.head_dim, kPerWord<T>);
  const std::int64_t width = padded(args.src_len);
  const std::uint32_t* keys = args.keys + head * words * width;
  const float scale = score_scale(args.head_dim);
  for (std::int64_t row = 0; row < args.rows; ++row)
    for (std::int64_t word = 0; word < words; ++word)
      room.queries[row * words + word] =
          key_word(args.queries + row * args.heads * args.head_dim + head * args.head_dim, word,
                   args.head_dim, T{});
  for (std::int64_t row = 0; row < args.rows; row += kMostRows) {
    const std::uint32_t* queries = room.queries + row * words;
    float* scores = room.scores + row * width;
    with_row_count(min_of(kMostRows, args.rows - row), [&](auto count) HEED_INLINE_LAMBDA {
      dot_products<T, decltype(count)::value>(reinterpret_cast<const T*>(queries),
                                              words * kPerWord<T>, words, keys, width, width, scale,
                                              scores);
    });
  }
}

/// out[r] = the values by the weights of row r, for rows and two vectors of columns at a time.
template <typename T, int Rows>
HEED_INLINE void weigh_source(const float* weights, std::int64_t width, const T* values,
                              std::int64_t count, std::int64_t stride, std::int64_t columns,
                              float* out) {
  Floats first[Rows] = {};
  Floats second[Rows] = {};
  for (std::int64_t j = 0; j < count; ++j) {
    const Floats low = load_part(values + j * stride, columns);
    const Floats high =
        columns > kLanes ? load_part(values + j * stride + kLanes, columns - kLanes) : Floats{};
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
      const Floats weight = broadcast(weights[r * width + j]);
      first[r] += weight * low;
      second[r] += weight * high;
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < Rows; ++r) {
    store_part(out + r * stride, first[r], columns);
    if (columns > kLanes) store_part(out + r * stride + kLanes, second[r], columns - kLanes);
  }
}

template <typename T>
void weigh_head(const StepCrossAttention<T>& args, std::int64_t head, const float* scores) {
  const std::int64_t width = padded(args.src_len);
  const std::int64_t d_model = args.heads * args.head_dim;
  for (std::int64_t d = 0; d < args.head_dim; d += 2 * kLanes) {
    const std::int64_t columns = min_of(2 * kLanes, args.head_dim - d);
    const T* values = args.values + head * args.head_dim + d;
    float* out = args.out + head * args.head_dim + d;
    for (std::int64_t row = 0; row < args.rows; row += kMostRows)
      with_row_count(min_of(kMostRows, args.rows - row), [&](auto count) HEED_INLINE_LAMBDA {
        weigh_source<T, decltype(count)::value>(scores + row * width, width, values, args.src_len,
                                                d_model, columns, out + row * d_model);
      });
  }
}

template <typename T>
void add_mean_weights(const StepCrossAttention<T>& args, std::int64_t head, const float* scores) {
  const float share = 1.0F / static_cast<float>(args.heads);
  for (std::int64_t row = 0; row < args.rows; ++row)
    for (std::int64_t j = 0; j < args.src_len; ++j) {
      float& weight = args.weights[row * args.src_len + j];
      weight = (head == 0 ? 0.0F : weight) + share * scores[row * padded(args.src_len) + j];
    }
}

template <typename T>
void cross(const StepCrossAttention<T>& args) {
  const std::int64_t width = padded(args.src_len);
  const CrossRoom room{args.workspace,
                       reinterpret_cast<std::uint32_t*>(args.workspace + args.rows * width)};
  for (std::int64_t head = 0; head < args.heads; ++head) {
    score_source(args, head, room);
    for (std::int64_t row = 0; row < args.rows; ++row)
      softmax(room.scores + row * width, width, args.src_len);
    weigh_head(args, head, room.scores);
    if (args.weights != nullptr) add_mean_weights(args, head, room.scores);
  }
}

template <typename T>
StepAttentionKernels<T> make_step_attention() {
  return {keys_size<T>, pack_keys<T>, store_values<T>, self<T>, cross<T>};
}

}  // namespace

void add_step_attention(InferenceKernels& table) {
  table.attention_fp32 = make_step_attention<float>();
  table.attention_bf16 = make_step_attention<BFloat16>();
}

}  // namespace heed::isa::HEED_ISA
