#include "model/parameters.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <thread>

#include "tests/support/aten_ops.h"
#include "tests/support/tensor_matchers.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

const ParameterSpec& find(const ParameterLayout& layout, const std::string& name) {
  for (const ParameterSpec& spec : layout.specs())
    if (spec.name == name) return spec;
  throw std::runtime_error("no parameter " + name);
}

TEST(ParameterLayoutTest, PartsAreAlignedInOrderAndApart) {
  for (const TransformerConfig& config : every_variant()) {
    const TransformerModel model(config);
    const ParameterLayout& layout = model.layout();
    std::set<std::string> names;
    std::int64_t end = 0;
    std::int64_t total = 0;
    for (const ParameterSpec& spec : layout.specs()) {
      EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
      EXPECT_EQ(spec.offset % 16, 0) << spec.name;
      EXPECT_GE(spec.offset, end) << spec.name;
      EXPECT_LT(spec.offset, end + 16) << spec.name;
      EXPECT_EQ(spec.numel, at::zeros(spec.shape).numel()) << spec.name;
      end = spec.offset + spec.numel;
      total += spec.numel;
    }
    EXPECT_LE(end, layout.size());
    EXPECT_LT(layout.size(), end + 16);
    EXPECT_EQ(layout.num_parameters(), total);
    EXPECT_EQ(count_parameters(config), total);
  }
}

TEST(ParameterLayoutTest, AViewSharesTheBuffersMemory) {
  const TransformerModel model(tiny_config());
  const at::Tensor buffer = model.layout().make_buffer();
  EXPECT_EQ(buffer.abs().sum().item<float>(), 0.0F);
  const ParameterSpec& spec = model.layout().specs()[2];
  ParameterLayout::view(buffer, spec).fill_(3.0);
  EXPECT_EQ(buffer.sum().item<double>(), 3.0 * static_cast<double>(spec.numel));
  EXPECT_EQ(buffer[spec.offset].item<float>(), 3.0F);
}

TEST(ParameterLayoutTest, InitialValuesAreAFunctionOfTheSeed) {
  const TransformerModel model(tiny_config());
  const auto drawn = [&](std::uint64_t seed) {
    at::Tensor values = model.layout().make_buffer();
    model.layout().initialize(values, seed);
    return values;
  };
  EXPECT_TRUE(at::equal(drawn(5), drawn(5)));
  EXPECT_FALSE(at::equal(drawn(5), drawn(6)));
}

TEST(ParameterLayoutTest, InitialValuesHaveTheirDistributions) {
  TransformerConfig config = tiny_config();
  config.src_vocab_size = config.tgt_vocab_size = 2000;
  const TransformerModel model(config);
  at::Tensor values = model.layout().make_buffer();
  model.layout().initialize(values, 1);
  const auto part = [&](const char* name) {
    return ParameterLayout::view(values, find(model.layout(), name));
  };
  EXPECT_NEAR(part("src_embedding.weight").std().item<double>(), 0.25, 0.01);  // 16^-1/2
  const at::Tensor projection = part("encoder.layers.0.self_attention.query_key_value.weight");
  const double bound = std::sqrt(6.0 / (16 + 48));
  EXPECT_LE(projection.abs().max().item<double>(), bound);
  EXPECT_NEAR(projection.std().item<double>(), bound / std::sqrt(3.0), 0.02);
  EXPECT_EQ(part("encoder.layers.0.self_attention.output.bias").abs().max().item<float>(), 0.0F);
  EXPECT_EQ(part("decoder.norm.weight").min().item<float>(), 1.0F);
  double in_parts = 0.0;
  for (const ParameterSpec& spec : model.layout().specs())
    in_parts += ParameterLayout::view(values, spec).abs().sum().item<double>();
  EXPECT_NEAR(in_parts, values.abs().sum().item<double>(), 1e-2);  // nothing in the gaps
}

TEST(BindParametersTest, TwoModulesShareValuesButNotGradients) {
  TinyModel tiny(tiny_config());
  at::Tensor other_grads = tiny.model.layout().make_buffer();
  const auto other = tiny.model.make_replica(other_grads);
  const Pairs pairs(random_sentences({4, 3}, 12, 1), random_sentences({3, 5}, 12, 2));
  forward_backward(*tiny.replica, pairs);
  EXPECT_GT(tiny.grads.abs().max().item<float>(), 0.0F);
  EXPECT_EQ(other_grads.abs().max().item<float>(), 0.0F);
  forward_backward(*other, pairs);
  EXPECT_TRUE(at::equal(other_grads, tiny.grads));
  const double before = forward_loss(*other, pairs);
  tiny.model.values().mul_(0.5);  // one update reaches every module
  EXPECT_NE(forward_loss(*other, pairs), before);
  EXPECT_EQ(forward_loss(*other, pairs), forward_loss(*tiny.replica, pairs));
}

