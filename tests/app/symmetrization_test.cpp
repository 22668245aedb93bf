#include "app/align/symmetrization.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Links = std::vector<Link>;

constexpr Symmetrization kEvery[] = {Symmetrization::kIntersect, Symmetrization::kUnion,
                                     Symmetrization::kGrowDiag, Symmetrization::kGrowDiagFinal,
                                     Symmetrization::kGrowDiagFinalAnd};

TEST(SymmetrizationTest, EachMethodByHand) {
  // 3-2: both words are free. 0-3: the target is. 3-0: neither, once 3-2 is in.
  const Links forward{{0, 0}, {3, 2}};
  const Links reverse{{0, 0}, {0, 3}, {3, 0}};
  const auto joined = [&](Symmetrization method) { return symmetrize(forward, reverse, method); };
  EXPECT_EQ(joined(Symmetrization::kIntersect), (Links{{0, 0}}));
  EXPECT_EQ(joined(Symmetrization::kUnion), (Links{{0, 0}, {0, 3}, {3, 0}, {3, 2}}));
  EXPECT_EQ(joined(Symmetrization::kGrowDiag), (Links{{0, 0}}));
  EXPECT_EQ(joined(Symmetrization::kGrowDiagFinal), (Links{{0, 0}, {0, 3}, {3, 2}}));
  EXPECT_EQ(joined(Symmetrization::kGrowDiagFinalAnd), (Links{{0, 0}, {3, 2}}));
}

TEST(SymmetrizationTest, GrowsFromNeighbourToNeighbour) {
  // A staircase away from the one common link, and a link that touches nothing.
  const Links forward{{1, 1}, {2, 2}, {4, 4}, {9, 9}};
  const Links reverse{{1, 1}, {3, 3}, {0, 0}};
  EXPECT_EQ(symmetrize(forward, reverse, Symmetrization::kGrowDiag),
            (Links{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}}));
}

TEST(SymmetrizationTest, NearestNeighboursAreFirst) {
  // 0-1 and 1-0 take both words of the diagonal 1-1.
  const Links forward{{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  EXPECT_EQ(symmetrize(forward, Links{{0, 0}}, Symmetrization::kGrowDiag),
            (Links{{0, 0}, {0, 1}, {1, 0}}));
}

TEST(SymmetrizationTest, ForwardIsFinishedFirst) {
  const Links one{{0, 2}};
  const Links other{{0, 3}};
  EXPECT_EQ(symmetrize(one, other, Symmetrization::kGrowDiagFinalAnd), one);
  EXPECT_EQ(symmetrize(other, one, Symmetrization::kGrowDiagFinalAnd), other);
}

/// The figure of Koehn's book word for word, on a square grid [tgt][src].
class Grid {
 public:
  static constexpr int kSize = 6;

  explicit Grid(const Links& links) {
    for (const Link& link : links) at(link.tgt, link.src) = true;
  }

  bool& at(int tgt, int src) { return cells_[tgt][src]; }

  bool is_free(int tgt, int src) {
    bool tgt_linked = false;
    bool src_linked = false;
    for (int i = 0; i < kSize; ++i) {
      tgt_linked |= at(tgt, i);
      src_linked |= at(i, src);
    }
    return !tgt_linked || !src_linked;
  }

  void grow(Grid& either) {
    constexpr int kSteps[8][2] = {{-1, 0},  {0, -1}, {1, 0},  {0, 1},
                                  {-1, -1}, {-1, 1}, {1, -1}, {1, 1}};
    bool added = true;
    while (added) {
      added = false;
      for (int cell = 0; cell < kSize * kSize; ++cell) {
        if (!at(cell / kSize, cell % kSize)) continue;
        for (const auto& step : kSteps) {
          const int tgt = cell / kSize + step[0];
          const int src = cell % kSize + step[1];
          if (tgt < 0 || src < 0 || tgt >= kSize || src >= kSize) continue;
          if (!either.at(tgt, src) || !is_free(tgt, src)) continue;
          at(tgt, src) = added = true;
        }
      }
    }
  }

  void finish(Grid& direction) {
    for (int cell = 0; cell < kSize * kSize; ++cell)
      if (direction.at(cell / kSize, cell % kSize) && is_free(cell / kSize, cell % kSize))
        at(cell / kSize, cell % kSize) = true;
  }

  Links links() {
    Links result;
    for (int src = 0; src < kSize; ++src)
      for (int tgt = 0; tgt < kSize; ++tgt)
        if (at(tgt, src)) result.push_back({src, tgt});
    return result;
  }

 private:
  bool cells_[kSize][kSize] = {};
};

TEST(SymmetrizationTest, EqualsTheBooksGridOnRandomLinks) {
  std::mt19937 random(1);
  const auto draw = [&random] {
    Links links;
    for (int i = 0; i < 9; ++i)
      links.push_back({static_cast<int>(random() % 6), static_cast<int>(random() % 6)});
    return links;
  };
  for (int round = 0; round < 500; ++round) {
    const Links forward = draw();
    const Links reverse = draw();
    Grid first(forward);
    Grid second(reverse);
    Grid either(symmetrize(forward, reverse, Symmetrization::kUnion));
    Grid chosen(symmetrize(forward, reverse, Symmetrization::kIntersect));
    chosen.grow(either);
    ASSERT_EQ(symmetrize(forward, reverse, Symmetrization::kGrowDiag), chosen.links()) << round;
    chosen.finish(first);
    chosen.finish(second);
    ASSERT_EQ(symmetrize(forward, reverse, Symmetrization::kGrowDiagFinal), chosen.links())
        << round;
  }
}

TEST(SymmetrizationTest, ProbabilitiesAreMeansOfBothDirections) {
  const Links forward{{0, 0, 0.8}, {1, 1, 0.6}};
  const Links reverse{{0, 0, 0.4}, {2, 1, 0.5}};
  for (const Symmetrization method : kEvery) {
    for (const Link& link : symmetrize(forward, reverse, method)) {
      const double expected = link == Link{0, 0} ? 0.6 : link == Link{1, 1} ? 0.3 : 0.25;
      EXPECT_DOUBLE_EQ(link.probability, expected) << static_cast<int>(method);
    }
  }
}

TEST(SymmetrizationTest, TakesListsThatAreNoSets) {
  const Links forward{{1, 0, 0.2}, {0, 0, 0.4}, {1, 0, 0.6}};
  const Links joined = symmetrize(forward, Links{{1, 0, 1.0}, {1, 0, 0.5}}, Symmetrization::kUnion);
  ASSERT_THAT(joined, ElementsAre(Link{0, 0}, Link{1, 0}));
  EXPECT_DOUBLE_EQ(joined[1].probability, 0.8);
}

TEST(SymmetrizationTest, OfNothing) {
  for (const Symmetrization method : kEvery) {
    EXPECT_THAT(symmetrize({}, {}, method), IsEmpty());
    const bool one_is_enough =
        method != Symmetrization::kIntersect && method != Symmetrization::kGrowDiag;
    EXPECT_EQ(symmetrize(Links{{4, 2}}, {}, method).size(), one_is_enough ? 1U : 0U);
    EXPECT_EQ(symmetrize({}, Links{{4, 2}}, method).size(), one_is_enough ? 1U : 0U);
  }
}

}  // namespace
}  // namespace heed
