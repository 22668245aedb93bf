#include "model/row_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace heed {
namespace {

std::vector<float> random_row(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> score(0.0F, 3.0F);
  std::vector<float> row(size);
  for (float& value : row) value = std::round(8.0F * score(random)) / 8.0F;  // some are equal
  return row;
}

TEST(RowScanTest, AsManyAsWereAskedForAreNotBelowTheBound) {
  RowScan scan;
  for (const std::size_t size : {1, 6, 63, 64, 65, 500, 513, 8000}) {
    const std::vector<float> row = random_row(size, static_cast<std::uint32_t>(size));
    for (const std::size_t most : {1, 20, 64, 65, 200, 1000, 9000}) {
      scan.read(row, most);
      EXPECT_EQ(scan.largest(), *std::max_element(row.begin(), row.end()));
      const auto found = scan.collect(row, scan.bound(most));
      EXPECT_GE(found.size(), std::min(most, size)) << size << ", " << most;
    }
  }
}

TEST(RowScanTest, ABoundForManySparesMostOfALongRow) {
  RowScan scan;
  const std::vector<float> row = random_row(30'000, 1);
  for (const std::size_t most : {10, 64, 65, 200, 1000}) {
    scan.read(row, most);
    const std::size_t found = scan.collect(row, scan.bound(most)).size();
    EXPECT_LT(found, most <= 64 ? 1000 : 2 * most) << most;
  }
}

TEST(RowScanTest, CollectsThePlacesInTheirOrder) {
  RowScan scan;
  const std::vector<float> row{1.0F, std::nanf(""), 3.0F, 2.0F, -4.0F, 2.0F};
  EXPECT_THAT(scan.collect(row, 2.0F), testing::ElementsAre(2, 3, 5));
  scan.read(row, 2);
  EXPECT_EQ(scan.largest(), 3.0F);
}

}  // namespace
}  // namespace heed
