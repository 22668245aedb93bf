#include "model/kernels/activations.h"
#include "model/kernels/isa_kernels.h"
#include "model/kernels/layer_norm.h"
#include "model/kernels/product_tile.h"
#include "model/kernels/transpose.h"

namespace heed::isa::HEED_ISA {
namespace {

constexpr float kLargestByte = 127.0F;
constexpr std::uint32_t kZeroBytes = 0x80808080U;  // four times 128, which stands for zero
// Rows that meet all panels before the next do.
constexpr std::int64_t kRowBlock = 20 * kTileRows;

template <typename T>
HEED_INLINE std::int64_t words_of(std::int64_t k) {
  return ceil_div(k, kPerWord<T>);
}

template <typename T>
std::int64_t pack_size(std::int64_t k, std::int64_t columns) {
  return words_of<T>(k) * ceil_div(columns, kPanel) * kPanel;
}

HEED_INLINE float largest_size(const float* x, std::int64_t size) {
  Floats largest_of{};
  for (std::int64_t i = 0; i < size; i += kLanes) {
    const Floats value = load_part(x + i, size - i);
    largest_of = maximum(largest_of, value < 0.0F ? -value : value);
  }
  return largest(largest_of);
}

/// x * inverse to the nearest whole number, in the low byte of each lane.
HEED_INLINE Words round_to_bytes(Floats x, float inverse) {
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23, whose low bits are zero
  return bits<Words>(x * inverse + kRound) - bits<Words>(broadcast(kRound));
}

typedef std::uint8_t Bytes __attribute__((vector_size(HEED_LANES)));

/// A row of `size` floats to words; what is beyond its end is zero.
HEED_INLINE void convert_row(const float* x, std::int64_t size, const Operand& to, std::int64_t row,
                             float) {
  __builtin_memcpy(to.words + row * to.row_words, x, static_cast<std::size_t>(size) * 4);
}

HEED_INLINE void convert_row(const float* x, std::int64_t size, const Operand& to, std::int64_t row,
                             BFloat16) {
  auto* out = reinterpret_cast<BFloat16*>(to.words + row * to.row_words);
  for (std::int64_t i = 0; i < size; i += kLanes)
    store_part(out + i, load_part(x + i, size - i), min_of(2 * to.row_words - i, kLanes));
}

HEED_INLINE void convert_row(const float* x, std::int64_t size, const Operand& to, std::int64_t row,
                             std::int8_t) {
  auto* out = reinterpret_cast<std::uint8_t*>(to.words + row * to.row_words);
  const float top = largest_size(x, size);
  const float inverse = top > 0.0F ? kLargestByte / top : 0.0F;
  Words total{};  // which may overflow, where a value is no number
  for (std::int64_t i = 0; i < size; i += kLanes) {
    const Words rounded = round_to_bytes(load_part(x + i, size - i), inverse);
    total += rounded;
    const Bytes bytes = __builtin_convertvector(rounded, Bytes);
    const std::int64_t room = 4 * to.row_words - i;
    if (room >= kLanes)
      store_vector(out + i, bytes);
    else
      __builtin_memcpy(out + i, &bytes, static_cast<std::size_t>(room));
  }
  std::uint32_t sum_of_bytes = 0;
  for (int lane = 0; lane < kLanes; ++lane) sum_of_bytes += total[lane];
  to.sums[row] = static_cast<std::int32_t>(sum_of_bytes);
  to.scales[row] = top / kLargestByte;
}

template <typename T>
void convert(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t size,
             const Operand& to) {
  for (std::int64_t row = 0; row < rows; ++row) convert_row(x + row * stride, size, to, row, T{});
}

HEED_INLINE void norm_row(const float* x, std::int64_t size, const float* weight, const float* bias,
                          float* normed) {
  Floats total{};
  for (std::int64_t i = 0; i < size; i += kLanes) total += load_part(x + i, size - i);
  const float mean = sum(total) / static_cast<float>(size);
  write_normed(x, size, {mean, inverse_deviation(x, size, mean)}, weight, bias, normed);
}

template <typename T>
void norm(const NormInput& input, float* normed, std::int64_t normed_stride, const Operand& to) {
  for (std::int64_t row = 0; row < input.rows; ++row) {
    float* out = normed + row * normed_stride;
    norm_row(input.x + row * input.size, input.size, input.weight, input.bias, out);
    convert_row(out, input.size, to, row, T{});
  }
}

/// Word `word` of a row of k numbers; beyond its end they are zero.
HEED_INLINE std::uint32_t word_of(const float* row, std::int64_t, std::int64_t word, float, float) {
  return bits<std::uint32_t>(row[word]);
}

HEED_INLINE std::uint32_t word_of(const float* row, std::int64_t k, std::int64_t word, float,
                                  BFloat16) {
  const std::uint32_t low = round_to_bfloat16(row[2 * word]);
  return 2 * word + 1 < k ? low | (round_to_bfloat16(row[2 * word + 1]) << 16) : low;
}

HEED_INLINE std::uint32_t word_of(const float* row, std::int64_t k, std::int64_t word,
                                  float inverse, std::int8_t) {
  std::uint32_t result = kZeroBytes;
  for (std::int64_t i = 0; i < min_of(4, k - 4 * word); ++i) {
    // Of what is no number, which the column's scale tells, any byte will do.
    const float scaled = row[4 * word + i] * inverse;
    const float value =
        scaled < -kLargestByte ? -kLargestByte : (scaled < kLargestByte ? scaled : kLargestByte);
    const auto whole = static_cast<std::int32_t>(value < 0.0F ? value - 0.5F : value + 0.5F);
    result += static_cast<std::uint32_t>(whole) << (8 * i);  // no byte overflows: 1 to 255
  }
  return result;
}

/// 0, or NaN where one of the values is infinite or no number.
HEED_INLINE float zero_of(const float* x, std::int64_t size) {
  Floats zeros{};
  for (std::int64_t i = 0; i < size; i += kLanes) zeros += load_part(x + i, size - i) * 0.0F;
  return sum(zeros);
}

/// Fills the panels: `column(c)` gives what makes the words of a column.
template <typename Column>
HEED_INLINE void fill_panels(std::int64_t words, std::int64_t columns, std::uint32_t padding,
                             std::uint32_t* to, const Column& column) {
  for (std::int64_t c = 0; c < ceil_div(columns, kPanel) * kPanel; ++c) {
    std::uint32_t* panel = to + c / kPanel * kPanel * words + c % kPanel;
    if (c < columns) {
      const auto make_word = column(c);
      for (std::int64_t word = 0; word < words; ++word) panel[word * kPanel] = make_word(word);
    } else {
      for (std::int64_t word = 0; word < words; ++word) panel[word * kPanel] = padding;
    }
  }
}

template <typename T>
PackedWeight pack(const float* matrix, std::int64_t k, std::int64_t columns, std::uint32_t* to,
                  float* scales) {
  constexpr bool kIsBytes = std::is_same_v<T, std::int8_t>;
  fill_panels(words_of<T>(k), columns, kIsBytes ? kZeroBytes : 0U, to, [&](std::int64_t column) {
    const float* row = matrix + column * k;
    float inverse = 0.0F;
    if constexpr (kIsBytes) {
      const float top = largest_size(row, k);
      scales[column] = top / kLargestByte + zero_of(row, k);
      inverse = top > 0.0F ? kLargestByte / top : 0.0F;
    }
    return [=](std::int64_t word) { return word_of(row, k, word, inverse, T{}); };
  });
  return {to, kIsBytes ? scales : nullptr, k, columns};
}

/// Of bytes: 128 * the row's sum is in each of its products.
HEED_INLINE Floats result_of(Floats sums, const Operand&, std::int64_t, Floats) {
  return sums;
}

HEED_INLINE Floats result_of(Ints sums, const Operand& a, std::int64_t row, Floats column_scales) {
  const Words offset = 128U * static_cast<std::uint32_t>(a.sums[row]) + Words{};
  const Floats product = __builtin_convertvector(bits<Ints>(bits<Words>(sums) - offset), Floats);
  return product * (column_scales * a.scales[row]);
}

struct Identity {
  static HEED_INLINE Floats value(Floats x) { return x; }
};

template <typename Function>
struct FinishProduct {
  const Operand& a;
  const PackedWeight& b;
  const ProductOutput& output;
  std::int64_t row;     // of the tile's first
  std::int64_t column;  // of the tile's first

