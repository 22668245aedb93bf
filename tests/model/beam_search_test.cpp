#include "model/beam_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/support/beam_search_testing.h"
#include "tests/support/exhaustive_search.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(BeamSearchTest, ABeamThatHoldsEveryPrefixEqualsExhaustiveSearch) {
  for (std::uint32_t seed = 0; seed < 25; ++seed) {
    for (const double alpha : {0.0, 0.6, 1.0, 2.0, -0.5}) {
      const std::int64_t max_length = 1 + seed % 4;
      const ScoreTable table = random_table(kVocab, seed, seed % 2 == 0 ? 1.5 : 5.0);
      const ExhaustiveSearch exhaustive(table, {kA}, max_length, alpha);
      const auto every = static_cast<std::int64_t>(exhaustive.size());
      for (const std::int64_t n_best : {std::int64_t{1}, std::int64_t{4}, every}) {
        SCOPED_TRACE(testing::Message()
                     << "seed " << seed << ", alpha " << alpha << ", " << n_best);
        expect_same(search(table, options_of(every, max_length, alpha, n_best)),
                    exhaustive.best(static_cast<std::size_t>(n_best)));
      }
    }
  }
}

TEST(BeamSearchTest, BeamOneIsGreedy) {
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    const ScoreTable table = random_table(kVocab, seed);
    Hypothesis greedy;
    for (bool ended = false; !ended;) {
      std::vector<float> row = table({kA}, greedy.tokens);
      row[0] = row[kBos] = kNever;
      auto best = static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin());
      ended = best == kEos || greedy.tokens.size() == 12;
      if (ended) best = kEos;
      greedy.log_prob += static_cast<double>(row[static_cast<std::size_t>(best)]);
      if (!ended) greedy.tokens.push_back(best);
    }
    greedy.score = greedy.log_prob / static_cast<double>(greedy.tokens.size() + 1);
    expect_same(search(table, options_of(1, 12)), {greedy});
  }
}

TEST(BeamSearchTest, FindsWhatGreedyMisses) {
  const ScoreTable table = by_hand({{{}, {{kA, 0.5}, {kB, 0.4}, {kEos, 0.1}}},
                                    {{kA}, {{kEos, 0.4}, {kA, 0.3}, {kB, 0.3}}},
                                    {{kB}, {{kEos, 0.9}, {kA, 0.05}, {kB, 0.05}}}});
  EXPECT_THAT(tokens_of(search(table, options_of(1, 5))), ElementsAre(Ids{kA}));
  const auto found = search(table, options_of(2, 5, 0.0, 2));
  ASSERT_THAT(tokens_of(found), ElementsAre(Ids{kB}, Ids{kA}));
  EXPECT_NEAR(found[0].log_prob, std::log(0.4 * 0.9), 1e-6);
  EXPECT_NEAR(found[1].log_prob, std::log(0.5 * 0.4), 1e-6);
  EXPECT_EQ(found[0].score, found[0].log_prob);  // alpha 0
}

TEST(BeamSearchTest, TheLengthPenaltyDecidesBetweenShortAndLong) {
  // "" has 0.5; "a b" has 0.45 spread over three tokens.
  const ScoreTable table = by_hand({{{}, {{kEos, 0.5}, {kA, 0.45}, {kB, 0.05}}},
                                    {{kA}, {{kB, 1.0}}},
                                    {{kA, kB}, {{kEos, 1.0}}}});
  EXPECT_THAT(tokens_of(search(table, options_of(2, 5, 0.0, 2))),
              ElementsAre(Ids{}, (Ids{kA, kB})));
  const auto normalised = search(table, options_of(2, 5, 1.0, 2));
  ASSERT_THAT(tokens_of(normalised), ElementsAre((Ids{kA, kB}), Ids{}));
  EXPECT_NEAR(normalised[0].score, std::log(0.45) / 3.0, 1e-6);
  EXPECT_NEAR(normalised[1].score, std::log(0.5), 1e-6);
}

TEST(BeamSearchTest, AnEarlyFinishIsNotTheEndWhereALongerOneMayOvertake) {
  // After one step "" has log 0.6 = -0.51 and "a" only log 0.3 / 2 = -0.60, but at the maximum
  // length "a a a a" has log 0.3 / 5 = -0.24.
  const ScoreTable table = by_hand({{{}, {{kEos, 0.6}, {kA, 0.3}, {kB, 0.1}}},
                                    {{kA}, {{kA, 1.0}}},
                                    {{kA, kA}, {{kA, 1.0}}},
                                    {{kA, kA, kA}, {{kA, 1.0}}},
                                    {{kA, kA, kA, kA}, {{kEos, 1.0}}}});
  EXPECT_THAT(tokens_of(search(table, options_of(2, 4))), ElementsAre(Ids(4, kA)));
  EXPECT_THAT(tokens_of(search(table, options_of(2, 4, 0.0))), ElementsAre(Ids{}));
}

