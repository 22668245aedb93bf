#include "app/align/posterior_links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Both sides say `values` [src, tgt].
LinkPosteriors both_say(std::size_t src, std::size_t tgt, const std::vector<float>& values) {
  LinkPosteriors posteriors(src, tgt);
  for (std::size_t s = 0; s < src; ++s)
    for (std::size_t t = 0; t < tgt; ++t)
      posteriors.src_of_tgt[t * src + s] = posteriors.tgt_of_src[s * tgt + t] = values[s * tgt + t];
  return posteriors;
}

TEST(PosteriorLinksTest, AboveAThreshold) {
  LinkPosteriors posteriors(2, 2);
  posteriors.src_of_tgt = {0.5F, 0.0F, 0.25F, 1.0F};  // targets 0, 0, 1, 1
  posteriors.tgt_of_src = {0.5F, 0.5F, 0.0F, 1.0F};   // sources 0, 0, 1, 1
  const auto links = links_above(posteriors, 0.375);
  ASSERT_THAT(links, ElementsAre(Link{0, 0}, Link{0, 1}, Link{1, 1}));
  EXPECT_DOUBLE_EQ(links[1].probability, 0.375);
  EXPECT_THAT(links_above(posteriors, 0.376), ElementsAre(Link{0, 0}, Link{1, 1}));
  EXPECT_EQ(links_above(posteriors, 0.0).size(), 3U) << "what is impossible is no link";
  EXPECT_THAT(links_above(LinkPosteriors(0, 3), 0.0), IsEmpty());
}

TEST(PosteriorLinksTest, BestOfEachDirectionOrNone) {
  LinkPosteriors posteriors(3, 4);
  posteriors.src_of_tgt = {0.2F,  0.6F, 0.1F,          // source 1
                           0.2F,  0.3F, 0.1F,          // none has 0.4
                           0.25F, 0.5F, 0.25F,         // source 1
                           0.4F,  0.4F, 0.1F};         // of equal ones the first
  posteriors.tgt_of_src = {0.0F,   0.0F, 0.0F, 0.0F,   // none
                           0.125F, 0.0F, 0.5F, 0.0F,   // target 2; none has 0.375
                           0.5F,   0.0F, 0.0F, 0.0F};  // target 0, as probable as none
  const auto of_tgt = best_of_tgt(posteriors);
  ASSERT_THAT(of_tgt, ElementsAre(Link{0, 3}, Link{1, 0}, Link{1, 2}));
  EXPECT_NEAR(of_tgt[1].probability, 0.6, 1e-6);
  const auto of_src = best_of_src(posteriors);
  ASSERT_THAT(of_src, ElementsAre(Link{1, 2}, Link{2, 0}));
  EXPECT_NEAR(of_src[0].probability, 0.5, 1e-6);
  EXPECT_THAT(best_of_tgt(LinkPosteriors(0, 2)), IsEmpty());
  EXPECT_THAT(best_of_src(LinkPosteriors(2, 0)), IsEmpty());
}

TEST(PosteriorLinksTest, ChosenByThresholdOrBySymmetrization) {
  LinkPosteriors posteriors(2, 2);
  posteriors.src_of_tgt = {0.9F, 0.0F, 0.8F, 0.1F};  // both targets choose source 0
  posteriors.tgt_of_src = {0.7F, 0.2F, 0.0F, 0.6F};  // 0-0 and 1-1
  EXPECT_THAT(choose_links(posteriors, {std::nullopt, 0.6}), ElementsAre(Link{0, 0}));
  EXPECT_THAT(choose_links(posteriors, {Symmetrization::kIntersect, 0.0}), ElementsAre(Link{0, 0}));
  const auto either = choose_links(posteriors, {Symmetrization::kUnion, 0.99});
  ASSERT_THAT(either, ElementsAre(Link{0, 0}, Link{0, 1}, Link{1, 1}));
  EXPECT_NEAR(either[0].probability, 0.8, 1e-6);
  EXPECT_NEAR(either[2].probability, 0.3, 1e-6);
}

/// Expected F1 of the links of at least `threshold`.
double expected_f1(const std::vector<float>& probabilities, double threshold) {
  double links = 0.0;
  double hits = 0.0;
  double total = 0.0;
  for (const float probability : probabilities) {
    total += static_cast<double>(probability);
    if (static_cast<double>(probability) < threshold) continue;
    ++links;
    hits += static_cast<double>(probability);
  }
  return links + total > 0.0 ? 2.0 * hits / (links + total) : 0.0;
}

TEST(PosteriorLinksTest, TwoDirectionsOfAModelAreTheirMean) {
  LinkPosteriors forward(2, 1);
  forward.src_of_tgt = {0.5F, 0.25F};
  forward.tgt_of_src = {1.0F, 0.0F};
  LinkPosteriors reverse(1, 2);       // its source is the target
  reverse.src_of_tgt = {0.5F, 0.5F};  // of targets 0, 1: the sources of `forward`
  reverse.tgt_of_src = {0.25F, 0.75F};
  const LinkPosteriors mean = mean_of_directions(forward, reverse);
  EXPECT_EQ(mean.src_len, 2U);
  EXPECT_EQ(mean.tgt_len, 1U);
  EXPECT_THAT(mean.src_of_tgt, ElementsAre(0.375F, 0.5F));
  EXPECT_THAT(mean.tgt_of_src, ElementsAre(0.75F, 0.25F));
}

TEST(ThresholdSearchTest, EqualsTheBestOfAllThresholds) {
  std::mt19937 random(1);
  for (const double power : {0.2, 1.0, 4.0, 12.0}) {  // from sure links to hardly any
    SCOPED_TRACE(power);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    std::vector<float> values(40 * 50);
    for (float& value : values) value = static_cast<float>(std::pow(uniform(random), power));
    ThresholdSearch search;
    search.add(both_say(40, 25, {values.begin(), values.begin() + 1000}));
    search.add(both_say(20, 50, {values.begin() + 1000, values.end()}));
    double best = 0.0;
    for (const float value : values)
      best = std::max(best, expected_f1(values, static_cast<double>(value)));
    EXPECT_NEAR(expected_f1(values, search.best().threshold), best, 1e-3);
    EXPECT_NEAR(search.best().threshold, best / 2, 0.02);  // Lipton et al.
  }
}

TEST(ThresholdSearchTest, KeepsCertainLinks) {
  const LinkPosteriors certain = both_say(2, 2, {1.0F, 0.0F, 0.0F, 1.0F});
  ThresholdSearch search;
  search.add(certain);
  EXPECT_THAT(links_above(certain, search.best().threshold), ElementsAre(Link{0, 0}, Link{1, 1}));
}

TEST(ThresholdSearchTest, OfNothingIsHalf) {
  ThresholdSearch search;
  EXPECT_EQ(search.best().threshold, 0.5);
  search.add(LinkPosteriors(0, 3));
  search.add(both_say(1, 2, {0.0F, 0.0F}));
  EXPECT_EQ(search.best().threshold, 0.5);
}

}  // namespace
}  // namespace heed
