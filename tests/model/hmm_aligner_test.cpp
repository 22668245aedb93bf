#include "model/word_alignment/hmm_aligner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "model/word_alignment/pair_model.h"

namespace heed {
namespace {

constexpr std::int32_t kWordCount = 10;

/// Calls one task after the other.
void run_in_turn(std::size_t tasks, const std::function<void(std::size_t)>& body) {
  for (std::size_t task = 0; task < tasks; ++task) body(task);
}

/// `units` of each word; word w is the units units * w, units * w + 1, ...
SegmentedSentence spell(const WordIds& words, std::int32_t units) {
  SegmentedSentence sentence;
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (std::int32_t unit = 0; unit < units; ++unit) {
      sentence.ids.push_back(words[i] * units + unit);
      sentence.word_of.push_back(static_cast<std::int32_t>(i));
    }
  }
  return sentence;
}

/// Sentences of two to six different words, translated word by word; each two neighbours change
/// places, so that the last word of an odd number stays.
struct ToyText {
  explicit ToyText(std::size_t pairs, unsigned seed = 1) {
    std::mt19937 random(seed);
    WordIds words(kWordCount);
    std::iota(words.begin(), words.end(), 0);
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      std::shuffle(words.begin(), words.end(), random);
      src.emplace_back(words.begin(), words.begin() + 2 + static_cast<int>(pair % 5));
      tgt.push_back(src.back());
      for (std::size_t i = 1; i < tgt.back().size(); i += 2)
        std::swap(tgt.back()[i - 1], tgt.back()[i]);
    }
  }

  SegmentedText view(std::int32_t src_units, std::int32_t tgt_units) const {
    SegmentedText text;
    for (const WordIds& words : src) text.src.push_back(spell(words, src_units));
    for (const WordIds& words : tgt) text.tgt.push_back(spell(words, tgt_units));
    text.src_vocab = static_cast<std::size_t>(kWordCount * src_units);
    text.tgt_vocab = static_cast<std::size_t>(kWordCount * tgt_units);
    return text;
  }

  std::vector<WordIds> src, tgt;
};

HmmAligner train(std::vector<SegmentedText> views, const HmmOptions& options = {},
                 std::size_t shards = 1) {
  return {views, options, shards, run_in_turn};
}

LinkPosteriors align_one(const HmmAligner& aligner, const SegmentedSentence& src,
                         const SegmentedSentence& tgt) {
  return aligner.align({&src, 1}, {&tgt, 1});
}

void expect_near(const LinkPosteriors& actual, const LinkPosteriors& expected, float tolerance) {
  ASSERT_EQ(actual.src_len, expected.src_len);
  ASSERT_EQ(actual.tgt_len, expected.tgt_len);
  for (std::size_t i = 0; i < expected.src_of_tgt.size(); ++i) {
    EXPECT_NEAR(actual.src_of_tgt[i], expected.src_of_tgt[i], tolerance) << i;
    EXPECT_NEAR(actual.tgt_of_src[i], expected.tgt_of_src[i], tolerance) << i;
  }
}

TEST(LinkPosteriorsTest, MeanIsOfBothSides) {
  LinkPosteriors posteriors(3, 2);
  posteriors.src_of_tgt[1 * 3 + 2] = 0.5F;  // target 1, source 2
  posteriors.tgt_of_src[2 * 2 + 1] = 0.25F;
  EXPECT_FLOAT_EQ(posteriors.mean(2, 1), 0.375F);
  EXPECT_EQ(posteriors.mean(1, 1), 0.0F);
}

/// A pair of two words on either side, and a model of it that begins uniform.
class PairModelTest : public ::testing::Test {
 protected:
  const SegmentedSentence src_ = spell({0, 1}, 1);
  const SegmentedSentence tgt_ = spell({0, 1}, 1);
  LexicalTable table_{{&src_, 1}, {&tgt_, 1}, 2, 2};
  const JumpTable jumps_;
  PairModel model_{table_, jumps_, jumps_, 0.3};
};

