#pragma once

#include "model/kernels/isa_kernels.h"
#include "model/kernels/transpose.h"

/// What forward and backward of attention are made of: one sentence and head at a time, its rows
/// copied to where they lie close together.
namespace heed::isa::HEED_ISA {
namespace {

// Queries whose scores are held at a time: memory grows with the number of keys, not with its
// product with the number of queries.
constexpr std::int64_t kQueryBlock = 64;
constexpr int kRowUnroll = 4;

HEED_INLINE std::int64_t padded(std::int64_t size) {
  return ceil_div(size, kLanes) * kLanes;
}

/// The workspace of one sentence and head, floats or words of 32 bits.
struct Room {
  std::int64_t keys;   // padded number of keys
  std::int64_t width;  // padded head_dim
  float* scores;       // [kQueryBlock, keys]: weights, in backward then times their mask
  float* score_grads;  // [kQueryBlock, keys]
  std::uint32_t* k_t;  // [words of head_dim, keys]
  std::uint32_t* v_t;
  float* k;  // [keys, width]
  float* v;
  float* k_grad;
  float* v_grad;
  float* q;  // [kQueryBlock, width]
  float* out_grad;
};

HEED_INLINE std::int64_t room_size(std::int64_t keys, std::int64_t width) {
  return 2 * kQueryBlock * keys + 6 * keys * width + 2 * kQueryBlock * width;
}

HEED_INLINE Room divide(float* workspace, std::int64_t keys, std::int64_t width) {
  float* next = workspace;
  const auto take = [&next](std::int64_t size) {
    float* start = next;
    next += size;
    return start;
  };
  Room room{};
  room.keys = keys;
  room.width = width;
  room.scores = take(kQueryBlock * keys);
  room.score_grads = take(kQueryBlock * keys);
  room.k_t = reinterpret_cast<std::uint32_t*>(take(keys * width));
  room.v_t = reinterpret_cast<std::uint32_t*>(take(keys * width));
  room.k = take(keys * width);
  room.v = take(keys * width);
  room.k_grad = take(keys * width);
  room.v_grad = take(keys * width);
  room.q = take(kQueryBlock * width);
  room.out_grad = take(kQueryBlock * width);
  return room;
}

/// `rows` rows of head_dim elements to floats, `width` apart.
template <typename T>
HEED_INLINE void copy_rows(const T* from, std::int64_t stride, std::int64_t rows,
                           std::int64_t head_dim, float* to, std::int64_t width) {
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t d = 0; d < head_dim; d += kLanes)
      store(to + r * width + d, load_part(from + r * stride + d, head_dim - d));
}

template <typename T>
HEED_INLINE void store_rows(const float* from, std::int64_t width, std::int64_t rows,
                            std::int64_t head_dim, T* to, std::int64_t stride) {
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t d = 0; d < head_dim; d += kLanes)
      store_part(to + r * stride + d, load(from + r * width + d), head_dim - d);
}

template <typename T>
HEED_INLINE void transpose_rows(const T* from, std::int64_t stride, std::int64_t rows,
                                std::int64_t head_dim, std::uint32_t* to, std::int64_t keys) {
  transpose_words(reinterpret_cast<const std::uint32_t*>(from), stride / kPerWord<T>, rows,
                  head_dim / kPerWord<T>, to, keys);
}

/// out[r][j] = scale * rows[r] . columns[j] for `Rows` rows (at most 6) and `keys`
/// columns.
template <typename T, int Rows>
HEED_INLINE void dot_products(const T* rows, std::int64_t stride, std::int64_t words,
                              const std::uint32_t* columns, std::int64_t keys,
                              std::int64_t columns_stride, float scale, float* out) {
  const auto* row_words = reinterpret_cast<const std::uint32_t*>(rows);
  const std::int64_t row_step = stride / kPerWord<T>;
  for (std::int64_t j = 0; j < keys; j += kLanes) {
    Floats sums[Rows] = {};
    for (std::int64_t w = 0; w < words; ++w) {
      const Words column = load_vector<Words>(columns + w * columns_stride + j);
#pragma GCC unroll 6
      for (int r = 0; r < Rows; ++r)
        sums[r] = multiply_add<T>(sums[r], broadcast_word(row_words[r * row_step + w]), column);
    }
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) store(out + r * columns_stride + j, sums[r] * scale);
  }
}

