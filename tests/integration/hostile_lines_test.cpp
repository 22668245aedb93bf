#include "tests/support/hostile_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>

#include "tests/support/gzip.h"
#include "tests/support/trained_model.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using Arguments = std::vector<std::string>;

Arguments operator+(Arguments left, const Arguments& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

/// Lines in, lines out, of every command.
class HostileInput : public TrainedByteModel {
 protected:
  // Short outputs: what the toy model writes doesn't matter.
  const Arguments base_{"translate", "--model", "run", "--max-length", "12"};

  ProgramResult run(const Arguments& arguments, const std::string& input = "") const {
    return run_heed(toy_.path(), arguments, input);
  }

  /// The output of `lines_in` lines, which must be `of_each` lines for each.
  std::string translate_all(const Arguments& options, const std::string& input,
                            std::size_t lines_in, std::size_t of_each = 1) const {
    const ProgramResult result = run(base_ + options, input);
    EXPECT_EQ(result.exit_code, 0) << fmt::format("{}\n", options) << result.err;
    EXPECT_EQ(problem_of_lines(result.out, lines_in * of_each), "") << fmt::format("{}", options);
    return result.out;
  }

  void check_translate(const std::vector<std::string>& lines, const Arguments& options) const {
    const std::string out = translate_all(options, with_ends(lines), lines.size());
    const auto outputs = lines_of(out);
    for (std::size_t i = 0; i < outputs.size() && i < lines.size(); ++i) {
      if (!lines[i].empty()) continue;
      EXPECT_EQ(outputs[i], "") << fmt::format("line {}, {}", i, options);
    }
  }

  static bool has_finished(const ProgramResult& result) {
    const bool tells_of_lines = result.err.find("all is written, but of") != std::string::npos;
    return result.exit_code == (tells_of_lines ? 1 : 0);
  }

  /// By two files and by TSV, whose lines are not all pairs.
  void check_pairs(const Arguments& command, const std::vector<std::string>& src,
                   const std::vector<std::string>& tgt) const {
    write_file(toy_.path() / "hostile.src", with_ends(src));
    write_file(toy_.path() / "hostile.tgt", with_ends(tgt));
    const ProgramResult two = run(command + Arguments{"hostile.src", "hostile.tgt"});
    EXPECT_TRUE(has_finished(two)) << two.err;
    EXPECT_EQ(problem_of_lines(two.out, src.size()), "") << fmt::format("{}", command);
    std::string tsv = "ba\tBA\n";
    for (std::size_t i = 0; i < src.size(); ++i) tsv += src[i] + "\t" + tgt[i] + "\n";
    const ProgramResult one = run(command, tsv);
    EXPECT_TRUE(has_finished(one)) << one.err;
    EXPECT_EQ(problem_of_lines(one.out, src.size() + 1), "") << fmt::format("{}", command);
  }

  void check_all_commands(std::uint64_t seed, std::size_t count, std::size_t longest) const {
    HostileLines source(seed, longest);
    const auto src = source.take(count);
    const auto tgt = source.take(count);
    check_translate(src, {});
    check_translate(src, {"--beam-size", "1", "--markup"});
    check_translate(src, {"--sample", "--temperature", "1000"});
    translate_all({"--beam-size", "1", "--json"}, with_ends(src), count);
    check_pairs({"score", "--model", "run"}, src, tgt);
    check_pairs({"align", "--model", "run"}, src, tgt);
    check_pairs({"align", "--method", "hmm"}, src, tgt);
    const ProgramResult evaluated =
        run({"evaluate", "--bootstrap", "0", "hostile.src", "hostile.tgt"});
    EXPECT_EQ(evaluated.exit_code, 0) << evaluated.err;
    const ProgramResult symmetrized = run({"symmetrize", "hostile.src", "hostile.tgt"});
    EXPECT_EQ(symmetrized.exit_code, 1);
    EXPECT_THAT(symmetrized.err, HasSubstr("hostile."));
  }
};

TEST_F(HostileInput, EveryCommandAnswersEveryLine) {
  check_all_commands(1, 300, 3'000);
}

TEST_F(HostileInput, WhateverTheOptionsOfTranslate) {
  const auto lines = HostileLines(2, 2'000).take(120);
  write_file(toy_.path() / "prefixes", with_ends(HostileLines(3, 100).take(120)));
  const std::vector<Arguments> option_sets{
      {"--beam-size", "1"},
      {"--batch-tokens", "1", "--threads", "1"},
      {"--model", "run", "--beam-size", "2"},
      {"--prefix", "BA\u2028\n<0x0A>", "--beam-size", "1"},
      {"--prefix-file", "prefixes", "--beam-size", "1"},
      {"--split-length", "3", "--beam-size", "1"},
      {"--split-sentences", "--beam-size", "1"},
      {"--split-length", "0", "--beam-size", "1"},
      {"--markup", "--split-sentences", "--beam-size", "1"},
      {"--placeholder-word", "ba", "--markup"},
      {"--view", "page.html", "--view-lines", "5"},
      {"--sample", "--temperature", "1000", "--split-length", "7"},
      {"--precision", "bf16"},
      {"--coverage-penalty", "0.1", "--no-repeat-ngram", "2"}};
  for (const Arguments& options : option_sets) check_translate(lines, options);
}

TEST_F(HostileInput, OutputsOfManyPartsToo) {
  const auto lines = HostileLines(4, 1'000).take(60);
  const std::string input = with_ends(lines);
  translate_all({"--n-best", "3", "--beam-size", "3"}, input, lines.size(), 3);
  translate_all({"--n-best", "3", "--sample", "--temperature", "1000"}, input, lines.size(), 3);
  translate_all({"--n-best", "2", "--beam-size", "2", "--markup"}, input, lines.size(), 2);
  translate_all({"--alignments", "soft"}, input, lines.size());
  translate_all({"--alignments", "pharaoh", "--markup"}, input, lines.size());
  const Arguments everything{"--sample", "--temperature", "1000",           "--n-best", "2",
                             "--json",   "--markup",      "--split-length", "5"};
  for (const std::string& line : lines_of(translate_all(everything, input, lines.size())))
    EXPECT_EQ(nlohmann::json::parse(line).at("n_best").size(), 2U);
  write_file(toy_.path() / "pairs",
             with_ends(std::vector<std::string>(3, "ba\x0C\u2028\tko\u0085")));
  const ProgramResult pairs = run({"align", "--model", "run", "--format", "json", "pairs"});
  EXPECT_EQ(problem_of_lines(pairs.out, 3), "");
}

TEST_F(HostileInput, ALineIsTranslatedTheSameInWhateverCompany) {
  auto lines = HostileLines(5, 1'000).take(150);
  const auto in_order = [&](const Arguments& options) {
    return lines_of(translate_all(options, with_ends(lines), lines.size()));
  };
  for (const std::string precision : {"fp32", "int8"}) {
    const auto expected = in_order({"--precision", precision});
    EXPECT_EQ(in_order({"--precision", precision, "--batch-tokens", "60", "--threads", "3"}),
              expected);
    std::vector<std::size_t> order(lines.size());
    std::iota(order.begin(), order.end(), 0U);
    std::shuffle(order.begin(), order.end(), std::mt19937(1));
    std::string shuffled;
    for (const std::size_t i : order) shuffled += lines[i] + "\n";
    const auto found = lines_of(translate_all({"--precision", precision}, shuffled, lines.size()));
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(found[i], expected[order[i]]) << i;
  }
}

TEST_F(HostileInput, WaysInAndOutAreAlike) {
  const auto lines = HostileLines(6, 1'000).take(101);
  const std::string input = with_ends(lines);
  const Arguments greedy{"--beam-size", "1"};
  const std::string expected = translate_all(greedy, input, lines.size());
  write_file(toy_.path() / "in", input);
  write_file(toy_.path() / "in.gz", gzip(input));
  EXPECT_EQ(translate_all(greedy + Arguments{"in"}, "", lines.size()), expected);
  EXPECT_EQ(translate_all(greedy + Arguments{"in.gz"}, "", lines.size()), expected);
  EXPECT_EQ(translate_all(greedy + Arguments{"-o", "out"}, input, 0), "");
  EXPECT_EQ(read_file(toy_.path() / "out"), expected);
  std::string parts;
  for (const std::string part : {"1/3", "2/3", "3/3"})
    parts += run(base_ + greedy + Arguments{"in.gz", "--shard", part}).out;
  EXPECT_EQ(parts, expected);
  std::string with_returns;
  for (const std::string& line : lines) with_returns += line + "\r\n";
  with_returns.resize(with_returns.size() - 2);  // nor does the last line need an end
  const std::size_t left = lines.back().empty() ? lines.size() - 1 : lines.size();
  EXPECT_EQ(translate_all(greedy, with_returns, left) + (left < lines.size() ? "\n" : ""),
            expected);
}

/// All of it: minutes.
using SlowHostileInput = HostileInput;

TEST_F(SlowHostileInput, TenThousandLinesThroughEveryCommand) {
  check_all_commands(7, 10'000, 100'000);
}

}  // namespace
}  // namespace heed
