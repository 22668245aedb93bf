#include "model/kernels/isa_kernels.h"
#include "model/kernels/product_tile.h"
#include "model/kernels/transpose.h"

namespace heed::isa::HEED_ISA {
namespace {

// Rows of the left matrix that meet all panels before the next do: they stay in the second-level
// cache while the right matrix streams past.
constexpr std::int64_t kRowBlock = 40 * kTileRows;
// Rows of a panel of its left matrix: whole tiles and whole vectors.
constexpr std::int64_t kLeftPanel = 48;
// Rows of it that are laid out at a time: they stay in the second-level cache.
constexpr std::int64_t kLeftBlock = 8 * kLeftPanel;
// Words of k that add_product lays out at a time: a panel of them fills the first-level cache.
constexpr std::int64_t kDepthBlock = 128;

/// What happens with a tile: writing it, in T or in float, or adding it.
template <typename Out>
struct StoreTile {
  const float* bias;  // of the tile's first column; or null
  Out* out;
  std::int64_t out_stride;

  template <int Rows>
  HEED_INLINE void prepare() const {}

  template <int Rows>
  HEED_INLINE void operator()(const Floats (&sums)[Rows][kTileVectors], std::int64_t width) const {
#pragma GCC unroll 4
    for (int v = 0; v < kTileVectors; ++v) {
      const std::int64_t count = width - kLanes * v;
      if (count <= 0) return;
      const Floats shift = bias == nullptr ? Floats{} : load_part(bias + kLanes * v, count);
#pragma GCC unroll 6
      for (int r = 0; r < Rows; ++r)
        store_part(out + r * out_stride + kLanes * v, sums[r][v] + shift, count);
    }
  }
};

struct AddTile {
  float* out;
  std::int64_t out_stride;

  /// What will be added to comes from far away: it is sent for while the tile is multiplied.
  template <int Rows>
  HEED_INLINE void prepare() const {
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
      for (int v = 0; v < kTileVectors; ++v)
        __builtin_prefetch(out + r * out_stride + kLanes * v, 1);
  }

