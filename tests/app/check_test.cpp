#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "app/check/check_report.h"
#include "app/check/corpus_check.h"
#include "app/check/excerpt.h"
#include "app/check/fix_writer.h"
#include "app/check/slips.h"
#include "app/errors.h"
#include "data/text_io.h"
#include "tests/support/error_message.h"
#include "tests/support/gzip.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Good pairs of which no two are the same.
SentencePair good_pair(int number) {
  std::string src = fmt::format("sentence {} has", number);
  std::string tgt = fmt::format("фраза {} имеет", number);
  for (int i = 0; i <= number * 7 % 11; ++i) {
    src += " more words";
    tgt += " ещё слова";
  }
  return {src + " .", tgt + " ."};
}

class Check : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 60; ++i) pairs_.push_back(good_pair(i));
  }

  CheckedText write(TextRole role, const std::vector<SentencePair>& pairs) const {
    std::string src, tgt;
    for (const SentencePair& pair : pairs) {
      src += pair.src + '\n';
      tgt += pair.tgt + '\n';
    }
    const std::string name(role_name(role));
    return {role, {{folder_.write(name + ".src", src)}, {folder_.write(name + ".tgt", tgt)}, {}}};
  }

  TextFindings check() const {
    CheckInput input;
    input.train = write(TextRole::kTrain, pairs_);
    return check_corpus(input, options_).back();
  }

  /// The lines at which each kind was found.
  static std::vector<std::size_t> lines(const TextFindings& findings, FindingKind kind) {
    std::vector<std::size_t> lines;
    for (const Place& place : findings.of(kind).places) lines.push_back(place.line);
    return lines;
  }

  TemporaryFolder folder_;
  std::vector<SentencePair> pairs_;
  CheckOptions options_{.ignored = {}, .max_examples = 100};
};

TEST_F(Check, GoodTextIsClean) {
  const TextFindings findings = check();
  EXPECT_EQ(findings.pairs, 60U);
  EXPECT_EQ(findings.bad_pairs, 0U);
  for (const FindingGroup& group : findings.groups) EXPECT_EQ(group.count, 0U);
  EXPECT_THAT(check_report_as_text({&findings, 1}), HasSubstr("60 pairs"));
  EXPECT_THAT(check_report_as_text({&findings, 1}), HasSubstr(": clean\n"));
}

TEST_F(Check, JudgesPairs) {
  pairs_[3].tgt = " \u3000";
  pairs_[4] = {"", "\t"};
  pairs_[5].tgt = pairs_[5].src;
  pairs_[6].tgt = "This was never translated into Russian.";
  for (int i = 0; i < 100; ++i) pairs_[7].tgt += " лишнее";
  pairs_[8] = pairs_[2];
  pairs_[9].src = pairs_[1].src;
  pairs_[10].src += std::string(1000, '.');
  pairs_[10].tgt += std::string(1000, '.');
  const TextFindings findings = check();
  EXPECT_THAT(lines(findings, FindingKind::kEmptySide), ElementsAre(4));
  EXPECT_THAT(lines(findings, FindingKind::kEmptyPair), ElementsAre(5));
  EXPECT_THAT(lines(findings, FindingKind::kCopy), ElementsAre(6));
  EXPECT_THAT(lines(findings, FindingKind::kScript), ElementsAre(6, 7));
  EXPECT_THAT(lines(findings, FindingKind::kLengthRatio), ElementsAre(8));
  EXPECT_THAT(lines(findings, FindingKind::kDuplicate), ElementsAre(9));
  EXPECT_EQ(findings.of(FindingKind::kDuplicate).places[0].other_line, 3U);
  EXPECT_THAT(lines(findings, FindingKind::kRepeatedSource), ElementsAre(10));
  EXPECT_THAT(lines(findings, FindingKind::kLong), ElementsAre(11, 11));
  EXPECT_EQ(findings.bad_pairs, 6U);  // notes are none
}

