#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/support/kernel_testing.h"

namespace heed {
namespace {

using Lengths = std::vector<std::int32_t>;

const Lengths kQueryLengths = {0, 1, 15, 16, 17, 70, 200};
const Lengths kKeyLengths = {16, 200, 1, 70, 15, 17, 0};
constexpr std::int64_t kHeads = 2;

/// One call of the kernels; queries, keys and values lie in tensors wider than they are.
struct AttentionCase {
  template <typename T>
  static AttentionCase make(Draw& draw, const Packing& queries, const Packing& keys,
                            std::int64_t head_dim, bool is_causal) {
    const std::int64_t width = kHeads * head_dim;
    AttentionCase made{queries, keys, head_dim, is_causal, {}, {}, {}, {}, {}, {}};
    made.q = draw({queries.rows(), width + 2}, kTypeOf<T>);
    made.kv = draw({keys.rows(), 2 * width}, kTypeOf<T>);
    made.out_grad = draw({queries.rows(), width}, kTypeOf<T>);
    return made;
  }

  Packing q_packing, k_packing;
  std::int64_t head_dim;
  bool is_causal;
  DropoutMask dropout;
  at::Tensor q, kv, out_grad;
  at::Tensor mask;     // [q_rows, heads, longest key]: what dropout multiplies weights by
  at::Tensor storage;  // of the workspace

  std::int64_t width() const { return kHeads * head_dim; }

