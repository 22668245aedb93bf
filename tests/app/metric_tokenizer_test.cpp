#include "app/evaluate/metric_tokenizer.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/support/metric_fixtures.h"

namespace heed {
namespace {

nlohmann::json tokenizer_cases() {
  return read_metric_fixture("tokenizers.json").at("cases");
}

std::string joined(const std::vector<std::string>& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += (text.empty() ? "" : " ") + token;
  return text;
}

std::string tokenized(std::string_view text, MetricTokenizer tokenizer) {
  return joined(tokenize_segment(text, tokenizer));
}

TEST(MetricTokenizer, EqualsSacrebleuOnFixtures) {
  const nlohmann::json cases = tokenizer_cases();
  ASSERT_GT(cases.size(), 300U);
  for (const nlohmann::json& expected : cases) {
    const auto text = expected.at("text").get<std::string>();
    for (const MetricTokenizer tokenizer : kMetricTokenizers) {
      const std::string name(tokenizer_name(tokenizer));
      EXPECT_EQ(tokenized(text, tokenizer), expected.at(name).get<std::string>())
          << name << " of " << expected.at("text").dump(-1, ' ', true);
    }
  }
}

TEST(MetricTokenizer, LowerCaseEqualsPythonsOnFixtures) {
  for (const nlohmann::json& expected : tokenizer_cases()) {
    EXPECT_EQ(prepare_segment(expected.at("text").get<std::string>(), true),
              expected.at("lower").get<std::string>());
  }
}

TEST(MetricTokenizer, ThirteenAKeepsNumbersWhole) {
  EXPECT_EQ(tokenized("1,000.5 dogs, 3-4 cats.", MetricTokenizer::k13a),
            "1,000.5 dogs , 3 - 4 cats .");
  EXPECT_EQ(tokenized("in 1990.", MetricTokenizer::k13a), "in 1990 .");
  EXPECT_EQ(tokenized("in 1990.", MetricTokenizer::kIntl), "in 1990.");
  EXPECT_EQ(tokenized("don't &quot;go&amp;lt;", MetricTokenizer::k13a), "don't \" go <");
}

TEST(MetricTokenizer, TrailingSpaceChangesNothing) {
  for (const MetricTokenizer tokenizer : kMetricTokenizers) {
    EXPECT_EQ(tokenize_segment("in 1990. \xE3\x80\x80\x1F", tokenizer),
              tokenize_segment("in 1990.", tokenizer));
  }
}

TEST(MetricTokenizer, SplitsAtPythonsWhiteSpaceAndAtNothingElse) {
  const std::vector<std::string_view> expected = {"a", "b", "c", "d",
                                                  "e\xE2\x80\x8B"
                                                  "f"};
  EXPECT_EQ(split_at_spaces("\x1C"
                            "a\xC2\xA0"
                            "b\xE3\x80\x80"
                            "c\xE2\x80\xA8\xC2\x85"
                            "d\t"
                            "e\xE2\x80\x8B"
                            "f"),
            expected);
  EXPECT_TRUE(split_at_spaces(" \t\v\f\r\n").empty());
  EXPECT_TRUE(split_at_spaces("").empty());
}

TEST(MetricTokenizer, LowerCaseKnowsContextAndExpansion) {
  EXPECT_EQ(prepare_segment("ΟΔΟΣ ΣΑ", true), "οδος σα");
  EXPECT_EQ(prepare_segment("İ", true), "i\xCC\x87");
  EXPECT_EQ(prepare_segment("İΣ", false), "İΣ");
}

TEST(MetricTokenizer, IllFormedTextIsRepaired) {
  EXPECT_EQ(prepare_segment("a\xFF"
                            "B\xE3\x81",
                            false),
            "a\xEF\xBF\xBD"
            "B\xEF\xBF\xBD");
  EXPECT_EQ(prepare_segment("a\xFF"
                            "B\xE3\x81",
                            true),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
}

TEST(MetricTokenizer, NamesAreTheSignatures) {
  for (const MetricTokenizer tokenizer : kMetricTokenizers) {
    EXPECT_EQ(tokenizer_named(tokenizer_name(tokenizer)), tokenizer);
  }
  try {
    tokenizer_named("zh");
    FAIL() << "no error";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "no tokenizer 'zh': choose 13a, intl, char or none");
  }
}

}  // namespace
}  // namespace heed
