#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/support/gzip.h"
#include "tests/support/trained_model.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

/// Whether two texts are equal but for the last digits of decimal fractions.
bool is_same_to_rounding(const std::string& a, const std::string& b) {
  const auto digits_end = [](const std::string& text, std::size_t at) {
    return std::min(text.find_first_not_of("0123456789", at), text.size());
  };
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size() && a[i] == b[j]) {
    if (a[i] == '.' && digits_end(a, i + 1) > i + 1 && digits_end(b, j + 1) > j + 1) {
      if (std::abs(std::stod(a.substr(i, 20)) - std::stod(b.substr(j, 20))) > 2e-4) return false;
      i = digits_end(a, i + 1);
      j = digits_end(b, j + 1);
    } else {
      ++i;
      ++j;
    }
  }
  return i == a.size() && j == b.size();
}

class Shards : public TrainedModel {
 protected:
  std::string run(std::vector<std::string> arguments, std::vector<std::string> more = {}) const {
    arguments.insert(arguments.begin() + 1, {"--model", "run"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_heed_well(toy_.path(), arguments);
  }

  std::string all_parts(const std::vector<std::string>& arguments, int count) const {
    std::string parts;
    for (int index = 1; index <= count; ++index)
      parts += run(arguments, {"--shard", fmt::format("{}/{}", index, count)});
    return parts;
  }
};

// The other sentences of a batch change the last digits of a number.
TEST_F(Shards, PutTogetherAreTheWhole) {
  write_file(toy_.path() / "dev.src.gz", gzip(read_file(toy_.path() / "dev.src")));
  const std::vector<std::vector<std::string>> commands{
      {"translate", "dev.src"},
      {"translate", "dev.src.gz", "--json", "--n-best", "2"},
      {"translate", "dev.src", "--n-best", "2", "--alignments", "soft", "--markup"},
      {"align", "dev.src", "dev.tgt"},
      {"align", "dev.src.gz", "dev.tgt", "--format", "json"},
      {"align", "dev.src", "dev.tgt", "--format", "text"},
      {"score", "dev.src.gz", "dev.tgt", "--json"}};
  for (const auto& command : commands) {
    EXPECT_TRUE(is_same_to_rounding(all_parts(command, 3), run(command)))
        << fmt::format("{}", fmt::join(command, " "));
  }
}

TEST_F(Shards, WithoutNumbersAreTheWholeByteForByte) {
  EXPECT_EQ(all_parts({"translate", "dev.src", "--alignments", "pharaoh"}, 4),
            run({"translate", "dev.src", "--alignments", "pharaoh"}));
  EXPECT_EQ(all_parts({"align", "dev.src", "dev.tgt"}, 7), run({"align", "dev.src", "dev.tgt"}));
}

TEST_F(Shards, MayBeMoreThanThereAreLines) {
  write_file(toy_.path() / "two.src", "ba ko\nmi");
  write_file(toy_.path() / "two.tsv", "ba ko\tKO BA\nmi\tMI\n");
  write_file(toy_.path() / "none", "");
  EXPECT_EQ(all_parts({"translate", "two.src"}, 5), run({"translate", "two.src"}));
  EXPECT_EQ(all_parts({"align", "two.tsv"}, 5), run({"align", "two.tsv"}));
  EXPECT_TRUE(is_same_to_rounding(all_parts({"score", "two.tsv"}, 5), run({"score", "two.tsv"})));
  for (const char* command : {"translate", "align", "score"})
    EXPECT_EQ(all_parts({command, "none"}, 2), "");
}

TEST_F(Shards, LinesCountOnInMessagesPagesAndFigures) {
  write_file(toy_.path() / "three.src", "ba\nko\nmi \xff\n");
  const std::vector<std::string> last{"--shard", "3/3"};
  const ProgramResult result = run_heed(toy_.path(), {"translate", "--model", "run", "three.src",
                                                      "--shard", "3/3", "--view", "page.html"});
  EXPECT_THAT(result.err, HasSubstr("three.src:3:"));
  const auto records = page_data(read_file(toy_.path() / "page.html")).at("records");
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].at("line"), 3);
  write_file(toy_.path() / "three.tgt", "BA\nKO\nMI\n");
  run({"align", "three.src", "three.tgt", "--format", "svg", "--output", "figure.svg"}, last);
  EXPECT_THAT(read_file(toy_.path() / "figure-3.svg"), HasSubstr("</svg>"));
}

TEST_F(Shards, GoldIsCutAtTheSameLines) {
  write_file(toy_.path() / "two.tsv", "ba ko mi\tMI KO BA\nba\tBA\n");
  write_file(toy_.path() / "gold", "2-2\n0-0\n");
  const auto links_of = [&](const char* shard) {
    const std::string out = run({"align", "two.tsv", "--gold", "gold", "--format", "json"},
                                {"--attention", "cross", "--shard", shard});
    return nlohmann::json::parse(out).at("gold_sure");
  };
  EXPECT_EQ(links_of("1/2"), nlohmann::json::parse("[[2,2]]"));
  EXPECT_EQ(links_of("2/2"), nlohmann::json::parse("[[0,0]]"));
}

TEST_F(Shards, WrongUsageNamesTheWayOut) {
  const auto failure = [&](std::vector<std::string> arguments) {
    const ProgramResult result = run_heed(toy_.path(), arguments, "ba\n");
    EXPECT_EQ(result.exit_code, 2) << result.err;
    return result.err;
  };
  EXPECT_THAT(failure({"translate", "--model", "run", "dev.src", "--shard", "5/4"}),
              HasSubstr("--shard 5/4:"));
  EXPECT_THAT(failure({"translate", "--model", "run", "--shard", "1/4"}), HasSubstr("name a file"));
  EXPECT_THAT(failure({"score", "--model", "run", "--shard", "1/4"}), HasSubstr("name a file"));
  EXPECT_THAT(failure({"align", "dev.src", "dev.tgt", "--method", "hmm", "--shard", "1/4"}),
              HasSubstr("learns from all pairs"));
}

}  // namespace
}  // namespace heed
