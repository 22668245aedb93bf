#include <gtest/gtest.h>

#include "tests/support/kernel_testing.h"

namespace heed {
namespace {

// Around the sizes of tiles, panels and vectors.
constexpr std::int64_t kSizes[] = {1, 5, 6, 7, 48, 63, 64, 65, 130};
constexpr std::int64_t kGap = 4;  // between rows of a result, where nothing may be written
constexpr float kUntouched = 7.0F;

at::Tensor room_for(std::int64_t words) {
  return at::empty({words}, at::kInt);
}

std::uint32_t* words_of(const at::Tensor& room) {
  return write<std::uint32_t>(room);
}

/// [rows, columns + gap] with zeros in the gap, which makes an even stride.
template <typename T>
at::Tensor random_rows(Draw& draw, std::int64_t rows, std::int64_t columns) {
  const at::Tensor wide = at::zeros({rows, columns + kGap + columns % 2}, kTypeOf<T>);
  wide.narrow(1, 0, columns).copy_(draw({rows, columns}));
  return wide;
}

at::Tensor result_room(std::int64_t rows, std::int64_t columns, at::ScalarType type) {
  return at::full({rows, columns + kGap}, kUntouched, type);
}

testing::AssertionResult is_product(const at::Tensor& out, const at::Tensor& expected,
                                    double tolerance) {
  const std::int64_t columns = expected.size(1);
  if (!(out.narrow(1, columns, kGap) == kUntouched).all().item<bool>())
    return testing::AssertionFailure() << "written beyond the columns";
  return close_to(out.narrow(1, 0, columns), expected, tolerance);
}

/// Both products of `a` [m, k, then zeros] and `packed`, which holds `b` [k, columns].
template <typename T>
void expect_products(const Kernels<T>& run, const at::Tensor& a, const at::Tensor& b,
                     const Packed& packed, const at::Tensor& bias) {
  const std::int64_t m = a.size(0);
  const std::int64_t columns = b.size(1);
  const at::Tensor exact = at::matmul(a.narrow(1, 0, b.size(0)).to(at::kDouble), b.to(at::kDouble));
  const at::Tensor out = result_room(m, columns, kTypeOf<T>);
  run.multiply(read<T>(a), m, a.size(1), packed, read<float>(bias), write<T>(out), out.size(1));
  EXPECT_TRUE(is_product(out, exact + bias, kRounding<T>)) << "with bias";
  run.multiply(read<T>(a), m, a.size(1), packed, nullptr, write<T>(out), out.size(1));
  EXPECT_TRUE(is_product(out, exact, kRounding<T>)) << "without bias";
  const at::Tensor in_float = result_room(m, columns, at::kFloat);
  run.multiply_to_float(read<T>(a), m, a.size(1), packed, write<float>(in_float), in_float.size(1));
  EXPECT_TRUE(is_product(in_float, exact, 1e-5)) << "to float";
}

template <typename T>
void check_pack(const Kernels<T>& run, Draw& draw, std::int64_t m, std::int64_t k,
                std::int64_t columns) {
  const at::Tensor a = random_rows<T>(draw, m, k);
  const at::Tensor wide = random_rows<T>(draw, k, columns);
  const at::Tensor room = room_for(run.pack_size(k, columns));
  const Packed packed = run.pack(read<T>(wide), wide.size(1), k, columns, words_of(room));
  expect_products(run, a, wide.narrow(1, 0, columns), packed, draw({columns}));
}

template <typename T>
void check_pack_transposed(const Kernels<T>& run, Draw& draw, std::int64_t m, std::int64_t k,
                           std::int64_t columns) {
  const at::Tensor a = random_rows<T>(draw, m, k);
  const at::Tensor wide = random_rows<T>(draw, columns, k);
  const at::Tensor room = room_for(run.pack_size(k, columns));
  const Packed packed =
      run.pack_transposed(read<T>(wide), wide.size(1), k, columns, words_of(room));
  expect_products(run, a, wide.narrow(1, 0, k).t(), packed, draw({columns}));
}

TEST(ProductKernelsTest, MultiplyEqualsAtensProduct) {
  for_each_kernels([]<typename T>(const Kernels<T>& run) {
    Draw draw;
    for (const std::int64_t m : {1, 5, 6, 7, 65})
      for (const std::int64_t k : {1, 2, 15, 64, 130})
        for (const std::int64_t columns : kSizes) {
          SCOPED_TRACE(testing::Message() << m << " x " << k << " x " << columns);
          check_pack(run, draw, m, k, columns);
          const bool is_odd_pair = k % 2 == 1 && kTypeOf<T> == at::kBFloat16;
          if (!is_odd_pair) check_pack_transposed(run, draw, m, k, columns);
        }
  });
}

TEST(ProductKernelsTest, MultiplyTakesMoreRowsThanOneBlock) {
  for_each_kernels([]<typename T>(const Kernels<T>& run) {
    Draw draw;
    check_pack(run, draw, 500, 34, 70);
    check_pack_transposed(run, draw, 500, 34, 70);
  });
}

/// out += a^T b, twice.
template <typename T>
void check_add_product(const Kernels<T>& run, Draw& draw, std::int64_t k, std::int64_t m,
                       std::int64_t n) {
  SCOPED_TRACE(testing::Message() << "(" << k << " x " << m << ")^T x " << n);
  const at::Tensor a = random_rows<T>(draw, k, m);
  const at::Tensor b = random_rows<T>(draw, k, n);
  const at::Tensor start = draw({m, n});
  const at::Tensor out = start.clone();
  const at::Tensor room = room_for(run.product_workspace(n));
  for (int time = 0; time < 2; ++time)
    run.add_product(read<T>(a), m, a.size(1), read<T>(b), n, b.size(1), k, write<float>(out),
                    words_of(room));
  const at::Tensor product =
      at::matmul(a.narrow(1, 0, m).to(at::kDouble).t(), b.narrow(1, 0, n).to(at::kDouble));
  EXPECT_TRUE(close_to(out, start + product * 2.0));
}

TEST(ProductKernelsTest, AddProductAddsAtensProduct) {
  for_each_kernels([]<typename T>(const Kernels<T>& run) {
    Draw draw;
    for (const std::int64_t m : kSizes)
      for (const std::int64_t n : kSizes)
        for (const std::int64_t k : {1, 7, 130}) check_add_product(run, draw, k, m, n);
    check_add_product(run, draw, 600, 401, 66);  // several blocks of k and of m
    check_add_product(run, draw, 513, 384, 64);
  });
}

TEST(ProductKernelsTest, AddColumnSumsAddsTheRows) {
  for_each_kernels([]<typename T>(const Kernels<T>& run) {
    Draw draw;
    for (const std::int64_t rows : kSizes)
      for (const std::int64_t columns : kSizes) {
        const at::Tensor matrix = draw({rows, columns}, kTypeOf<T>);
        const at::Tensor start = draw({columns});
        const at::Tensor sums = start.clone();
        run.add_column_sums(read<T>(matrix), rows, columns, write<float>(sums));
        EXPECT_TRUE(close_to(sums, start + matrix.to(at::kDouble).sum(0)))
            << rows << " x " << columns;
      }
  });
}

TEST(ProductKernelsTest, ProductsOfNothingAreNothing) {
  for_each_kernels([]<typename T>(const Kernels<T>& run) {
    Draw draw;
    check_pack(run, draw, 0, 8, 8);
    check_add_product(run, draw, 0, 8, 8);
  });
}

}  // namespace
}  // namespace heed
