#include "app/align/gold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "data/text_io.h"
#include "tests/support/shared_corpora.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

const LinePlace kPlace{"gold.txt", 3};

int count_words(const std::string& line) {
  return static_cast<int>(split_link_tokens(line).size());
}

TEST(GoldTest, ReadsEveryConvention) {
  const GoldAlignment gold = parse_gold("0-0 1?2 2p2 3P3 4-4P 5-5p 6-6S 7-7s", kPlace);
  EXPECT_THAT(gold.sure, ElementsAre(Link{0, 0}, Link{6, 6}, Link{7, 7}));
  EXPECT_THAT(gold.possible, ElementsAre(Link{0, 0}, Link{1, 2}, Link{2, 2}, Link{3, 3}, Link{4, 4},
                                         Link{5, 5}, Link{6, 6}, Link{7, 7}));
}

TEST(GoldTest, ALinkGivenBothWaysIsSure) {
  const GoldAlignment gold = parse_gold("1p1 1-1", kPlace);
  EXPECT_THAT(gold.sure, ElementsAre(Link{1, 1}));
  EXPECT_THAT(gold.possible, ElementsAre(Link{1, 1}));
}

TEST(GoldTest, ReadsOneBasedAndTransposed) {
  EXPECT_THAT(parse_gold("3-1", kPlace, {.one_based = true, .transposed = true}).sure,
              ElementsAre(Link{0, 2}));
  EXPECT_THAT(parse_gold("", kPlace).possible, IsEmpty());
}

class GoldHostileTest : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldHostileTest, IsRefusedWithFileAndLine) {
  EXPECT_THAT(
      [&] { parse_gold(GetParam(), kPlace); },
      ThrowsMessage<std::runtime_error>(AllOf(HasSubstr("gold.txt:3: "), HasSubstr("possible"))));
}

INSTANTIATE_TEST_SUITE_P(All, GoldHostileTest,
                         ::testing::Values("1", "1-", "?1", "1-2-3", "1-2X", "1-2PP", "1?2P",
                                           "1p2S", "1-2:0.5", "1:2", "p", "NULL-1", "-1-1",
                                           "4294967296-1", "1 - 2"));

TEST(GoldTest, ReadsAFileAndChecksIt) {
  const TemporaryFolder folder;
  const auto path = folder.write("gold", "0-0 1p1\r\n\n1-0\n");
  const auto gold = read_gold(path);
  ASSERT_EQ(gold.size(), 3U);
  EXPECT_THAT(gold[0].sure, ElementsAre(Link{0, 0}));
  EXPECT_THAT(gold[1].possible, IsEmpty());

  const std::vector<SentenceLengths> lengths{{2, 2}, {0, 0}, {2, 1}};
  EXPECT_EQ(read_gold(path, {}, lengths).size(), 3U);
  const std::vector<SentenceLengths> short_lengths{{2, 2}, {0, 0}, {1, 1}};
  EXPECT_THAT([&] { read_gold(path, {}, short_lengths); },
              ThrowsMessage<std::runtime_error>(AllOf(HasSubstr(":3: "), HasSubstr("'1-0'"))));
}

TEST(GoldTest, RefusesAnotherNumberOfLines) {
  const TemporaryFolder folder;
  const auto path = folder.write("gold", "0-0\n0-0\n");
  const std::vector<SentenceLengths> one(1, {1, 1});
  const std::vector<SentenceLengths> three(3, {1, 1});
  EXPECT_THAT([&] { read_gold(path, {}, one); },
              ThrowsMessage<std::runtime_error>(HasSubstr(":2: there are more lines")));
  EXPECT_THAT([&] { read_gold(path, {}, three); },
              ThrowsMessage<std::runtime_error>(HasSubstr("2 lines of gold links for 3")));
}

TEST(GoldTest, ReadsKfttWhichIsTransposedAndOneBased) {
  const auto folder = shared_corpus("kftt30k");
  if (folder.empty()) GTEST_SKIP() << "no corpus kftt30k";
  const auto english = read_lines(folder / "align-dev.en");
  const auto japanese = read_lines(folder / "align-dev.ja");
  std::vector<SentenceLengths> lengths;
  for (std::size_t i = 0; i < english.size(); ++i) {
    lengths.push_back({count_words(english[i]), count_words(japanese[i])});
  }
  const IndexConvention convention{.one_based = true, .transposed = true};
  EXPECT_EQ(read_gold(folder / "align-dev.gold", convention, lengths).size(), english.size());
  // The other way round indices point beyond sentences, which must not pass unnoticed.
  EXPECT_THROW(read_gold(folder / "align-dev.gold", {.one_based = true}, lengths),
               std::runtime_error);
}

}  // namespace
}  // namespace heed
