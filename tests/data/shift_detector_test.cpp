#include "data/shift_detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "data/text_io.h"
#include "tests/support/shared_corpora.h"

namespace heed {
namespace {

using Lines = std::vector<LineTraits>;

std::vector<OffsetStretch> stretches_of(const Lines& src, const Lines& tgt) {
  ShiftDetector detector;
  for (std::size_t i = 0; i < std::max(src.size(), tgt.size()); ++i) {
    if (i < src.size()) detector.add_src(src[i]);
    if (i < tgt.size()) detector.add_tgt(tgt[i]);
  }
  return detector.finish();
}

bool belongs_together(const Lines& src, const Lines& tgt) {
  return stretches_of(src, tgt) == std::vector<OffsetStretch>{{}};
}

struct Corpus {
  Lines src, tgt;
};

/// Pairs of which only the lengths, with some noise, and now and then a number go together.
Corpus made_corpus(std::size_t pairs, unsigned seed) {
  std::mt19937 random(seed);
  Corpus corpus;
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::size_t words = 3 + random() % 20;
    const std::size_t other_words = words + random() % 4;
    std::string src, tgt;
    for (std::size_t k = 0; k < words; ++k) src += "ab ";
    for (std::size_t k = 0; k < other_words; ++k) tgt += "xyz ";
    if (random() % 5 == 0) {
      const std::string number = std::to_string(random() % 1000);
      src += number;
      tgt += number;
    }
    corpus.src.push_back(line_traits(src));
    corpus.tgt.push_back(line_traits(tgt));
  }
  return corpus;
}

/// Expects that offsets change once, near `line`, to `offset`.
void expect_shift(const Corpus& corpus, std::size_t line, std::ptrdiff_t offset,
                  std::ptrdiff_t tolerance) {
  const auto stretches = stretches_of(corpus.src, corpus.tgt);
  ASSERT_EQ(stretches.size(), 2U) << "line " << line;
  EXPECT_EQ(stretches[0].offset, 0);
  EXPECT_EQ(stretches[1].offset, offset);
  const auto found = static_cast<std::ptrdiff_t>(stretches[1].src_line);
  EXPECT_LE(std::abs(found - static_cast<std::ptrdiff_t>(line)), tolerance) << "line " << line;
}

void erase_line(Lines& lines, std::size_t line) {
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(line));
}

void insert_copy(Lines& lines, std::size_t line, std::size_t of) {
  const LineTraits copy = lines[of];
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(line), copy);
}

/// A line lost or doubled on either side, and the files as long as one another again.
void expect_planted_shifts(const Corpus& corpus, unsigned seed, std::ptrdiff_t tolerance) {
  std::mt19937 random(seed);
  for (int kind = 0; kind < 4; ++kind) {
    SCOPED_TRACE(kind);
    const std::size_t line = 100 + random() % (corpus.src.size() - 200);
    Corpus bad = corpus;
    Lines& changed = kind % 2 == 0 ? bad.src : bad.tgt;
    if (kind < 2)
      erase_line(changed, line);
    else
      insert_copy(changed, line, line / 2);
    const std::size_t size = std::min(bad.src.size(), bad.tgt.size());
    bad.src.resize(size);
    bad.tgt.resize(size);
    expect_shift(bad, line, kind == 0 || kind == 3 ? 1 : -1, tolerance);
  }
}

TEST(ShiftDetector, GoodTextBelongsTogether) {
  for (const std::size_t pairs : {0, 1, 30, 500, 5000}) {
    const Corpus corpus = made_corpus(pairs, 1);
    EXPECT_TRUE(belongs_together(corpus.src, corpus.tgt)) << pairs;
  }
}

TEST(ShiftDetector, FindsALineLostOrDoubled) {
  expect_planted_shifts(made_corpus(400, 2), 1, 6);
  expect_planted_shifts(made_corpus(6000, 3), 2, 6);
}

TEST(ShiftDetector, FindsWhereItShiftsBack) {
  Corpus corpus = made_corpus(4000, 4);
  erase_line(corpus.src, 1000);
  erase_line(corpus.tgt, 2500);
  const auto stretches = stretches_of(corpus.src, corpus.tgt);
  ASSERT_EQ(stretches.size(), 3U);
  EXPECT_EQ(stretches[1].offset, 1);
  EXPECT_NEAR(static_cast<double>(stretches[1].src_line), 1000, 6);
  EXPECT_EQ(stretches[2].offset, 0);
  EXPECT_NEAR(static_cast<double>(stretches[2].src_line), 2500, 6);
}

