#include "data/grammar_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace heed::grammar {

namespace {

constexpr std::size_t kMaximumDepth = 200;
constexpr std::uint64_t kMaximumSize = 10000;
constexpr std::uint64_t kMaximumWays = 1000000;

/// Whether each symbol derives something, by a worklist from the words upward.
std::vector<bool> find_productive(const Expansion& expansion) {
  struct Waiting {
    std::size_t parent;
    std::size_t missing;
  };
  std::vector<Waiting> instances;
  std::vector<std::vector<std::size_t>> users(expansion.symbols.size());
  std::vector<bool> is_productive(expansion.symbols.size());
  std::vector<std::size_t> ready;
  const auto mark = [&](std::size_t symbol) {
    if (is_productive[symbol]) return;
    is_productive[symbol] = true;
    ready.push_back(symbol);
  };
  for (std::size_t i = 0; i < expansion.symbols.size(); ++i) {
    if (!expansion.symbols[i].entries.empty()) mark(i);
    for (const Alternative& alternative : expansion.symbols[i].alternatives) {
      for (const Instance& instance : alternative.instances) {
        for (const Child& child : instance.children)
          users[child.symbol].push_back(instances.size());
        instances.push_back({.parent = i, .missing = instance.children.size()});
        if (instance.children.empty()) mark(i);
      }
    }
  }
  while (!ready.empty()) {
    const std::size_t symbol = ready.back();
    ready.pop_back();
    for (const std::size_t user : users[symbol]) {
      if (--instances[user].missing == 0) mark(instances[user].parent);
    }
  }
  return is_productive;
}

void drop_unproductive(Expansion& expansion, const std::vector<bool>& is_productive) {
  for (Expanded& symbol : expansion.symbols) {
    for (Alternative& alternative : symbol.alternatives) {
      std::erase_if(alternative.instances, [&](const Instance& instance) {
        return std::any_of(instance.children.begin(), instance.children.end(),
                           [&](const Child& child) { return !is_productive[child.symbol]; });
      });
    }
    std::erase_if(symbol.alternatives, [](const Alternative& a) { return a.instances.empty(); });
  }
}

/// Symbols reachable from the start, children before parents. Throws when one reaches itself.
class TopologicalOrder {
 public:
  TopologicalOrder(const Syntax& syntax, const Expansion& expansion)
      : syntax_(syntax), expansion_(expansion), state_(expansion.symbols.size(), State::kNew) {}

  std::vector<std::size_t> run() {
    open(0);
    while (!path_.empty()) {
      auto& [symbol, children] = path_.back();
      if (children.empty()) {
        state_[symbol] = State::kDone;
        order_.push_back(symbol);
        path_.pop_back();
        continue;
      }
      const std::size_t child = children.back();
      children.pop_back();
      if (state_[child] == State::kOpen) report_cycle(child);
      if (state_[child] == State::kNew) open(child);
    }
    return std::move(order_);
  }

 private:
  enum class State { kNew, kOpen, kDone };

  void open(std::size_t symbol) {
    state_[symbol] = State::kOpen;
    std::set<std::size_t> children;
    for (const Alternative& alternative : expansion_.symbols[symbol].alternatives) {
      for (const Instance& instance : alternative.instances) {
        for (const Child& child : instance.children) children.insert(child.symbol);
      }
    }
    path_.emplace_back(symbol, std::vector<std::size_t>(children.begin(), children.end()));
  }

  [[noreturn]] void report_cycle(std::size_t symbol) const {
    const auto name = [&](std::size_t id) {
      return syntax_.symbols[expansion_.symbols[id].symbol].name;
    };
    auto place = std::find_if(path_.begin(), path_.end(),
                              [symbol](const auto& step) { return step.first == symbol; });
    std::string cycle;
    for (std::size_t shown = 0; place != path_.end() && shown < 10; ++place, ++shown) {
      cycle += name(place->first) + " -> ";
    }
    const Symbol& first = syntax_.symbols[expansion_.symbols[symbol].symbol];
    syntax_.fail(syntax_.rules[first.rules[0]].line,
                 fmt::format("endless recursion {}{}; bound it with a line 'limit {} 2'", cycle,
                             first.name, first.name));
  }

  const Syntax& syntax_;
  const Expansion& expansion_;
  std::vector<State> state_;
  std::vector<std::pair<std::size_t, std::vector<std::size_t>>> path_;
  std::vector<std::size_t> order_;
};

/// Bounds on what a symbol derives, from those of its children, and the weights for sampling.
class Measurer {
 public:
  Measurer(const Syntax& syntax, Expansion& expansion)
      : syntax_(syntax), expansion_(expansion), bounds_(expansion.symbols.size()) {}