template <typename T>
void all_dot_products(const T* rows, std::int64_t stride, std::int64_t count, std::int64_t head_dim,
                      const std::uint32_t* columns, std::int64_t keys, float scale, float* out) {
  const std::int64_t words = head_dim / kPerWord<T>;
  std::int64_t r = 0;
  for (; r + kRowUnroll <= count; r += kRowUnroll)
    dot_products<T, kRowUnroll>(rows + r * stride, stride, words, columns, keys, keys, scale,
                                out + r * keys);
  for (; r < count; ++r)
    dot_products<T, 1>(rows + r * stride, stride, words, columns, keys, keys, scale,
                       out + r * keys);
}

constexpr float kMasked = -1e30F;

/// Keys at `visible` and beyond are out of sight.
HEED_INLINE Floats hide(Floats scores, std::int64_t j, std::int64_t visible) {
  return kLaneNumbers + static_cast<std::int32_t>(j) < static_cast<std::int32_t>(visible)
             ? scores
             : broadcast(kMasked);
}

/// Scores to weights; returns the log of the sum of exp(score).
HEED_INLINE float softmax(float* scores, std::int64_t keys, std::int64_t visible) {
  Floats top = broadcast(kMasked);
  for (std::int64_t j = 0; j < keys; j += kLanes) {
    const Floats score = hide(load(scores + j), j, visible);
    store(scores + j, score);
    top = maximum(top, score);
  }
  const float highest = largest(top);
  Floats total{};
  for (std::int64_t j = 0; j < keys; j += kLanes) {
    const Floats hidden = hide(broadcast(1.0F), j, visible);
    const Floats e = hidden > 0.0F ? exponential(load(scores + j) - highest) : Floats{};
    store(scores + j, e);
    total += e;
  }
  const float sum_of_row = sum(total);
  const float scale = 1.0F / sum_of_row;
  for (std::int64_t j = 0; j < keys; j += kLanes) store(scores + j, load(scores + j) * scale);
  return highest + __builtin_logf(sum_of_row);
}

/// Coefficients of a sum of rows: that of row c in result r is at values[r * row_step + c * step].
struct Coefficients {
  const float* values;
  std::int64_t row_step;
  std::int64_t step;
};

/// out[r] (+)= sum over c of coefficient(r, c) * rows[c], `Vectors` vectors.
template <int Rows, int Vectors, bool Add>
HEED_INLINE void weighted_sums(const Coefficients& a, std::int64_t count, const float* rows,
                               std::int64_t width, float* out) {
  Floats sums[Rows][Vectors];
#pragma GCC unroll 4
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v)
      sums[r][v] = Add ? load(out + r * width + v * kLanes) : Floats{};
  for (std::int64_t c = 0; c < count; ++c) {
    Floats row[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) row[v] = load(rows + c * width + v * kLanes);
#pragma GCC unroll 4
    for (int r = 0; r < Rows; ++r) {
      const Floats factor = broadcast(a.values[r * a.row_step + c * a.step]);
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) sums[r][v] += factor * row[v];
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) store(out + r * width + v * kLanes, sums[r][v]);
}

template <int Vectors, bool Add>
HEED_INLINE void weighted_sums_of_columns(const Coefficients& a, std::int64_t results,
                                          std::int64_t count, const float* rows, std::int64_t width,
                                          float* out) {
  std::int64_t r = 0;
  for (; r + kRowUnroll <= results; r += kRowUnroll)
    weighted_sums<kRowUnroll, Vectors, Add>({a.values + r * a.row_step, a.row_step, a.step}, count,
                                            rows, width, out + r * width);
  for (; r < results; ++r)
    weighted_sums<1, Vectors, Add>({a.values + r * a.row_step, a.row_step, a.step}, count, rows,
                                   width, out + r * width);
}

template <bool Add>
void all_weighted_sums(const Coefficients& a, std::int64_t results, std::int64_t count,
                       const float* rows, std::int64_t width, float* out) {
  std::int64_t d = 0;
  for (; d + 2 * kLanes <= width; d += 2 * kLanes)
    weighted_sums_of_columns<2, Add>(a, results, count, rows + d, width, out + d);
  if (d < width) weighted_sums_of_columns<1, Add>(a, results, count, rows + d, width, out + d);
}

}  // namespace
}  // namespace heed::isa::HEED_ISA
