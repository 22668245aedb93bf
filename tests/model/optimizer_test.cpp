#include "model/optimizer.h"

#include <gtest/gtest.h>

#include "tests/support/aten_ops.h"
#include "tests/support/tensor_matchers.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

TransformerConfig small_config() {
  TransformerConfig config = tiny_config();
  config.src_vocab_size = config.tgt_vocab_size = 5000;  // embeddings of several parts
  config.encoder_layers = config.decoder_layers = 1;
  return config;
}

OptimizerOptions options_of(OptimizerKind kind) {
  OptimizerOptions options;
  options.kind = kind;
  options.adam.average_decay = 0.9;
  return options;
}

class OptimizerTest : public testing::TestWithParam<OptimizerKind> {
 protected:
  OptimizerTest() : model_(small_config()) {
    model_.layout().initialize(model_.values(), 1);
    grads_ = at::randn({4, model_.values().numel()});
  }

  Optimizer make() const { return {options_of(GetParam()), model_.layout(), model_.values()}; }

  TransformerModel model_;
  at::Tensor grads_;
};

TEST_P(OptimizerTest, PartsCoverEveryElementOnce) {
  at::Tensor seen = at::zeros({model_.values().numel()});
  const Optimizer optimizer = make();
  for (const Optimizer::Part& part : optimizer.parts()) {
    EXPECT_LE(part.size, 65536);
    seen.narrow(0, part.first, part.size).add_(1.0);
  }
  EXPECT_TRUE(at::equal(seen, at::ones_like(seen)));
}

TEST_P(OptimizerTest, GoesOnFromItsMomentsBitForBit) {
  Optimizer whole = make();
  Optimizer second = make();
  const at::Tensor values = model_.values().clone();
  at::Tensor resumed;
  for (std::int64_t update = 1; update <= 4; ++update) {
    if (update == 3) {
      resumed = values.clone();
      second.adam.first_moment.copy_(whole.adam.first_moment);
      second.adam.second_moment.copy_(whole.adam.second_moment);
      second.adam.average.copy_(whole.adam.average);
    }
    whole.step(values, grads_[update - 1], 0.5, 0.01, update);
    if (update >= 3) second.step(resumed, grads_[update - 1], 0.5, 0.01, update);
  }
  EXPECT_TRUE(at::equal(resumed, values));
  EXPECT_TRUE(at::equal(second.adam.average, whole.adam.average));
  EXPECT_FALSE(close_to(values, model_.values(), 0.01));
}

TEST_P(OptimizerTest, TheAverageFollowsAllParameters) {
  Optimizer optimizer = make();
  const at::Tensor values = model_.values().clone();
  optimizer.step(values, grads_[0], 1.0, 0.01, 1);
  // After the first update the average keeps a tenth of the start.
  EXPECT_TRUE(close_to(optimizer.adam.average, model_.values() * 0.1 + values * 0.9, 1e-5));
}

INSTANTIATE_TEST_SUITE_P(Kinds, OptimizerTest,
                         testing::Values(OptimizerKind::kAdam, OptimizerKind::kMuon));

TEST(MuonOptimizerTest, OnlyMatricesOfLayersAreMovedOtherThanByAdam) {
  TransformerModel model(small_config());
  model.layout().initialize(model.values(), 1);
  const at::Tensor grads = at::randn({model.values().numel()});
  const at::Tensor by_adam = model.values().clone();
  const at::Tensor by_muon = model.values().clone();
  Optimizer(options_of(OptimizerKind::kAdam), model.layout(), by_adam)
      .step(by_adam, grads, 1.0, 0.01, 1);
  Optimizer(options_of(OptimizerKind::kMuon), model.layout(), by_muon)
      .step(by_muon, grads, 1.0, 0.01, 1);
  for (const ParameterSpec& spec : model.layout().specs()) {
    const bool is_matrix =
        spec.shape.size() == 2 && spec.name.find(".layers.") != std::string::npos;
    EXPECT_EQ(at::equal(ParameterLayout::view(by_adam, spec), ParameterLayout::view(by_muon, spec)),
              !is_matrix)
        << spec.name;
  }
}

}  // namespace
}  // namespace heed
