#include "model/muon.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/aten_ops.h"
#include "tests/support/tensor_matchers.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

/// A matrix with singular values from 1 down to 1/50: unlike each other, as those of momenta are.
at::Tensor uneven_matrix(std::int64_t rows, std::int64_t columns) {
  const auto [u, s, v] = at::linalg_svd(at::randn({rows, columns}), false);
  return (u * at::logspace(0.0, -1.7, s.numel(), 10.0, at::kFloat)).matmul(v);
}

at::Tensor by_kernels(const at::Tensor& matrix) {
  at::Tensor result = matrix.clone();
  orthogonalize(result.mutable_data_ptr<float>(), result.size(0), result.size(1));
  return result;
}

TEST(OrthogonalizeTest, KeepsSingularVectorsAndLevelsSingularValues) {
  for (const auto& [rows, columns] : {std::pair{48, 48}, {32, 80}, {96, 40}, {1, 7}, {130, 66}}) {
    SCOPED_TRACE(testing::Message() << rows << " x " << columns);
    const at::Tensor matrix = uneven_matrix(rows, columns);
    const at::Tensor result = by_kernels(matrix);
    const auto [u, s, v] = at::linalg_svd(matrix, false);
    // In the coordinates of the singular vectors the result is diagonal, too.
    const at::Tensor inside = u.t().matmul(result).matmul(v.t());
    const at::Tensor levelled = inside.diagonal();
    EXPECT_GT(levelled.min().item<float>(), 0.85);
    EXPECT_LT(levelled.max().item<float>(), 1.15);
    EXPECT_TRUE(close_to(inside, at::diag(levelled), 1e-3));
  }
}

TEST(OrthogonalizeTest, ScaleDoesNotMatterAndZerosStay) {
  const at::Tensor matrix = uneven_matrix(24, 40);
  EXPECT_TRUE(close_to(by_kernels(matrix * 1e-12), by_kernels(matrix), 1e-4));
  EXPECT_TRUE(at::equal(by_kernels(at::zeros({24, 40})), at::zeros({24, 40})));
}

TEST(OrthogonalizeTest, KernelsAndAtenAgree) {
  for (const auto& [rows, columns] : {std::pair{40, 40}, {24, 56}, {72, 32}}) {
    const at::Tensor batch = at::stack(
        {uneven_matrix(rows, columns), at::zeros({rows, columns}), uneven_matrix(rows, columns)});
    const at::Tensor expected = orthogonalized(batch);
    for (std::int64_t i = 0; i < batch.size(0); ++i)
      EXPECT_TRUE(close_to(by_kernels(batch[i]), expected[i], 1e-4)) << rows << " x " << columns;
  }
}

TEST(MuonTest, TwoStepsOfOneRowByHand) {
  // Of one row the orthogonalized momentum is its direction, at the length that the iteration ends
  // with.
  const double length = by_kernels(at::full({1, 4}, 1.0F)).norm().item<double>();
  EXPECT_NEAR(length, 1.0, 0.2);
  MuonOptions options;
  options.momentum = 0.75;
  options.weight_decay = 0.5;
  const Muon muon(options);
  const at::Tensor values = at::tensor({9.0F, 1.0F, 2.0F, 3.0F, 4.0F, 9.0F});
  const at::Tensor momentum = at::zeros({6});
  const at::Tensor grads = at::tensor({7.0F, 2.0F, 0.0F, 0.0F, 0.0F, 7.0F});
  const MuonMatrix row{1, 1, 4};
  muon.step(row, values, grads, momentum, 0.5, 0.1);
  // The mean is 0.25 of the gradient 1, and the update goes along its first axis.
  EXPECT_NEAR(momentum[1].item<double>(), 0.25, 1e-6);
  const double size = 0.1 * 0.2 * std::sqrt(4.0) * length;
  EXPECT_NEAR(values[1].item<double>(), 1.0 * 0.95 - size, 1e-5);
  EXPECT_NEAR(values[2].item<double>(), 2.0 * 0.95, 1e-5);
  // Then a gradient along the second axis: the means are (0.1875, 0.25), seen from the next update
  // (0.75 * 0.1875, 0.75 * 0.25 + 0.25).
  const double before = values[2].item<double>();
  muon.step(row, values, at::tensor({7.0F, 0.0F, 2.0F, 0.0F, 0.0F, 7.0F}), momentum, 0.5, 0.1);
  const double share = 0.4375 / std::hypot(0.140625, 0.4375);
  EXPECT_NEAR(values[2].item<double>(), before * 0.95 - size * share, 1e-5);
  EXPECT_EQ(values[0].item<double>(), 9.0);
  EXPECT_EQ(values[5].item<double>(), 9.0);
}

TEST(MuonTest, OnADeviceItIsTheSame) {
  const std::vector<MuonMatrix> matrices = {{0, 16, 16}, {256, 16, 32}, {768, 16, 16}};
  const Muon muon({0.9, 0.1});
  const at::Tensor start = at::randn({1024});
  const at::Tensor values = start.clone();
  const at::Tensor on_device = start.clone();
  const at::Tensor momentum = at::zeros({1024});
  const at::Tensor momentum_on_device = at::zeros({1024});
  for (int update = 0; update < 3; ++update) {
    const at::Tensor grads = at::randn({1024});
    for (const MuonMatrix& matrix : matrices) muon.step(matrix, values, grads, momentum, 0.5, 1.0);
    muon.step_on_device(matrices, on_device, grads, momentum_on_device, 0.5, 1.0);
  }
  EXPECT_TRUE(close_to(on_device, values, 1e-4));
  EXPECT_TRUE(close_to(momentum_on_device, momentum, 1e-5));
  EXPECT_FALSE(close_to(values, start, 0.05));
}

TEST(MuonTest, TakesTheMatricesOfLayers) {
  TransformerConfig config = tiny_config();
  config.encoder_layers = 1;
  config.tying = Tying::kNone;
  config.alignment_head = true;
  const TransformerModel model(config);
  const std::vector<MuonMatrix> matrices = layer_matrices(model.layout());
  // Encoder: 3 of queries, keys and values, 1 output, 2 feed-forward; decoder: 4 more.
  ASSERT_EQ(matrices.size(), 6U + 2 * 10U);
  std::int64_t end = 0;
  std::int64_t squares = 0;
  for (const MuonMatrix& matrix : matrices) {
    EXPECT_GE(matrix.offset, end);
    end = matrix.offset + matrix.numel();
    squares += static_cast<std::int64_t>(matrix.rows == 16 && matrix.columns == 16);
  }
  EXPECT_EQ(squares, 4 + 2 * 8);
  EXPECT_EQ(matrices[4].rows, 24);
  EXPECT_EQ(matrices[5].columns, 24);
}

}  // namespace
}  // namespace heed
