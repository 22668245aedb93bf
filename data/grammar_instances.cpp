#include "data/grammar_instances.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "data/grammar_lexer.h"

namespace heed::grammar {

namespace {

constexpr std::size_t kMaximumWays = 100000;
constexpr std::uint64_t kMaximumWeight = 1000000;

/// The unknowns of one rule: each takes one of `values`; a slot's feature refers to one of them.
class InstanceEnumerator {
 public:
  InstanceEnumerator(const Syntax& syntax, const Rule& rule) : syntax_(syntax), rule_(rule) {}

  /// False when the rule's head does not fit.
  bool bind_head(const std::vector<std::size_t>& values) {
    const std::vector<std::size_t>& features = syntax_.symbols[rule_.symbol].features;
    for (const FeatureTerm& term : rule_.head_features) {
      const auto place = std::find(features.begin(), features.end(), term.feature);
      const std::size_t value = values[static_cast<std::size_t>(place - features.begin())];
      if (!term.values.empty() &&
          std::find(term.values.begin(), term.values.end(), value) == term.values.end()) {
        return false;
      }
      variables_[syntax_.features[term.feature].name] = add_unknown(term.feature, {value});
    }
    return true;
  }

  void enumerate(const InstanceVisitor& visit) {
    for (const Slot& slot : rule_.slots) add_slot(slot);
    std::size_t ways = 1;
    for (const Unknown& unknown : unknowns_) {
      ways *= unknown.values.size();
      if (ways > kMaximumWays)
        fail(fmt::format("more than {} ways to fill this rule", kMaximumWays));
    }
    for (std::size_t way = 0; way < ways; ++way) {
      choose(way);
      visit(demands(), weight());
    }
  }

 private:
  struct Unknown {
    std::size_t feature;
    std::vector<std::size_t> values;
    std::size_t chosen = 0;
  };

  [[noreturn]] void fail(const std::string& message) const { syntax_.fail(rule_.line, message); }

  std::size_t add_unknown(std::size_t feature, std::vector<std::size_t> values) {
    if (values.empty()) {
      for (std::size_t i = 0; i < syntax_.domains[syntax_.features[feature].domain].values.size();
           ++i) {
        values.push_back(i);
      }
    }
    unknowns_.push_back({.feature = feature, .values = std::move(values)});
    return unknowns_.size() - 1;
  }

  void add_slot(const Slot& slot) {
    const Symbol& symbol = syntax_.symbols[slot.symbol];
    for (const FeatureTerm& term : slot.features) {
      if (std::find(symbol.features.begin(), symbol.features.end(), term.feature) ==
          symbol.features.end()) {
        std::vector<std::string> names;
        for (const std::size_t feature : symbol.features)
          names.push_back(syntax_.features[feature].name);
        const std::string& name = syntax_.features[term.feature].name;
        fail(fmt::format("'{}' has no feature '{}'{}", symbol.name, name, suggest(name, names)));
      }
    }
    std::vector<std::size_t> unknowns;
    for (const std::size_t feature : symbol.features)
      unknowns.push_back(unknown_for(slot, feature));
    slot_unknowns_.push_back(std::move(unknowns));
  }

  std::size_t unknown_for(const Slot& slot, std::size_t feature) {
    const auto term =
        std::find_if(slot.features.begin(), slot.features.end(),
                     [feature](const FeatureTerm& t) { return t.feature == feature; });
    if (term == slot.features.end()) return add_unknown(feature, {});
    if (term->variable.empty()) return add_unknown(feature, term->values);
    const auto [variable, is_new] = variables_.try_emplace(term->variable, unknowns_.size());
    if (is_new) return add_unknown(feature, {});
    const std::size_t other = unknowns_[variable->second].feature;
    if (syntax_.features[other].domain != syntax_.features[feature].domain) {
      fail(fmt::format("'{}' stands for a value of '{}' and of '{}', which have different values",
                       term->variable, syntax_.features[other].name,
                       syntax_.features[feature].name));
    }
    return variable->second;
  }

  void choose(std::size_t way) {
    for (Unknown& unknown : unknowns_) {
      unknown.chosen = unknown.values[way % unknown.values.size()];
      way /= unknown.values.size();
    }
  }

  /// Product of the weights of the values that the head leaves open.
  std::uint64_t weight() const {
    std::uint64_t product = 1;
    for (const Unknown& unknown : unknowns_) {
      if (unknown.values.size() == 1) continue;
      product *= syntax_.domains[syntax_.features[unknown.feature].domain].weights[unknown.chosen];
      product = std::min(product, kMaximumWeight);
    }
    return product;
  }

  std::vector<SlotDemand> demands() const {
    std::vector<SlotDemand> demands;
    for (std::size_t i = 0; i < rule_.slots.size(); ++i) {
      SlotDemand demand{.symbol = rule_.slots[i].symbol, .values = {}};
      for (const std::size_t unknown : slot_unknowns_[i]) {
        demand.values.push_back(unknowns_[unknown].chosen);
      }
      for (std::size_t side : {kSource, kTarget}) {
        demand.column[side] = resolve_column(rule_.slots[i], side);
      }
      demands.push_back(std::move(demand));
    }
    return demands;
  }

  std::size_t resolve_column(const Slot& slot, std::size_t side) const {
    const Symbol& symbol = syntax_.symbols[slot.symbol];
    const std::string& written = slot.column[side];
    if (!symbol.is_list()) {
      if (written.empty()) return kNone;
      fail(fmt::format("<{}:{}>: only word lists have columns", slot.reference, written));
    }
    const std::vector<std::string>& columns = symbol.columns[side];
    const std::size_t offset = side == kSource ? 0 : symbol.columns[kSource].size();
    if (written.empty() && columns.size() == 1) return offset;
    std::string name = written;
    const bool is_column = std::find(columns.begin(), columns.end(), name) != columns.end();
    if (const auto variable = variables_.find(written);
        !is_column && variable != variables_.end()) {
      const Unknown& unknown = unknowns_[variable->second];
      name = syntax_.domains[syntax_.features[unknown.feature].domain].values[unknown.chosen];
    }
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found != columns.end()) return offset + static_cast<std::size_t>(found - columns.begin());
    fail(fmt::format("<{}:{}>: '{}' is no {} column of '{}'{}", slot.reference, written, name,
                     side == kSource ? "source" : "target", symbol.name, suggest(name, columns)));
  }

  const Syntax& syntax_;
  const Rule& rule_;
  std::vector<Unknown> unknowns_;
  std::map<std::string, std::size_t> variables_;
  std::vector<std::vector<std::size_t>> slot_unknowns_;
};

}  // namespace

void for_each_instance(const Syntax& syntax, const Rule& rule,
                       const std::vector<std::size_t>& values, const InstanceVisitor& visit) {
  InstanceEnumerator enumerator(syntax, rule);
  if (enumerator.bind_head(values)) enumerator.enumerate(visit);
}

}  // namespace heed::grammar
