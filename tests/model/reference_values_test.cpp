// Layers, loss, gradients and optimizer against PyTorch's own: scripts/make_reference_values.py
// writes the files that are read here.

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "model/adam.h"
#include "model/attention.h"
#include "model/layers.h"
#include "model/loss.h"
#include "model/masks.h"
#include "model/packing.h"
#include "model/position_tables.h"
#include "model/schedule.h"
#include "tests/support/aten_ops.h"
#include "tests/support/tensor_matchers.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

class Reference {
 public:
  explicit Reference(const std::string& name)
      : file_(std::string(HEED_SOURCE_DIR) + "/tests/fixtures/model/" + name + ".safetensors") {}

  at::Tensor operator[](const std::string& name) const {
    return read_tensor(file_, name, file_.shape(name)).clone();
  }
  at::Tensor ids(const std::string& name) const { return (*this)[name].to(at::kLong); }
  std::size_t count(const std::string& prefix) const {
    std::size_t found = 0;
    for (const std::string& name : file_.names()) found += name.starts_with(prefix) ? 1U : 0U;
    return found;
  }
  /// Points a layer's parameters at the tensors of their names.
  ParameterVisitor binder() const {
    return [this](const std::string& name, at::Tensor& parameter, at::IntArrayRef shape,
                  Initializer) { parameter = read_tensor(file_, name, shape); };
  }

 private:
  SafetensorsFile file_;
};

/// The fixtures are padded: [batch, len], 0 where a sentence has ended.
PackedIds packed(const at::Tensor& padded) {
  std::vector<std::int32_t> lengths;
  for (std::int64_t s = 0; s < padded.size(0); ++s)
    lengths.push_back(static_cast<std::int32_t>((padded[s] != 0).sum().item<std::int64_t>()));
  const Packing packing(lengths);
  return {packing.unpad(padded), packing};
}

TransformerConfig config_of(NormPosition norm, Activation activation, PositionEncoding positions,
                            Tying tying) {
  TransformerConfig config = tiny_config();
  config.d_model = 8;
  config.ffn_size = 12;
  config.norm = norm;
  config.activation = activation;
  config.positions = positions;
  config.max_positions = 7;
  config.tying = tying;
  if (tying != Tying::kAll) config.src_vocab_size = 11, config.tgt_vocab_size = 13;
  return config;
}

void expect_same_model(const std::string& name, const TransformerConfig& config) {
  const Reference reference(name);
  TinyModel tiny(config);
  const auto& specs = tiny.model.layout().specs();
  ASSERT_EQ(reference.count("parameter."), specs.size());
  for (const ParameterSpec& spec : specs)
    ParameterLayout::view(tiny.model.values(), spec).copy_(reference["parameter." + spec.name]);

  const PackedIds src = packed(reference.ids("src"));
  const PackedIds tgt_in = packed(reference.ids("tgt_in"));
  const PackedIds tgt_out = packed(reference.ids("tgt_out"));
  const at::Tensor memory_states = src.packing.unpad(reference["memory"]);
  const at::Tensor hidden_states = tgt_in.packing.unpad(reference["hidden"]);
  const Memory memory = tiny.replica->encode(src, {});
  EXPECT_TRUE(close_to(memory.states, memory_states));
  const at::Tensor hidden = tiny.replica->decode(tgt_in, memory, {});
  EXPECT_TRUE(close_to(hidden, hidden_states));
  EXPECT_TRUE(close_to(tiny.replica->project(hidden), tgt_in.packing.unpad(reference["logits"])));
  const Loss loss = projected_loss(hidden, tiny.replica->output_weight(), tgt_out.ids, 0.1);
  EXPECT_TRUE(close_to(loss.total.to(at::kFloat), reference["loss"]));
  hidden.backward(loss.hidden_grad);
  for (const ParameterSpec& spec : specs)
    EXPECT_TRUE(
        close_to(ParameterLayout::view(tiny.grads, spec), reference["gradient." + spec.name], 2e-5))
        << spec.name;

  const at::NoGradGuard no_grad;  // translation takes other products
  const Memory again = tiny.transformer().encode(src, {});
  EXPECT_TRUE(close_to(tiny.transformer().decode(tgt_in, again, {}), hidden_states));
}

TEST(ReferenceValuesTest, PreNormReluWithSinusoids) {
  expect_same_model("pre_relu", config_of(NormPosition::kPre, Activation::kRelu,
                                          PositionEncoding::kSinusoidal, Tying::kNone));
}

TEST(ReferenceValuesTest, PostNormGeluWithLearnedPositions) {
  expect_same_model("post_gelu", config_of(NormPosition::kPost, Activation::kGelu,
                                           PositionEncoding::kLearned, Tying::kDecoder));
}

TEST(ReferenceValuesTest, PreNormSwishWithAllTied) {
  expect_same_model("pre_swish", config_of(NormPosition::kPre, Activation::kSwish,
                                           PositionEncoding::kLearned, Tying::kAll));
}

