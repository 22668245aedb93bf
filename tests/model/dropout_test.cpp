#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "model/dropout_stream.h"
#include "model/functions.h"
#include "tests/support/aten_ops.h"
#include "tests/support/tensor_matchers.h"

namespace heed {
namespace {

constexpr std::int64_t kSize = 200'000;

/// Dropout alone: relu leaves what is above zero as it is.
at::Tensor drop(const at::Tensor& positive, const Dropout& dropout) {
  return activate(positive, Activation::kRelu, dropout);
}

at::Tensor mask(double probability, std::uint64_t seed, at::IntArrayRef shape = {kSize}) {
  return drop(at::ones(shape), {probability, seed}).flatten() != 0.0;
}

/// Correlation of two masks of one probability, in standard deviations of chance.
double correlation(const at::Tensor& a, const at::Tensor& b, double probability) {
  const at::Tensor x = a.to(at::kDouble) - (1.0 - probability);
  const at::Tensor y = b.to(at::kDouble) - (1.0 - probability);
  const double variance = probability * (1.0 - probability);
  return (x * y).mean().item<double>() / variance * std::sqrt(static_cast<double>(a.numel()));
}

TEST(DropoutTest, KeepsTheRightShareAndScalesIt) {
  for (const double probability : {0.1, 0.3, 0.5, 0.9}) {
    const at::Tensor out = drop(at::full({kSize}, 2.0), {probability, 7});
    const double kept = (out != 0.0).to(at::kDouble).mean().item<double>();
    const double deviation = std::sqrt(probability * (1.0 - probability) / kSize);
    EXPECT_NEAR(kept, 1.0 - probability, 5.0 * deviation) << probability;
    EXPECT_NEAR(out.max().item<double>(), 2.0 / (1.0 - probability), 1e-5);
    EXPECT_NEAR(out.masked_select(out != 0.0).min().item<double>(), 2.0 / (1.0 - probability),
                1e-5);
  }
}

TEST(DropoutTest, ProbabilityZeroIsTheIdentity) {
  const at::Tensor x = at::randn({5, 7}).abs();
  EXPECT_TRUE(at::equal(drop(x, {0.0, 1}), x));
}

TEST(DropoutTest, TheMaskIsAFunctionOfTheSeed) {
  EXPECT_TRUE(at::equal(mask(0.3, 11), mask(0.3, 11)));
  EXPECT_FALSE(at::equal(mask(0.3, 11), mask(0.3, 12)));
}

TEST(DropoutTest, MasksOfDifferentSeedsAreIndependent) {
  const at::Tensor first = mask(0.3, 100);
  for (std::uint64_t seed = 101; seed < 120; ++seed)
    EXPECT_LT(std::abs(correlation(first, mask(0.3, seed), 0.3)), 5.0) << seed;
}

TEST(DropoutTest, NeighboursWithinAMaskAreIndependent) {
  // In one row, and in rows whose neighbours and columns are among the lags.
  for (const auto& shape : {std::vector<std::int64_t>{kSize}, {kSize / 64, 64}, {kSize / 16, 16}}) {
    const at::Tensor whole = mask(0.3, 5, shape);
    for (const std::int64_t lag : {1, 2, 3, 16, 64, 128, 512, 1024, 65'536}) {
      const at::Tensor a = whole.narrow(0, 0, kSize - lag);
      EXPECT_LT(std::abs(correlation(a, whole.narrow(0, lag, kSize - lag), 0.3)), 5.0)
          << lag << " in rows of " << shape.back();
    }
  }
}

TEST(DropoutTest, BackwardDropsWhatForwardDropped) {
  const at::Tensor x = at::randn({40, 50}).abs().add_(0.1).requires_grad_();
  const at::Tensor out = drop(x, {0.4, 21});
  const at::Tensor incoming = at::randn({50, 40}).t();  // strided, as a transposed use gives it
  out.backward(incoming);
  const at::Tensor scale = drop(at::ones({40, 50}), {0.4, 21});
  EXPECT_TRUE(close_to(out, x * scale, 1e-7));
  EXPECT_TRUE(close_to(x.grad(), incoming * scale, 1e-7));
}

TEST(DropoutTest, AStridedInputIsMaskedByPositionNotByAddress) {
  const at::Tensor x = at::randn({30, 20}).abs();
  EXPECT_TRUE(at::equal(drop(x.t().contiguous().t(), {0.5, 3}), drop(x, {0.5, 3})));
}

TEST(DropoutStreamTest, IsAFunctionOfSeedUpdateAndShard) {
  std::set<std::uint64_t> drawn;
  for (const std::uint64_t seed : {0, 1, 2})
    for (const std::uint64_t update : {0, 1, 2})
      for (const std::uint64_t shard : {0, 1, 2}) {
        DropoutStream stream(seed, update, shard);
        DropoutStream again(seed, update, shard);
        for (int draw = 0; draw < 20; ++draw) {
          const std::uint64_t value = stream.next();
          EXPECT_EQ(value, again.next());
          drawn.insert(value);
        }
      }
  EXPECT_EQ(drawn.size(), 27U * 20U);  // no two alike
}

}  // namespace
}  // namespace heed