  template <int Rows>
  HEED_INLINE void prepare() const {}

  template <typename Sum, int Rows>
  HEED_INLINE void operator()(const Sum (&sums)[Rows][kTileVectors], std::int64_t width) const {
#pragma GCC unroll 4
    for (int v = 0; v < kTileVectors; ++v) {
      const std::int64_t count = width - kLanes * v;
      if (count <= 0) return;
      const std::int64_t first = column + kLanes * v;
      const Floats shift =
          output.bias == nullptr ? Floats{} : load_part(output.bias + first, count);
      const Floats scales = b.scales == nullptr ? Floats{} : load_part(b.scales + first, count);
#pragma GCC unroll 6
      for (int r = 0; r < Rows; ++r) {
        float* out = output.out + (row + r) * output.stride + first;
        const Floats result = Function::value(result_of(sums[r][v], a, row + r, scales) + shift);
        store_part(out, output.add ? load_part(out, count) + result : result, count);
      }
    }
  }
};

template <typename T, typename Function>
void multiply_by(const Operand& a, std::int64_t rows, const PackedWeight& b,
                 const ProductOutput& output) {
  const std::int64_t words = words_of<T>(b.k);
  for (std::int64_t block = 0; block < rows; block += kRowBlock) {
    const std::int64_t block_end = min_of(rows, block + kRowBlock);
    for (std::int64_t column = 0; column < b.columns; column += kPanel)
      for (std::int64_t row = block; row < block_end; row += kTileRows)
        run_tile<T>(min_of(kTileRows, block_end - row),
                    {a.words + row * a.row_words, a.row_words, 1}, b.words + column * words, words,
                    min_of(kPanel, b.columns - column),
                    FinishProduct<Function>{a, b, output, row, column});
  }
}

template <typename T>
void multiply(const Operand& a, std::int64_t rows, const PackedWeight& b,
              const ProductOutput& output) {
  if (output.activation == nullptr) return multiply_by<T, Identity>(a, rows, b, output);
  with_function(*output.activation,
                [&](auto function) { multiply_by<T, decltype(function)>(a, rows, b, output); });
}

template <typename T>
InferenceProducts make_products() {
  InferenceProducts table{};
  table.per_word = kPerWord<T>;
  table.pack_size = pack_size<T>;
  table.pack = pack<T>;
  table.convert = convert<T>;
  table.norm = norm<T>;
  table.multiply = multiply<T>;
  return table;
}

}  // namespace

void add_inference_products(InferenceKernels& table) {
  table.fp32 = make_products<float>();
  table.bf16 = make_products<BFloat16>();
  table.int8 = make_products<std::int8_t>();
}

}  // namespace heed::isa::HEED_ISA
