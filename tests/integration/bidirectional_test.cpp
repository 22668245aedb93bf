#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "tests/support/grammar_words.h"
#include "tests/support/toy_run.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Arguments = std::vector<std::string>;

/// Models of both directions, without and with an alignment head, and one of a single direction.
class Bidirectional : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    toy_ = std::make_unique<ToyRun>();
    const Arguments both{"--bidirectional",      "--set", "training.max_updates=400", "--set",
                         "validation.every=400", "--set", "data.src_lang=Low",        "--set",
                         "data.tgt_lang=High"};
    const ProgramResult trained = toy_->train("both", both);
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    EXPECT_THAT(trained.err, AllOf(HasSubstr("; back: perplexity"), HasSubstr("attention agrees")));
    ASSERT_EQ(toy_->train("guided", {"--bidirectional", "--guided-alignment", "hmm"}).exit_code, 0);
    ASSERT_EQ(toy_->train("single").exit_code, 0);
  }
  static void TearDownTestSuite() { toy_.reset(); }

  static std::string run_well(const Arguments& arguments) {
    return run_heed_well(toy_->path(), arguments);
  }
  static std::string align(Arguments more) {
    more.insert(more.begin(), {"align", "dev.src", "dev.tgt"});
    return run_well(more);
  }
  static double bits_per_line(const Arguments& files) {
    Arguments arguments{"score", "--model", "both"};
    arguments.insert(arguments.end(), files.begin(), files.end());
    double sum = 0.0;
    for (const std::string& line : lines_of(run_well(arguments))) sum += std::stod(line);
    return sum;
  }

  static std::unique_ptr<ToyRun> toy_;
};

std::unique_ptr<ToyRun> Bidirectional::toy_;

TEST_F(Bidirectional, TranslatesIntoTheLanguageThatIsAskedFor) {
  const std::string high = run_well({"translate", "--model", "both", "dev.src"});
  const std::string low = run_well({"translate", "--model", "both", "--reverse", "dev.tgt"});
  // A model this small may err in a word, not in the language.
  EXPECT_EQ(std::count_if(high.begin(), high.end(), [](char c) { return c >= 'a' && c <= 'z'; }),
            0);
  EXPECT_EQ(std::count_if(low.begin(), low.end(), [](char c) { return c >= 'A' && c <= 'Z'; }), 0);
  EXPECT_NE(high, run_well({"translate", "--model", "both", "--reverse", "dev.src"}))
      << "the direction is told by the end of the source, not by its words alone";
}

TEST_F(Bidirectional, ScoresEachWay) {
  EXPECT_GT(bits_per_line({"dev.src", "dev.tgt"}),
            bits_per_line({"--reverse", "dev.src", "dev.tgt"}));
  EXPECT_GT(bits_per_line({"--reverse", "dev.tgt", "dev.src"}),
            bits_per_line({"dev.tgt", "dev.src"}));
}

TEST_F(Bidirectional, InfoTellsDirectionsAndHowAttentionIsRead) {
  EXPECT_THAT(run_well({"info", "both"}),
              AllOf(HasSubstr("Low to High, and back with --reverse"), HasSubstr("; back: "),
                    HasSubstr("their links agree ")));
  EXPECT_THAT(run_well({"info", "single"}), Not(AnyOf(HasSubstr("back"), HasSubstr("attention"))));
}

TEST_F(Bidirectional, AttentionIsReadBothWays) {
  // What one direction links and the other links, made one by heed symmetrize.
  write_file(toy_->path() / "forward", align({"--model", "both", "--one-direction"}));
  const std::string back =
      run_well({"align", "dev.tgt", "dev.src", "--model", "both", "--reverse", "--one-direction"});
  write_file(toy_->path() / "back", back);
  for (const char* method : {"grow-diag", "intersect", "union"}) {
    const std::string joined =
        run_well({"symmetrize", "forward", "back", "--reverse-transposed", "--method", method});
    EXPECT_EQ(align({"--model", "both", "--symmetrize", method}), joined) << method;
  }
  EXPECT_EQ(align({"--model", "both"}), align({"--model", "both", "--symmetrize", "grow-diag"}));
}

TEST_F(Bidirectional, TurnedRoundItLinksTheSame) {
  const auto links_of = [](const std::string& out) {
    std::vector<Arguments> links;
    for (const std::string& line : lines_of(out)) links.push_back(words(line));
    return links;
  };
  const auto turn = [](const std::string& link) {
    const std::size_t dash = link.find('-');
    return link.substr(dash + 1) + "-" + link.substr(0, dash);
  };
  for (const Arguments& how :
       {Arguments{"--model", "guided"}, Arguments{"--model", "both", "--symmetrize", "union"}}) {
    Arguments reverse{"align", "dev.tgt", "dev.src", "--reverse"};
    reverse.insert(reverse.end(), how.begin(), how.end());
    auto turned = links_of(run_well(reverse));
    for (auto& links : turned) {
      for (std::string& link : links) link = turn(link);
      std::sort(links.begin(), links.end());
    }
    auto given = links_of(align(how));
    for (auto& links : given) std::sort(links.begin(), links.end());
    EXPECT_EQ(given, turned) << how.back();
  }
}

TEST_F(Bidirectional, AHandMadeChoiceWins) {
  EXPECT_THAT(
      align({"--model", "both", "--format", "json", "--layers", "1", "--heads", "0", "--link-step",
             "consume"}),
      HasSubstr("\"link_source\":\"attention of both directions, head 0 of layer 1, one step "
                "later; back: head 0 of layer 1, one step later, grow-diag\""));
}

TEST_F(Bidirectional, ResumedEqualsUninterruptedBitForBit) {
  const Arguments options{"--bidirectional", "--guided-alignment", "hmm"};
  const auto with = [&](Arguments more) {
    more.insert(more.begin(), options.begin(), options.end());
    return more;
  };
  ASSERT_EQ(toy_->train("parts", with({"--set", "training.max_updates=20"})).exit_code, 0);
  const ProgramResult resumed = toy_->train("parts", with({"--resume"}));
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(toy_->weights("guided"), toy_->weights("parts"));
}

TEST_F(Bidirectional, WrongUsageIsTold) {
  const ProgramResult single =
      run_heed(toy_->path(), {"translate", "--model", "single", "--reverse", "dev.tgt"});
  EXPECT_EQ(single.exit_code, 2);
  EXPECT_THAT(single.err, AllOf(HasSubstr("one direction"), HasSubstr("--bidirectional")));
  const ProgramResult separate = toy_->train(
      "separate", {"--set", "data.bidirectional=true", "--set", "tokenizer.joint=false"});
  EXPECT_EQ(separate.exit_code, 2);
  EXPECT_THAT(separate.err, HasSubstr("tokenizer.joint"));
  EXPECT_EQ(run_heed(toy_->path(),
                     {"align", "--model", "single", "--symmetrize", "union", "dev.src", "dev.tgt"})
                .exit_code,
            2);
}

}  // namespace
}  // namespace heed
