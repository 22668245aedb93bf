#include "app/align/decoding_trace.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/support/spm_bytes.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using Fate = SearchCandidate::Fate;

class DecodingTraceTest : public ::testing::Test {
 protected:
  TokenId id_of(const std::string& letter) const { return tokenizer_.encode(letter).back(); }

  TemporaryFolder folder_;
  Tokenizer tokenizer_ = Tokenizer::load(folder_.write("model.spm", spm_letters()));
  TokenId a_ = id_of("a");
  TokenId b_ = id_of("b");
};

TEST_F(DecodingTraceTest, FollowsTheOutputThroughTheBeam) {
  // The output "a b" is second at first, and first in the end.
  const SearchTrace trace{
      {{b_, 0, -0.5, -0.5, Fate::kKept, 0}, {a_, 0, -0.7, -0.7, Fate::kKept, 1}},
      {{b_, 1, -0.1, -0.8, Fate::kKept, 0}, {b_, 0, -0.9, -1.4, Fate::kKept, 1}, {a_, 0, -2, -2.5}},
      {{kEosId, 0, -0.1, -0.9, Fate::kFinished}, {kEosId, 1, -0.1, -1.5, Fate::kFinished}},
      {{a_, 0, -3, -5}}};
  SearchOptions options;
  options.beam_size = 2;
  options.length_penalty = 0.5;
  const DecodingTrace decoding =
      describe_search(trace, std::vector<TokenId>{a_, b_}, options, tokenizer_);
  EXPECT_EQ(decoding.beam_size, 2);
  EXPECT_EQ(decoding.length_penalty, 0.5);
  ASSERT_EQ(decoding.steps.size(), 3U);  // what came after the output's end is left out
  EXPECT_FALSE(decoding.steps[0][0].is_output);
  EXPECT_TRUE(decoding.steps[0][1].is_output);
  EXPECT_TRUE(decoding.steps[1][0].is_output);
  EXPECT_FALSE(decoding.steps[1][1].is_output);
  EXPECT_EQ(decoding.steps[1][2].fate, StepCandidate::Fate::kDropped);
  EXPECT_EQ(decoding.steps[1][2].rank, 3);
  EXPECT_EQ(decoding.steps[2][0].piece, "</s>");
  EXPECT_TRUE(decoding.steps[2][0].is_output);
  EXPECT_EQ(decoding.steps[2][0].fate, StepCandidate::Fate::kFinished);
  EXPECT_DOUBLE_EQ(decoding.steps[1][0].total_log_prob, -0.8);
}

TEST_F(DecodingTraceTest, RefusesATraceOfAnotherOutput) {
  const SearchTrace trace{{{b_, 0, -0.5, -0.5, Fate::kKept, 0}},
                          {{kEosId, 0, -0.1, -0.6, Fate::kFinished}}};
  EXPECT_THROW(describe_search(trace, std::vector<TokenId>{a_}, {}, tokenizer_),
               std::invalid_argument);
  EXPECT_THROW(describe_search(trace, std::vector<TokenId>{b_, b_}, {}, tokenizer_),
               std::invalid_argument);
}

TEST_F(DecodingTraceTest, AGivenPieceBeyondTheBestIsAddedWithItsRank) {
  const std::vector<StepScores> steps{{{{a_, -0.1}, {b_, -2.5}}, -2.5, 2},
                                      {{{a_, -0.1}, {b_, -2.5}}, -6.0, 9}};
  const DecodingTrace decoding = describe_forced(steps, std::vector<TokenId>{b_}, tokenizer_);
  EXPECT_EQ(decoding.beam_size, 0);
  ASSERT_EQ(decoding.steps.size(), 2U);
  ASSERT_EQ(decoding.steps[0].size(), 2U);
  EXPECT_TRUE(decoding.steps[0][1].is_output);
  EXPECT_EQ(decoding.steps[0][1].place, 0);
  ASSERT_EQ(decoding.steps[1].size(), 3U);
  EXPECT_EQ(decoding.steps[1][2].piece, "</s>");
  EXPECT_EQ(decoding.steps[1][2].rank, 9);
  EXPECT_DOUBLE_EQ(decoding.steps[1][2].total_log_prob, -8.5);
  EXPECT_DOUBLE_EQ(decoding.steps[1][0].total_log_prob, -2.6);
}

}  // namespace
}  // namespace heed
