#include "app/translate/tag_placement.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace heed {
namespace {

constexpr std::size_t kRoot = 0;

/// A pair or a point of the source, in the tree that pairs make of a line.
struct Node {
  std::vector<PlacedTag> opening;  // one; none of the root
  std::vector<PlacedTag> closing;  // one; none of points
  UnitSpan src;                    // units it touches; of a point the gap
  std::vector<std::size_t> children;
  std::size_t parent = kRoot;
  bool is_point = false;
  bool keeps_order = false;
  UnitSpan tgt;
};

// The units that [begin, end) touches, or the gap it lies in.
UnitSpan touched_units(std::span<const TextUnit> units, std::size_t begin, std::size_t end) {
  const auto first = std::partition_point(units.begin(), units.end(),
                                          [&](const TextUnit& unit) { return unit.end <= begin; });
  const auto last = std::partition_point(first, units.end(),
                                         [&](const TextUnit& unit) { return unit.begin < end; });
  return {static_cast<int>(first - units.begin()),
          static_cast<int>((begin == end ? first : last) - units.begin())};
}

class TreeBuilder {
 public:
  TreeBuilder(const MarkupLine& source, std::span<const TextUnit> units)
      : source_(source), units_(units) {
    nodes_.push_back({});
    nodes_[kRoot].src = {0, static_cast<int>(units.size())};
  }

  std::vector<Node> build(std::span<const std::size_t> missing) {
    for (std::size_t i = 0; i < source_.tags.size(); ++i) {
      while (!missing.empty() &&
             source_.placeholders[missing[0]].begin < source_.tags[i].position) {
        add_missing(missing[0]);
        missing = missing.subspan(1);
      }
      add_tag(i);
    }
    for (const std::size_t placeholder : missing) add_missing(placeholder);
    return std::move(nodes_);
  }

 private:
  Node& add_child(UnitSpan src, PlacedTag opening) {
    nodes_[open_].children.push_back(nodes_.size());
    Node& node = nodes_.emplace_back();
    node.parent = open_;
    node.src = src;
    node.opening.push_back(opening);
    node.is_point = src.begin == src.end;
    return node;
  }

  void add_missing(std::size_t placeholder) {
    const Placeholder& place = source_.placeholders[placeholder];
    const int gap = touched_units(units_, place.begin, place.begin).begin;
    add_child({gap, gap}, {placeholder, true, 0});
  }

  void add_tag(std::size_t index) {
    const MarkupTag& tag = source_.tags[index];
    if (tag.kind == TagKind::kClosing) {
      nodes_[open_].closing.push_back({index, false, 0});
      open_ = nodes_[open_].parent;
      return;
    }
    const bool is_pair = tag.kind == TagKind::kOpening;
    const std::size_t end =
        is_pair ? source_.tags[static_cast<std::size_t>(tag.partner)].position : tag.position;
    Node& node = add_child(touched_units(units_, tag.position, end), {index, false, 0});
    node.keeps_order = tag.is_unmatched;
    if (is_pair) open_ = nodes_.size() - 1;
  }

  const MarkupLine& source_;
  std::span<const TextUnit> units_;
  std::vector<Node> nodes_;
  std::size_t open_ = kRoot;
};

class Placer {
 public:
  Placer(std::vector<Node> nodes, const FilledText& target)
      : nodes_(std::move(nodes)),
        target_(target),
        tgt_count_(static_cast<int>(target.units.size())),
        is_linked_(target.units.size(), false) {
    for (const Link& link : target.links) is_linked_[static_cast<std::size_t>(link.tgt)] = true;
    nodes_[kRoot].tgt = {0, tgt_count_};
  }

  std::vector<PlacedTag> place() {
    place_pairs(kRoot);
    int earliest = 0;
    for (std::size_t i = 1; i < nodes_.size(); ++i) {
      if (!nodes_[i].is_point) continue;
      place_point(nodes_[i], nodes_[i].keeps_order ? earliest : 0);
      if (nodes_[i].keeps_order) earliest = std::max(earliest, nodes_[i].tgt.begin);
    }
    write(kRoot);
    return std::move(placed_);
  }

 private:
  using Choice = ScoredSpan;

  static bool is_lighter(const std::optional<Choice>& a, const std::optional<Choice>& b) {
    return b && (!a || a->score < b->score);
  }

  // Parts of `range` beside the spans that are taken.
  std::vector<UnitSpan> free_ranges(UnitSpan range, const std::vector<UnitSpan>& taken) const {
    std::vector<UnitSpan> ranges;
    int begin = range.begin;
    for (const UnitSpan& span : taken) {
      ranges.push_back({begin, span.begin});
      begin = span.end;
    }
    ranges.push_back({begin, range.end});
    return ranges;
  }

  static void take(std::vector<UnitSpan>& taken, UnitSpan span) {
    taken.insert(std::upper_bound(taken.begin(), taken.end(), span,
                                  [](const UnitSpan& a, const UnitSpan& b) {
                                    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
                                  }),
                 span);
  }

  std::optional<Choice> best_choice(std::size_t child, const std::vector<UnitSpan>& taken) const {
    const Node& node = nodes_[child];
    const Node& parent = nodes_[node.parent];
    if (node.src == parent.src && taken.empty())
      return Choice{parent.tgt, std::numeric_limits<double>::infinity()};
    const auto weights = inside_weights(target_.links, node.src, tgt_count_);
    std::optional<Choice> best;
    for (const UnitSpan& range : free_ranges(parent.tgt, taken)) {
      const auto span = heaviest_span(weights, range);
      if (is_lighter(best, span)) best = span;
    }
    return best;
  }

