#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <set>
#include <string>

#include "app/commands.h"
#include "app/make_corpus/sample_corpus.h"
#include "data/text_io.h"

namespace heed {
namespace {

using testing::HasSubstr;

class MakeCorpus : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              (std::string("heed_make_corpus_") +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void run(const std::string& arguments) {
    CLI::App root{"heed"};
    CommandAction action;
    add_make_corpus_command(root, action);
    root.parse("make-corpus " + arguments, false);
    action();
  }

  std::vector<std::string> lines(const std::string& file) const {
    return read_lines(folder_ / file);
  }

  std::filesystem::path folder_;
};

/// Three nouns with articles in front: six sentences, three translations.
Grammar six_sentences() {
  return Grammar::parse(
      "languages x y\nstart S\nrule S\n  the <N> || <N>\n  a <N> || <N>\nwords N : s | t\n  a1 | "
      "b1\n"
      "  a2 | b2\n  a3 | b3\n",
      "FILE");
}

TEST(SampleCorpus, ASharedTranslationKeepsSentencesOutOfOtherSplits) {
  const SampleCorpus corpus =
      sample_corpus(six_sentences(), {.train = 2, .dev = 1, .test = 1, .seed = 3});
  std::set<std::string> evaluation{segmented_text(corpus.dev[0].target),
                                   segmented_text(corpus.test[0].target)};
  EXPECT_EQ(evaluation.size(), 2u);
  ASSERT_EQ(corpus.train.size(), 2u);
  EXPECT_NE(corpus.train[0].source, corpus.train[1].source);
  EXPECT_EQ(corpus.train[0].target, corpus.train[1].target);
  EXPECT_FALSE(evaluation.contains(segmented_text(corpus.train[0].target)));
}

TEST(SampleCorpus, ASmallGrammarIsAnErrorThatCounts) {
  try {
    sample_corpus(six_sentences(), {.train = 7, .dev = 0, .test = 0, .seed = 1});
    FAIL() << "seven sentences out of six";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("found 6 distinct sentences for train, not 7"));
  }
}

TEST_F(MakeCorpus, WritesDisjointSplitsThatFitTogether) {
  run("--pairs 3000 --dev 200 --test 300 --seed 9 --out " + folder_.string());
  std::set<std::string> english, japanese;
  const std::pair<const char*, std::size_t> splits[] = {
      {"held", 2}, {"test", 300}, {"dev", 200}, {"train", 3000}};
  for (const auto& [split, size] : splits) {
    const auto source = lines(split + std::string(".en"));
    const auto target = lines(split + std::string(".ja"));
    const auto raw = lines(split + std::string(".raw.ja"));
    ASSERT_EQ(source.size(), size);
    ASSERT_EQ(target.size(), size);
    ASSERT_EQ(raw.size(), size);
    ASSERT_EQ(lines(split + std::string(".align")).size(), size);
    const std::set<std::string> earlier_english = english, earlier_japanese = japanese;
    for (std::size_t i = 0; i < size; ++i) {
      EXPECT_FALSE(earlier_english.contains(source[i])) << source[i];
      EXPECT_FALSE(earlier_japanese.contains(target[i])) << target[i];
      EXPECT_TRUE(english.insert(source[i]).second) << source[i];
      EXPECT_TRUE(japanese.insert(target[i]).second || size == 3000) << target[i];
      std::string joined = target[i];
      std::erase(joined, ' ');
      EXPECT_EQ(raw[i], joined);
    }
  }
  EXPECT_EQ(lines("held.en")[0], "The cat sat on the mat .");
  EXPECT_EQ(lines("held.align")[1], "0-0 1-3 1-4 1-5 2-2 3-6");
}

TEST_F(MakeCorpus, TheSeedDecidesTheFiles) {
  run("--pairs 50 --dev 5 --test 5 --seed 4 --out " + (folder_ / "a").string());
  run("--pairs 50 --dev 5 --test 5 --seed 4 --out " + (folder_ / "b").string());
  run("--pairs 50 --dev 5 --test 5 --seed 5 --out " + (folder_ / "c").string());
  for (const char* file : {"train.en", "train.ja", "train.align", "dev.en", "test.raw.ja"}) {
    EXPECT_EQ(lines(std::string("a/") + file), lines(std::string("b/") + file));
    EXPECT_NE(lines(std::string("a/") + file), lines(std::string("c/") + file));
  }
}

TEST_F(MakeCorpus, RefusesWrongUsage) {
  EXPECT_THROW(run("--pairs 5"), CLI::RequiredError);
  EXPECT_THROW(run("--pairs 0 --out " + folder_.string()), CLI::ValidationError);
  EXPECT_THROW(run("--out " + folder_.string() + " --grammar " + (folder_ / "none").string()),
               std::runtime_error);
}

}  // namespace
}  // namespace heed
