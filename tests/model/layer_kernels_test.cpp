#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/kernel_testing.h"

namespace heed {
namespace {

constexpr std::int64_t kRowSizes[] = {1, 5, 16, 17, 48, 63, 130};
constexpr std::int64_t kRows = 9;
constexpr Activation kActivations[] = {Activation::kRelu, Activation::kGelu, Activation::kSwish};

DropoutMask some_mask() {
  return make_mask({0.3, 77});
}

at::Tensor exact_activation(Activation kind, const at::Tensor& x) {
  return kind == Activation::kRelu   ? at::relu(x)
         : kind == Activation::kGelu ? at::gelu(x)
                                     : at::silu(x);
}

TEST(LayerKernelsTest, AllSetsDropTheSame) {
  const at::Tensor expected = mask_factors(200, 130, some_mask());
  EXPECT_NEAR((expected == 0.0).to(at::kDouble).mean().item<double>(), 0.3, 0.02);
  for_each_kernels([&]<typename T>(const Kernels<T>& run) {
    const at::Tensor mask = at::ones({200, 130}, kTypeOf<T>);
    run.activate(Activation::kRelu, read<T>(mask), 200, 130, some_mask(), write<T>(mask));
    EXPECT_TRUE(at::equal(mask, expected.to(kTypeOf<T>)));
  });
}

/// Forward and backward, each once more in place, against ATen in double under the same mask.
template <typename T>
void check_activation(const Kernels<T>& run, Activation kind, const at::Tensor& x,
                      const at::Tensor& out_grad, const DropoutMask& dropout) {
  const std::int64_t rows = x.size(0);
  const std::int64_t size = x.size(1);
  const at::Tensor leaf = exact_leaf(x);
  const at::Tensor expected = exact_activation(kind, leaf) * mask_factors(rows, size, dropout);
  expected.backward(out_grad.to(at::kDouble));
  const auto is_equal = [](const at::Tensor& actual, const at::Tensor& exact) {
    return at::allclose(actual.to(at::kDouble), exact, kRounding<T>, 2e-6);
  };
  at::Tensor out = at::empty_like(x);
  run.activate(kind, read<T>(x), rows, size, dropout, write<T>(out));
  EXPECT_TRUE(is_equal(out, expected));
  at::Tensor in_place = x.clone();
  run.activate(kind, read<T>(in_place), rows, size, dropout, write<T>(in_place));
  EXPECT_TRUE(at::equal(in_place, out));

  const at::Tensor& saved = kind == Activation::kRelu ? out : x;
  at::Tensor x_grad = at::empty_like(x);
  run.activate_backward(kind, read<T>(saved), read<T>(out_grad), rows, size, dropout,
                        write<T>(x_grad));
  EXPECT_TRUE(is_equal(x_grad, leaf.grad()));
  in_place = out_grad.clone();
  run.activate_backward(kind, read<T>(saved), read<T>(in_place), rows, size, dropout,
                        write<T>(in_place));
  EXPECT_TRUE(at::equal(in_place, x_grad));
}

TEST(LayerKernelsTest, ActivationsEqualAtens) {
  for_each_kernels([]<typename T>(const Kernels<T>& run) {
    Draw draw;
    for (const Activation kind : kActivations)
      for (const std::int64_t size : kRowSizes)
        for (const DropoutMask& dropout : {DropoutMask{}, some_mask()}) {
          SCOPED_TRACE(testing::Message() << "activation " << static_cast<int>(kind) << " of "
                                          << size << ", mask " << dropout.drop_below);
          check_activation(run, kind, draw({kRows, size}, kTypeOf<T>) * 3.0,
                           draw({kRows, size}, kTypeOf<T>), dropout);
        }
  });
}

TEST(LayerKernelsTest, ActivationsOfExtremesEqualAtens) {
  for_each_kernels([]<typename T>(const Kernels<T>& run) {
    const at::Tensor x =
        at::tensor({-1e30, -1e4, -100.0, -20.0, -1e-3, 0.0, 1e-3, 20.0, 100.0, 1e4, 1e15})
            .to(kTypeOf<T>)
            .unsqueeze(0);
    for (const Activation kind : kActivations) {
      SCOPED_TRACE(static_cast<int>(kind));
      check_activation(run, kind, x, at::ones_like(x), DropoutMask{});
    }
  });
}

TEST(LayerKernelsTest, ActivationsPassOnWhatIsNotANumber) {
  for_each_kernels([]<typename T>(const Kernels<T>& run) {
    const at::Tensor x = at::full({1, 3}, std::nan(""), kTypeOf<T>);
    for (const Activation kind : kActivations) {
      at::Tensor out = at::zeros_like(x);
      run.activate(kind, read<T>(x), 1, 3, DropoutMask{}, write<T>(out));
      EXPECT_TRUE(out.isnan().all().item<bool>()) << static_cast<int>(kind);
    }
  });
}

/// What add_and_norm takes, gives and goes backward from.
struct NormCase {
  template <typename T>
  static NormCase make(Draw& draw, std::int64_t size) {
    const auto rows = [&] { return draw({kRows, size}, kTypeOf<T>); };
    return {rows() + 2.0, rows(), draw({size}) + 1.0, draw({size}), rows(), rows(), {}, {}};
  }

