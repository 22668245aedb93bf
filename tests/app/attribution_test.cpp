#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "app/attribution/gradient.h"
#include "app/attribution/occlusion.h"
#include "tests/support/finite_differences.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

using Ids = std::vector<TokenId>;
using UnitsOfPiece = std::vector<std::vector<int>>;

AttributionInput make_input(const Ids& src, const UnitsOfPiece& src_units, int src_count,
                            const Ids& tgt, const UnitsOfPiece& tgt_units, int tgt_count) {
  AttributionInput input{src, tgt, {src_count, src_units}, {tgt_count + 1, tgt_units}};
  input.src_units.units_of_piece.emplace_back();
  input.tgt_units.units_of_piece.push_back({tgt_count});
  return input;
}

/// Each piece a unit.
AttributionInput make_input(const Ids& src, const Ids& tgt) {
  const auto own = [](const Ids& ids) {
    UnitsOfPiece units;
    for (int i = 0; i < static_cast<int>(ids.size()); ++i) units.push_back({i});
    return units;
  };
  return make_input(src, own(src), static_cast<int>(src.size()), tgt, own(tgt),
                    static_cast<int>(tgt.size()));
}

/// Words of two pieces on both sides, a source piece of two words, a word without pieces.
AttributionInput input_of_words() {
  return make_input({4, 5, 6, 7}, {{0}, {0, 1}, {2}, {2}}, 4, {8, 9, 10}, {{0}, {1}, {1}}, 2);
}

std::vector<AttributionInput> awkward_inputs() {
  return {input_of_words(),       make_input({4, 5, 6}, {7, 8, 9, 10}),
          make_input({11}, {5}),  // one word: without it the source is empty
          make_input({}, {6, 7}), make_input({4, 9}, Ids{}),
          make_input({}, Ids{})};
}

TransformerConfig wide_config() {
  TransformerConfig config = tiny_config();
  config.tgt_vocab_size = 12;
  return config;
}

/// log p of each target piece, then of eos, of one pair by itself.
std::vector<double> log_probs_alone(const Transformer& transformer, const Ids& src,
                                    const Ids& tgt) {
  const at::NoGradGuard no_grad;
  const Pairs pair({src}, {tgt});
  const at::Tensor logits = transformer.project(forward_hidden(transformer, pair));
  const at::Tensor log_probs =
      at::log_softmax(logits.to(at::kDouble), -1).gather(1, pair.tgt_out.ids.unsqueeze(1));
  return {log_probs.const_data_ptr<double>(),
          log_probs.const_data_ptr<double>() + log_probs.numel()};
}

double at(const AttributionMatrix& matrix, int row, int column) {
  return static_cast<double>(
      matrix.scores.at(static_cast<std::size_t>(row * matrix.columns + column)));
}

class OcclusionTest : public ::testing::Test {
 protected:
  std::vector<AttributionMatrix> occlude_all(const std::vector<AttributionInput>& inputs,
                                             std::size_t max_tokens = 2048,
                                             std::size_t threads = 1) const {
    WorkerPool pool(threads);
    return occlude(tiny_.transformer(), at::kCPU, inputs, max_tokens, pool);
  }

  TinyModel tiny_{wide_config()};
};

TEST_F(OcclusionTest, EqualsLogProbabilitiesComputedOneByOne) {
  const Ids src{4, 5, 6};
  const Ids tgt{7, 8, 9, 10};
  // Among others, so that batches hold several pairs.
  const AttributionMatrix matrix = occlude_all(awkward_inputs())[1];
  EXPECT_EQ(matrix.method, AttributionMethod::kOcclusion);
  ASSERT_EQ(matrix.rows, 5);
  ASSERT_EQ(matrix.columns, 3);
  const auto whole = log_probs_alone(tiny_.transformer(), src, tgt);
  double largest = 0.0;
  for (int unit = 0; unit < 3; ++unit) {
    Ids rest = src;
    rest.erase(rest.begin() + unit);
    const auto without = log_probs_alone(tiny_.transformer(), rest, tgt);
    for (int row = 0; row < 5; ++row) {
      const auto piece = static_cast<std::size_t>(row);
      EXPECT_NEAR(at(matrix, row, unit), whole[piece] - without[piece], 1e-5);
      largest = std::max(largest, std::abs(at(matrix, row, unit)));
    }
  }
  EXPECT_GT(largest, 0.01);  // it does matter
}

