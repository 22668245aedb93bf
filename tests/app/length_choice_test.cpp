#include "app/train/length_choice.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/beam_search_testing.h"

namespace heed {
namespace {

constexpr std::uint32_t kSentences = 60;

std::string text_of(const Ids& tokens) {
  std::string text;
  for (const std::int32_t token : tokens) text += (text.empty() ? "" : " ") + std::to_string(token);
  return text;
}

std::vector<std::string> search_all(double alpha) {
  std::vector<std::string> outputs;
  for (std::uint32_t seed = 0; seed < kSentences; ++seed)
    outputs.push_back(
        text_of(search(random_table(kVocab, seed), options_of(5, 9, alpha)).front().tokens));
  return outputs;
}

std::vector<std::vector<LengthCandidate>> search_once() {
  std::vector<std::vector<LengthCandidate>> found(kSentences);
  SearchOptions options = options_of(5, 9, kLengthPenalties.back(), 5);
  options.with_surplus = true;
  for (std::uint32_t seed = 0; seed < kSentences; ++seed)
    for (const Hypothesis& one : search(random_table(kVocab, seed), options))
      found[seed].push_back({text_of(one.tokens), one.log_prob, std::ssize(one.tokens) + 1});
  return found;
}

TEST(LengthChoice, OneSearchFindsWhatASearchWithEachPenaltyDoes) {
  const auto found = search_once();
  std::set<std::vector<std::string>> different;
  for (std::size_t i = 0; i < kLengthPenalties.size(); ++i) {
    const std::vector<std::string> outputs = search_all(kLengthPenalties[i]);
    EXPECT_NEAR(score_length_penalties(found, outputs, ValidationMetric::kBleu)[i], 100.0, 1e-9)
        << kLengthPenalties[i];
    different.insert(outputs);
  }
  EXPECT_GT(different.size(), 3U);
}

TEST(LengthChoice, TheMetricDecides) {
  const std::vector<std::vector<LengthCandidate>> found{
      {{"one two three four", -1.0, 5}, {"one two three four five six", -1.3, 7}}};
  const std::vector<std::string> references{"one two three four five six"};
  const auto bleu = score_length_penalties(found, references, ValidationMetric::kBleu);
  const auto chrf = score_length_penalties(found, references, ValidationMetric::kChrf);
  const auto perplexity = score_length_penalties(found, references, ValidationMetric::kPerplexity);
  // The longer one is better per token^alpha once (7/5)^alpha > 1.3, from 0.78 on.
  EXPECT_LT(bleu[0], 100.0);
  EXPECT_NEAR(bleu[1], 100.0, 1e-9);
  EXPECT_EQ(perplexity, bleu);
  EXPECT_NE(chrf, bleu);
  EXPECT_NEAR(chrf[1], 100.0, 1e-9);
}

TEST(LengthChoice, WhatIsSetStaysUnlessAnotherIsBetter) {
  std::vector<double> scores(kLengthPenalties.size(), 30.0);
  EXPECT_EQ(choose_length_penalty(scores, 1.0).length_penalty, 1.0);
  EXPECT_EQ(choose_length_penalty(scores, 1.0).score, 30.0);
  scores[1] = 31.0;
  EXPECT_EQ(choose_length_penalty(scores, 1.0).length_penalty, kLengthPenalties[1]);
  EXPECT_EQ(choose_length_penalty(scores, 1.0).score, 31.0);
  // One that was not tried has no score to stand by.
  EXPECT_EQ(choose_length_penalty(scores, 0.33).length_penalty, kLengthPenalties[1]);
}

}  // namespace
}  // namespace heed
