#pragma once

#include "model/kernels/simd.h"

/// The inner loop of every matrix product: a tile of the result in registers, the left matrix by
/// words of rows, the right one by panels of kPanel columns.
namespace heed::isa::HEED_ISA {
namespace {

// A tile of the result is kTileRows rows by kTileVectors vectors, held in registers: with AVX-512
// and on ARM 24 of 32, else 12 of 16.
constexpr int kTileRows = kMostRows;
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kTileVectors = 4;
#else
constexpr int kTileVectors = 2;
#endif
constexpr std::int64_t kPanel = kTileVectors * kLanes;
/// One tile's share of the left matrix: word w of row r is at words[r * row_step + w * word_step].
struct LeftTile {
  const std::uint32_t* words;
  std::int64_t row_step;
  std::int64_t word_step;
};

template <typename T, int Rows>
HEED_INLINE void multiply_tile(const LeftTile& left, const std::uint32_t* panel, std::int64_t words,
                               Sums<T> (&sums)[Rows][kTileVectors]) {
#pragma GCC unroll 6
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < kTileVectors; ++v) sums[r][v] = Sums<T>{};
  const std::uint32_t* a = left.words;
  for (std::int64_t w = 0; w < words; ++w) {
    Words columns[kTileVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kTileVectors; ++v) columns[v] = load_vector<Words>(panel + kLanes * v);
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
      const Words row = broadcast_word(a[r * left.row_step]);
#pragma GCC unroll 4
      for (int v = 0; v < kTileVectors; ++v)
        sums[r][v] = multiply_add<T>(sums[r][v], row, columns[v]);
    }
    a += left.word_step;
    panel += kPanel;
  }
}

template <typename T, int Rows, typename Finish>
void run_tile(const LeftTile& left, const std::uint32_t* panel, std::int64_t words,
              std::int64_t width, const Finish& finish) {
  Sums<T> sums[Rows][kTileVectors];
  finish.template prepare<Rows>();
  multiply_tile<T, Rows>(left, panel, words, sums);
  finish(sums, width);
}

template <typename T, typename Finish>
HEED_INLINE void run_tile(std::int64_t rows, const LeftTile& left, const std::uint32_t* panel,
                          std::int64_t words, std::int64_t width, const Finish& finish) {
  with_row_count(rows, [&](auto count) HEED_INLINE_LAMBDA {
    run_tile<T, decltype(count)::value>(left, panel, words, width, finish);
  });
}

}  // namespace
}  // namespace heed::isa::HEED_ISA