TEST_F(PairModelTest, Model1ByHand) {
  LexicalTable::Counts given(table_);
  given.tgt_of_src = {3, 1, 1, 1};  // t(0|0) 3/4, t(1|0) 1/4, t(.|1) 1/2
  given.src_of_tgt = {1, 1, 3, 1};  // s(0|0) 1/4, s(1|0) 3/4, s(.|1) 1/2
  table_.set_from(given);           // of nothing 1/2 each
  model_.start(src_, tgt_);
  model_.run_model1();

  LinkPosteriors words(2, 2);
  model_.add_words(words, 1.0F);
  LinkPosteriors expected(2, 2);
  expected.src_of_tgt = {3.0F / 7, 2.0F / 7, 1.0F / 5, 2.0F / 5};
  expected.tgt_of_src = {1.0F / 5, 2.0F / 5, 3.0F / 7, 2.0F / 7};
  expect_near(words, expected, 1e-6F);

  LexicalTable::Counts counts(table_);
  model_.count(nullptr, counts);
  EXPECT_FLOAT_EQ(counts.tgt_of_src[0], 3.0F / 7);
  EXPECT_FLOAT_EQ(counts.tgt_of_src[1], 1.0F / 5);
  EXPECT_FLOAT_EQ(counts.src_of_tgt[1], 2.0F / 5);
  EXPECT_FLOAT_EQ(counts.src_of_tgt[2], 3.0F / 7);
  EXPECT_FLOAT_EQ(counts.tgt_of_null[0], 2.0F / 7);
  EXPECT_FLOAT_EQ(counts.src_of_null[1], 2.0F / 7);
}

TEST_F(PairModelTest, AgreedCountsAreTimesWhatTheOtherDirectionSays) {
  model_.start(src_, tgt_);
  model_.run_model1();  // 1/3 each
  LinkPosteriors agreed(2, 2);
  agreed.tgt_of_src[0 * 2 + 1] = 0.5F;   // source 0, target 1
  agreed.src_of_tgt[1 * 2 + 0] = 0.25F;  // the same
  LexicalTable::Counts counts(table_);
  model_.count(&agreed, counts);
  EXPECT_FLOAT_EQ(counts.tgt_of_src[table_.find(0, 1)], 0.5F / 3);
  EXPECT_FLOAT_EQ(counts.src_of_tgt[table_.find(0, 1)], 0.25F / 3);
  EXPECT_EQ(counts.tgt_of_src[table_.find(1, 0)], 0.0F);
  EXPECT_EQ(counts.src_of_tgt[table_.find(1, 0)], 0.0F);
  EXPECT_FLOAT_EQ(counts.tgt_of_null[0], 1.0F / 3) << "nothing has no other direction";
}

TEST_F(PairModelTest, ReadsTheTableAtTheGivenPlaces) {
  const std::uint32_t none = LexicalTable::kMissing;
  const std::vector<std::uint32_t> places{table_.find(0, 0), none, none, table_.find(1, 1)};
  model_.start(src_, tgt_, places);
  model_.run_model1();
  LinkPosteriors words(2, 2);
  model_.add_words(words, 1.0F);
  LinkPosteriors expected(2, 2);
  expected.src_of_tgt = expected.tgt_of_src = {0.5F, 0.0F, 0.0F, 0.5F};
  expect_near(words, expected, 1e-6F);
}

TEST(PairModelWordsTest, SumTheirPartnersUnitsAndAverageTheirOwn) {
  const SegmentedSentence src{{0, 1, 2}, {0, 0, 1}};
  const SegmentedSentence tgt{{0, 1}, {0, 0}};
  const LexicalTable table({&src, 1}, {&tgt, 1}, 3, 2);
  const JumpTable jumps;
  PairModel model(table, jumps, jumps, 0.3);
  model.start(src, tgt);
  model.run_model1();
  // Of target units: t = 1/2 for three source units and nothing, so 1/4 each. Of source units:
  // 1/3 for two target units and nothing.
  LinkPosteriors words(2, 1);
  model.add_words(words, 0.5F);
  LinkPosteriors expected(2, 1);
  expected.src_of_tgt = {0.5F / 2, 0.5F / 4};
  expected.tgt_of_src = {0.5F * 2 / 3, 0.5F * 2 / 3};
  expect_near(words, expected, 1e-6F);
}

TEST(HmmAlignerTest, FindsTheLinksOfAToyText) {
  const ToyText text(200);
  for (const auto& [src_units, tgt_units] : {std::pair{1, 1}, {2, 1}, {1, 3}}) {
    SCOPED_TRACE(std::to_string(src_units) + " and " + std::to_string(tgt_units) + " units");
    const SegmentedText view = text.view(src_units, tgt_units);
    const HmmAligner aligner = train({view});
    for (std::size_t pair = 0; pair < 20; ++pair) {
      const LinkPosteriors found = align_one(aligner, view.src[pair], view.tgt[pair]);
      const std::size_t length = text.src[pair].size();
      ASSERT_EQ(found.src_len, length);
      for (std::size_t s = 0; s < length; ++s) {
        for (std::size_t t = 0; t < length; ++t) {
          const bool is_link = text.src[pair][s] == text.tgt[pair][t];
          EXPECT_EQ(found.mean(s, t) > (is_link ? 0.6F : 0.2F), is_link)
              << found.mean(s, t) << " for " << s << '-' << t << " of pair " << pair;
        }
      }
    }
  }
}

