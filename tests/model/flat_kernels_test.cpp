#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/kernel_testing.h"

namespace heed {
namespace {

TEST(LossKernelTest, ARowEqualsAtensCrossEntropy) {
  for_each_kernels([]<typename T>(const Kernels<T>& run) {
    Draw draw;
    for (const std::int64_t size : {2, 15, 16, 17, 301})
      for (const double smoothing : {0.0, 0.1}) {
        const at::Tensor logits = draw({1, size}) * 5.0;
        const at::Tensor target = draw.integers(size, {1});
        const at::Tensor leaf = exact_leaf(logits);
        const at::Tensor expected =
            at::cross_entropy_loss(leaf, target, {}, at::Reduction::Sum, -100, smoothing);
        expected.backward();
        const at::Tensor grad = at::empty({1, size}, kTypeOf<T>);
        const auto row = [&](T* to) {
          const at::Tensor used_up = logits.clone();
          return run.loss_row(write<float>(used_up), size, target.item<std::int64_t>(), smoothing,
                              to);
        };
        EXPECT_NEAR(row(write<T>(grad)), expected.item<double>(), 1e-5) << size;
        EXPECT_EQ(row(nullptr), row(write<T>(grad))) << size;
        EXPECT_TRUE(close_to(grad, leaf.grad(), kRounding<T>)) << size;
      }
  });
}

TEST(FlatKernelsTest, AdamIsItsFormula) {
  AdamStep step{0.9F, 0.98F, 0.1F, 0.02F, 0.5F, 0.01F, 3.0F, 1e-8F, 0.002F};
  for (const KernelSet& set : kernel_sets()) {
    Draw draw;
    const at::Tensor value = draw({37}), grad = draw({37}), first = draw({37});
    const at::Tensor second = draw({37}).square();
    const at::Tensor g = grad.to(at::kDouble) * 0.5;
    const at::Tensor new_first = first * 0.9 + g * 0.1;
    const at::Tensor new_second = second * 0.98 + g * g * 0.02;
    const at::Tensor new_value =
        value * 0.998 - new_first * 0.01 / (new_second.sqrt() * 3.0 + 1e-8);
    set.flat.adam(step, 37, write<float>(value), read<float>(grad), write<float>(first),
                  write<float>(second));
    EXPECT_TRUE(close_to(first, new_first, 1e-6)) << set.name;
    EXPECT_TRUE(close_to(second, new_second, 1e-6)) << set.name;
    EXPECT_TRUE(close_to(value, new_value, 1e-6)) << set.name;
  }
}

TEST(FlatKernelsTest, SumsAndConversionsEqualAtens) {
  for (const KernelSet& set : kernel_sets()) {
    Draw draw;
    for (const std::int64_t size : {0, 1, 7, 8, 16, 1003}) {
      const at::Tensor x = draw({size}), sum = draw({size});
      EXPECT_NEAR(set.flat.sum_of_squares(read<float>(x), size),
                  x.to(at::kDouble).square().sum().item<double>(), 1e-9);
      const at::Tensor expected = sum + x;
      set.flat.add(write<float>(sum), read<float>(x), size);
      EXPECT_TRUE(at::equal(sum, expected)) << set.name;
      const at::Tensor rounded = at::empty({size}, at::kBFloat16);
      set.flat.to_bfloat16(read<float>(x), size, write<BFloat16>(rounded));
      EXPECT_TRUE(at::equal(rounded, x.to(at::kBFloat16))) << set.name;
    }
  }
}

TEST(FlatKernelsTest, Bfloat16TiesGoToEvenAndWhatIsNotANumberStays) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  // 1 + 2^-8 and 1 + 3 * 2^-8 lie between two neighbours.
  const at::Tensor x = at::tensor({1.00390625F, 1.01171875F, infinity, -infinity, 3.4e38F, nan});
  for (const KernelSet& set : kernel_sets()) {
    const at::Tensor rounded = at::empty({6}, at::kBFloat16);
    set.flat.to_bfloat16(read<float>(x), 6, write<BFloat16>(rounded));
    const at::Tensor expected = at::tensor({1.0F, 1.015625F, infinity, -infinity, infinity});
    EXPECT_TRUE(at::equal(rounded.narrow(0, 0, 5).to(at::kFloat), expected)) << set.name;
    EXPECT_TRUE(std::isnan(rounded[5].item<float>())) << set.name;
  }
}

}  // namespace
}  // namespace heed