TEST_F(OcclusionTest, WordsGoWithAllTheirPiecesAndLogProbabilitiesOfPiecesAddUp) {
  const AttributionMatrix matrix = occlude_all({input_of_words()})[0];
  ASSERT_EQ(matrix.rows, 3);
  ASSERT_EQ(matrix.columns, 4);
  const Ids tgt{8, 9, 10};
  const auto whole = log_probs_alone(tiny_.transformer(), {4, 5, 6, 7}, tgt);
  // The piece that two words share goes with either.
  const std::vector<Ids> rests{{6, 7}, {4, 6, 7}, {4, 5}};
  for (int unit = 0; unit < 3; ++unit) {
    const auto without =
        log_probs_alone(tiny_.transformer(), rests[static_cast<std::size_t>(unit)], tgt);
    EXPECT_NEAR(at(matrix, 0, unit), whole[0] - without[0], 1e-5);
    EXPECT_NEAR(at(matrix, 1, unit), whole[1] + whole[2] - without[1] - without[2], 1e-5);
    EXPECT_NEAR(at(matrix, 2, unit), whole[3] - without[3], 1e-5);
  }
  for (int row = 0; row < 3; ++row) EXPECT_EQ(at(matrix, row, 3), 0.0);  // without pieces
}

TEST_F(OcclusionTest, EmptySidesAndAnEmptyRest) {
  const auto matrices = occlude_all(awkward_inputs());
  ASSERT_EQ(matrices.size(), 6U);
  const auto with = log_probs_alone(tiny_.transformer(), {11}, {5});
  const auto without = log_probs_alone(tiny_.transformer(), {}, {5});
  ASSERT_EQ(matrices[2].scores.size(), 2U);
  EXPECT_NEAR(at(matrices[2], 0, 0), with[0] - without[0], 1e-5);
  EXPECT_NEAR(at(matrices[2], 1, 0), with[1] - without[1], 1e-5);
  EXPECT_EQ(matrices[3].rows, 3);
  EXPECT_EQ(matrices[3].columns, 0);
  EXPECT_TRUE(matrices[3].scores.empty());
  EXPECT_EQ(matrices[4].rows, 1);  // of the end of the sentence
  EXPECT_EQ(matrices[4].scores.size(), 2U);
  EXPECT_EQ(matrices[5].rows, 1);
  EXPECT_TRUE(matrices[5].scores.empty());
}

TEST_F(OcclusionTest, BatchesAndThreadsChangeNothing) {
  const auto expected = occlude_all(awkward_inputs());
  const auto actual = occlude_all(awkward_inputs(), /*max_tokens=*/1, /*threads=*/3);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(actual[i].scores.size(), expected[i].scores.size());
    for (std::size_t j = 0; j < expected[i].scores.size(); ++j)
      EXPECT_NEAR(actual[i].scores[j], expected[i].scores[j], 1e-5F);
  }
}

TEST_F(OcclusionTest, ReportsEachForcedDecoding) {
  WorkerPool pool(2);
  std::size_t last = 0;
  const auto report = [&](std::size_t done, std::size_t steps) {
    EXPECT_GT(done, last);
    EXPECT_EQ(steps, 3U + 1U + 4U);  // a source unit each, with pieces, and one more a pair
    last = done;
  };
  const std::vector<AttributionInput> inputs{input_of_words(), make_input({4, 5, 6}, {7})};
  occlude(tiny_.transformer(), at::kCPU, inputs, 1, pool, report);
  EXPECT_EQ(last, 8U);
}

/// Of each source piece for each target piece, then eos, by central differences:
/// sum over d of |e_d * d log p / d e_d|.
std::vector<std::vector<double>> scores_by_differences(const Transformer& transformer,
                                                       const Ids& src, const Ids& tgt) {
  const at::NoGradGuard no_grad;
  const Pairs pair({src}, {tgt});
  const at::Tensor embedded = transformer.embed_source(pair.src, {});
  const at::Tensor tokens = transformer.source_tokens(pair.src.ids);
  const auto log_prob = [&](std::int64_t row) {
    const Memory memory = transformer.encode_embedded(embedded, pair.src.packing, {});
    const at::Tensor logits = transformer.project(transformer.decode(pair.tgt_in, memory, {}));
    return at::log_softmax(logits[row].to(at::kDouble),
                           -1)[pair.tgt_out.ids[row].item<std::int64_t>()]
        .item<double>();
  };
  std::vector<std::vector<double>> scores;
  for (std::int64_t row = 0; row < pair.tgt_out.packing.rows(); ++row) {
    std::vector<double>& of_row = scores.emplace_back(src.size(), 0.0);
    for (std::size_t piece = 0; piece < src.size(); ++piece)
      for (std::int64_t d = 0; d < embedded.size(1); ++d) {
        const auto place = static_cast<std::int64_t>(piece);
        at::Tensor direction = at::zeros_like(embedded);
        direction[place][d] = 1.0;
        const double slope =
            directional_difference([&] { return log_prob(row); }, embedded, direction, 1e-2);
        of_row[piece] += std::abs(slope * tokens[place][d].item<double>());
      }
  }
  return scores;
}

std::vector<AttributionMatrix> gradients(const Transformer& transformer,
                                         const std::vector<AttributionInput>& inputs,
                                         std::size_t max_tokens = 2048, std::size_t threads = 1) {
  WorkerPool pool(threads);
  return attribute_by_gradient(transformer, at::kCPU, inputs, max_tokens, pool);
}