TEST(ReferenceValuesTest, AttentionAndItsWeights) {
  const Reference reference("layers");
  const TransformerConfig config =
      config_of(NormPosition::kPre, Activation::kRelu, PositionEncoding::kSinusoidal, Tying::kNone);
  const Packing packing = packed(at::ones({3, 4})).packing;
  const at::Tensor x = packing.unpad(reference["x"]);
  SelfAttention self_attention(config);
  self_attention.visit_parameters("self_attention", reference.binder());
  at::Tensor weights;
  EXPECT_TRUE(close_to(packing.pad(self_attention.forward(x, packing, false, {}, &weights)),
                       reference["out_self"]));
  EXPECT_TRUE(close_to(weights, reference["weights_self"]));

  CrossAttention cross_attention(config);
  cross_attention.visit_parameters("cross_attention", reference.binder());
  const Packing src_packing = packed(reference["is_token"]).packing;
  const at::Tensor memory = src_packing.unpad(reference["memory"]);
  const at::Tensor out = cross_attention.forward(x, packing, memory, src_packing, {}, &weights);
  EXPECT_TRUE(close_to(packing.pad(out), reference["out_cross"]));
  EXPECT_TRUE(close_to(weights, reference["weights_cross"]));
  const at::Tensor bias = padding_bias(src_packing.is_token(at::kCPU));
  const KeyValue projected = cross_attention.project_memory(memory, src_packing);
  at::Tensor step_weights;
  EXPECT_TRUE(close_to(cross_attention.step(reference["x"], projected, bias, &step_weights),
                       reference["out_cross"]));
  EXPECT_TRUE(close_to(step_weights, reference["weights_cross"]));
}

TEST(ReferenceValuesTest, FeedForwardAndNorm) {
  const Reference reference("layers");
  const std::pair<Activation, const char*> activations[] = {
      {Activation::kRelu, "relu"}, {Activation::kGelu, "gelu"}, {Activation::kSwish, "swish"}};
  for (const auto& [activation, name] : activations) {
    FeedForward feed_forward(
        config_of(NormPosition::kPre, activation, PositionEncoding::kSinusoidal, Tying::kNone));
    feed_forward.inner = {8, 12, reference["inner_weight"], reference["inner_bias"]};
    feed_forward.outer = {12, 8, reference["outer_weight"], reference["outer_bias"]};
    EXPECT_TRUE(close_to(feed_forward.forward(reference["x"], {}),
                         reference[std::string("feed_forward_") + name]))
        << name;
  }
  const LayerNorm norm{8, reference["norm_weight"], reference["norm_bias"]};
  EXPECT_TRUE(close_to(norm.forward(reference["x"] * 3.0 + 1.0), reference["layer_norm"]));
  EXPECT_TRUE(close_to(sinusoidal_positions(0, 40, 8), reference["sinusoids"], 1e-6));
}

/// Rows whose logits are the fixture's: the weight is the identity, so that hidden's gradient is
/// the logits'. The fixture ignores targets of 0; heed is not given such rows.
TEST(ReferenceValuesTest, LabelSmoothedLoss) {
  const Reference reference("loss");
  const at::Tensor targets = reference.ids("target");
  const at::Tensor kept = (targets != 0).nonzero().squeeze(1);
  at::Tensor weight = at::eye(reference["logits"].size(1)).requires_grad_();
  weight.mutable_grad() = at::zeros_like(weight);
  for (const std::string smoothing : {"0.0", "0.1", "0.4"}) {
    const Loss loss = projected_loss(reference["logits"].index_select(0, kept), weight,
                                     targets.index_select(0, kept), std::stod(smoothing));
    EXPECT_TRUE(close_to(loss.total.to(at::kFloat), reference["loss_" + smoothing], 1e-6));
    const at::Tensor expected = reference["gradient_" + smoothing].index_select(0, kept);
    EXPECT_TRUE(close_to(loss.hidden_grad, expected, 2e-6)) << smoothing;
  }
}

TEST(ReferenceValuesTest, AdamWithASchedule) {
  const Reference reference("optimizer");
  ScheduleOptions schedule;
  schedule.learning_rate = 0.02;
  schedule.warmup_updates = 3;
  const std::pair<const char*, AdamOptions> runs[] = {{"adam", {0.9, 0.98, 1e-9, 0.0}},
                                                      {"adamw", {0.9, 0.98, 1e-9, 0.1}}};
  for (const auto& [name, options] : runs) {
    const at::Tensor values = reference["start"];
    const at::Tensor history = reference[name];
    Adam adam(options, values);
    for (std::int64_t update = 1; update <= history.size(0); ++update) {
      adam.step(values, reference["gradients"][update - 1], 1.0, learning_rate(schedule, update),
                update);
      EXPECT_TRUE(close_to(values, history[update - 1], 1e-6)) << name << ", update " << update;
    }
  }
}

TEST(ReferenceValuesTest, CosineSchedule) {
  ScheduleOptions options;
  options.schedule = Schedule::kCosine;
  options.learning_rate = 0.02;
  options.final_learning_rate = 0.002;
  options.warmup_updates = 4;
  options.max_updates = 12;
  const at::Tensor rates = Reference("cosine")["rates"];
  for (std::int64_t step = 0; step < rates.size(0); ++step)
    EXPECT_NEAR(learning_rate(options, 4 + step), rates[step].item<double>(), 1e-8) << step;
}

}  // namespace
}  // namespace heed
