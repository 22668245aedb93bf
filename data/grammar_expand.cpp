#include "data/grammar_expand.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "data/grammar_checks.h"
#include "data/grammar_instances.h"

namespace heed::grammar {

namespace {

constexpr std::size_t kMaximumSymbols = 50000;
constexpr std::size_t kMaximumInstances = 500000;

/// Makes all symbols that the start symbol can ask for, whether or not they derive anything.
class Expander {
 public:
  explicit Expander(const Syntax& syntax) : syntax_(syntax) {
    for (std::size_t i = 0; i < syntax.symbols.size(); ++i) {
      const Symbol& symbol = syntax.symbols[i];
      if (symbol.limit == kNone) continue;
      if (symbol.is_list()) {
        syntax.fail(symbol.first_use,
                    fmt::format("limit {}: a word list nests nothing", symbol.name));
      }
      limited_.push_back(i);
    }
  }

  Expansion run() {
    const Symbol& start = syntax_.symbols[syntax_.start];
    if (!start.features.empty()) {
      syntax_.fail(start.first_use,
                   fmt::format("the start symbol '{}' must not have features; add a "
                               "rule above it that chooses them",
                               start.name));
    }
    std::vector<std::size_t> remaining;
    for (const std::size_t symbol : limited_) remaining.push_back(syntax_.symbols[symbol].limit);
    intern(syntax_.start, {}, std::move(remaining));
    for (std::size_t i = 0; i < result_.symbols.size(); ++i) {
      if (syntax_.symbols[result_.symbols[i].symbol].is_list()) {
        collect_entries(result_.symbols[i]);
      } else {
        add_alternatives(i);
      }
    }
    return std::move(result_);
  }

 private:
  std::size_t intern(std::size_t symbol, std::vector<std::size_t> values,
                     std::vector<std::size_t> remaining) {
    std::vector<std::size_t> key{symbol};
    key.insert(key.end(), values.begin(), values.end());
    key.insert(key.end(), remaining.begin(), remaining.end());
    const auto [place, is_new] = ids_.try_emplace(std::move(key), result_.symbols.size());
    if (is_new) {
      if (result_.symbols.size() >= kMaximumSymbols) {
        syntax_.fail(
            syntax_.symbols[symbol].first_use,
            fmt::format("more than {} combinations of features; use fewer features or values",
                        kMaximumSymbols));
      }
      Expanded expanded;
      expanded.symbol = symbol;
      expanded.values = std::move(values);
      expanded.remaining = std::move(remaining);
      result_.symbols.push_back(std::move(expanded));
    }
    return place->second;
  }

  void collect_entries(Expanded& expanded) const {
    const Symbol& symbol = syntax_.symbols[expanded.symbol];
    for (const WordList& list : symbol.lists) {
      const bool fits =
          std::all_of(list.features.begin(), list.features.end(), [&](const auto& term) {
            const auto place =
                std::find(symbol.features.begin(), symbol.features.end(), term.feature);
            const auto value =
                expanded.values[static_cast<std::size_t>(place - symbol.features.begin())];
            return std::find(term.values.begin(), term.values.end(), value) != term.values.end();
          });
      if (!fits) continue;
      for (const Entry& entry : list.entries) expanded.entries.push_back(&entry);
    }
  }

  void add_alternatives(std::size_t id) {
    const std::size_t symbol = result_.symbols[id].symbol;
    for (const std::size_t index : syntax_.symbols[symbol].rules) {
      const Rule& rule = syntax_.rules[index];
      Alternative alternative{.rule = &rule, .instances = {}};
      const std::vector<std::size_t> values = result_.symbols[id].values;
      for_each_instance(syntax_, rule, values,
                        [&](std::vector<SlotDemand> demands, std::uint64_t weight) {
                          add_instance(id, alternative, std::move(demands), weight);
                        });
      if (!alternative.instances.empty()) {
        result_.symbols[id].alternatives.push_back(std::move(alternative));
      }
    }
  }

  void add_instance(std::size_t id, Alternative& alternative, std::vector<SlotDemand> demands,
                    std::uint64_t weight) {
    Instance instance;
    instance.weight = weight;
    for (SlotDemand& demand : demands) {
      std::vector<std::size_t> remaining = result_.symbols[id].remaining;
      const auto limit = std::find(limited_.begin(), limited_.end(), demand.symbol);
      if (limit != limited_.end()) {
        std::size_t& left = remaining[static_cast<std::size_t>(limit - limited_.begin())];
        if (left == 0) return;
        --left;
      }
      if (syntax_.symbols[demand.symbol].is_list()) remaining.clear();
      const std::size_t child =
          intern(demand.symbol, std::move(demand.values), std::move(remaining));
      instance.children.push_back({.symbol = child, .column = demand.column});
    }
    if (++instance_count_ > kMaximumInstances) {
      syntax_.fail(alternative.rule->line,
                   fmt::format("more than {} ways to fill all rules", kMaximumInstances));
    }
    alternative.instances.push_back(std::move(instance));
  }

  const Syntax& syntax_;
  std::vector<std::size_t> limited_;
  std::map<std::vector<std::size_t>, std::size_t> ids_;
  std::size_t instance_count_ = 0;
  Expansion result_;
};

}  // namespace

Expansion expand(const Syntax& syntax) {
  Expansion expansion = Expander(syntax).run();
  reduce_and_check(syntax, expansion);
  return expansion;
}

}  // namespace heed::grammar
