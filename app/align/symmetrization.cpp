#include "app/align/symmetrization.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

namespace heed {
namespace {

constexpr std::array<std::pair<int, int>, 8> kNeighbours{
    {{-1, 0}, {0, -1}, {1, 0}, {0, 1}, {-1, -1}, {-1, 1}, {1, -1}, {1, 1}}};

/// Links in the order of target, then source, in which growing goes through them.
struct ByTarget {
  bool operator()(const Link& a, const Link& b) const {
    return a.tgt != b.tgt ? a.tgt < b.tgt : a.src < b.src;
  }
};
using LinkSet = std::set<Link, ByTarget>;

/// The links chosen so far, out of a union.
class Growth {
 public:
  Growth(const LinkSet& all, const LinkSet& intersection) : all_(all) {
    for (const Link& link : intersection) add(link);
  }

  void grow_diagonally() {
    for (bool has_grown = true; has_grown;) {
      has_grown = false;
      // A link added behind the place reached is met in the same round; std::set allows it.
      for (auto link = chosen_.begin(); link != chosen_.end(); ++link)
        for (const auto& [tgt, src] : kNeighbours)
          has_grown |= add_if_new({link->src + src, link->tgt + tgt});
    }
  }

  void add_rest(const LinkSet& direction, bool both_unlinked) {
    for (const Link& link : direction) {
      const bool src_free = !src_.contains(link.src);
      const bool tgt_free = !tgt_.contains(link.tgt);
      if (both_unlinked ? src_free && tgt_free : src_free || tgt_free) add(link);
    }
  }

  std::vector<Link> result() const { return to_link_set({chosen_.begin(), chosen_.end()}); }

 private:
  void add(const Link& link) {
    chosen_.insert(*all_.find(link));
    src_.insert(link.src);
    tgt_.insert(link.tgt);
  }

  bool add_if_new(const Link& link) {
    if (src_.contains(link.src) && tgt_.contains(link.tgt)) return false;
    if (!all_.contains(link)) return false;
    add(link);
    return true;
  }

  const LinkSet& all_;
  LinkSet chosen_;
  std::set<int> src_, tgt_;  // words that have a link
};

LinkSet to_set(std::span<const Link> links) {
  const std::vector<Link> unique = to_link_set({links.begin(), links.end()});
  return {unique.begin(), unique.end()};
}

LinkSet halved(const LinkSet& links) {
  LinkSet result;
  for (const Link& link : links) result.insert({link.src, link.tgt, link.probability / 2});
  return result;
}

}  // namespace

std::vector<Link> symmetrize(std::span<const Link> forward, std::span<const Link> reverse,
                             Symmetrization method) {
  const LinkSet first = to_set(forward);
  const LinkSet second = to_set(reverse);
  LinkSet both;
  LinkSet all = halved(first);
  for (const Link& link : second) {
    const auto other = first.find(link);
    if (other == first.end()) {
      all.insert({link.src, link.tgt, link.probability / 2});
      continue;
    }
    const Link mean{link.src, link.tgt, (link.probability + other->probability) / 2};
    all.erase(mean);
    all.insert(mean);
    both.insert(mean);
  }
  if (method == Symmetrization::kUnion) return to_link_set({all.begin(), all.end()});
  if (method == Symmetrization::kIntersect) return to_link_set({both.begin(), both.end()});
  Growth growth(all, both);
  growth.grow_diagonally();
  if (method != Symmetrization::kGrowDiag) {
    const bool both_unlinked = method == Symmetrization::kGrowDiagFinalAnd;
    growth.add_rest(first, both_unlinked);
    growth.add_rest(second, both_unlinked);
  }
  return growth.result();
}

}  // namespace heed