TEST(BeamSearchTest, EosOutsideTheBeamsBestIsNotFinished) {
  // eos ranks third: a beam of 2 must not return the empty sentence though alpha favours it.
  const ScoreTable table = by_hand({{{}, {{kA, 0.4}, {kB, 0.35}, {kEos, 0.25}}},
                                    {{kA}, {{kEos, 0.3}, {kA, 0.7}}},
                                    {{kA, kA}, {{kEos, 0.3}, {kA, 0.7}}},
                                    {{kB}, {{kEos, 1.0}}}});
  const auto found = search(table, options_of(2, 2, 0.0, 2));
  EXPECT_THAT(tokens_of(found), ElementsAre(Ids{kB}, (Ids{kA, kA})));
}

TEST(BeamSearchTest, EqualScoresRankByLowerBeamThenLowerToken) {
  const ScoreTable uniform = [](const Ids&, const Ids&) {
    return std::vector<float>(kVocab, -1.0F);
  };
  // Step 1 ranks 1, eos, 4, 5; step 2 ranks beam 0's 1 and eos ahead of all of beam 1's.
  EXPECT_THAT(tokens_of(search(uniform, options_of(2, 5, 0.0, 2))),
              ElementsAre(Ids{}, Ids{kUnknown}));
  // Step 1 keeps 1, 4, 5 and finishes eos; step 2 keeps [1 1], [1 4], [1 5] and finishes [1], which
  // now is the best with alpha 1 by none: all scores are -1, and the first found goes first.
  EXPECT_THAT(tokens_of(search(uniform, options_of(3, 2, 1.0, 3))),
              ElementsAre(Ids{}, Ids{kUnknown}, (Ids{kUnknown, kUnknown})));
}

TEST(BeamSearchTest, NBestIsOrderedAndUnique) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const auto found = search(random_table(kVocab, seed), options_of(5, 8, 0.7, 5));
    EXPECT_EQ(found.size(), 5U);
    std::set<Ids> unique;
    for (std::size_t rank = 0; rank < found.size(); ++rank) {
      EXPECT_TRUE(unique.insert(found[rank].tokens).second);
      EXPECT_GE(found[rank > 0 ? rank - 1 : 0].score, found[rank].score);
      EXPECT_DOUBLE_EQ(
          found[rank].score,
          found[rank].log_prob / length_penalty(std::ssize(found[rank].tokens) + 1, 0.7));
    }
  }
}

TEST(BeamSearchTest, ReturnsFewerWhereFewerExist) {
  const ScoreTable only_one = by_hand({{{}, {{kA, 1.0}}}, {{kA}, {{kEos, 1.0}}}});
  EXPECT_THAT(tokens_of(search(only_one, options_of(4, 9, 1.0, 4))), ElementsAre(Ids{kA}));
}

/// Sentences leave at different times: their lengths and the eos of each differ.
TEST(BeamSearchTest, ABatchEqualsItsSentencesOneByOne) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const ScoreTable table = random_table(kVocab, seed, 2.5);
    const std::vector<Ids> sources{{kA}, {kB, kA, kB, kB}, {}, {kA, kA}, {kB}, {kB, kB, kB}};
    for (const std::int64_t beam_size : {1, 2, 4}) {
      SearchOptions options = options_of(beam_size, 1, 0.8, std::min<std::int64_t>(2, beam_size));
      options.max_length_ratio = 1.5;
      TableScorer scorer(kVocab, kBos, table);
      const auto together = beam_search(scorer, sources, options);
      EXPECT_GT(scorer.rows_per_step().at(1), scorer.rows_per_step().back());  // some left earlier
      ASSERT_EQ(together.size(), sources.size());
      for (std::size_t index = 0; index < sources.size(); ++index)
        expect_same(together[index], search(table, options, sources[index]));
    }
  }
}

TEST(BeamSearchTest, TheMaximumLengthForcesEos) {
  const ScoreTable endless = [](const Ids&, const Ids&) {
    std::vector<float> row(kVocab, -5.0F);
    row[kA] = -0.01F;
    row[kEos] = -50.0F;
    return row;
  };
  SearchOptions options = options_of(3, 2, 1.0, 3);
  options.max_length_ratio = 2.0;  // 2 * 3 + 2
  const auto found = search(endless, options, {kA, kA, kA});
  EXPECT_EQ(found.at(0).tokens, Ids(8, kA));
  EXPECT_NEAR(found.at(0).log_prob, -50.08, 1e-5);
  for (const Hypothesis& hypothesis : found) EXPECT_LE(hypothesis.tokens.size(), 8U);
  options.max_length = 5;
  EXPECT_EQ(search(endless, options, {kA, kA, kA}).at(0).tokens, Ids(5, kA));
}

