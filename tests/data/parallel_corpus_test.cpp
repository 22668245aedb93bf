#include "data/parallel_corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_message.h"
#include "tests/support/gzip.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Pair = SentencePair;

class ParallelCorpusTest : public ::testing::Test {
 protected:
  ParallelFiles files(std::string_view src, std::string_view tgt) {
    return {{folder_.write("src", src)}, {folder_.write("tgt", tgt)}, {}};
  }
  ParallelFiles tsv(std::string_view contents) {
    return {{}, {}, {folder_.write("tsv", contents)}};
  }

  static std::string error_of(const ParallelFiles& files) {
    return error_message([&] { load_parallel(files); });
  }

  TemporaryFolder folder_;
};

TEST_F(ParallelCorpusTest, PairsLines) {
  const ParallelCorpus corpus = load_parallel(files("a\nb\r\n", "x\ny"));
  EXPECT_THAT(corpus.pairs, ElementsAre(Pair{"a", "x"}, Pair{"b", "y"}));
  EXPECT_EQ(corpus.report.pairs_read, 2U);
  EXPECT_EQ(corpus.report.pairs_kept, 2U);
}

TEST_F(ParallelCorpusTest, SeveralFilesInOrderPlainOrGzip) {
  const ParallelFiles several = {
      {folder_.write("1.s", "a\n"), folder_.write("2.s", gzip("b\nc\n"))},
      {folder_.write("1.t", gzip("x")), folder_.write("2.t", "y\nz")},
      {folder_.write("3", gzip("d\tw\n"))}};
  EXPECT_THAT(load_parallel(several).pairs,
              ElementsAre(Pair{"a", "x"}, Pair{"b", "y"}, Pair{"c", "z"}, Pair{"d", "w"}));
}

TEST_F(ParallelCorpusTest, DropsPairsWithAnEmptySide) {
  const ParallelCorpus corpus =
      load_parallel(files("a\n\n \u3000\nd\n\ne\n", "x\ny\nz\n\t\n\nv\n"));
  EXPECT_THAT(corpus.pairs, ElementsAre(Pair{"a", "x"}, Pair{"e", "v"}));
  EXPECT_EQ(corpus.report.pairs_read, 6U);
  EXPECT_EQ(corpus.report.empty_pairs, 4U);
  EXPECT_EQ(corpus.report.pairs_kept, 2U);
}

TEST_F(ParallelCorpusTest, NumbersPairsByTheirLinesOverAllFiles) {
  const ParallelFiles several = {{folder_.write("1.s", "a\n\nc\n"), folder_.write("2.s", "d\ne")},
                                 {folder_.write("1.t", "x\ny\nz\n"), folder_.write("2.t", "\nv\n")},
                                 {folder_.write("3", "f\tu\n\tt\ng\ts\n")}};
  std::vector<std::string> numbered;
  const CorpusReport report = read_parallel(several, [&](SentencePair&& pair, std::size_t number) {
    numbered.push_back(std::to_string(number) + pair.src);
  });
  EXPECT_THAT(numbered, ElementsAre("0a", "2c", "4e", "5f", "7g"));
  EXPECT_EQ(report.pairs_read, 8U);
}

TEST_F(ParallelCorpusTest, KeepsLinesAsTheyAre) {
  EXPECT_THAT(load_parallel(files(" a  b \n", "\u2028x\v\n")).pairs,
              ElementsAre(Pair{" a  b ", "\u2028x\v"}));
}

TEST_F(ParallelCorpusTest, DropsAByteOrderMarkAtAFilesStartOnly) {
  EXPECT_THAT(load_parallel(files("\uFEFFa\n\uFEFFb\n", gzip("\uFEFFx\ny\n"))).pairs,
              ElementsAre(Pair{"a", "x"}, Pair{"\uFEFFb", "y"}));
}

TEST_F(ParallelCorpusTest, ReadsTsv) {
  EXPECT_THAT(load_parallel(tsv("a b\tx\n\ty\nc\tz\n")).pairs,
              ElementsAre(Pair{"a b", "x"}, Pair{"c", "z"}));
}

TEST_F(ParallelCorpusTest, TsvLinesHaveOneTab) {
  EXPECT_THAT(error_of(tsv("a\tx\nb\n")), HasSubstr("tsv:2: 0 TABs"));
  EXPECT_THAT(error_of(tsv("a\tx\tu\n")), HasSubstr("tsv:1: 2 TABs"));
}

TEST_F(ParallelCorpusTest, NamesBothFilesOfUnequalLength) {
  EXPECT_THAT(error_of(files("a\nb\nc\n", "x\n")),
              AllOf(HasSubstr("src has 3 lines"), HasSubstr("tgt has 1")));
  EXPECT_THAT(error_of(files("", "x\ny\n")),
              AllOf(HasSubstr("src has 0 lines"), HasSubstr("tgt has 2")));
}

TEST_F(ParallelCorpusTest, NamesUnequalNumbersOfFiles) {
  EXPECT_THAT(error_of({{"a", "b"}, {"x"}, {}}), HasSubstr("2 source files but 1 target files"));
}

TEST_F(ParallelCorpusTest, NamesTheLineThatIsNotText) {
  EXPECT_THAT(error_of(files("a\nb\n", "x\ny\xFF\n")),
              HasSubstr("tgt:2: byte 2 of the line (0xFF)"));
  EXPECT_THAT(error_of(files(std::string("a\0\n", 3), "x\n")),
              HasSubstr("src:1: byte 2 of the line is NUL"));
  EXPECT_THAT(error_of(tsv("a\tx\xE7\n")), HasSubstr("tsv:1: byte 4"));
}

TEST_F(ParallelCorpusTest, NamesMissingAndTruncatedFiles) {
  EXPECT_THAT(error_of({{folder_ / "none"}, {folder_ / "none"}, {}}),
              HasSubstr("none: cannot read"));
  const std::string packed = gzip("a\nb\n");
  EXPECT_THAT(error_of(files(packed.substr(0, packed.size() - 3), "x\ny\n")),
              HasSubstr("truncated"));
}

TEST_F(ParallelCorpusTest, MayBeEmpty) {
  EXPECT_THAT(load_parallel({}).pairs, IsEmpty());
  EXPECT_THAT(load_parallel(files("", "")).pairs, IsEmpty());
}

}  // namespace
}  // namespace heed
