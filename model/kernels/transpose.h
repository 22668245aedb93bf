#pragma once

#include "model/kernels/simd.h"

namespace heed::isa::HEED_ISA {

// Pairs (low, high) of the same lanes of two vectors, by words and by double words, within each
// quarter; then quarters of four vectors.
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

/// 16 vectors as the rows of a matrix, transposed in place.
HEED_INLINE void transpose(Words (&x)[16]) {
  Words y[16];
#pragma GCC unroll 8
  for (int r = 0; r < 16; r += 2) {
    y[r] = interleave_low(x[r], x[r + 1]);
    y[r + 1] = interleave_high(x[r], x[r + 1]);
  }
#pragma GCC unroll 4
  for (int r = 0; r < 16; r += 4) {  // quarter q of x[r + c]: column 4 q + c of rows r to r + 3
    x[r] = interleave_low_pairs(y[r], y[r + 2]);
    x[r + 1] = interleave_high_pairs(y[r], y[r + 2]);
    x[r + 2] = interleave_low_pairs(y[r + 1], y[r + 3]);
    x[r + 3] = interleave_high_pairs(y[r + 1], y[r + 3]);
  }
#pragma GCC unroll 4
  for (int c = 0; c < 4; ++c) {
    const Words even_first = even_quarters(x[c], x[4 + c]);
    const Words even_last = even_quarters(x[8 + c], x[12 + c]);
    const Words odd_first = odd_quarters(x[c], x[4 + c]);
    const Words odd_last = odd_quarters(x[8 + c], x[12 + c]);
    y[c] = even_quarters(even_first, even_last);
    y[4 + c] = even_quarters(odd_first, odd_last);
    y[8 + c] = odd_quarters(even_first, even_last);
    y[12 + c] = odd_quarters(odd_first, odd_last);
  }
#pragma GCC unroll 16
  for (int r = 0; r < 16; ++r) x[r] = y[r];
}

/// The sums of the lanes of 16 vectors: lane i of the result is that of x[i], which is used up.
HEED_INLINE Floats sums_of_lanes(Floats (&x)[16]) {
  Floats y[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i)  // lanes of two vectors, turn about
    y[i] = bits<Floats>(interleave_low(bits<Words>(x[2 * i]), bits<Words>(x[2 * i + 1]))) +
           bits<Floats>(interleave_high(bits<Words>(x[2 * i]), bits<Words>(x[2 * i + 1])));
  Floats z[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i)  // each quarter: one lane of each of four vectors
    z[i] = bits<Floats>(interleave_low_pairs(bits<Words>(y[2 * i]), bits<Words>(y[2 * i + 1]))) +
           bits<Floats>(interleave_high_pairs(bits<Words>(y[2 * i]), bits<Words>(y[2 * i + 1])));
  Words halves[2];
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    const Words a = bits<Words>(z[2 * i]);
    const Words b = bits<Words>(z[2 * i + 1]);
    halves[i] = bits<Words>(bits<Floats>(even_quarters(a, b)) + bits<Floats>(odd_quarters(a, b)));
  }
  return bits<Floats>(even_quarters(halves[0], halves[1])) +
         bits<Floats>(odd_quarters(halves[0], halves[1]));
}

HEED_INLINE Words load_words_part(const std::uint32_t* p, std::int64_t count) {
  if (count >= kLanes) return load_vector<Words>(p);
  std::uint32_t part[kLanes] = {};
  __builtin_memcpy(part, p, static_cast<std::size_t>(count) * sizeof(std::uint32_t));
  return load_vector<Words>(part);
}

/// `rows` rows of `words` words, `stride` apart, transposed to `words` rows of `width` words: `to`
/// is [words][width]; columns beyond `rows` are zero. `width` is a multiple of 16.
HEED_INLINE void transpose_words(const std::uint32_t* from, std::int64_t stride, std::int64_t rows,
                                 std::int64_t words, std::uint32_t* to, std::int64_t width) {
  for (std::int64_t row = 0; row < width; row += kLanes) {
    for (std::int64_t word = 0; word < words; word += kLanes) {
      Words block[16];
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
