#include "model/transformer_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "tests/support/tiny_model.h"

namespace heed {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

void expect_refused(const std::function<void(TransformerConfig&)>& change, const char* message) {
  TransformerConfig config = tiny_config();
  change(config);
  EXPECT_THAT([&] { config.validate(); }, ThrowsMessage<std::runtime_error>(HasSubstr(message)));
  EXPECT_THROW(Transformer{config}, std::runtime_error);
}

TEST(TransformerConfigTest, AcceptsEveryVariant) {
  for (const TransformerConfig& config : every_variant()) EXPECT_NO_THROW(config.validate());
}

TEST(TransformerConfigTest, NamesWhatIsOutOfRange) {
  expect_refused([](TransformerConfig& c) { c.src_vocab_size = 0; }, "src_vocab_size is 0");
  expect_refused([](TransformerConfig& c) { c.encoder_layers = 0; }, "encoder_layers is 0");
  expect_refused([](TransformerConfig& c) { c.num_heads = -2; }, "num_heads is -2");
  expect_refused([](TransformerConfig& c) { c.num_heads = 3; }, "multiple of model.num_heads (3)");
  expect_refused([](TransformerConfig& c) { c.d_model = 15, c.num_heads = 3; }, "must be even");
  expect_refused(
      [](TransformerConfig& c) {
        c.d_model = 6, c.num_heads = 2;
        c.positions = PositionEncoding::kRotary;
      },
      "model.d_model / model.num_heads is 3");
  expect_refused([](TransformerConfig& c) { c.residual_dropout = 1.0; }, "residual_dropout is 1");
  expect_refused([](TransformerConfig& c) { c.ffn_dropout = -0.1; }, "ffn_dropout is -0.1");
  expect_refused(
      [](TransformerConfig& c) { c.attention_dropout = std::numeric_limits<double>::quiet_NaN(); },
      "attention_dropout is nan");
  expect_refused([](TransformerConfig& c) { c.tgt_vocab_size = 13; }, "joint vocabulary");
}

}  // namespace
}  // namespace heed