TEST(GradientTest, EqualsFiniteDifferencesThroughTheEmbedding) {
  for (TransformerConfig config : every_variant()) {
    config.activation = Activation::kGelu;  // relu has kinks, where differences are none's
    SCOPED_TRACE(describe(config));
    const TinyModel tiny(config);
    const Ids src{4, 5, 6};
    const Ids tgt{7, 8};
    const AttributionMatrix matrix = gradients(
        tiny.transformer(), {make_input({9, 10, 11, 4}, {5, 6, 7}), make_input(src, tgt)})[1];
    EXPECT_EQ(matrix.method, AttributionMethod::kGradient);
    ASSERT_EQ(matrix.scores.size(), 9U);
    const auto expected = scores_by_differences(tiny.transformer(), src, tgt);
    for (int row = 0; row < 3; ++row)
      for (int piece = 0; piece < 3; ++piece) {
        const double score =
            expected[static_cast<std::size_t>(row)][static_cast<std::size_t>(piece)];
        EXPECT_NEAR(at(matrix, row, piece), score, 0.02 * score + 1e-3);
        EXPECT_GT(score, 0.01);
      }
  }
}

TEST(GradientTest, UnitsHaveTheSumsOfTheirPieces) {
  const TinyModel tiny(wide_config());
  const AttributionInput words = input_of_words();
  const auto matrices = gradients(tiny.transformer(), {words, make_input(words.src, words.tgt)});
  const AttributionMatrix& by_unit = matrices[0];
  const AttributionMatrix& by_piece = matrices[1];
  ASSERT_EQ(by_unit.rows, 3);
  ASSERT_EQ(by_unit.columns, 4);
  const auto of_pieces = [&](int column, double share_of_second) {
    const int first = column == 0 ? 0 : 2;
    return at(by_piece, 1, first) + at(by_piece, 2, first) +
           share_of_second * (at(by_piece, 1, first + 1) + at(by_piece, 2, first + 1));
  };
  EXPECT_NEAR(at(by_unit, 1, 0), of_pieces(0, 0.5), 1e-5);
  EXPECT_NEAR(at(by_unit, 1, 1), 0.5 * (at(by_piece, 1, 1) + at(by_piece, 2, 1)), 1e-5);
  EXPECT_NEAR(at(by_unit, 1, 2), of_pieces(2, 1.0), 1e-5);
  EXPECT_EQ(at(by_unit, 1, 3), 0.0);
}

TEST(GradientTest, BatchesThreadsAndEmptySidesChangeNothing) {
  const TinyModel tiny(wide_config());
  const auto together = gradients(tiny.transformer(), awkward_inputs());
  const auto alone = gradients(tiny.transformer(), awkward_inputs(), 1, 3);
  const auto rows = std::vector<int>{3, 5, 2, 3, 1, 1};
  const auto columns = std::vector<int>{4, 3, 1, 0, 2, 0};
  for (std::size_t i = 0; i < together.size(); ++i) {
    EXPECT_EQ(together[i].rows, rows[i]);
    EXPECT_EQ(together[i].columns, columns[i]);
    ASSERT_EQ(together[i].scores.size(), static_cast<std::size_t>(rows[i] * columns[i]));
    for (std::size_t j = 0; j < together[i].scores.size(); ++j)
      EXPECT_NEAR(together[i].scores[j], alone[i].scores[j], 1e-5F + 1e-4F * alone[i].scores[j]);
  }
}

TEST(AttributionInputTest, MapsPiecesAndAddsTheEnds) {
  AlignmentInput alignment;
  alignment.src = {"ab c", {{"ab", 0, 2}, {"c", 3, 4}}};
  alignment.tgt = {"x", {{"x", 0, 1}}};
  alignment.src_pieces = {{10, "a", 0, 1}, {11, "b", 1, 2}, {12, " c", 2, 4}};
  alignment.tgt_pieces = {{13, "x", 0, 1}};
  const AttributionInput input = make_attribution_input(alignment, Direction::kForward);
  EXPECT_EQ(input.src, (Ids{10, 11, 12}));
  EXPECT_EQ(input.tgt, (Ids{13}));
  EXPECT_EQ(input.src_units.unit_count, 2);
  EXPECT_EQ(input.src_units.units_of_piece, (UnitsOfPiece{{0}, {0}, {1}, {}}));
  EXPECT_EQ(input.tgt_units.unit_count, 2);
  EXPECT_EQ(input.tgt_units.units_of_piece, (UnitsOfPiece{{0}, {1}}));
}

TEST(SumToUnitsTest, SharesAndAddsUp) {
  // Rows: piece 0 to unit 0, piece 1 to both. Columns: pieces 0 and 2 to unit 1, piece 1 to none.
  const std::vector<float> scores{1, 10, 2,  //
                                  4, 20, 8};
  const UnitMap rows{2, {{0}, {0, 1}}};
  const UnitMap columns{2, {{1}, {}, {1}}};
  EXPECT_EQ(sum_to_units(scores, rows, columns), (std::vector<float>{0, 9, 0, 6}));
}

}  // namespace
}  // namespace heed