  void place_pairs(std::size_t parent) {
    std::vector<std::size_t> rest;
    for (const std::size_t child : nodes_[parent].children)
      if (!nodes_[child].is_point) rest.push_back(child);
    std::vector<UnitSpan> taken;
    std::vector<std::optional<Choice>> choices;
    choices.reserve(rest.size());
    for (const std::size_t child : rest) choices.push_back(best_choice(child, taken));
    while (true) {
      const auto best = std::max_element(choices.begin(), choices.end(), is_lighter);
      if (best == choices.end() || !*best) break;
      const UnitSpan span = (*best)->span;
      const auto chosen = static_cast<std::size_t>(best - choices.begin());
      nodes_[rest[chosen]].tgt = span;
      take(taken, span);
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(chosen));
      choices.erase(best);
      for (std::size_t i = 0; i < rest.size(); ++i)
        if (choices[i] && choices[i]->span.begin < span.end && span.begin < choices[i]->span.end)
          choices[i] = best_choice(rest[i], taken);
    }
    for (const std::size_t child : rest) {
      nodes_[child].tgt = unlinked_span(nodes_[child], taken);
      take(taken, nodes_[child].tgt);
    }
    for (const std::size_t child : nodes_[parent].children)
      if (!nodes_[child].is_point) place_pairs(child);
  }

  bool is_lonely_word(int unit, UnitSpan range) const {
    if (unit < range.begin || unit >= range.end) return false;
    const auto index = static_cast<std::size_t>(unit);
    const OutputUnit& output = target_.units[index];
    return !is_linked_[index] && !output.is_placeholder &&
           !is_punctuation({output.text, 0, output.text.size()});
  }

  UnitSpan unlinked_span(const Node& node, const std::vector<UnitSpan>& taken) const {
    const auto ranges = free_ranges(nodes_[node.parent].tgt, taken);
    const int gap = best_gap(node.src, ranges, 0);
    for (const UnitSpan& range : ranges) {
      if (gap < range.begin || gap > range.end) continue;
      if (is_lonely_word(gap, range)) return {gap, gap + 1};
      if (is_lonely_word(gap - 1, range)) return {gap - 1, gap};
    }
    return {gap, gap};
  }

  // Of the gaps in `ranges` from `earliest` on (or the last one) the one that the fewest links
  // cross.
  int best_gap(UnitSpan src, std::span<const UnitSpan> ranges, int earliest) const {
    const auto costs = crossing_costs(target_.links, src.begin, tgt_count_);
    const auto neighbours = neighbour_ranks(src);
    const auto rank = [&](int gap) {
      constexpr double kPrecision = 1e6;  // so that equal sums are equal
      const auto index = static_cast<std::size_t>(gap);
      return std::pair(std::llround(costs[index] * kPrecision), neighbours[index]);
    };
    int best = ranges.back().end;
    bool has_best = false;
    for (const UnitSpan& range : ranges) {
      for (int gap = std::max(range.begin, earliest); gap <= range.end; ++gap) {
        if (has_best && rank(gap) >= rank(best)) continue;
        best = gap;
        has_best = true;
      }
    }
    return best;
  }

  // Of each gap: 0 ahead of a unit linked to the next word, 1 behind one linked to the word before,
  // else 2.
  std::vector<int> neighbour_ranks(UnitSpan src) const {
    std::vector<int> ranks(static_cast<std::size_t>(tgt_count_) + 1, 2);
    for (const Link& link : target_.links) {
      const auto tgt = static_cast<std::size_t>(link.tgt);
      if (link.src == src.end) ranks[tgt] = 0;
      if (link.src == src.begin - 1) ranks[tgt + 1] = std::min(ranks[tgt + 1], 1);
    }
    return ranks;
  }

  void place_point(Node& node, int earliest) {
    const Node& parent = nodes_[node.parent];
    std::vector<UnitSpan> taken;
    for (const std::size_t child : parent.children)
      if (!nodes_[child].is_point) take(taken, nodes_[child].tgt);
    int gap = 0;
    if (node.src.begin <= parent.src.begin) {
      gap = std::max(parent.tgt.begin, std::min(earliest, parent.tgt.end));
    } else if (node.src.begin >= parent.src.end) {
      gap = parent.tgt.end;
    } else {
      gap = best_gap(node.src, free_ranges(parent.tgt, taken), earliest);
    }
    node.tgt = {gap, gap};
  }

  void write_tag(PlacedTag tag, int gap) {
    tag.gap = gap;
    placed_.push_back(tag);
  }

  void write(std::size_t index) {
    Node& node = nodes_[index];
    for (const PlacedTag& tag : node.opening) write_tag(tag, node.tgt.begin);
    std::stable_sort(node.children.begin(), node.children.end(), [&](std::size_t a, std::size_t b) {
      const UnitSpan& x = nodes_[a].tgt;
      const UnitSpan& y = nodes_[b].tgt;
      return std::pair(x.begin, x.end) < std::pair(y.begin, y.end);
    });
    for (const std::size_t child : node.children) write(child);
    for (const PlacedTag& tag : node.closing) write_tag(tag, node.tgt.end);
  }

  std::vector<Node> nodes_;
  const FilledText& target_;
  int tgt_count_;
  std::vector<bool> is_linked_;
  std::vector<PlacedTag> placed_;
};

}  // namespace

std::vector<PlacedTag> place_tags(const MarkupLine& source, std::span<const TextUnit> src_units,
                                  const FilledText& target) {
  std::vector<Node> nodes = TreeBuilder(source, src_units).build(target.missing);
  return Placer(std::move(nodes), target).place();
}

}  // namespace heed
