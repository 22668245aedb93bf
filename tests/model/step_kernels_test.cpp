#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/kernel_testing.h"

namespace heed {
namespace {

template <typename T, typename Body>
void for_each_step_attention(const Body& body) {
  for (const KernelSet& set : kernel_sets()) {
    SCOPED_TRACE(set.name);
    if constexpr (std::is_same_v<T, float>)
      body(set.inference.attention_fp32);
    else
      body(set.inference.attention_bf16);
  }
}

/// softmax(q k^T / sqrt(head_dim)) v of one query and head.
at::Tensor attend_exactly(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(0)));
  return at::matmul(at::softmax(at::matmul(k, q) * scale, 0), v);
}

template <typename T>
void test_self_attention() {
  for_each_step_attention<T>([](const StepAttentionKernels<T>& run) {
    Draw draw;
    constexpr std::int64_t kHeads = 2;
    constexpr std::int64_t kRows = 3;
    for (const std::int64_t head_dim : {2, 16, 24, 32, 70}) {
      for (const std::int64_t positions : {1, 15, 16, 17, 40}) {
        const std::int64_t d_model = kHeads * head_dim;
        // Blocks have 5 rows each; every hypothesis goes back to rows of its own.
        const at::Tensor blocks = draw({positions, 5, 2 * d_model}, kTypeOf<T>);
        const at::Tensor ancestors = draw.integers(5, {kRows, positions + 2}).to(at::kInt);
        const at::Tensor queries = draw({kRows, 3 * d_model});
        std::vector<const T*> pointers;
        for (std::int64_t t = 0; t < positions; ++t)
          pointers.push_back(read<T>(blocks) + t * 5 * 2 * d_model);
        at::Tensor out = at::empty({kRows, d_model});
        std::vector<float> workspace(static_cast<std::size_t>(kHeads * (positions + 16)));
        run.self({kRows, kHeads, head_dim, positions, read<float>(queries), 3 * d_model,
                  pointers.data(), read<std::int32_t>(ancestors), positions + 2, write<float>(out),
                  workspace.data()});
        for (std::int64_t row = 0; row < kRows; ++row) {
          std::vector<at::Tensor> past;
          for (std::int64_t t = 0; t < positions; ++t)
            past.push_back(blocks[t][ancestors[row][t].template item<std::int32_t>()]);
          const at::Tensor kv = at::stack(past).to(at::kFloat);
          for (std::int64_t head = 0; head < kHeads; ++head) {
            const std::int64_t from = head * head_dim;
            const at::Tensor expected =
                attend_exactly(queries[row].narrow(0, from, head_dim), kv.narrow(1, from, head_dim),
                               kv.narrow(1, d_model + from, head_dim));
            EXPECT_LT(largest_difference(out[row].narrow(0, from, head_dim), expected), 1e-4)
                << "head_dim " << head_dim << ", positions " << positions;
          }
        }
      }
    }
  });
}

TEST(StepAttentionTest, SelfAttentionGoesBackThroughAncestors) {
  test_self_attention<float>();
  test_self_attention<BFloat16>();
}

template <typename T>
void test_cross_attention() {
  for_each_step_attention<T>([](const StepAttentionKernels<T>& run) {
    Draw draw;
    constexpr std::int64_t kHeads = 2;
    for (const std::int64_t head_dim : {2, 16, 24, 32, 70}) {
      for (const std::int64_t src_len : {1, 15, 16, 33}) {
        for (const std::int64_t rows : {1, 2, 5, 6, 9}) {
          const std::int64_t d_model = kHeads * head_dim;
          const at::Tensor kv = draw({src_len, 2 * d_model}, kTypeOf<T>).to(at::kFloat);
          const at::Tensor values = kv.narrow(1, d_model, d_model).to(kTypeOf<T>).contiguous();
          const at::Tensor queries = draw({rows, d_model}, kTypeOf<T>).to(at::kFloat);
          std::vector<std::uint32_t> keys(
              static_cast<std::size_t>(run.keys_size(src_len, kHeads, head_dim)));
          run.pack_keys(read<float>(kv), 2 * d_model, src_len, kHeads, head_dim, keys.data());
          at::Tensor out = at::empty({rows, d_model});
          at::Tensor weights = at::empty({rows, src_len});
          std::vector<float> workspace(static_cast<std::size_t>(rows * (src_len + 16 + head_dim)));
          run.cross({rows, kHeads, head_dim, src_len, read<float>(queries), keys.data(),
                     read<T>(values), write<float>(out), write<float>(weights), workspace.data()});
          EXPECT_LT(largest_difference(weights.sum(1), at::ones({rows})), 1e-5);
          for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t head = 0; head < kHeads; ++head) {
              const std::int64_t from = head * head_dim;
              const at::Tensor expected = attend_exactly(queries[row].narrow(0, from, head_dim),
                                                         kv.narrow(1, from, head_dim),
                                                         kv.narrow(1, d_model + from, head_dim));
              EXPECT_LT(largest_difference(out[row].narrow(0, from, head_dim), expected), 1e-4)
                  << "head_dim " << head_dim << ", src_len " << src_len << ", rows " << rows;
            }
        }
      }
    }
  });
}

