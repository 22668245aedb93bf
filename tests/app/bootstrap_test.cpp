#include "app/evaluate/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <stdexcept>

#include "app/evaluate/evaluation.h"
#include "app/evaluate/report.h"
#include "tests/support/metric_fixtures.h"

namespace heed {
namespace {

/// The simplest statistics: a number, scored by the mean.
struct Mean {
  double sum = 0.0;
  double count = 0.0;
  Mean& operator+=(const Mean& other) {
    sum += other.sum;
    count += other.count;
    return *this;
  }
  Mean& operator-=(const Mean& other) {
    sum -= other.sum;
    count -= other.count;
    return *this;
  }
};

double mean_score(const Mean& mean) {
  return mean.sum / mean.count;
}

std::vector<Mean> numbers(std::size_t count, double offset) {
  std::vector<Mean> segments;
  for (std::size_t i = 0; i < count; ++i) {
    segments.push_back({static_cast<double>(i * 7919 % 101) + offset, 1.0});
  }
  return segments;
}

TEST(Bootstrap, IntervalLeavesOutOneFortiethOnEachSide) {
  std::vector<double> scores(80);
  std::iota(scores.rbegin(), scores.rend(), 0.0);
  const ConfidenceInterval interval = confidence_interval(scores);
  EXPECT_DOUBLE_EQ(interval.mean, 39.5);
  EXPECT_DOUBLE_EQ(interval.half_width, 0.5 * (77.0 - 2.0));
  EXPECT_THROW(confidence_interval({}), std::invalid_argument);
}

TEST(Bootstrap, IntervalOfAMeanIsThatOfTheNormalDistribution) {
  const std::vector<Mean> segments = numbers(505, 0.0);  // 0 to 100, each 5 times
  const auto scores = bootstrap_scores(segments, mean_score, 4000, 1);
  const ConfidenceInterval interval = confidence_interval(scores);
  const double deviation_of_mean = std::sqrt((101.0 * 101.0 - 1.0) / 12.0 / 505.0);
  EXPECT_NEAR(interval.mean, 50.0, 5.0 * deviation_of_mean / std::sqrt(4000.0));
  EXPECT_NEAR(interval.half_width / (1.96 * deviation_of_mean), 1.0, 0.08);
}

TEST(Bootstrap, SeedDecidesTheSamplesAndSystemsShareThem) {
  const std::vector<Mean> segments = numbers(50, 0.0);
  const auto scores = bootstrap_scores(segments, mean_score, 20, 3);
  EXPECT_EQ(bootstrap_scores(segments, mean_score, 20, 3), scores);
  EXPECT_NE(bootstrap_scores(segments, mean_score, 20, 4), scores);
  const auto shifted = bootstrap_scores(numbers(50, 2.0), mean_score, 20, 3);
  for (std::size_t i = 0; i < scores.size(); ++i) EXPECT_NEAR(shifted[i], scores[i] + 2.0, 1e-9);
}

TEST(Bootstrap, PValueCountsLargerDifferences) {
  const std::vector<double> differences = {0.5, 1.0, 1.5, 2.0};
  EXPECT_DOUBLE_EQ(p_value(differences, 1.0), 3.0 / 5.0);
  EXPECT_DOUBLE_EQ(p_value(differences, -1.0), 3.0 / 5.0);
  EXPECT_DOUBLE_EQ(p_value(differences, 9.0), 1.0 / 5.0);
  EXPECT_DOUBLE_EQ(p_value(differences, 0.0), 1.0);
}

TEST(Bootstrap, PairedBootstrapTakesTheMeanDifferenceOff) {
  const std::vector<double> scores_a = {10.0, 10.0, 10.0, 10.0};
  const std::vector<double> scores_b = {10.0, 9.0, 13.0, 10.0};  // differences less 1: -1 0 2 -1
  EXPECT_DOUBLE_EQ(paired_bootstrap_p_value(scores_a, scores_b, 1.5), 2.0 / 5.0);
  EXPECT_DOUBLE_EQ(paired_bootstrap_p_value(scores_a, scores_b, 2.0), 1.0 / 5.0);
  EXPECT_THROW(paired_bootstrap_p_value(scores_a, {}, 1.0), std::invalid_argument);
  EXPECT_THROW(paired_bootstrap_p_value({}, {}, 1.0), std::invalid_argument);
}

TEST(Bootstrap, RandomizationOfOneSegmentIsACoin) {
  const std::vector<Mean> a = {{1.0, 1.0}};
  const std::vector<Mean> b = {{3.0, 1.0}};
  // Whichever way the coin falls, the difference is the one seen and never above it.
  EXPECT_DOUBLE_EQ(paired_randomization_p_value(a, b, mean_score, 99, 5), 0.01);
  EXPECT_DOUBLE_EQ(paired_randomization_p_value(a, a, mean_score, 99, 5), 1.0);
}

TEST(Bootstrap, RandomizationEqualsTheExactTest) {
  // |±1 ±2 ±4 ±8| takes each odd value up to 15 twice; the difference seen is |1 + 2 + 4 - 8| = 1.
  const std::vector<Mean> a = {{1.0, 1.0}, {2.0, 1.0}, {4.0, 1.0}, {0.0, 1.0}};
  const std::vector<Mean> b = {{0.0, 1.0}, {0.0, 1.0}, {0.0, 1.0}, {8.0, 1.0}};
  const auto total = [](const Mean& mean) { return mean.sum; };
  EXPECT_NEAR(paired_randomization_p_value(a, b, total, 20000, 1), 14.0 / 16.0, 0.015);
}

std::vector<std::vector<std::string>> one_each(const std::vector<std::string>& references) {
  std::vector<std::vector<std::string>> result;
  for (const std::string& reference : references) result.push_back({reference});
  return result;
}

EvaluationOptions bleu_and_chrf() {
  EvaluationOptions options;
  options.metrics = {MetricKind::kBleu, MetricKind::kChrf};
  return options;
}

/// sacreBLEU draws other samples, so both sides have noise: four to five standard deviations of the
/// difference of two draws of 1,000 are allowed.
TEST(Evaluation, IntervalsAndPValuesAgreeWithSacrebleuWithinNoise) {
  const nlohmann::json pairs = read_metric_fixture("paired.json").at("pairs");
  ASSERT_EQ(pairs.size(), 2U);
  for (const nlohmann::json& pair : pairs) {
    const std::vector<SystemOutput> systems = {
        {"first", pair.at("first").get<std::vector<std::string>>()},
        {"second", pair.at("second").get<std::vector<std::string>>()}};
    const auto references = one_each(pair.at("references").get<std::vector<std::string>>());
    for (const MetricReport& report : evaluate_systems(systems, references, bleu_and_chrf())) {
      SCOPED_TRACE(pair.at("name").get<std::string>() + " " + report.name);
      const nlohmann::json& expected = pair.at(report.name);
      for (std::size_t i = 0; i < 2; ++i) {
        const auto half_width = expected.at("half_widths").at(i).get<double>();
        const ConfidenceInterval interval = report.systems[i].interval.value();
        EXPECT_NEAR(interval.half_width, half_width, 0.2 * half_width);
        EXPECT_NEAR(interval.mean, expected.at("means").at(i).get<double>(), 0.1 * half_width);
      }
      const auto bootstrap_p = expected.at("bootstrap_p").get<double>();
      const auto randomization_p = expected.at("randomization_p").get<double>();
      const auto noise = [](double p) { return 0.005 + 0.2 * std::sqrt(p * (1.0 - p)); };
      EXPECT_NEAR(report.paired->bootstrap_p.value(), bootstrap_p, noise(bootstrap_p));
      EXPECT_NEAR(report.paired->randomization_p.value(), randomization_p, noise(randomization_p));
    }
  }
}

TEST(Evaluation, OneSystemHasNoPairedTestAndSamplingCanBeLeftOut) {
  const std::vector<SystemOutput> systems = {{"a", {"the cat sat on the mat"}}};
  const auto references = one_each({"the cat sat on a mat"});
  EvaluationOptions options = bleu_and_chrf();
  options.bootstrap_samples = 0;
  const auto reports = evaluate_systems(systems, references, options);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_FALSE(reports[0].paired.has_value());
  EXPECT_FALSE(reports[0].systems[0].interval.has_value());
  EXPECT_EQ(report_as_text(systems, reports),
            "BLEU    = 53.73 83.3/60.0/50.0/33.3 (BP = 1.000 ratio = 1.000 hyp_len = 6 ref_len = 6)"
            "  nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0\n"
            "chrF2   = 72.08  nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0\n");
}

TEST(Evaluation, ReportsBothSystemsAndTheirDifference) {
  const std::vector<SystemOutput> systems = {{"a", {"the cat sat on the mat"}},
                                             {"b\xFF", {"the cat sat on a mat"}}};
  const auto references = one_each({"the cat sat on a mat"});
  const auto reports = evaluate_systems(systems, references, bleu_and_chrf());
  const nlohmann::json json = nlohmann::json::parse(report_as_json(systems, reports));
  EXPECT_NEAR(json.at("systems").at(1).at("metrics").at(0).at("score").get<double>(), 100.0, 1e-9);
  EXPECT_EQ(json.at("systems").at(1).at("name").get<std::string>(), "b\xEF\xBF\xBD");
  EXPECT_NEAR(json.at("paired").at(0).at("difference").get<double>(), -46.27150, 1e-4);
  EXPECT_EQ(
      reports[0].signature,
      "nrefs:1|bs:1000|ar:10000|seed:12345|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0");
  EXPECT_NE(report_as_text(systems, reports).find("BLEU    -46.27  p = "), std::string::npos);
}

TEST(Evaluation, NoIntervalIsPrintedAroundNothing) {
  const std::vector<SystemOutput> systems = {{"a", {"", ""}}};
  const auto reports = evaluate_systems(systems, one_each({"a b c d", "f h"}), bleu_and_chrf());
  const std::string text = report_as_text(systems, reports);
  EXPECT_EQ(text.find("μ"), std::string::npos) << text;
}

TEST(Evaluation, IdenticalSystemsAreNeverDifferent) {
  const std::vector<SystemOutput> systems = {{"a", {"a b c d e", "f g"}},
                                             {"b", {"a b c d e", "f g"}}};
  const auto reports = evaluate_systems(systems, one_each({"a b c d", "f h"}), bleu_and_chrf());
  EXPECT_EQ(reports[0].paired->bootstrap_p, 1.0);
  EXPECT_EQ(reports[0].paired->randomization_p, 1.0);
}

TEST(Evaluation, RefusesWhatDoesNotBelongTogether) {
  const std::vector<SystemOutput> systems = {{"a", {"x", "y"}}};
  EXPECT_THROW(evaluate_systems(systems, one_each({"x"}), {}), std::invalid_argument);
  EXPECT_THROW(evaluate_systems(systems, {}, {}), std::invalid_argument);
  EXPECT_THROW(evaluate_systems({}, one_each({"x"}), {}), std::invalid_argument);
}

}  // namespace
}  // namespace heed