TEST(BindParametersTest, BackwardAccumulatesIntoTheFlatBuffer) {
  for (const TransformerConfig& config : every_variant()) {
    SCOPED_TRACE(describe(config));
    TinyModel tiny(config);
    const Pairs pairs(random_sentences({4, 3}, 12, 1), random_sentences({3, 5}, 12, 2));
    forward_backward(*tiny.replica, pairs);
    const at::Tensor once = tiny.grads.clone();
    forward_backward(*tiny.replica, pairs);
    EXPECT_TRUE(close_to(tiny.grads, once * 2.0, 1e-6));
    auto spec = tiny.model.layout().specs().begin();
    tiny.replica->visit_parameters(
        [&](const std::string& name, at::Tensor& parameter, at::IntArrayRef, Initializer) {
          EXPECT_EQ(parameter.const_data_ptr(),
                    tiny.model.values().const_data_ptr<float>() + spec->offset)
              << name;
          EXPECT_EQ(parameter.grad().const_data_ptr(),
                    tiny.grads.const_data_ptr<float>() + spec->offset)
              << name;
          // Keys' biases shift all of a query's scores alike, so theirs may vanish; others don't.
          EXPECT_GT(parameter.grad().abs().max().item<float>(), 0.0F) << name;
          ++spec;
        });
  }
}

TEST(BindParametersTest, LowPrecisionIsOfMatricesAndEmbeddingsOnly) {
  for (const TransformerConfig& config : every_variant()) {
    SCOPED_TRACE(describe(config));
    TinyModel tiny(config);
    const at::Tensor grads = tiny.model.layout().make_buffer();
    const at::Tensor low_precision = tiny.model.values().to(at::kBFloat16);
    const auto low = tiny.model.make_replica(grads, low_precision);
    low->visit_parameters(
        [](const std::string& name, at::Tensor& parameter, at::IntArrayRef, Initializer) {
          const bool is_low = parameter.dim() == 2 && !name.ends_with(".positions");
          EXPECT_EQ(parameter.scalar_type(), is_low ? at::kBFloat16 : at::kFloat) << name;
          EXPECT_EQ(parameter.grad().scalar_type(), at::kFloat) << name;
        });
    const Pairs pairs(random_sentences({4, 3}, 12, 1), random_sentences({3, 5}, 12, 2));
    const double loss = forward_backward(*tiny.replica, pairs);
    EXPECT_NEAR(forward_backward(*low, pairs), loss, 0.02 * loss);
    EXPECT_NEAR(forward_loss(*low, pairs), loss, 0.02 * loss);
    EXPECT_GT(at::cosine_similarity(grads, tiny.grads, 0).item<double>(), 0.99);
  }
}

TEST(BindParametersTest, AnotherModulesLayoutIsAnError) {
  TransformerConfig config = tiny_config();
  const TransformerModel model(config);
  config.encoder_layers = 3;
  Transformer deeper(config);
  EXPECT_THROW(bind_parameters([&](const ParameterVisitor& v) { deeper.visit_parameters(v); },
                               model.layout(), {model.values(), {}, {}}),
               std::exception);
}

/// What data-parallel training relies on: shards on threads of their own, gradients summed.
TEST(ReplicasTest, TwoShardsGradientsSumToTheWholeBatchs) {
  for (const NormPosition norm : {NormPosition::kPre, NormPosition::kPost}) {
    TransformerConfig config = tiny_config();
    config.norm = norm;
    TinyModel tiny(config);
    const Sentences src = random_sentences({4, 7, 2, 5, 3}, 12, 1);
    const Sentences tgt = random_sentences({3, 5, 6, 1, 4}, 12, 2);
    forward_backward(*tiny.replica, {src, tgt});
    const Pairs shards[] = {{{src.begin(), src.begin() + 2}, {tgt.begin(), tgt.begin() + 2}},
                            {{src.begin() + 2, src.end()}, {tgt.begin() + 2, tgt.end()}}};
    std::vector<at::Tensor> grads;
    std::vector<std::thread> threads;
    for (int shard = 0; shard < 2; ++shard) grads.push_back(tiny.model.layout().make_buffer());
    for (std::size_t shard = 0; shard < 2; ++shard)
      threads.emplace_back([&, shard] {
        const auto replica = tiny.model.make_replica(grads[shard]);
        forward_backward(*replica, shards[shard]);
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_FALSE(close_to(grads[0], grads[1], 0.1));
    EXPECT_TRUE(close_to(grads[0] + grads[1], tiny.grads, 1e-5));
  }
}

}  // namespace
}  // namespace heed