  void measure(std::size_t id) {
    Expanded& symbol = expansion_.symbols[id];
    symbol.ways = std::min<std::uint64_t>(symbol.entries.size(), kMaximumWays);
    Bound& bound = bounds_[id];
    for (const Entry* entry : symbol.entries) {
      for (const auto& words : entry->columns) bound.size = std::max(bound.size, words.size() + 1);
    }
    for (Alternative& alternative : symbol.alternatives) {
      symbol.weight += alternative.rule->weight;
      symbol.ways = std::max(symbol.ways, measure_instances(alternative, bound));
    }
    if (bound.depth > kMaximumDepth || bound.size > kMaximumSize) {
      const Symbol& named = syntax_.symbols[symbol.symbol];
      syntax_.fail(
          named.first_use,
          fmt::format("'{}' can become too large: {} levels (at most {}), {} parts (at most {})",
                      named.name, bound.depth, kMaximumDepth, bound.size, kMaximumSize));
    }
  }

 private:
  struct Bound {
    std::size_t depth = 1;
    std::uint64_t size = 1;  ///< nodes and words of the larger side
  };

  std::uint64_t measure_instances(Alternative& alternative, Bound& bound) const {
    std::uint64_t total = 0;
    std::uint64_t weight = 0;
    const Rule& rule = *alternative.rule;
    for (Instance& instance : alternative.instances) {
      Bound own{.depth = 1, .size = 1 + std::max(rule.sides[0].size(), rule.sides[1].size())};
      for (const Child& child : instance.children) {
        own.depth = std::max(own.depth, bounds_[child.symbol].depth + 1);
        own.size += bounds_[child.symbol].size;
      }
      bound.depth = std::max(bound.depth, own.depth);
      bound.size = std::max(bound.size, own.size);
      const std::uint64_t ways =
          rule.head == kNone ? 1 : expansion_.symbols[instance.children[rule.head].symbol].ways;
      total += ways;
      weight += ways * instance.weight;
      instance.weight_up_to_here = weight;
    }
    return std::min(total, kMaximumWays);
  }

  const Syntax& syntax_;
  Expansion& expansion_;
  std::vector<Bound> bounds_;
};

void check_everything_is_used(const Syntax& syntax, const Expansion& expansion,
                              const std::vector<std::size_t>& order) {
  std::set<std::size_t> used_lines;
  for (const std::size_t id : order) {
    for (const Entry* entry : expansion.symbols[id].entries) used_lines.insert(entry->line);
    for (const Alternative& alternative : expansion.symbols[id].alternatives) {
      used_lines.insert(alternative.rule->line);
    }
  }
  for (const Symbol& symbol : syntax.symbols) {
    for (const WordList& list : symbol.lists) {
      if (used_lines.contains(list.entries[0].line)) continue;
      syntax.fail(list.line,
                  fmt::format("no sentence can use these words of '{}': no slot asks for "
                              "their features",
                              symbol.name));
    }
    for (const std::size_t rule : symbol.rules) {
      if (used_lines.contains(syntax.rules[rule].line)) continue;
      syntax.fail(
          syntax.rules[rule].line,
          fmt::format("no sentence can use this rule for '{}': no slot asks for its features, "
                      "or a slot of it has nothing to fill it",
                      symbol.name));
    }
  }
}

/// `^X` links to the head words of X: each rule of X must lead to one.
void check_heads_below(const Syntax& syntax, const Rule& rule, const Element& element,
                       std::set<std::size_t>& checked) {
  std::vector<std::size_t> open{rule.slots[element.linked_slot].symbol};
  while (!open.empty()) {
    const std::size_t symbol = open.back();
    open.pop_back();
    if (!checked.insert(symbol).second) continue;
    for (const std::size_t index : syntax.symbols[symbol].rules) {
      const Rule& inner = syntax.rules[index];
      if (inner.head == kNone) {
        syntax.fail(
            inner.line,
            fmt::format("this rule needs a head slot, <...>*: line {} links '{}' "
                        "to the head of '{}'",
                        rule.line, element.word, rule.slots[element.linked_slot].reference));
      }
      open.push_back(inner.slots[inner.head].symbol);
    }
  }
}

void check_heads(const Syntax& syntax) {
  std::set<std::size_t> checked;
  for (const Rule& rule : syntax.rules) {
    for (const auto& side : rule.sides) {
      for (const Element& element : side) {
        if (element.linked_slot != kNone) check_heads_below(syntax, rule, element, checked);
      }
    }
  }
}

}  // namespace

void reduce_and_check(const Syntax& syntax, Expansion& expansion) {
  check_heads(syntax);
  const std::vector<bool> is_productive = find_productive(expansion);
  const Symbol& start = syntax.symbols[syntax.start];
  if (!is_productive[0]) {
    syntax.fail(start.first_use,
                fmt::format("'{}' derives no sentence: every way through the rules is "
                            "endless or needs features that no word has",
                            start.name));
  }
  drop_unproductive(expansion, is_productive);
  const std::vector<std::size_t> order = TopologicalOrder(syntax, expansion).run();
  Measurer measurer(syntax, expansion);
  for (const std::size_t id : order) measurer.measure(id);
  check_everything_is_used(syntax, expansion, order);
}

}  // namespace heed::grammar
