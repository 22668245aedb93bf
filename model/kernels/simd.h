#pragma once

#include <cstdint>
#include <type_traits>

#include "model/kernels/kernels.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

/// Vectors of as many floats as a register of the instruction set holds, in the compiler's own
/// notation: longer ones it would keep in memory. Files that include this are compiled once an
/// instruction set, each time into another namespace (HEED_ISA, see
/// scripts/cmake/HeedKernels.cmake), and call no inline function of a header that others include:
/// the linker keeps one copy of those, which might be the wrong one.
namespace heed::isa::HEED_ISA {

#if defined(__AVX512F__)
#define HEED_LANES 16
#elif defined(__AVX2__)
#define HEED_LANES 8
#else
#define HEED_LANES 4
#endif
inline constexpr std::int64_t kLanes = HEED_LANES;

typedef float Floats __attribute__((vector_size(4 * HEED_LANES)));
typedef std::int32_t Ints __attribute__((vector_size(4 * HEED_LANES)));
typedef std::uint32_t Words __attribute__((vector_size(4 * HEED_LANES)));
typedef std::uint16_t Shorts __attribute__((vector_size(2 * HEED_LANES)));
typedef float Floats8 __attribute__((vector_size(32)));
typedef float Floats4 __attribute__((vector_size(16)));

#define HEED_INLINE inline __attribute__((always_inline))
#define HEED_INLINE_LAMBDA __attribute__((always_inline))

HEED_INLINE std::int64_t min_of(std::int64_t a, std::int64_t b) {
  return a < b ? a : b;
}

HEED_INLINE std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

HEED_INLINE Floats broadcast(float value) {
  return Floats{} + value;
}

HEED_INLINE Words broadcast_word(std::uint32_t value) {
  return Words{} + value;
}

template <typename To, typename From>
HEED_INLINE To bits(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  __builtin_memcpy(&to, &from, sizeof(To));
  return to;
}

template <typename Vector>
HEED_INLINE Vector load_vector(const void* p) {
  Vector vector;
  __builtin_memcpy(&vector, p, sizeof(Vector));
  return vector;
}

template <typename Vector>
HEED_INLINE void store_vector(void* p, Vector vector) {
  __builtin_memcpy(p, &vector, sizeof(Vector));
}

HEED_INLINE Floats load(const float* p) {
  return load_vector<Floats>(p);
}

HEED_INLINE Floats load(const BFloat16* p) {
  return bits<Floats>(__builtin_convertvector(load_vector<Shorts>(p), Words) << 16);
}

HEED_INLINE void store(float* p, Floats value) {
  store_vector(p, value);
}

/// To the nearest, ties to even. The processor's own NaN stays one.
HEED_INLINE void store(BFloat16* p, Floats value) {
#if defined(__AVX512BF16__)
  store_vector(p, bits<Shorts>(_mm512_cvtneps_pbh((__m512)value)));
#else
  const Words word = bits<Words>(value);
  store_vector(p, __builtin_convertvector((word + 0x7fffU + ((word >> 16) & 1U)) >> 16, Shorts));
#endif
}

/// The same of one finite number, in the low half.
HEED_INLINE std::uint32_t round_to_bfloat16(float value) {
  const auto word = bits<std::uint32_t>(value);
  return (word + 0x7fffU + ((word >> 16) & 1U)) >> 16;
}

/// The first `count` (at most kLanes) elements; the others are zero.
template <typename T>
HEED_INLINE Floats load_part(const T* p, std::int64_t count) {
  if (count >= kLanes) return load(p);
  T part[kLanes] = {};
  __builtin_memcpy(part, p, static_cast<std::size_t>(count) * sizeof(T));
  return load(part);
}

template <typename T>
HEED_INLINE void store_part(T* p, Floats value, std::int64_t count) {
  if (count >= kLanes) return store(p, value);
  T part[kLanes];
  store(part, value);
  __builtin_memcpy(p, part, static_cast<std::size_t>(count) * sizeof(T));
}

/// Of a NaN and a number the second argument.
HEED_INLINE Floats maximum(Floats a, Floats b) {
  return a > b ? a : b;
}

HEED_INLINE Floats minimum(Floats a, Floats b) {
  return a < b ? a : b;
}

#if HEED_LANES == 16
inline constexpr Ints kLaneNumbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#elif HEED_LANES == 8
inline constexpr Ints kLaneNumbers = {0, 1, 2, 3, 4, 5, 6, 7};
#else
inline constexpr Ints kLaneNumbers = {0, 1, 2, 3};
#endif

/// v where the lane's number is below `count`, else `value`.
HEED_INLINE Floats fill_after(Floats v, std::int64_t count, float value) {
  if (count >= kLanes) return v;
  return kLaneNumbers < static_cast<std::int32_t>(count) ? v : broadcast(value);
}

struct Sum {
  template <typename Vector>
  static HEED_INLINE Vector of(Vector a, Vector b) {
    return a + b;
  }
};

struct Largest {
  template <typename Vector>
  static HEED_INLINE Vector of(Vector a, Vector b) {
    return a > b ? a : b;
  }
};

/// All lanes into one, always in the same order.
template <typename Operation>
HEED_INLINE float reduce(Floats4 v) {
  const Floats4 two = Operation::of(v, __builtin_shufflevector(v, v, 2, 3, 2, 3));
  return Operation::of(two[0], two[1]);
}

template <typename Operation>
HEED_INLINE float reduce(Floats8 v) {
  return reduce<Operation>(Operation::of(__builtin_shufflevector(v, v, 0, 1, 2, 3),
                                         __builtin_shufflevector(v, v, 4, 5, 6, 7)));
}

#if HEED_LANES == 16
template <typename Operation>
HEED_INLINE float reduce(Floats v) {
  return reduce<Operation>(
      Operation::of(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7),
                    __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15)));
}
#endif