TEST(HmmAlignerTest, FindsTheLinksOfAPairItWasNotTrainedOn) {
  const ToyText text(200);
  const HmmAligner aligner = train({text.view(1, 1)});
  const LinkPosteriors found = align_one(aligner, spell({3, 1, 4, 9}, 1), spell({1, 3, 9, 4}, 1));
  for (std::size_t s = 0; s < 4; ++s) EXPECT_GT(found.mean(s, s ^ 1U), 0.9F) << s;
}

TEST(HmmAlignerTest, EachRowIsADistributionWithoutWhatIsUnlinked) {
  const ToyText text(50);
  const HmmAligner aligner = train({text.view(1, 2), text.view(2, 1)});
  const std::vector<SegmentedSentence> src{spell({1, 2, 3, 1}, 1), spell({1, 2, 3, 1}, 2)};
  const std::vector<SegmentedSentence> tgt{spell({3, 7}, 2), spell({3, 7}, 1)};
  const LinkPosteriors found = aligner.align(src, tgt);
  for (std::size_t t = 0; t < 2; ++t) {
    float sum = 0.0F;
    for (std::size_t s = 0; s < 4; ++s) sum += found.src_of_tgt[t * 4 + s];
    EXPECT_LE(sum, 1.0F + 1e-5F);
    EXPECT_GE(sum, 0.0F);
  }
  EXPECT_GT(found.mean(2, 0), 0.8F);
}

TEST(HmmAlignerTest, UnknownWordsLeaveTheOthersLinked) {
  const ToyText text(200);
  const HmmAligner aligner = train({text.view(1, 1)});
  const LinkPosteriors found =
      align_one(aligner, spell({0, 77, 2}, 1), spell({2, 1'000'000, 0}, 1));
  EXPECT_GT(found.mean(0, 2), 0.9F);
  EXPECT_GT(found.mean(2, 0), 0.9F);
  for (const float value : found.src_of_tgt) EXPECT_TRUE(value >= 0.0F && value <= 1.0F + 1e-5F);
}

TEST(HmmAlignerTest, SeveralViewsGiveTheMean) {
  const ToyText text(100);
  const SegmentedText one = text.view(1, 1);
  const SegmentedText other = text.view(2, 3);
  // By model 1 the views are trained apart.
  const HmmOptions options{.model1_iterations = 2, .hmm_iterations = 0};
  const HmmAligner together = train({one, other}, options);
  const LinkPosteriors first = align_one(train({one}, options), one.src[3], one.tgt[3]);
  const LinkPosteriors second = align_one(train({other}, options), other.src[3], other.tgt[3]);
  LinkPosteriors expected(first.src_len, first.tgt_len);
  for (std::size_t i = 0; i < expected.src_of_tgt.size(); ++i) {
    expected.src_of_tgt[i] = (first.src_of_tgt[i] + second.src_of_tgt[i]) / 2;
    expected.tgt_of_src[i] = (first.tgt_of_src[i] + second.tgt_of_src[i]) / 2;
  }
  const std::vector<SegmentedSentence> src{one.src[3], other.src[3]};
  const std::vector<SegmentedSentence> tgt{one.tgt[3], other.tgt[3]};
  expect_near(together.align(src, tgt), expected, 1e-6F);
  EXPECT_NE(first.src_of_tgt, second.src_of_tgt);
}

/// One view and what one iteration of EM counts in it, step by step.
struct StepwiseView {
  explicit StepwiseView(const SegmentedText& given)
      : text(given), table(given.src, given.tgt, given.src_vocab, given.tgt_vocab), counts(table) {}

  PairModel model() const { return {table, tgt_jumps, src_jumps, 0.3}; }
  void finish_iteration() {
    table.set_from(counts);
    tgt_jumps = JumpTable(tgt_jump_counts);
    src_jumps = JumpTable(src_jump_counts);
  }