TEST(StepAttentionTest, CrossAttentionOfAllHypothesesOfASentence) {
  test_cross_attention<float>();
  test_cross_attention<BFloat16>();
}

TEST(RowKernelsTest, GroupMaximaBoundTheLargestValues) {
  for (const KernelSet& set : kernel_sets()) {
    SCOPED_TRACE(set.name);
    Draw draw;
    for (const std::int64_t size : {1, 6, 16, 63, 64, 65, 200, 1000}) {
      const at::Tensor values = draw({size});
      std::vector<float> maxima(64);
      set.inference.rows.maxima(read<float>(values), size, maxima.data());
      for (std::int64_t group = 0; group < 64; ++group) {
        float expected = -std::numeric_limits<float>::infinity();
        for (std::int64_t i = group; i < size; i += 64)
          expected = std::max(expected, read<float>(values)[i]);
        EXPECT_EQ(maxima[static_cast<std::size_t>(group)], expected) << size;
      }
    }
  }
}

TEST(RowKernelsTest, TheLogOfTheSumOfExponentials) {
  for (const KernelSet& set : kernel_sets()) {
    SCOPED_TRACE(set.name);
    Draw draw;
    for (const std::int64_t size : {1, 15, 16, 63, 64, 200, 8000}) {
      for (const double spread : {0.01, 3.0, 40.0}) {
        at::Tensor values = draw({size}) * spread;
        if (size > 16) values[3].fill_(-std::numeric_limits<float>::infinity());
        const at::Tensor exact = values.to(at::kDouble);
        const double expected =
            ((exact - exact.max()).exp().sum().log() + exact.max()).item<double>();
        EXPECT_NEAR(
            set.inference.rows.log_sum_exp(read<float>(values), size, values.max().item<float>()),
            expected, 1e-6 * std::max(1.0, std::abs(expected)))
            << size << " values of spread " << spread;
      }
    }
  }
}

TEST(RowKernelsTest, ProbabilitiesAddUpAndHaveLogarithms) {
  for (const KernelSet& set : kernel_sets()) {
    SCOPED_TRACE(set.name);
    const RowKernels& rows = set.inference.rows;
    Draw draw;
    for (const std::int64_t size : {1, 15, 16, 200}) {
      at::Tensor values = draw({size}) * 20.0;
      values[0].fill_(-std::numeric_limits<float>::infinity());
      at::Tensor sums = at::full({size}, 0.25);
      rows.add_probabilities(read<float>(values), size, 3.0F, write<float>(sums));
      const at::Tensor expected = (values.to(at::kDouble) - 3).exp() + 0.25;
      EXPECT_TRUE(at::allclose(sums.to(at::kDouble), expected, 1e-6, 1e-30)) << size;
      rows.logarithms(write<float>(sums), size, 0.5F);
      EXPECT_LT(largest_difference(sums, expected.log() - 0.5), 2e-6) << size;
    }
    at::Tensor powers = ((at::arange(4001, at::kDouble) - 2000) / 23).exp().to(at::kFloat);
    const at::Tensor exact = powers.to(at::kDouble).log();
    rows.logarithms(write<float>(powers), 4001, 0.0F);
    EXPECT_TRUE(at::allclose(powers.to(at::kDouble), exact, 2e-7, 2e-7));
  }
}

TEST(RowKernelsTest, CollectsThePlacesOfAllThatReachTheThreshold) {
  for (const KernelSet& set : kernel_sets()) {
    SCOPED_TRACE(set.name);
    Draw draw;
    for (const std::int64_t size : {1, 16, 17, 200}) {
      at::Tensor values = draw({size});
      if (size > 1) values[1].fill_(std::numeric_limits<float>::quiet_NaN());  // has no rank
      for (const float threshold :
           {-std::numeric_limits<float>::infinity(), 0.0F, 9.0F, read<float>(values)[size - 1]}) {
        std::vector<std::int32_t> expected;
        for (std::int64_t i = 0; i < size; ++i)
          if (read<float>(values)[i] >= threshold) expected.push_back(static_cast<std::int32_t>(i));
        std::vector<std::int32_t> places(static_cast<std::size_t>(size));
        places.resize(static_cast<std::size_t>(
            set.inference.rows.collect(read<float>(values), size, threshold, places.data())));
        EXPECT_EQ(places, expected) << size << ", " << threshold;
      }
    }
  }
}

}  // namespace
}  // namespace heed
