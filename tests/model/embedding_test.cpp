#include "model/embedding.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/position_tables.h"
#include "tests/support/aten_ops.h"
#include "tests/support/tensor_matchers.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

void bind_random(Embedding& embedding, const TransformerConfig& config) {
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(1);
  embedding.visit_parameters(
      "embedding",
      [&](const std::string&, at::Tensor& parameter, at::IntArrayRef shape, Initializer) {
        parameter = at::randn(shape, generator);
      },
      true);
  ASSERT_EQ(embedding.weight.size(1), config.d_model);
}

TEST(EmbeddingTest, SinusoidsFollowThePaper) {
  const at::Tensor table = sinusoidal_positions(0, 3, 4);
  EXPECT_TRUE(at::equal(table[0], at::tensor({0.0F, 1.0F, 0.0F, 1.0F})));
  EXPECT_NEAR(table[2][0].item<double>(), std::sin(2.0), 1e-7);
  EXPECT_NEAR(table[2][1].item<double>(), std::cos(2.0), 1e-7);
  EXPECT_NEAR(table[2][2].item<double>(), std::sin(2.0 / 100.0), 1e-7);  // 10000^(2/4)
  EXPECT_NEAR(table[2][3].item<double>(), std::cos(2.0 / 100.0), 1e-7);
  EXPECT_TRUE(at::equal(sinusoidal_positions(1, 2, 4), table.narrow(0, 1, 2)));
}

TEST(EmbeddingTest, ScalesAndAddsPositionsOfEachSentence) {
  const TransformerConfig config = tiny_config();
  Embedding embedding(config, 12);
  bind_random(embedding, config);
  const PackedIds ids = pack({{7, 5, 5}, {}, {6, 7}}, -1, -1);
  const at::Tensor positions = sinusoidal_positions(0, 3, 16);
  const at::Tensor expected = embedding.weight.index_select(0, ids.ids) * 4.0 +
                              at::cat({positions, positions.narrow(0, 0, 2)});
  EXPECT_TRUE(close_to(embedding.forward(ids, {}), expected, 1e-7));
}

TEST(EmbeddingTest, AStepEqualsThatPartOfTheWhole) {
  TransformerConfig config = tiny_config();
  for (const PositionEncoding positions :
       {PositionEncoding::kSinusoidal, PositionEncoding::kLearned, PositionEncoding::kRotary}) {
    config.positions = positions;
    config.max_positions = 520;
    Embedding embedding(config, 12);
    bind_random(embedding, config);
    const PackedIds ids = pack(random_sentences({530, 530}, 12, 1), -1, -1);
    const at::Tensor whole = ids.packing.pad(embedding.forward(ids, {}));
    const at::Tensor tokens = ids.packing.pad(ids.ids);
    for (const std::int64_t at : {0, 509, 511, 512, 519, 520, 529})  // around both tables' ends
      EXPECT_TRUE(close_to(embedding.step(tokens.select(1, at), at), whole.select(1, at), 1e-7))
          << at;
  }
}

TEST(EmbeddingTest, RotaryPositionsAddNothing) {
  TransformerConfig config = tiny_config();
  config.positions = PositionEncoding::kRotary;
  Embedding embedding(config, 12);
  bind_random(embedding, config);
  const PackedIds ids = pack({{7, 5, 5}, {6}}, -1, -1);
  EXPECT_TRUE(close_to(embedding.forward(ids, {}), embedding.tokens(ids.ids), 1e-7));
}

TEST(EmbeddingTest, LearnedPositionsBeyondTheLastAreTheLast) {
  TransformerConfig config = tiny_config();
  config.positions = PositionEncoding::kLearned;
  config.max_positions = 3;
  Embedding embedding(config, 12);
  bind_random(embedding, config);
  const at::Tensor rows = embedding.forward(pack({{4, 4, 4, 4, 4}}, -1, -1), {});
  EXPECT_FALSE(at::equal(rows[1], rows[2]));
  EXPECT_TRUE(at::equal(rows[3], rows[2]));
  EXPECT_TRUE(at::equal(rows[4], rows[2]));
}

}  // namespace
}  // namespace heed
