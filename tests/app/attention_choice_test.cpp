#include "app/align/attention_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/errors.h"
#include "tests/support/aten_ops.h"

namespace heed {
namespace {

using ::testing::ElementsAre;

TransformerConfig config_of(std::int64_t layers, std::int64_t heads) {
  TransformerConfig config;
  config.decoder_layers = layers;
  config.num_heads = heads;
  return config;
}

/// So many pieces, each a unit of its own; the last is the end of the sentence.
UnitMap one_to_one(int pieces) {
  UnitMap map{pieces, {}};
  for (int piece = 0; piece < pieces; ++piece) map.units_of_piece.push_back({piece});
  return map;
}

/// One layer of one sentence: [1, heads, tgt, src].
at::Tensor layer(std::vector<float> values, std::int64_t heads, std::int64_t tgt) {
  return at::tensor(values).reshape({1, heads, tgt, -1});
}

TEST(AttentionReadingTest, IsTheMeanOfWhatIsSelected) {
  const std::vector<at::Tensor> cross{layer({1, 0, 0,  //
                                             0, 0, 1},
                                            1, 2),
                                      layer({0, 1, 0,  //
                                             0, 1, 0},
                                            1, 2)};
  const auto read = [&](std::vector<int> layers, LinkStep step) {
    return read_attention(cross, 0, {{std::move(layers), {0}}, step}, one_to_one(2), one_to_one(3))
        .weights;
  };
  EXPECT_THAT(read({0, 1}, LinkStep::kProduce), ElementsAre(0.5F, 0.5F, 0.0F, 0.0F, 0.5F, 0.5F));
  EXPECT_THAT(read({0}, LinkStep::kProduce), ElementsAre(1, 0, 0, 0, 0, 1));
  // One step later: the row of the end takes the place of the first, and stays.
  EXPECT_THAT(read({0}, LinkStep::kConsume), ElementsAre(0, 0, 1, 0, 0, 1));
}

TEST(AttentionReadingTest, IndicesAreMadeExplicitOrRefused) {
  HeadSelection selection;
  resolve(selection, config_of(3, 2));
  EXPECT_EQ(selection, (HeadSelection{{0, 1, 2}, {0, 1}}));
  selection = {{-1}, {1}};
  resolve(selection, config_of(3, 2));
  EXPECT_EQ(selection, (HeadSelection{{2}, {1}}));
  for (HeadSelection wrong : {HeadSelection{{3}, {}}, HeadSelection{{-4}, {}},
                              HeadSelection{{}, {2}}, HeadSelection{{}, {-1}}})
    EXPECT_THROW(resolve(wrong, config_of(3, 2)), UsageError);
}

TEST(AttentionChoiceTest, ReadsEveryCandidateInOrder) {
  // Two layers with two heads each, two target units and the end, two source units and the end.
  const std::vector<at::Tensor> cross{
      layer({0.9F, 0.1F, 0.0F, 0.2F, 0.8F, 0.0F, 0.0F, 0.3F, 0.7F,   // head 0: 0, 1, (1)
             0.1F, 0.0F, 0.9F, 0.9F, 0.1F, 0.0F, 1.0F, 0.0F, 0.0F},  // head 1: 0, 0, (0)
            2, 3),
      layer({0.0F, 0.0F, 1.0F, 0.0F, 1.0F, 0.0F, 0.0F, 1.0F, 0.0F,   // head 0: none, 1, (1)
             0.0F, 1.0F, 0.0F, 0.0F, 1.0F, 0.0F, 0.0F, 0.0F, 1.0F},  // head 1: 1, 1, (none)
            2, 3)};
  const auto readings = candidate_readings(config_of(2, 2));
  const auto strongest = strongest_units(cross, 0, one_to_one(3), one_to_one(3));
  ASSERT_EQ(strongest.size(), readings.size());
  ASSERT_EQ(readings.size(), 14U);
  const auto of = [&](HeadSelection selection, LinkStep step) {
    resolve(selection, config_of(2, 2));
    const auto found =
        std::find(readings.begin(), readings.end(), AttentionReading{selection, step});
    EXPECT_NE(found, readings.end());
    return strongest[static_cast<std::size_t>(found - readings.begin())];
  };
  EXPECT_THAT(of({{0}, {0}}, LinkStep::kProduce), ElementsAre(0, 1));
  EXPECT_THAT(of({{0}, {1}}, LinkStep::kProduce), ElementsAre(0, 0));
  EXPECT_THAT(of({{1}, {0}}, LinkStep::kProduce), ElementsAre(-1, 1));
  EXPECT_THAT(of({{1}, {1}}, LinkStep::kProduce), ElementsAre(1, 1));
  EXPECT_THAT(of({{0}, {0}}, LinkStep::kConsume), ElementsAre(1, 1));
  EXPECT_THAT(of({{1}, {1}}, LinkStep::kConsume), ElementsAre(1, -1));
  EXPECT_THAT(of({{0}, {}}, LinkStep::kProduce), ElementsAre(0, 0));  // 1.0 to 0.1, 1.1 to 0.9
  EXPECT_THAT(of({}, LinkStep::kProduce), ElementsAre(1, 1));         // 1.0 to 1.1, 1.1 to 2.9
}

TEST(AttentionChoiceTest, TheDirectionsThatAgreeBestAreChosen) {
  // Two pairs of two target and three source units, two readings a direction.
  const std::vector<StrongestUnits> forward{{{0, 0}, {0, 2}}, {{0, 0}, {2, 1}}};
  const std::vector<StrongestUnits> reverse{{{0, -1, 1}, {1, 1, 1}}, {{1, 1, 0}, {0, 0, 0}}};
  // Forward 1 with reverse 0: links 0-0, 2-1 and 2-0, 1-1 are in both: 2 * 4 of 4 + 5.
  const AttentionChoice choice = choose_by_agreement(forward, reverse);
  EXPECT_EQ(choice.forward, 1U);
  EXPECT_EQ(choice.reverse, 0U);
  EXPECT_NEAR(choice.agreement, 8.0 / 9.0, 1e-12);
}

TEST(AttentionChoiceTest, AnAlignmentHeadTellsWhichAttentionToTrust) {
  LinkPosteriors head(2, 3);
  head.src_of_tgt = {0.1F, 0.8F, 0.2F, 0.2F, 0.7F, 0.3F};  // source 1, none, source 0
  const std::vector<LinkPosteriors> by_head{head};
  const std::vector<StrongestUnits> attention{{{0, 0, 0}, {1, 1, 0}, {1, -1, 0}, {-1, -1, -1}}};
  const AttentionChoice choice = choose_by_head(attention, by_head);
  EXPECT_EQ(choice.forward, 2U);
  EXPECT_EQ(choice.agreement, 1.0);
  const std::vector<StrongestUnits> without_the_best{{{0, 0, 0}, {1, 1, 0}, {-1, 1, 1}}};
  EXPECT_EQ(choose_by_head(without_the_best, by_head).forward, 1U);
  EXPECT_NEAR(choose_by_head(without_the_best, by_head).agreement, 4.0 / 5.0, 1e-12);
  EXPECT_EQ(choose_by_head({}, {}).agreement, 0.0);
}

TEST(AttentionChoiceTest, NothingAgreesWithNothing) {
  EXPECT_EQ(choose_by_agreement({}, {}).agreement, 0.0);
  const std::vector<StrongestUnits> none{{{-1}, {-1}}};
  EXPECT_EQ(choose_by_agreement(none, none).agreement, 0.0);
  const std::vector<StrongestUnits> empty{{{}, {}}};
  EXPECT_EQ(choose_by_agreement(empty, empty).agreement, 0.0);
}

}  // namespace
}  // namespace heed