TEST(ShiftDetector, FindsAShiftFromTheFirstLineOn) {
  Corpus corpus = made_corpus(2000, 5);
  corpus.tgt.erase(corpus.tgt.begin(), corpus.tgt.begin() + 3);
  const auto stretches = stretches_of(corpus.src, corpus.tgt);
  ASSERT_EQ(stretches.size(), 1U);
  EXPECT_EQ(stretches[0].offset, -3);
}

TEST(ShiftDetector, BeyondItsReachLinesAreUnrelated) {
  Corpus corpus = made_corpus(4000, 6);
  corpus.src.erase(corpus.src.begin() + 2000, corpus.src.begin() + 2050);
  const auto stretches = stretches_of(corpus.src, corpus.tgt);
  ASSERT_EQ(stretches.size(), 2U);
  EXPECT_FALSE(stretches[1].is_related);
  EXPECT_NEAR(static_cast<double>(stretches[1].src_line), 2000, 12);
}

TEST(ShiftDetector, IsQuietWhereNothingCanBeKnown) {
  Corpus corpus = made_corpus(5000, 7);
  std::shuffle(corpus.tgt.begin(), corpus.tgt.end(), std::mt19937(1));
  EXPECT_TRUE(belongs_together(corpus.src, corpus.tgt)) << "unrelated";
  const Lines blank(3000);
  EXPECT_TRUE(belongs_together(blank, blank));
  const Lines same(3000, line_traits("always the same 17 words."));
  EXPECT_TRUE(belongs_together(same, same));
  EXPECT_TRUE(belongs_together(same, corpus.tgt));
}

/// The corpus in the order of `indices`.
Corpus reordered(const Corpus& corpus, const std::vector<std::size_t>& indices) {
  Corpus result;
  for (const std::size_t i : indices) {
    result.src.push_back(corpus.src[i]);
    result.tgt.push_back(corpus.tgt[i]);
  }
  return result;
}

void expect_quiet_in_any_order(const Corpus& corpus) {
  EXPECT_TRUE(belongs_together(corpus.src, corpus.tgt));
  std::vector<std::size_t> indices(corpus.src.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  std::shuffle(indices.begin(), indices.end(), std::mt19937(1));
  const Corpus shuffled = reordered(corpus, indices);
  EXPECT_TRUE(belongs_together(shuffled.src, shuffled.tgt)) << "shuffled";
  for (const Lines* side : {&corpus.src, &corpus.tgt}) {  // the second time by both
    std::stable_sort(indices.begin(), indices.end(), [side](std::size_t a, std::size_t b) {
      return (*side)[a].log_length < (*side)[b].log_length;
    });
    const Corpus sorted = reordered(corpus, indices);
    EXPECT_TRUE(belongs_together(sorted.src, sorted.tgt)) << "sorted";
  }
}

TEST(ShiftDetector, IsQuietOnTextInAnyOrder) {
  expect_quiet_in_any_order(made_corpus(8000, 8));
}

Lines read_traits(const std::filesystem::path& path) {
  Lines lines;
  LineReader reader(path);
  for (std::string line; reader.next(line);) lines.push_back(line_traits(line));
  return lines;
}

TEST(ShiftDetector, RealCorpora) {
  const std::vector<std::array<std::string, 3>> corpora{
      {"multi30k", "train.en.gz", "train.de.gz"}, {"multi30k", "val.en.gz", "val.cs.gz"},
      {"enja", "train.en.gz", "train.ja.gz"},     {"enja", "dev.ja.gz", "dev.en.gz"},
      {"kftt30k", "train.ja.gz", "train.en.gz"},  {"kftt30k", "dev.ja.gz", "dev.en.gz"}};
  for (const auto& [name, src, tgt] : corpora) {
    const auto folder = shared_corpus(name.c_str());
    if (folder.empty()) GTEST_SKIP() << "the shared corpus " << name << " is not there";
    SCOPED_TRACE(name + ' ' + src);
    const Corpus corpus{read_traits(folder / src), read_traits(folder / tgt)};
    expect_quiet_in_any_order(corpus);
    expect_planted_shifts(corpus, 1, 20);
  }
}

}  // namespace
}  // namespace heed