TEST_F(Check, WhatIsIgnoredIsNotFound) {
  pairs_[3].tgt = "";
  pairs_[4].tgt += "\u200B";
  options_.ignored = {FindingKind::kEmptySide, FindingKind::kInvisible};
  EXPECT_EQ(fault_count(check()), 0U);
  EXPECT_THAT(error_message([] { finding_named("empty"); }), HasSubstr("empty-"));
}

TEST_F(Check, OverlapNamesBothPlaces) {
  CheckInput input;
  input.dev = write(TextRole::kDev, {good_pair(100), good_pair(7), {pairs_[9].src, "другое"}});
  input.test = write(TextRole::kTest, {good_pair(8), good_pair(100)});
  input.train = write(TextRole::kTrain, pairs_);
  const auto texts = check_corpus(input, options_);
  ASSERT_EQ(texts.size(), 3U);
  EXPECT_EQ(texts[0].role, TextRole::kTrain);
  const auto& places = texts[0].of(FindingKind::kOverlap).places;
  ASSERT_EQ(places.size(), 2U);
  EXPECT_EQ(places[0].line, 8U);
  EXPECT_THAT(places[0].other_file, HasSubstr("dev.src"));
  EXPECT_EQ(places[0].other_line, 2U);
  EXPECT_THAT(places[1].other_file, HasSubstr("test.src"));
  EXPECT_THAT(lines(texts[0], FindingKind::kSourceOverlap), ElementsAre(10));
  EXPECT_THAT(lines(texts[1], FindingKind::kOverlap), ElementsAre(1));
  EXPECT_EQ(fault_count(texts[2]), 0U);
}

TEST_F(Check, ReadsTsvAndGzip) {
  std::string text = "\xEF\xBB\xBF";
  for (const SentencePair& pair : pairs_) text += pair.src + '\t' + pair.tgt + "\r\n";
  text += "no tab\none\ttab\ttoo many\n";
  CheckInput input;
  input.train.files.tsv = {folder_.write("pairs.tsv.gz", gzip(text))};
  const TextFindings findings = check_corpus(input, options_).back();
  EXPECT_EQ(findings.pairs, 62U);
  EXPECT_THAT(lines(findings, FindingKind::kByteOrderMark), ElementsAre(1));
  EXPECT_EQ(findings.of(FindingKind::kCrLf).count, 60U);
  EXPECT_THAT(lines(findings, FindingKind::kTabs), ElementsAre(61, 62));
  EXPECT_EQ(findings.bad_pairs, 62U);
}

TEST_F(Check, LinesWithoutAPartnerAreNamed) {
  CheckInput input;
  input.train = write(TextRole::kTrain, pairs_);
  folder_.write("train.tgt", "один\nдва\n");
  const TextFindings findings = check_corpus(input, options_).back();
  EXPECT_EQ(findings.of(FindingKind::kUnpaired).count, 58U);
  EXPECT_EQ(lines(findings, FindingKind::kUnpaired).front(), 3U);
  EXPECT_THAT(findings.of(FindingKind::kUnpaired).places[0].note, HasSubstr("has 2 lines only"));
}

/// What --fix does, in the test's folder.
class Fix : public Check {
 protected:
  void fix(const CheckInput& input, const std::string& folder) {
    FixWriter writer(folder_ / folder, sources_of(input.train.files));
    check_corpus(input, options_, [&](std::size_t source, const PairOutcome& outcome) {
      writer.write(source, outcome);
    });
    writer.finish();
  }
};

