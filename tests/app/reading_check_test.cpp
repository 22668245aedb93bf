#include "app/align/reading_check.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

using Links = std::vector<Link>;

const Links kOthers{{0, 2}, {1, 1}, {3, 0}};

/// What has to be done to `links` for them to be `kOthers`.
std::string advice_for(const Links& links, const IndexConvention& first = {},
                       const IndexConvention& second = {}) {
  ReadingCheck check;
  for (int pair = 0; pair < 20; ++pair) check.add(to_link_set(links), kOthers);
  const auto change = check.better();
  if (!change) return "none";
  return advice(*change, {first, "--a-from-1", "--a-swapped"},
                {second, "--b-from-1", "--b-swapped"});
}

TEST(ReadingCheckTest, FindsEveryChange) {
  EXPECT_EQ(advice_for(kOthers), "none");
  EXPECT_EQ(advice_for({{2, 0}, {1, 1}, {0, 3}}), "with --b-swapped");
  EXPECT_EQ(advice_for({{1, 3}, {2, 2}, {4, 1}}), "with --a-from-1");
  EXPECT_EQ(advice_for({{-1, 1}, {0, 0}, {2, -1}}), "with --b-from-1");
  EXPECT_EQ(advice_for({{3, 1}, {2, 2}, {1, 4}}), "with --a-from-1 and with --b-swapped");
  EXPECT_EQ(advice_for({{1, -1}, {0, 0}, {-1, 2}}), "with --b-from-1 and with --b-swapped");
}

TEST(ReadingCheckTest, TakesBackWhatWasGiven) {
  const IndexConvention both{.one_based = true, .transposed = true};
  EXPECT_EQ(advice_for({{1, 3}, {2, 2}, {4, 1}}, {}, both), "without --b-from-1");
  EXPECT_EQ(advice_for({{-1, 1}, {0, 0}, {2, -1}}, both), "without --a-from-1");
  EXPECT_EQ(advice_for({{2, 0}, {1, 1}, {0, 3}}, both, both), "without --b-swapped");
}

TEST(ReadingCheckTest, NoChangeIsBetterThanNothing) {
  EXPECT_EQ(advice_for({}), "none");
  EXPECT_EQ(advice_for({{1, 1}}), "none");    // swapped it agrees as much
  EXPECT_EQ(advice_for({{40, 50}}), "none");  // agrees nowhere, whatever is done
}

TEST(ReadingCheckTest, AddsPairsUpAndLeavesChanceAlone) {
  ReadingCheck check;
  const auto add = [&check](int pairs, const Links& links) {
    for (int pair = 0; pair < pairs; ++pair) check.add(links, Links{{0, 2}});
  };
  add(16, {{2, 0}});  // four standard deviations
  EXPECT_FALSE(check.better().has_value());
  add(1, {{2, 0}});
  EXPECT_TRUE(check.better().has_value());
  add(17, {{0, 2}});
  EXPECT_FALSE(check.better().has_value());
}

}  // namespace
}  // namespace heed