HEED_INLINE float sum(Floats v) {
  return reduce<Sum>(v);
}

HEED_INLINE float largest(Floats v) {
  return reduce<Largest>(v);
}

/// exp(x) to about 2 units in the last place for x in [-87, 88], clamped outside: range reduction
/// by powers of two and a polynomial of degree 6 (Cody & Waite 1980).
HEED_INLINE Floats exponential(Floats x) {
  x = minimum(broadcast(88.0F), maximum(broadcast(-87.0F), x));  // keeps a NaN
  constexpr float kLog2E = 1.44269504088896341F;
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds to the nearest integer
  const Floats n = (x * kLog2E + kRound) - kRound;
  const Floats r = (x - n * 0.693359375F) + n * 2.12194440e-4F;  // ln 2 in two parts
  Floats p = broadcast(1.0F / 720.0F);
  p = p * r + 1.0F / 120.0F;
  p = p * r + 1.0F / 24.0F;
  p = p * r + 1.0F / 6.0F;
  p = p * r + 0.5F;
  p = p * r + 1.0F;
  p = p * r + 1.0F;
  return p * bits<Floats>((__builtin_convertvector(n, Ints) + 127) << 23);
}

/// A number of rows as a constant.
template <int Rows>
struct RowCount {
  static constexpr int value = Rows;
};

// Rows that are worked on at a time.
inline constexpr int kMostRows = 6;

/// Calls `body` with a RowCount of `rows`, 1 to kMostRows.
template <typename Body>
HEED_INLINE void with_row_count(std::int64_t rows, const Body& body) {
  switch (rows) {
    case 6:
      return body(RowCount<6>{});
    case 5:
      return body(RowCount<5>{});
    case 4:
      return body(RowCount<4>{});
    case 3:
      return body(RowCount<3>{});
    case 2:
      return body(RowCount<2>{});
    default:
      return body(RowCount<1>{});
  }
}

/// What a vector of 32-bit words holds: floats, pairs of bfloat16, or four whole numbers of 8 bits.
template <typename T>
inline constexpr std::int64_t kPerWord = static_cast<std::int64_t>(4 / sizeof(T));

/// What sums of products of such words are kept in.
template <typename T>
using Sums = std::conditional_t<std::is_same_v<T, std::int8_t>, Ints, Floats>;

/// sum + a * b, with words of pairs sum + a.low * b.low + a.high * b.high.
template <typename T>
HEED_INLINE Floats multiply_add(Floats sum, Words a, Words b) {
  if constexpr (std::is_same_v<T, float>) {
    return sum + bits<Floats>(a) * bits<Floats>(b);
  } else {
#if defined(__AVX512BF16__)
    return (Floats)_mm512_dpbf16_ps((__m512)sum, bits<__m512bh>(a), bits<__m512bh>(b));
#else
    sum += bits<Floats>(a << 16) * bits<Floats>(b << 16);
    return sum + bits<Floats>(a & 0xffff0000U) * bits<Floats>(b & 0xffff0000U);
#endif
  }
}

#if defined(__AVX2__)
/// The products of 16-bit numbers, those of each pair added up.
HEED_INLINE Ints multiply_pairs(Words a, Words b) {
#if defined(__AVX512F__)
  return (Ints)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#else
  return (Ints)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#endif
}
#endif

/// sum + the four products of each word: `a` holds signed bytes, `b` unsigned ones.
template <typename T>
HEED_INLINE Ints multiply_add(Ints sum, Words a, Words b) {
#if defined(__AVX512VNNI__)
  return (Ints)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)b, (__m512i)a);
#elif defined(__AVXVNNI__)
  return (Ints)_mm256_dpbusd_avx_epi32((__m256i)sum, (__m256i)b, (__m256i)a);
#elif defined(__AVX2__)
  // As 16-bit numbers: what would multiply bytes at once (vpmaddubsw) overflows.
  typedef std::int16_t Halves __attribute__((vector_size(sizeof(Words))));
  const Halves even = bits<Halves>(a) << 8 >> 8;
  const Halves odd = bits<Halves>(a) >> 8;
  sum += multiply_pairs(bits<Words>(even), b & 0x00ff00ffU);
  return sum + multiply_pairs(bits<Words>(odd), (b >> 8) & 0x00ff00ffU);
#else
#pragma GCC unroll 4
  for (int byte = 0; byte < 4; ++byte) {
    const Ints left = bits<Ints>(a << (24 - 8 * byte)) >> 24;
    sum += left * bits<Ints>((b >> (8 * byte)) & 0xffU);
  }
  return sum;
#endif
}

/// A bijection of 32 bits with low bias: two multiplications.
template <typename Word>
HEED_INLINE Word hash32(Word x) {
  x = (x ^ (x >> 16)) * 0x21f0aaadU;
  x = (x ^ (x >> 15)) * 0x735a2d97U;
  return x ^ (x >> 15);
}

}  // namespace heed::isa::HEED_ISA