TEST_F(Fix, GoodPairsComeThroughAndNothingIsLeft) {
  const std::vector<SentencePair> good = pairs_;
  pairs_[10].tgt = "";
  pairs_[20].src += " caf\xE9";
  pairs_[30].src = "cafÃ© " + pairs_[30].src;
  pairs_[40].tgt += "\u2028";
  pairs_[50] = pairs_[2];
  CheckInput input;
  input.train = write(TextRole::kTrain, pairs_);
  fix(input, "clean");
  auto src = read_lines(folder_ / "clean/train.src");
  auto tgt = read_lines(folder_ / "clean/train.tgt");
  ASSERT_EQ(src.size(), 57U);
  ASSERT_EQ(tgt.size(), 57U);
  std::size_t next = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    if (i == 10 || i == 20 || i == 50) continue;
    EXPECT_EQ(src[next], i == 30 ? "café " + good[i].src : good[i].src);
    EXPECT_EQ(tgt[next++], good[i].tgt);
  }
  const auto changes = read_lines(folder_ / "clean/changes.tsv");
  ASSERT_EQ(changes.size(), 5U);
  EXPECT_THAT(changes[0], HasSubstr("train.tgt:11\tdropped\tempty-side"));
  EXPECT_THAT(changes[2], HasSubstr("train.src:31\trepaired\tmojibake"));
  CheckInput again;
  again.train.files = {{folder_ / "clean/train.src"}, {folder_ / "clean/train.tgt"}, {}};
  EXPECT_EQ(fault_count(check_corpus(again, options_).back()), 0U);
}

TEST_F(Fix, NamesItsFilesAfterTheInputAndLeavesWhatIsThereAlone) {
  CheckInput input;
  input.train = write(TextRole::kTrain, pairs_);
  const auto write_in = [&](const char* folder) {
    std::filesystem::create_directories(folder_ / folder);
    return folder_.write(std::string(folder) + "/text.txt.gz", gzip("a\n"));
  };
  input.train.files = {{write_in("en")}, {write_in("ru")}, {}};
  fix(input, "clean");
  EXPECT_EQ(read_lines(folder_ / "clean/src.text.txt").size(), 1U);
  EXPECT_EQ(read_lines(folder_ / "clean/tgt.text.txt").size(), 1U);
  EXPECT_THROW(fix(input, "clean"), UsageError);
  input.train.files.src.push_back(input.train.files.src[0]);
  input.train.files.tgt.push_back(input.train.files.tgt[0]);
  EXPECT_THROW(fix(input, "other"), UsageError);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "other"));
}

TEST(Excerpt, ShowsWhatCannotBeSeen) {
  EXPECT_EQ(excerpt("plain 日本"), "plain 日本");
  EXPECT_EQ(excerpt("a\tb\u200Bc\xE9 \uFFFD\u00A0"), "a<U+0009>b<U+200B>c<0xE9> <U+FFFD><U+00A0>");
  EXPECT_EQ(excerpt("0123456789abcdefghij", 10, 9), "…789abcdef…");
  EXPECT_EQ(excerpt("日本語", 6, 3), "…本語");
}

TEST(Slips, TellWhichSideHasALineTooMany) {
  const auto slips = slips_of({{0, 0}, {119, 1}, {300, 0}}, "a.en", "a.de", 1000);
  ASSERT_EQ(slips.size(), 2U);
  EXPECT_EQ(describe(slips[0]),
            "from about a.en:120 on, line n belongs to line n + 1 of a.de: near there a.de has a "
            "line too many, or a.en lacks one");
  EXPECT_THAT(describe(slips[1]),
              HasSubstr("belongs to the same line: near there a.en has a line"));
}

TEST(Slips, ShortUnrelatedStretchesAreNone) {
  EXPECT_THAT(slips_of({{0, 0}, {50, 0, false}, {120, 0}}, "s", "t", 1000), IsEmpty());
  EXPECT_THAT(slips_of({{0, 0}, {950, 0, false}}, "s", "t", 1000), IsEmpty());
  const auto lost = slips_of({{0, 0}, {400, 0, false}}, "s", "t", 1000);
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_FALSE(lost[0].is_related);
  const auto shift = slips_of({{0, 0}, {400, 0, false}, {420, 2}}, "s", "t", 1000);
  ASSERT_EQ(shift.size(), 1U);
  EXPECT_EQ(shift[0].src_line, 401U);
  EXPECT_EQ(shift[0].after, 2);
}

}  // namespace
}  // namespace heed
