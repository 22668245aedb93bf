#include "data/grammar_rule_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace heed::grammar {

namespace {

std::size_t parse_feature_name(const Syntax& syntax, std::size_t line, const std::string& name) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < syntax.features.size(); ++i) {
    if (syntax.features[i].name == name) return i;
    names.push_back(syntax.features[i].name);
  }
  syntax.fail(line, fmt::format("unknown feature '{}'{}", name, suggest(name, names)));
}

FeatureTerm parse_feature_term(const Syntax& syntax, std::size_t line, const std::string& text) {
  FeatureTerm term;
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  term.feature = parse_feature_name(syntax, line, name);
  if (equals == std::string::npos) {
    term.variable = name;
    return term;
  }
  const std::string right = text.substr(equals + 1);
  if (right.starts_with('$')) {
    term.variable = right.substr(1);
    if (term.variable.empty()) syntax.fail(line, fmt::format("'{}' names no variable", text));
    return term;
  }
  for (const std::string& value : split(right, '/')) {
    const std::size_t index = syntax.value_index(term.feature, value);
    if (index == kNone) {
      syntax.fail(
          line,
          fmt::format("'{}' is no value of feature '{}'{}", value, name,
                      suggest(value, syntax.domains[syntax.features[term.feature].domain].values)));
    }
    term.values.push_back(index);
  }
  return term;
}

std::vector<FeatureTerm> parse_feature_terms(const Syntax& syntax, std::size_t line,
                                             const std::string& text) {
  std::vector<FeatureTerm> terms;
  for (const std::string& part : split(text, ' ')) {
    if (part.empty()) continue;
    FeatureTerm term = parse_feature_term(syntax, line, part);
    for (const FeatureTerm& other : terms) {
      if (other.feature == term.feature) {
        syntax.fail(line, fmt::format("feature '{}' is given twice in '[{}]'",
                                      syntax.features[term.feature].name, text));
      }
    }
    terms.push_back(std::move(term));
  }
  return terms;
}

/// Reads one side after the other; knows the slots and labels met so far.
class AlternativeParser {
 public:
  AlternativeParser(Syntax& syntax, std::size_t line) : syntax_(syntax) { rule_.line = line; }

  Rule parse(std::span<const Token> tokens) {
    const auto bar = std::find_if(tokens.begin(), tokens.end(), [](const Token& token) {
      return token.text == "||" && !token.is_slot && !token.is_escaped;
    });
    if (bar == tokens.end()) fail("an alternative is 'SOURCE || TARGET'; there is no '||'");
    const auto source_size = static_cast<std::size_t>(bar - tokens.begin());
    read_side(kSource, tokens.first(source_size));
    read_side(kTarget, tokens.subspan(source_size + 1));
    resolve_labels();
    if (rule_.head == kNone && rule_.slots.size() == 1) rule_.head = 0;
    return std::move(rule_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { syntax_.fail(rule_.line, message); }

  void read_side(std::size_t side, std::span<const Token> tokens) {
    std::vector<bool> is_used(rule_.slots.size());
    for (const Token& token : tokens) {
      Element element;
      if (token.is_slot) {
        element.slot = side == kSource ? add_slot(token) : find_slot(token, is_used);
      } else {
        element.word = token.text;
      }
      labels_[side].emplace_back(rule_.sides[side].size(), token.label);
      rule_.sides[side].push_back(std::move(element));
    }
    if (side == kSource) return;
    for (std::size_t slot = 0; slot < is_used.size(); ++slot) {
      if (!is_used[slot]) {
        fail(fmt::format("<{}> is missing on the target side", rule_.slots[slot].reference));
      }
    }
  }

  std::size_t add_slot(const Token& token) {
    Reference reference = parse_reference(syntax_, rule_.line, token.text);
    for (const Slot& other : rule_.slots) {
      if (other.reference == reference.tagged_name) {
        fail(fmt::format(
            "<{0}> stands twice on the source side; tell them apart as <{0}#1> and <{0}#2>",
            reference.tagged_name));
      }
    }
    if (token.is_head) set_head(rule_.slots.size());
    rule_.slots.push_back({.symbol = reference.symbol,
                           .reference = std::move(reference.tagged_name),
                           .features = std::move(reference.features),
                           .column = {std::move(reference.column), ""}});
    return rule_.slots.size() - 1;
  }

  std::size_t find_slot(const Token& token, std::vector<bool>& is_used) {
    const Reference reference = parse_reference(syntax_, rule_.line, token.text);
    if (!reference.features.empty()) {
      fail(fmt::format("<{}>: features are written on the source side only", token.text));
    }
    std::vector<std::string> names;
    for (std::size_t slot = 0; slot < rule_.slots.size(); ++slot) {
      names.push_back(rule_.slots[slot].reference);
      if (names.back() != reference.tagged_name) continue;
      if (is_used[slot]) fail(fmt::format("<{}> stands twice on the target side", names.back()));
      is_used[slot] = true;
      if (token.is_head) set_head(slot);
      rule_.slots[slot].column[kTarget] = reference.column;
      return slot;
    }
    fail(fmt::format("<{}> is not on the source side{}", reference.tagged_name,
                     suggest(reference.tagged_name, names)));
  }

  void set_head(std::size_t slot) {
    if (rule_.head != kNone && rule_.head != slot) {
      fail("two slots are marked as the head with '*'");
    }
    rule_.head = slot;
  }

  /// A label is the name of a slot, or joins the words on both sides that carry it.
  void resolve_labels() {
    std::map<std::string, std::size_t> groups;
    std::map<std::string, std::array<bool, 2>> seen;
    for (std::size_t side : {kSource, kTarget}) {
      for (const auto& [position, label] : labels_[side]) {
        if (label.empty()) continue;
        Element& element = rule_.sides[side][position];
        element.linked_slot = slot_named(label);
        if (element.linked_slot != kNone) continue;
        if (element.slot != kNone) {
          fail(fmt::format("<{}>^{}: the label of a slot is the name of another slot",
                           rule_.slots[element.slot].reference, label));
        }
        element.group = groups.try_emplace(label, groups.size()).first->second;
        seen[label][side] = true;
      }
    }
    rule_.group_count = groups.size();
    for (const auto& [label, sides] : seen) {
      if (sides[kSource] && sides[kTarget]) continue;
      fail(fmt::format("label '^{}' is on the {} side only, and no slot has that name", label,
                       sides[kSource] ? "source" : "target"));
    }
  }

  std::size_t slot_named(const std::string& label) const {
    for (std::size_t slot = 0; slot < rule_.slots.size(); ++slot) {
      if (rule_.slots[slot].reference == label) return slot;
    }
    return kNone;
  }

  Syntax& syntax_;
  Rule rule_;
  std::array<std::vector<std::pair<std::size_t, std::string>>, 2> labels_;
};

}  // namespace

std::size_t parse_count(const Syntax& syntax, std::size_t line, const std::string& text,
                        const std::string& what) {
  constexpr std::size_t kMaximum = 1000000;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > kMaximum) {
    syntax.fail(line,
                fmt::format("{} '{}' is not a whole number from 1 to {}", what, text, kMaximum));
  }
  return value;
}