  at::Tensor x, y, weight, bias, normed_grad, sum_grad;
  at::Tensor sum, statistics;

  template <typename T>
  ResidualNormArguments<T> arguments(const DropoutMask& dropout) const {
    ResidualNormArguments<T> args;
    args.rows = x.size(0);
    args.size = x.size(1);
    args.dropout = dropout;
    args.weight = read<float>(weight);
    args.sum = write<T>(sum);
    args.statistics = write<float>(statistics);
    return args;
  }
};

/// With the second addend and its mask; with `has_sum_grad` both results are used.
template <typename T>
void check_add_and_norm(const Kernels<T>& run, const NormCase& in, const DropoutMask& dropout,
                        bool has_sum_grad) {
  const at::Tensor x = exact_leaf(in.x), y = exact_leaf(in.y);
  const at::Tensor weight = exact_leaf(in.weight), bias = exact_leaf(in.bias);
  const std::int64_t size = in.x.size(1);
  const at::Tensor sum = x + y * mask_factors(kRows, size, dropout);
  const at::Tensor normed = at::layer_norm(sum, {size}, weight, bias, 1e-5);
  const at::Tensor from_sum = has_sum_grad ? (sum * in.sum_grad).sum() : at::zeros({});
  ((normed * in.normed_grad).sum() + from_sum).backward();

  auto args = in.arguments<T>(dropout);
  const at::Tensor out = at::empty_like(in.x);
  args.x = read<T>(in.x);
  args.y = read<T>(in.y);
  args.bias = read<float>(in.bias);
  args.normed = write<T>(out);
  run.residual_norm_forward(args);
  EXPECT_TRUE(close_to(in.sum, sum, kRounding<T>));
  EXPECT_TRUE(close_to(out, normed, kTolerance<T>));

  auto back = in.arguments<T>(dropout);
  const at::Tensor x_grad = at::empty_like(in.x), y_grad = at::empty_like(in.x);
  const at::Tensor weight_grad = at::ones({size}), bias_grad = at::ones({size});
  back.normed_grad = read<T>(in.normed_grad);
  back.sum_grad = has_sum_grad ? read<T>(in.sum_grad) : nullptr;
  back.x_grad = write<T>(x_grad);
  back.y_grad = write<T>(y_grad);
  back.weight_grad = write<float>(weight_grad);
  back.bias_grad = write<float>(bias_grad);
  run.residual_norm_backward(back);
  EXPECT_TRUE(close_to(x_grad, x.grad(), kTolerance<T>));
  EXPECT_TRUE(close_to(y_grad, y.grad(), kTolerance<T>));
  EXPECT_TRUE(close_to(weight_grad, weight.grad() + 1.0, kTolerance<T>));
  EXPECT_TRUE(close_to(bias_grad, bias.grad() + 1.0));
}

TEST(LayerKernelsTest, AddAndNormEqualsAtens) {
  for_each_kernels([]<typename T>(const Kernels<T>& run) {
    Draw draw;
    for (const std::int64_t size : {5, 16, 17, 63, 130})
      for (const bool has_sum_grad : {true, false}) {
        SCOPED_TRACE(testing::Message() << size << ", gradient of the sum: " << has_sum_grad);
        NormCase in = NormCase::make<T>(draw, size);
        in.sum = at::empty_like(in.x);
        in.statistics = at::empty({kRows, 2});
        check_add_and_norm(run, in, some_mask(), has_sum_grad);
      }
  });
}

TEST(LayerKernelsTest, TheNormAloneIsThatOfASumWithZero) {
  for_each_kernels([]<typename T>(const Kernels<T>& run) {
    Draw draw;
    const NormCase in = NormCase::make<T>(draw, 21);
    const at::Tensor statistics = at::empty({kRows, 2});
    const at::Tensor results = at::empty({2, kRows, 21}, kTypeOf<T>);
    const at::Tensor sum = at::empty_like(in.x);
    const at::Tensor zero = at::zeros_like(in.x);
    for (const bool has_y : {false, true}) {
      auto args = in.arguments<T>(DropoutMask{});
      args.x = read<T>(in.x);
      args.y = has_y ? read<T>(zero) : nullptr;
      args.sum = has_y ? write<T>(sum) : nullptr;
      args.statistics = write<float>(statistics);
      args.bias = read<float>(in.bias);
      args.normed = write<T>(results[has_y ? 1 : 0]);
      run.residual_norm_forward(args);
    }
    EXPECT_TRUE(at::equal(results[0], results[1]));
    EXPECT_TRUE(at::equal(sum, in.x));
  });
}

TEST(LayerKernelsTest, EmbedEqualsLookingUp) {
  for_each_kernels([]<typename T>(const Kernels<T>& run) {
    Draw draw;
    for (const std::int64_t size : kRowSizes) {
      const at::Tensor table = draw({11, size}, kTypeOf<T>), positions = draw({4, size});
      const at::Tensor ids = draw.integers(11, {kRows});  // fewer than rows: some come twice
      const at::Tensor places = draw.integers(4, {kRows}).to(at::kInt);
      const at::Tensor exact_table = exact_leaf(table), exact_positions = exact_leaf(positions);
      const at::Tensor expected =
          (at::embedding(exact_table, ids) * 1.5 + exact_positions.index_select(0, places)) *
          mask_factors(kRows, size, some_mask());
      const at::Tensor grad = draw({kRows, size}, kTypeOf<T>);
      expected.backward(grad.to(at::kDouble));

      const at::Tensor out = at::empty_like(grad);
      run.embed(read<T>(table), read<std::int64_t>(ids), read<std::int32_t>(places),
                read<float>(positions), kRows, size, 1.5F, some_mask(), write<T>(out));
      EXPECT_TRUE(close_to(out, expected, kRounding<T>)) << size;
      const at::Tensor table_grad = at::ones({11, size}), positions_grad = at::ones({4, size});
      for (float* of_positions : {write<float>(positions_grad), static_cast<float*>(nullptr)})
        run.embed_backward(read<T>(grad), read<std::int64_t>(ids), read<std::int32_t>(places),
                           kRows, size, 1.5F, some_mask(), write<float>(table_grad), of_positions);
      EXPECT_TRUE(close_to(table_grad, exact_table.grad() * 2.0 + 1.0)) << size;
      EXPECT_TRUE(close_to(positions_grad, exact_positions.grad() + 1.0)) << size;
    }
  });
}

TEST(LayerKernelsTest, RotateTurnsPairsAndBack) {
  for_each_kernels([]<typename T>(const Kernels<T>& run) {
    Draw draw;
    for (const std::int64_t half : {1, 3, 4, 8, 16, 21}) {
      const std::int64_t heads = 3, columns = heads * 2 * half;
      const at::Tensor before = draw({kRows, columns + 5}, kTypeOf<T>);
      const at::Tensor angles = draw({4, half}) * 3.0;
      const at::Tensor table = at::cat({angles.cos(), angles.sin()}, 1);
      const at::Tensor places = draw.integers(4, {kRows}).to(at::kInt);
      RotaryArguments arguments{kRows,    columns + 5,        columns,
                                2 * half, read<float>(table), read<std::int32_t>(places)};
      const at::Tensor x = before.clone();
      run.rotate(arguments, write<T>(x));

      const auto parts =
          before.to(at::kDouble).narrow(1, 0, columns).view({kRows, heads, 2, half}).unbind(2);
      const at::Tensor angle = angles.index_select(0, places).unsqueeze(1).to(at::kDouble);
      const at::Tensor expected = at::cat({parts[0] * angle.cos() - parts[1] * angle.sin(),
                                           parts[1] * angle.cos() + parts[0] * angle.sin()},
                                          2)
                                      .view({kRows, columns});
      EXPECT_TRUE(close_to(x.narrow(1, 0, columns), expected, kRounding<T>)) << half;
      EXPECT_TRUE(at::equal(x.narrow(1, columns, 5), before.narrow(1, columns, 5))) << half;
      arguments.is_back = true;
      run.rotate(arguments, write<T>(x));
      EXPECT_TRUE(close_to(x, before.to(at::kDouble), 2.0 * kRounding<T>)) << half;
    }
  });
}

}  // namespace
}  // namespace heed
