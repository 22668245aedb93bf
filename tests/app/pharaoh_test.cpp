#include "app/align/pharaoh.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

const LinePlace kPlace{"links.txt", 7};

TEST(PharaohTest, ReadsLinksAsASet) {
  EXPECT_THAT(parse_pharaoh("2-1 0-0\t2-1  0-3 ", kPlace),
              ElementsAre(Link{0, 0}, Link{0, 3}, Link{2, 1}));
  EXPECT_THAT(parse_pharaoh("", kPlace), IsEmpty());
  EXPECT_THAT(parse_pharaoh(" \t ", kPlace), IsEmpty());
}

TEST(PharaohTest, ReadsProbabilities) {
  const auto links = parse_pharaoh("0-0:0.25 1-2:1 3-3 0-0:0.5 4-4:1e-3", kPlace);
  ASSERT_EQ(links.size(), 4U);
  EXPECT_EQ(links[0].probability, 0.5);  // the more probable of two
  EXPECT_EQ(links[1].probability, 1.0);
  EXPECT_EQ(links[2].probability, 1.0);
  EXPECT_EQ(links[3].probability, 0.001);
}

TEST(PharaohTest, ReadsOtherConventions) {
  EXPECT_THAT(parse_pharaoh("1-2 3-1", kPlace, {.one_based = true}),
              ElementsAre(Link{0, 1}, Link{2, 0}));
  EXPECT_THAT(parse_pharaoh("1-2", kPlace, {.one_based = true, .transposed = true}),
              ElementsAre(Link{1, 0}));
}

TEST(PharaohTest, WritesEachFormat) {
  const std::vector<Link> links{{0, 1, 0.5}, {10, 2, 1.0 / 3}};
  EXPECT_EQ(format_pharaoh(links), "0-1 10-2");
  EXPECT_EQ(format_pharaoh(links, {.one_based = true}), "1-2 11-3");
  EXPECT_EQ(format_pharaoh(links, {.probabilities = true}), "0-1:0.5000 10-2:0.3333");
  EXPECT_EQ(format_pharaoh({}), "");
}

TEST(PharaohTest, WritesTheLargestIndex) {
  const int largest = std::numeric_limits<int>::max();
  EXPECT_EQ(format_pharaoh(std::vector{Link{largest, 0}}, {.one_based = true}), "2147483648-1");
}

TEST(PharaohTest, ReadsWhatItWrites) {
  std::mt19937 random(1);
  for (int repeat = 0; repeat < 100; ++repeat) {
    std::vector<Link> links;
    for (int i = 0; i < repeat % 12; ++i) {
      const auto draw = [&] { return static_cast<int>(random() % 50); };
      links.push_back({draw(), draw(), draw() / 50.0});
    }
    links = to_link_set(links);
    for (const bool one_based : {false, true}) {
      const std::string line =
          format_pharaoh(links, {.one_based = one_based, .probabilities = true});
      const auto read = parse_pharaoh(line, kPlace, {.one_based = one_based});
      ASSERT_EQ(read, links);
      for (std::size_t i = 0; i < links.size(); ++i) {
        EXPECT_DOUBLE_EQ(read[i].probability, links[i].probability);
      }
    }
  }
}

class PharaohHostileTest : public ::testing::TestWithParam<std::string> {};

TEST_P(PharaohHostileTest, IsRefusedWithFileAndLine) {
  EXPECT_THAT([&] { parse_pharaoh("0-0 " + GetParam() + " 1-1", kPlace); },
              ThrowsMessage<std::runtime_error>(HasSubstr("links.txt:7: ")));
}

INSTANTIATE_TEST_SUITE_P(All, PharaohHostileTest,
                         ::testing::Values("1", "-", "1-", "-1", "1--1", "+1-1", "1-+1", "a-b",
                                           "1-2-3", "1-2x", "1?2", "1p2", "1-2:", "1-2:x",
                                           "1-2:0.5x", "1-2:-0.1", "1-2:1.5", "1-2:nan", "1-2:inf",
                                           "1-2:1e999", "99999999999-1", "1-99999999999",
                                           std::string("1-\0", 3), "１-２", "1\xC2\xA0-2", "0x1-1",
                                           "1.0-1", "\xFF-\xFE"));

TEST(PharaohTest, MessagesNameValueAndWayOut) {
  EXPECT_THAT([] { parse_pharaoh("0-0 3+4", kPlace); },
              ThrowsMessage<std::runtime_error>(AllOf(HasSubstr("'3+4'"), HasSubstr("i-j"))));
  EXPECT_THAT([] { parse_pharaoh("0-1", kPlace, {.one_based = true}); },
              ThrowsMessage<std::runtime_error>(HasSubstr("counted from 1")));
  EXPECT_THAT([] { parse_pharaoh(std::string(10000, 'x'), kPlace); },
              ThrowsMessage<std::runtime_error>(HasSubstr("xxx...'")));
}

TEST(PharaohTest, ChecksIndicesAgainstTheSentence) {
  const SentenceLengths lengths{3, 2};
  EXPECT_THAT(parse_pharaoh("2-1", kPlace, {}, lengths), ElementsAre(Link{2, 1}));
  EXPECT_THAT([&] { parse_pharaoh("3-1", kPlace, {}, lengths); },
              ThrowsMessage<std::runtime_error>(
                  AllOf(HasSubstr("'3-1'"), HasSubstr("source"), HasSubstr("3 units"))));
  EXPECT_THAT([&] { parse_pharaoh("0-2", kPlace, {}, lengths); },
              ThrowsMessage<std::runtime_error>(HasSubstr("target")));
  EXPECT_THAT(parse_pharaoh("3-2", kPlace, {.one_based = true}, lengths), ElementsAre(Link{2, 1}));
  EXPECT_THAT(parse_pharaoh("2-3", kPlace, {.one_based = true, .transposed = true}, lengths),
              ElementsAre(Link{2, 1}));
  EXPECT_THAT([&] { parse_pharaoh("2147483647-0", kPlace, {}, lengths); },
              ThrowsMessage<std::runtime_error>(HasSubstr("beyond")));
}

}  // namespace
}  // namespace heed