  const SegmentedText& text;
  LexicalTable table;
  LexicalTable::Counts counts;
  JumpTable tgt_jumps, src_jumps;
  std::vector<double> tgt_jump_counts = std::vector<double>(JumpTable::kSize, 0.0);
  std::vector<double> src_jump_counts = tgt_jump_counts;
};

TEST(HmmAlignerTest, AViewCountsWhatAllViewsSayOfTheOtherDirection) {
  ToyText text(0);
  text.src = {{0, 1}, {0}, {1, 2, 3}};
  text.tgt = {{1, 0}, {0}, {3, 1}};
  const std::vector<SegmentedText> views{text.view(1, 1), text.view(2, 1)};
  std::vector<StepwiseView> steps{StepwiseView(views[0]), StepwiseView(views[1])};
  for (std::size_t pair = 0; pair < 3; ++pair) {
    LinkPosteriors agreed(text.src[pair].size(), text.tgt[pair].size());
    std::vector<PairModel> models{steps[0].model(), steps[1].model()};
    for (std::size_t v = 0; v < 2; ++v) {
      models[v].start(views[v].src[pair], views[v].tgt[pair]);
      models[v].run_hmm(&steps[v].tgt_jump_counts, &steps[v].src_jump_counts);
      models[v].add_words(agreed, 0.5F);
    }
    for (std::size_t v = 0; v < 2; ++v) models[v].count(&agreed, steps[v].counts);
  }
  LinkPosteriors expected(3, 2);
  for (StepwiseView& view : steps) {
    view.finish_iteration();
    PairModel model = view.model();
    model.start(view.text.src[2], view.text.tgt[2]);
    model.run_hmm(nullptr, nullptr);
    model.add_words(expected, 0.5F);
  }
  const HmmAligner aligner = train(views, {.model1_iterations = 0, .hmm_iterations = 1});
  const std::vector<SegmentedSentence> src{views[0].src[2], views[1].src[2]};
  const std::vector<SegmentedSentence> tgt{views[0].tgt[2], views[1].tgt[2]};
  expect_near(aligner.align(src, tgt), expected, 1e-6F);
}

TEST(HmmAlignerTest, ShardsChangeNothingButRounding) {
  const ToyText text(60);
  const SegmentedText view = text.view(1, 2);
  const LinkPosteriors one = align_one(train({view}, {}, 1), view.src[4], view.tgt[4]);
  for (const std::size_t shards : {0U, 2U, 7U, 100U}) {
    SCOPED_TRACE(shards);
    expect_near(align_one(train({view}, {}, shards), view.src[4], view.tgt[4]), one, 1e-3F);
  }
}

TEST(HmmAlignerTest, WhatIsKeptChangesNothing) {
  const ToyText text(60);
  const std::vector<SegmentedText> views{text.view(1, 2), text.view(2, 1)};
  const std::vector<SegmentedSentence> src{views[0].src[4], views[1].src[4]};
  const std::vector<SegmentedSentence> tgt{views[0].tgt[4], views[1].tgt[4]};
  const LinkPosteriors kept = train(views).align(src, tgt);
  const LinkPosteriors searched = train(views, {.most_kept_memory = 0}).align(src, tgt);
  EXPECT_EQ(kept.src_of_tgt, searched.src_of_tgt);
  EXPECT_EQ(kept.tgt_of_src, searched.tgt_of_src);
}

TEST(HmmAlignerTest, TellsAfterEachIteration) {
  const SegmentedText view = ToyText(5).view(1, 1);
  int iterations = 0;
  const HmmAligner aligner({&view, 1}, {.model1_iterations = 3, .hmm_iterations = 2}, 1,
                           run_in_turn, [&] { ++iterations; });
  EXPECT_EQ(iterations, 5);
}

TEST(HmmAlignerTest, SentencesMayBeEmpty) {
  SegmentedText view = ToyText(20).view(1, 1);
  view.src[0] = {};
  view.tgt[1] = {};
  view.src[2] = view.tgt[2] = {};
  const HmmAligner aligner = train({view});
  const LinkPosteriors empty = align_one(aligner, view.src[0], view.tgt[0]);
  EXPECT_EQ(empty.src_len, 0U);
  EXPECT_EQ(empty.tgt_len, view.tgt[0].ids.size());
  EXPECT_TRUE(empty.src_of_tgt.empty());
  EXPECT_TRUE(align_one(aligner, {}, {}).tgt_of_src.empty());
}

}  // namespace
}  // namespace heed
