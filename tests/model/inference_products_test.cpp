#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "model/inference/aligned_buffer.h"
#include "tests/support/kernel_testing.h"

namespace heed {
namespace {

/// Calls `body(products, what rounding costs relative to the largest result)`.
template <typename Body>
void for_each_precision(const Body& body) {
  at::set_num_threads(1);
  for (const KernelSet& set : kernel_sets()) {
    SCOPED_TRACE(set.name);
    body(set.inference.fp32, 1e-5);
    SCOPED_TRACE("bfloat16");
    body(set.inference.bf16, 1.0 / 128);
    SCOPED_TRACE("bytes");
    body(set.inference.int8, 1.0 / 50);
  }
}

/// An operand and room for it.
struct TestOperand {
  TestOperand(const InferenceProducts& run, std::int64_t rows, std::int64_t size) {
    const std::int64_t row_words = (size + run.per_word - 1) / run.per_word;
    operand = {words.reserve(rows * row_words), row_words, scales.reserve(rows),
               sums.reserve(rows)};
    std::fill_n(operand.words, rows * row_words, 0xffffffffU);  // what nobody wrote shows
  }

  AlignedBuffer<std::uint32_t> words;
  AlignedBuffer<float> scales;
  AlignedBuffer<std::int32_t> sums;
  Operand operand;
};

struct TestWeight {
  TestWeight(const InferenceProducts& run, const at::Tensor& matrix) {
    const std::int64_t columns = matrix.size(0);
    const std::int64_t k = matrix.size(1);
    packed = run.pack(read<float>(matrix), k, columns, words.reserve(run.pack_size(k, columns)),
                      scales.reserve(columns));
  }

  AlignedBuffer<std::uint32_t> words;
  AlignedBuffer<float> scales;
  PackedWeight packed;
};

TEST(InferenceProductsTest, EqualTheExactProductToTheirRounding) {
  for_each_precision([](const InferenceProducts& run, double rounding) {
    Draw draw;
    for (const std::int64_t k : {1, 6, 31, 128}) {
      for (const std::int64_t columns : {1, 16, 63, 130}) {
        for (const std::int64_t rows : {1, 5, 6, 13, 130}) {
          const at::Tensor a = draw({rows, k});
          const at::Tensor b = draw({columns, k});
          const at::Tensor bias = draw({columns});
          const at::Tensor before = draw({rows, columns + 3});
          TestOperand left(run, rows, k);
          run.convert(read<float>(a), k, rows, k, left.operand);
          const TestWeight right(run, b);
          const at::Tensor exact = at::matmul(a, b.t()) + bias;
          const double tolerance =
              rounding * (1.0 + at::matmul(a.abs(), b.abs().t()).max().item<double>());
          at::Tensor out = before.clone();
          run.multiply(left.operand, rows, right.packed,
                       {write<float>(out), columns + 3, read<float>(bias), nullptr, true});
          EXPECT_LT(
              largest_difference(out.narrow(1, 0, columns), before.narrow(1, 0, columns) + exact),
              tolerance);
          EXPECT_TRUE(at::equal(out.narrow(1, columns, 3), before.narrow(1, columns, 3)));
          const Activation relu = Activation::kRelu;
          run.multiply(left.operand, rows, right.packed,
                       {write<float>(out), columns + 3, read<float>(bias), &relu, false});
          EXPECT_LT(largest_difference(out.narrow(1, 0, columns), exact.clamp_min(0)), tolerance);
        }
      }
    }
  });
}

TEST(InferenceProductsTest, WholeNumbersAreExactInBytes) {
  for (const KernelSet& set : kernel_sets()) {
    SCOPED_TRACE(set.name);
    const InferenceProducts& run = set.inference.int8;
    Draw draw;
    at::Tensor a = draw.integers(255, {7, 37}).to(at::kFloat) - 127;
    at::Tensor b = draw.integers(255, {70, 37}).to(at::kFloat) - 127;
    a.select(1, 0).fill_(127);  // so that the scale is 1
    b.select(1, 0).fill_(-127);
    TestOperand left(run, 7, 37);
    run.convert(read<float>(a), 37, 7, 37, left.operand);
    const TestWeight right(run, b);
    at::Tensor out = at::empty({7, 70});
    run.multiply(left.operand, 7, right.packed, {write<float>(out), 70, nullptr, nullptr, false});
    EXPECT_TRUE(at::allclose(out, at::matmul(a, b.t()), 1e-6, 0.5));
  }
}

TEST(InferenceProductsTest, ZerosStayZeros) {
  for_each_precision([](const InferenceProducts& run, double) {
    const at::Tensor zeros = at::zeros({3, 20});
    TestOperand left(run, 3, 20);
    run.convert(read<float>(zeros), 20, 3, 20, left.operand);
    const TestWeight right(run, zeros);
    at::Tensor out = at::ones({3, 3});
    run.multiply(left.operand, 3, right.packed, {write<float>(out), 3, nullptr, nullptr, false});
    EXPECT_TRUE(at::equal(out, at::zeros({3, 3})));
  });
}

TEST(InferenceProductsTest, ANormIsThatOfLayerNorm) {
  for_each_precision([](const InferenceProducts& run, double) {
    Draw draw;
    for (const std::int64_t size : {6, 16, 130}) {
      const at::Tensor x = draw({9, size});
      const at::Tensor weight = draw({size});
      const at::Tensor bias = draw({size});
      const at::Tensor expected = at::layer_norm(x, {size}, weight, bias, 1e-5);
      const NormInput input{read<float>(x), 9, size, read<float>(weight), read<float>(bias)};
      at::Tensor normed = at::empty({9, size});
      TestOperand made(run, 9, size);
      run.norm(input, write<float>(normed), size, made.operand);
      EXPECT_LT(largest_difference(normed, expected), 1e-4);
      TestOperand converted(run, 9, size);
      run.convert(read<float>(normed), size, 9, size, converted.operand);
      EXPECT_TRUE(std::equal(made.operand.words, made.operand.words + 9 * made.operand.row_words,
                             converted.operand.words));
      run.norm(input, write<float>(normed), 0, made.operand);  // one row of room is enough
      EXPECT_LT(largest_difference(normed[0], expected[8]), 1e-4);
    }
  });
}

}  // namespace
}  // namespace heed