  template <int Rows>
  HEED_INLINE void operator()(const Floats (&sums)[Rows][kTileVectors], std::int64_t width) const {
#pragma GCC unroll 4
    for (int v = 0; v < kTileVectors; ++v) {
      const std::int64_t count = width - kLanes * v;
      if (count <= 0) return;
#pragma GCC unroll 6
      for (int r = 0; r < Rows; ++r) {
        float* place = out + r * out_stride + kLanes * v;
        store_part(place, load_part(place, count) + sums[r][v], count);
      }
    }
  }
};

std::int64_t pack_size(std::int64_t k, std::int64_t columns) {
  return k * ceil_div(columns, kPanel) * kPanel;
}

template <typename T>
Packed pack_transposed(const T* matrix, std::int64_t stride, std::int64_t k, std::int64_t columns,
                       std::uint32_t* to) {
  const std::int64_t words = k / kPerWord<T>;
  const auto* rows = reinterpret_cast<const std::uint32_t*>(matrix);
  const std::int64_t row_words = stride / kPerWord<T>;
  for (std::int64_t column = 0; column < columns; column += kPanel)
    transpose_words(rows + column * row_words, row_words, min_of(kPanel, columns - column), words,
                    to + column * words, kPanel);
  return {to, k, columns};
}

/// Word `word` of `width` columns of a matrix with `k` rows: of bfloat16 the pair of rows 2 word
/// and 2 word + 1, the latter zero when there is none.
HEED_INLINE void copy_words(const float* matrix, std::int64_t stride, std::int64_t,
                            std::int64_t word, std::int64_t width, std::uint32_t* to) {
  __builtin_memcpy(to, matrix + word * stride, static_cast<std::size_t>(width) * sizeof(float));
}

HEED_INLINE void copy_words(const BFloat16* matrix, std::int64_t stride, std::int64_t k,
                            std::int64_t word, std::int64_t width, std::uint32_t* to) {
  const auto* low = reinterpret_cast<const std::uint16_t*>(matrix + 2 * word * stride);
  const bool is_pair = 2 * word + 1 < k;
  const std::uint16_t* high = is_pair ? low + stride : low;
  const std::uint32_t keep_high = is_pair ? 0xffff0000U : 0U;
  std::int64_t c = 0;
  for (; c + kLanes <= width; c += kLanes) {
    const Words low_words = __builtin_convertvector(load_vector<Shorts>(low + c), Words);
    const Words high_words = __builtin_convertvector(load_vector<Shorts>(high + c), Words);
    store_vector(to + c, low_words | ((high_words << 16) & keep_high));
  }
  for (; c < width; ++c)
    to[c] = static_cast<std::uint32_t>(low[c]) |
            ((static_cast<std::uint32_t>(high[c]) << 16) & keep_high);
}

template <typename T>
Packed pack(const T* matrix, std::int64_t stride, std::int64_t k, std::int64_t columns,
            std::uint32_t* to) {
  const std::int64_t words = ceil_div(k, kPerWord<T>);
  for (std::int64_t column = 0; column < columns; column += kPanel) {
    const std::int64_t width = min_of(kPanel, columns - column);
    for (std::int64_t word = 0; word < words; ++word) {
      std::uint32_t* row = to + column * words + word * kPanel;
      copy_words(matrix + column, stride, k, word, width, row);
      for (std::int64_t c = width; c < kPanel; ++c) row[c] = 0;
    }
  }
  return {to, k, columns};
}

template <typename T, typename Out>
void multiply_by_tiles(const T* a, std::int64_t m, std::int64_t a_stride, const Packed& b,
                       const float* bias, Out* out, std::int64_t out_stride) {
  const auto* a_words = reinterpret_cast<const std::uint32_t*>(a);
  const std::int64_t a_row_words = a_stride / kPerWord<T>;
  const std::int64_t words = ceil_div(b.k, kPerWord<T>);
  for (std::int64_t block = 0; block < m; block += kRowBlock) {
    const std::int64_t block_end = min_of(m, block + kRowBlock);
    for (std::int64_t column = 0; column < b.columns; column += kPanel) {
      for (std::int64_t row = block; row < block_end; row += kTileRows) {
        const StoreTile<Out> finish{bias == nullptr ? nullptr : bias + column,
                                    out + row * out_stride + column, out_stride};
        run_tile<T>(min_of(kTileRows, block_end - row),
                    {a_words + row * a_row_words, a_row_words, 1}, b.words + column * words, words,
                    min_of(kPanel, b.columns - column), finish);
      }
    }
  }
}

template <typename T>
void multiply(const T* a, std::int64_t m, std::int64_t a_stride, const Packed& b, const float* bias,
              T* out, std::int64_t out_stride) {
  multiply_by_tiles(a, m, a_stride, b, bias, out, out_stride);
}

template <typename T>
void multiply_to_float(const T* a, std::int64_t m, std::int64_t a_stride, const Packed& b,
                       float* out, std::int64_t out_stride) {
  multiply_by_tiles(a, m, a_stride, b, nullptr, out, out_stride);
}

std::int64_t product_workspace(std::int64_t n) {
  return kDepthBlock * (kLeftBlock + ceil_div(n, kPanel) * kPanel);
}

/// Lays out the transpose of `a` [k, m], m at most kLeftBlock, in panels of kLeftPanel rows:
/// [words][kLeftPanel] each.
template <typename T>
void pack_left(const T* a, std::int64_t a_stride, std::int64_t k, std::int64_t m,
               std::uint32_t* to) {
  const std::int64_t words = ceil_div(k, kPerWord<T>);
  for (std::int64_t word = 0; word < words; ++word)
    for (std::int64_t row = 0; row < m; row += kLeftPanel)
      copy_words(a + row, a_stride, k, word, min_of(kLeftPanel, m - row),
                 to + row * words + word * kLeftPanel);
}

template <typename T>
void add_product(const T* a, std::int64_t m, std::int64_t a_stride, const T* b, std::int64_t n,
                 std::int64_t b_stride, std::int64_t k, float* out, std::uint32_t* workspace) {
  constexpr std::int64_t kDepth = kDepthBlock * kPerWord<T>;
  std::uint32_t* left = workspace;
  std::uint32_t* right = workspace + kDepthBlock * kLeftBlock;
  for (std::int64_t depth = 0; depth < k; depth += kDepth) {
    const std::int64_t size = min_of(kDepth, k - depth);
    const std::int64_t words = ceil_div(size, kPerWord<T>);
    pack(b + depth * b_stride, b_stride, size, n, right);
    for (std::int64_t block = 0; block < m; block += kLeftBlock) {
      const std::int64_t rows = min_of(kLeftBlock, m - block);
      pack_left(a + depth * a_stride + block, a_stride, size, rows, left);
      for (std::int64_t panel = 0; panel < rows; panel += kLeftPanel)
        for (std::int64_t column = 0; column < n; column += kPanel)
          for (std::int64_t row = panel; row < min_of(rows, panel + kLeftPanel); row += kTileRows)
            run_tile<T>(min_of(kTileRows, rows - row),
                        {left + panel * words + (row - panel), 1, kLeftPanel},
                        right + column * words, words, min_of(kPanel, n - column),
                        AddTile{out + (block + row) * n + column, n});
    }
  }
}

template <typename T>
void add_column_sums(const T* matrix, std::int64_t rows, std::int64_t columns, float* sums) {
  for (std::int64_t column = 0; column < columns; column += kLanes) {
    const std::int64_t count = columns - column;
    Floats total[4] = {};  // four sums at a time: one would wait for each addition
    std::int64_t row = 0;
    for (; row + 4 <= rows; row += 4)
      for (int i = 0; i < 4; ++i)
        total[i] += load_part(matrix + (row + i) * columns + column, count);
    for (; row < rows; ++row) total[0] += load_part(matrix + row * columns + column, count);
    const Floats sum_of_rows = (total[0] + total[1]) + (total[2] + total[3]);
    store_part(sums + column, load_part(sums + column, count) + sum_of_rows, count);
  }
}

}  // namespace

template <typename T>
void add_product_kernels(Kernels<T>& table) {
  table.pack_size = pack_size;
  table.pack_transposed = pack_transposed<T>;
  table.pack = pack<T>;
  table.multiply = multiply<T>;
  table.multiply_to_float = multiply_to_float<T>;
  table.product_workspace = product_workspace;
  table.add_product = add_product<T>;
  table.add_column_sums = add_column_sums<T>;
}

template void add_product_kernels(Kernels<float>&);
template void add_product_kernels(Kernels<BFloat16>&);

}  // namespace heed::isa::HEED_ISA
