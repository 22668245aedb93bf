#pragma once

#include "model/kernels/simd.h"

namespace heed::isa::HEED_ISA {

// Pairs (low, high) of the same lanes of two vectors, by words and by double words, within each
// quarter of four lanes; then quarters of two vectors, by turns of even or odd ones.
#if HEED_LANES == 16
HEED_INLINE Words interleave_low(Words a, Words b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
}
HEED_INLINE Words interleave_high(Words a, Words b) {
  return __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
}
HEED_INLINE Words interleave_low_pairs(Words a, Words b) {
  return __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
}
HEED_INLINE Words interleave_high_pairs(Words a, Words b) {
  return __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
}
HEED_INLINE Words even_quarters(Words a, Words b) {
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}
HEED_INLINE Words odd_quarters(Words a, Words b) {
  return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}
#elif HEED_LANES == 8
HEED_INLINE Words interleave_low(Words a, Words b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13);
}
HEED_INLINE Words interleave_high(Words a, Words b) {
  return __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15);
}
HEED_INLINE Words interleave_low_pairs(Words a, Words b) {
  return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
}
HEED_INLINE Words interleave_high_pairs(Words a, Words b) {
  return __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
}
HEED_INLINE Words even_quarters(Words a, Words b) {
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
}
HEED_INLINE Words odd_quarters(Words a, Words b) {
  return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
}
#else
HEED_INLINE Words interleave_low(Words a, Words b) {
  return __builtin_shufflevector(a, b, 0, 4, 1, 5);
}
HEED_INLINE Words interleave_high(Words a, Words b) {
  return __builtin_shufflevector(a, b, 2, 6, 3, 7);
}
HEED_INLINE Words interleave_low_pairs(Words a, Words b) {
  return __builtin_shufflevector(a, b, 0, 1, 4, 5);
}
HEED_INLINE Words interleave_high_pairs(Words a, Words b) {
  return __builtin_shufflevector(a, b, 2, 3, 6, 7);
}
#endif

/// The vectors whose quarter q holds rows r to r + 3 of column 4 q + c, at x[r + c], to columns.
HEED_INLINE void gather_quarters([[maybe_unused]] Words (&x)[kLanes]) {
#if HEED_LANES == 16
#pragma GCC unroll 4
  for (int c = 0; c < 4; ++c) {
    const Words even_first = even_quarters(x[c], x[4 + c]);
    const Words even_last = even_quarters(x[8 + c], x[12 + c]);
    const Words odd_first = odd_quarters(x[c], x[4 + c]);
    const Words odd_last = odd_quarters(x[8 + c], x[12 + c]);
    x[c] = even_quarters(even_first, even_last);
    x[4 + c] = even_quarters(odd_first, odd_last);
    x[8 + c] = odd_quarters(even_first, even_last);
    x[12 + c] = odd_quarters(odd_first, odd_last);
  }
#elif HEED_LANES == 8
#pragma GCC unroll 4
  for (int c = 0; c < 4; ++c) {
    const Words first = x[c];
    x[c] = even_quarters(first, x[4 + c]);
    x[4 + c] = odd_quarters(first, x[4 + c]);
  }
#endif
}

/// kLanes vectors as the rows of a matrix, transposed in place.
HEED_INLINE void transpose(Words (&x)[kLanes]) {
  Words y[kLanes];
#pragma GCC unroll 8
  for (int r = 0; r < kLanes; r += 2) {
    y[r] = interleave_low(x[r], x[r + 1]);
    y[r + 1] = interleave_high(x[r], x[r + 1]);
  }
#pragma GCC unroll 4
  for (int r = 0; r < kLanes; r += 4) {
    x[r] = interleave_low_pairs(y[r], y[r + 2]);
    x[r + 1] = interleave_high_pairs(y[r], y[r + 2]);
    x[r + 2] = interleave_low_pairs(y[r + 1], y[r + 3]);
    x[r + 3] = interleave_high_pairs(y[r + 1], y[r + 3]);
  }
  gather_quarters(x);
}

#if HEED_LANES > 4
HEED_INLINE Floats sum_of_quarters(Floats a, Floats b) {
  return bits<Floats>(even_quarters(bits<Words>(a), bits<Words>(b))) +
         bits<Floats>(odd_quarters(bits<Words>(a), bits<Words>(b)));
}
#endif

/// The sums of the lanes of kLanes vectors: lane i of the result is that of x[i], which is used up.
HEED_INLINE Floats sums_of_lanes(Floats (&x)[kLanes]) {
  Floats y[kLanes / 2];
#pragma GCC unroll 8
  for (int i = 0; i < kLanes / 2; ++i)  // lanes of two vectors, turn about
    y[i] = bits<Floats>(interleave_low(bits<Words>(x[2 * i]), bits<Words>(x[2 * i + 1]))) +
           bits<Floats>(interleave_high(bits<Words>(x[2 * i]), bits<Words>(x[2 * i + 1])));
  Floats z[kLanes / 4];
#pragma GCC unroll 4
  for (int i = 0; i < kLanes / 4; ++i)  // each quarter: one lane of each of four vectors
    z[i] = bits<Floats>(interleave_low_pairs(bits<Words>(y[2 * i]), bits<Words>(y[2 * i + 1]))) +
           bits<Floats>(interleave_high_pairs(bits<Words>(y[2 * i]), bits<Words>(y[2 * i + 1])));
#if HEED_LANES == 16
  return sum_of_quarters(sum_of_quarters(z[0], z[1]), sum_of_quarters(z[2], z[3]));
#elif HEED_LANES == 8
  return sum_of_quarters(z[0], z[1]);
#else
  return z[0];
#endif
}

HEED_INLINE Words load_words_part(const std::uint32_t* p, std::int64_t count) {
  if (count >= kLanes) return load_vector<Words>(p);
  std::uint32_t part[kLanes] = {};
  __builtin_memcpy(part, p, static_cast<std::size_t>(count) * sizeof(std::uint32_t));
  return load_vector<Words>(part);
}

/// `rows` rows of `words` words, `stride` apart, transposed to `words` rows of `width` words: `to`
/// is [words][width]; columns beyond `rows` are zero. `width` is a multiple of kLanes.
HEED_INLINE void transpose_words(const std::uint32_t* from, std::int64_t stride, std::int64_t rows,
                                 std::int64_t words, std::uint32_t* to, std::int64_t width) {
  for (std::int64_t row = 0; row < width; row += kLanes) {
    for (std::int64_t word = 0; word < words; word += kLanes) {
      Words block[kLanes];
      const std::int64_t columns = min_of(kLanes, words - word);
      for (std::int64_t r = 0; r < kLanes; ++r)
        block[r] =
            row + r < rows ? load_words_part(from + (row + r) * stride + word, columns) : Words{};
      transpose(block);
      for (std::int64_t r = 0; r < columns; ++r)
        store_vector(to + (word + r) * width + row, block[r]);
    }
  }
}

}  // namespace heed::isa::HEED_ISA
