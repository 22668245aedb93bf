#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/trained_model.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using Prefix = TrainedModel;

TEST_F(Prefix, EveryTranslationBeginsWithIt) {
  const auto plain = lines_of(translate({"--prefix", "NO"}, "ba ko\n\nmi\n"));
  ASSERT_EQ(plain.size(), 3u);
  EXPECT_THAT(plain[0], StartsWith("NO"));
  EXPECT_EQ(plain[1], "");
  EXPECT_THAT(plain[2], StartsWith("NO"));
  const auto n_best =
      lines_of(translate({"--prefix", "NO", "--n-best", "2", "--view", "v.html"}, "ba\n"));
  ASSERT_EQ(n_best.size(), 2u);
  for (const std::string& line : n_best) EXPECT_THAT(line, StartsWith("0 ||| NO"));
}

TEST_F(Prefix, ThatGreedySearchTakesAnywayChangesNothing) {
  const std::string input = "ba ko mi\nmi\n\nko ba\n";
  const std::string free = translate({"--beam-size", "1"}, input);
  std::string first_words;
  for (const std::string& line : lines_of(free))
    first_words += line.substr(0, line.find(' ')) + "\n";
  write_file(toy_.path() / "prefixes", first_words);
  EXPECT_EQ(translate({"--beam-size", "1", "--prefix-file", "prefixes"}, input), free);
}

TEST_F(Prefix, OfALineInPartsBelongsToTheFirst) {
  const auto parts =
      lines_of(translate({"--prefix", "NO", "--split-length", "3"}, "ba ko mi du\n"));
  const std::string first = lines_of(translate({"--prefix", "NO"}, "ba ko\n")).front();
  const std::string second = lines_of(translate({}, "mi du\n")).front();
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts.front(), first + " " + second);
}

TEST_F(Prefix, FilesHaveALineForEachOfTheInput) {
  write_file(toy_.path() / "input", "ba\nko\nmi\n");
  write_file(toy_.path() / "prefixes", "NO\n\xff\n");
  const std::vector<std::string> arguments{"translate", "--model", "run", "input", "--prefix-file"};
  const auto run = [&](const std::string& file, const std::vector<std::string>& more = {}) {
    std::vector<std::string> all = arguments;
    all.push_back(file);
    all.insert(all.end(), more.begin(), more.end());
    return run_heed(toy_.path(), all);
  };
  const ProgramResult fewer = run("prefixes");
  EXPECT_EQ(fewer.exit_code, 1);
  EXPECT_THAT(fewer.err, HasSubstr("prefixes: ends after line 2"));
  write_file(toy_.path() / "prefixes", "NO\n\nNO\nNO\n");
  const ProgramResult more = run("prefixes");
  EXPECT_EQ(more.exit_code, 0);
  EXPECT_THAT(more.err, HasSubstr("prefixes: goes on with line 4"));
  ASSERT_EQ(lines_of(more.out).size(), 3u);
  write_file(toy_.path() / "prefixes", "NO\n\nNO\n");
  EXPECT_EQ(run("prefixes", {"--shard", "3/3"}).out, lines_of(more.out)[2] + "\n");
  write_file(toy_.path() / "prefixes", "NO\n\n#\n");
  EXPECT_THAT(run("prefixes").err, HasSubstr("line 3: the model's vocabulary cannot spell"));
  EXPECT_EQ(run("prefixes", {"--prefix", "NO"}).exit_code, 2);
  EXPECT_EQ(run("prefixes", {"--markup"}).exit_code, 2);
}

class Ensemble : public TrainedModel {
 protected:
  std::string translate_with(const std::vector<std::string>& models,
                             const std::vector<std::string>& options = {}) const {
    std::vector<std::string> arguments{"translate"};
    for (const std::string& model : models) arguments.insert(arguments.end(), {"--model", model});
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run_heed_well(toy_.path(), arguments, read_file(toy_.path() / "train.src"));
  }
};

TEST_F(Ensemble, OfOneModelTwiceIsThatModel) {
  EXPECT_EQ(translate_with({"run", "run"}), translate_with({"run"}));
  EXPECT_EQ(translate_with({"run", "run/best"}, {"--alignments", "pharaoh"}),
            translate_with({"run"}, {"--alignments", "pharaoh"}));
}

TEST_F(Ensemble, OrderChangesNothing) {
  run_heed_well(toy_.path(), {"convert", "run", "rounded"});
  EXPECT_EQ(translate_with({"run", "rounded"}), translate_with({"rounded", "run"}));
}

TEST_F(Ensemble, TakesModelsOfTheSamePieces) {
  const ToyRun other;
  ASSERT_EQ(other.train("other", {"--set", "tokenizer.vocab_size=40"}).exit_code, 0);
  const std::string path = (other.path() / "other").string();
  const ProgramResult refused =
      run_heed(toy_.path(), {"translate", "--model", "run", "--model", path}, "ba\n");
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("tokenizer.src_model="));
  EXPECT_EQ(
      run_heed(toy_.path(), {"align", "--model", "run", "--model", "run", "train.src", "train.tgt"})
          .exit_code,
      2);
}

}  // namespace
}  // namespace heed