  template <typename T>
  AttentionArguments<T> arguments(const Kernels<T>& run) {
    AttentionArguments<T> args;
    args.batch = q_packing.batch();
    args.heads = kHeads;
    args.head_dim = head_dim;
    args.causal = is_causal;
    args.q_offsets = read<std::int32_t>(q_packing.offsets());
    args.k_offsets = read<std::int32_t>(k_packing.offsets());
    args.q = read<T>(q);
    args.k = read<T>(kv);
    args.v = args.k + width();
    args.q_stride = q.size(1);
    args.kv_stride = kv.size(1);
    args.dropout = dropout;
    storage = at::empty({run.attention_workspace(k_packing.longest(), head_dim)});
    args.workspace = write<float>(storage);
    return args;
  }
};

/// The formula, sentence by sentence, in double.
at::Tensor exact_attention(const AttentionCase& in, const at::Tensor& q, const at::Tensor& kv) {
  const auto heads = [&](const at::Tensor& x) {  // [rows, width] -> [heads, rows, head_dim]
    return x.unflatten(1, {kHeads, in.head_dim}).transpose(0, 1);
  };
  std::vector<at::Tensor> results;
  for (std::int64_t s = 0; s < in.q_packing.batch(); ++s) {
    const std::int64_t rows = in.q_packing.length(s), keys = in.k_packing.length(s);
    const at::Tensor of_q = q.narrow(0, in.q_packing.begin(s), rows).narrow(1, 0, in.width());
    const at::Tensor of_kv = kv.narrow(0, in.k_packing.begin(s), keys);
    at::Tensor scores =
        at::matmul(heads(of_q), heads(of_kv.narrow(1, 0, in.width())).transpose(1, 2)) /
        std::sqrt(static_cast<double>(in.head_dim));
    if (in.is_causal) scores = scores + at::full({rows, keys}, -1e30, at::kDouble).triu(1);
    at::Tensor weights = at::softmax(scores, -1);
    if (in.mask.defined())
      weights = weights *
                in.mask.narrow(0, in.q_packing.begin(s), rows).narrow(2, 0, keys).transpose(0, 1);
    const at::Tensor mixed = at::matmul(weights, heads(of_kv.narrow(1, in.width(), in.width())));
    results.push_back(mixed.transpose(0, 1).flatten(1));
  }
  return at::cat(results);
}

struct AttentionResult {
  at::Tensor out, q_grad, kv_grad;
};

template <typename T>
AttentionResult run_kernels(const Kernels<T>& run, AttentionCase& in) {
  const AttentionResult result{at::empty_like(in.out_grad), at::zeros_like(in.q),
                               at::zeros_like(in.kv)};
  const at::Tensor log_sums = at::empty({in.q.size(0), kHeads});
  auto args = in.arguments(run);
  args.out = write<T>(result.out);
  args.log_sums = write<float>(log_sums);
  run.attention_forward(args);
  args.out_grad = read<T>(in.out_grad);
  args.q_grad = write<T>(result.q_grad);
  args.k_grad = write<T>(result.kv_grad);
  args.v_grad = args.k_grad + in.width();
  run.attention_backward(args);
  return result;
}

template <typename T>
void check_attention(const Kernels<T>& run, AttentionCase in) {
  SCOPED_TRACE(testing::Message() << "head_dim " << in.head_dim << ", causal " << in.is_causal
                                  << ", mask " << in.dropout.drop_below);
  const at::Tensor q = exact_leaf(in.q), kv = exact_leaf(in.kv);
  const at::Tensor expected = exact_attention(in, q, kv);
  expected.backward(in.out_grad.to(at::kDouble));
  const AttentionResult actual = run_kernels(run, in);
  EXPECT_TRUE(close_to(actual.out, expected, kRounding<T>));
  EXPECT_TRUE(close_to(actual.q_grad, q.grad(), kTolerance<T>)) << "of queries";
  for (const std::int64_t first : {std::int64_t{0}, in.width()})
    EXPECT_TRUE(close_to(actual.kv_grad.narrow(1, first, in.width()),
                         kv.grad().narrow(1, first, in.width()), kTolerance<T>))
        << (first == 0 ? "of keys" : "of values");
}

/// Over the longest sentence of keys: equal scores and values that are rows of the identity give
/// back each weight's mask. Masks don't depend on head_dim.
at::Tensor extract_mask(const Kernels<float>& run, const AttentionCase& in) {
  const std::int64_t longest = in.k_packing.longest();
  Draw draw;
  AttentionCase probe =
      AttentionCase::make<float>(draw, in.q_packing, in.k_packing, longest, in.is_causal);
  probe.dropout = in.dropout;
  probe.q.zero_();
  probe.kv.zero_();
  const at::Tensor places = in.k_packing.positions().to(at::kLong).unsqueeze(1);
  for (std::int64_t head = 0; head < kHeads; ++head)
    probe.kv.narrow(1, probe.width() + head * longest, longest).scatter_(1, places, 1.0);
  at::Tensor mask = run_kernels(run, probe).out.unflatten(1, {kHeads, longest});
  for (std::int64_t s = 0; s < in.q_packing.batch(); ++s) {
    const auto keys = static_cast<double>(in.k_packing.length(s));
    mask.narrow(0, in.q_packing.begin(s), in.q_packing.length(s)).mul_(keys);
  }
  return mask;
}

TEST(AttentionKernelsTest, SelfAttentionEqualsTheFormula) {
  const Packing packing(kQueryLengths);
  for_each_kernels([&]<typename T>(const Kernels<T>& run) {
    Draw draw;
    for (const std::int64_t head_dim : {4, 8, 32, 40})
      for (const bool is_causal : {false, true})
        check_attention(run, AttentionCase::make<T>(draw, packing, packing, head_dim, is_causal));
  });
}

TEST(AttentionKernelsTest, CrossAttentionEqualsTheFormula) {
  for_each_kernels([]<typename T>(const Kernels<T>& run) {
    Draw draw;
    for (const std::int64_t head_dim : {4, 8, 32, 40})
      check_attention(run, AttentionCase::make<T>(draw, Packing(kQueryLengths),
                                                  Packing(kKeyLengths), head_dim, false));
  });
}

TEST(AttentionKernelsTest, DropsWeightsForwardAndBackwardByOneMask) {
  Draw draw;
  const DropoutMask dropout = make_mask({0.3, 5});
  const Packing queries(kQueryLengths), keys(kKeyLengths);
  AttentionCase plain = AttentionCase::make<float>(draw, queries, keys, 8, false);
  plain.dropout = dropout;
  const at::Tensor mask = extract_mask(kernel_sets().front().fp32, plain);
  for (const KernelSet& set : kernel_sets())
    EXPECT_TRUE(close_to(extract_mask(set.fp32, plain), mask, 1e-6)) << set.name;
  for_each_kernels([&]<typename T>(const Kernels<T>& run) {
    AttentionCase in = AttentionCase::make<T>(draw, queries, keys, 8, false);
    in.dropout = dropout;
    in.mask = mask.to(at::kDouble);
    check_attention(run, in);
  });
}

TEST(AttentionKernelsTest, DroppedWeightsAreAShareOfEachRowAndDifferByHead) {
  Draw draw;
  const Packing packing(Lengths{200});
  AttentionCase in = AttentionCase::make<float>(draw, packing, packing, 8, false);
  in.dropout = make_mask({0.3, 5});
  const at::Tensor mask = extract_mask(kernel_sets().front().fp32, in);
  const at::Tensor is_dropped = mask == 0.0;
  const at::Tensor share_of_rows = is_dropped.to(at::kDouble).mean(-1);
  EXPECT_NEAR(share_of_rows.mean().item<double>(), 0.3, 0.01);
  EXPECT_LT((share_of_rows - 0.3).abs().max().item<double>(), 0.2);  // 6 standard deviations
  const at::Tensor both = is_dropped.select(1, 0) * is_dropped.select(1, 1);
  EXPECT_NEAR(both.to(at::kDouble).mean().item<double>(), 0.09, 0.01);
}

TEST(AttentionKernelsTest, HugeScoresStayFinite) {
  const Packing packing(Lengths{33});
  for_each_kernels([&]<typename T>(const Kernels<T>& run) {
    Draw draw;
    AttentionCase in = AttentionCase::make<T>(draw, packing, packing, 8, true);
    in.q.mul_(1e4);
    const AttentionResult actual = run_kernels(run, in);
    EXPECT_TRUE(close_to(actual.out,
                         exact_attention(in, in.q.to(at::kDouble), in.kv.to(at::kDouble)),
                         kRounding<T>));
    EXPECT_TRUE(is_finite(actual.q_grad) && is_finite(actual.kv_grad));
  });
}

TEST(AttentionKernelsTest, ANanInAQueryOrAKeyIsSeen) {
  const Packing packing(Lengths{20});
  for_each_kernels([&]<typename T>(const Kernels<T>& run) {
    Draw draw;
    for (const bool is_query : {true, false}) {
      AttentionCase in = AttentionCase::make<T>(draw, packing, packing, 8, false);
      (is_query ? in.q : in.kv).select(1, 3).fill_(std::nan(""));  // of the first head
      const at::Tensor out = run_kernels(run, in).out;
      EXPECT_TRUE(out.narrow(1, 0, 8).isnan().all().item<bool>()) << "query " << is_query;
      EXPECT_TRUE(is_finite(out.narrow(1, 8, 8))) << "of the other head";
    }
  });
}

}  // namespace
}  // namespace heed