TEST(BeamSearchTest, ForbiddenIdsAreNeverProduced) {
  const ScoreTable tempting = [](const Ids&, const Ids& prefix) {
    std::vector<float> row(kVocab, -3.0F);
    row[0] = row[kUnknown] = row[kBos] = -0.1F;
    row[kEos] = prefix.size() > 2 ? -1.0F : -9.0F;
    return row;
  };
  SearchOptions options = options_of(4, 6, 1.0, 4);
  options.forbidden_ids = {0, kUnknown, kBos, 99,
                           -1};  // those outside the vocabulary forbid nothing
  bool has_last_token = false;
  for (const Hypothesis& hypothesis : search(tempting, options)) {
    for (const std::int32_t token : hypothesis.tokens) {
      EXPECT_TRUE(token == kA || token == kB) << token;
      has_last_token |= token == kB;
    }
  }
  EXPECT_TRUE(has_last_token);
}

TEST(BeamSearchTest, ScoresThatAreNoNumberRankNowhere) {
  const ScoreTable plain = random_table(kVocab, 3);
  const auto spoiled = [&](float spoil) {
    return [=](const Ids& source, const Ids& prefix) {
      std::vector<float> row = plain(source, prefix);
      row[kB] = spoil;
      if (prefix.size() == 1 && prefix[0] == kA) row.assign(kVocab, spoil);
      return row;
    };
  };
  const auto expected = search(spoiled(kNever), options_of(3, 5, 1.0, 3));
  expect_same(search(spoiled(std::nanf("")), options_of(3, 5, 1.0, 3)), expected);
  EXPECT_FALSE(expected.empty());
}

TEST(BeamSearchTest, WhereNothingIsPossibleNothingIsReturned) {
  for (const float score : {kNever, std::nanf("")}) {
    const ScoreTable nothing = [=](const Ids&, const Ids&) {
      return std::vector<float>(kVocab, score);
    };
    EXPECT_THAT(search(nothing, options_of(3, 5, 1.0, 3)), IsEmpty());
    // A sentence that can't go on leaves its neighbours alone.
    const ScoreTable plain = random_table(kVocab, 1);
    const ScoreTable mixed = [=](const Ids& source, const Ids& prefix) {
      return source.size() == 2 ? nothing(source, prefix) : plain(source, prefix);
    };
    TableScorer scorer(kVocab, kBos, mixed);
    const auto batch =
        beam_search(scorer, std::vector<Ids>{{kA}, {kA, kA}, {kB}}, options_of(3, 5));
    expect_same(batch.at(0), search(plain, options_of(3, 5), {kA}));
    EXPECT_THAT(batch.at(1), IsEmpty());
    expect_same(batch.at(2), search(plain, options_of(3, 5), {kB}));
  }
}

/// Places of the beam that no hypothesis fills are scored too, but whatever they get is ignored.
TEST(BeamSearchTest, UnfilledPlacesChangeNothing) {
  const ScoreTable narrow =
      by_hand({{{}, {{kA, 1.0}}}, {{kA}, {{kB, 0.9}, {kEos, 0.1}}}, {{kA, kB}, {{kEos, 1.0}}}});
  const ScoreTable loud = [=](const Ids& source, const Ids& prefix) {
    const bool is_real = std::find(prefix.begin(), prefix.end(), kEos) == prefix.end();
    return is_real ? narrow(source, prefix) : std::vector<float>(kVocab, 0.0F);
  };
  EXPECT_THAT(tokens_of(search(loud, options_of(4, 9, 1.0, 4))),
              ElementsAre((Ids{kA, kB}), Ids{kA}));
}

TEST(BeamSearchTest, NoSourcesGiveNoResults) {
  TableScorer scorer(kVocab, kBos, random_table(kVocab, 1));
  EXPECT_THAT(beam_search(scorer, {}, SearchOptions{}), IsEmpty());
}

TEST(BeamSearchTest, RefusesABeamThatCantBe) {
  EXPECT_THROW(search(random_table(kVocab, 1), options_of(0, 5)), std::exception);
  EXPECT_THROW(search(random_table(kVocab, 1), options_of(2, 5, 1.0, 3)), std::exception);
  EXPECT_THROW(search(random_table(kVocab, 1), options_of(2, 5, 1.0, 0)), std::exception);
}

TEST(LengthPenaltyTest, IsAPowerOfTheLength) {
  EXPECT_EQ(length_penalty(7, 0.0), 1.0);
  EXPECT_EQ(length_penalty(7, 1.0), 7.0);
  EXPECT_EQ(length_penalty(4, 0.5), 2.0);
}

}  // namespace
}  // namespace heed