std::size_t intern_symbol(Syntax& syntax, std::size_t line, const std::string& name) {
  for (std::size_t i = 0; i < syntax.symbols.size(); ++i) {
    if (syntax.symbols[i].name == name) return i;
  }
  constexpr std::size_t kMaximum = 5000;
  if (syntax.symbols.size() >= kMaximum) {
    syntax.fail(line, fmt::format("'{}' is one name too many (at most {})", name, kMaximum));
  }
  Symbol symbol;
  symbol.name = name;
  symbol.first_use = line;
  syntax.symbols.push_back(std::move(symbol));
  return syntax.symbols.size() - 1;
}

Reference parse_reference(Syntax& syntax, std::size_t line, const std::string& text) {
  Reference reference;
  const std::size_t open = text.find('[');
  const std::size_t close = text.find(']');
  std::string rest = text;
  if (open != std::string::npos || close != std::string::npos) {
    if (open == std::string::npos || close == std::string::npos || close < open) {
      syntax.fail(line, fmt::format("unbalanced '[' and ']' in '{}'", text));
    }
    reference.features = parse_feature_terms(syntax, line, text.substr(open + 1, close - open - 1));
    rest = text.substr(0, open) + text.substr(close + 1);
  }
  const std::size_t colon = rest.find(':');
  if (colon != std::string::npos) reference.column = rest.substr(colon + 1);
  reference.tagged_name = rest.substr(0, colon);
  const std::string name = reference.tagged_name.substr(0, reference.tagged_name.find('#'));
  if (name.empty() || rest.find_first_of("[] \t<") != std::string::npos) {
    syntax.fail(line, fmt::format("'{}' is not of the form NAME#TAG[FEATURES]:COLUMN", text));
  }
  if (colon != std::string::npos && reference.column.empty()) {
    syntax.fail(line, fmt::format("'{}' has no column after ':'", text));
  }
  reference.symbol = intern_symbol(syntax, line, name);
  return reference;
}

Rule parse_alternative(Syntax& syntax, std::size_t line, std::span<const Token> tokens,
                       const Reference& head) {
  std::size_t weight = 1;
  if (tokens.size() >= 2 && tokens[1].text == ":" && !tokens[1].is_slot && !tokens[1].is_escaped) {
    weight = parse_count(syntax, line, tokens[0].text, "weight");
    tokens = tokens.subspan(2);
  }
  Rule rule = AlternativeParser(syntax, line).parse(tokens);
  rule.symbol = head.symbol;
  rule.head_features = head.features;
  rule.weight = weight;
  return rule;
}

}  // namespace heed::grammar
