#include "data/grammar_derivation.h"

#include <algorithm>
#include <set>

namespace heed::grammar {

namespace {

/// Positions of one side's words: of the head, of each label, and of those linked with a slot's
/// head.
struct Traces {
  std::array<std::vector<std::size_t>, 2> head;
  std::array<std::vector<std::vector<std::size_t>>, 2> groups;
  std::array<std::vector<std::pair<std::size_t, std::size_t>>, 2> to_slots;  ///< (position, slot)
  std::vector<Traces> children;
};

class Realizer {
 public:
  AlignedPair run(const Derivation& derivation) {
    Traces traces;
    for (std::size_t side : {kSource, kTarget}) emit(derivation, side, kNone, traces);
    link(derivation, traces);
    std::sort(pair_.links.begin(), pair_.links.end());
    pair_.links.erase(std::unique(pair_.links.begin(), pair_.links.end()), pair_.links.end());
    return std::move(pair_);
  }

 private:
  std::vector<std::string>& words(std::size_t side) {
    return side == kSource ? pair_.source : pair_.target;
  }

  void emit(const Derivation& derivation, std::size_t side, std::size_t column, Traces& traces) {
    if (derivation.entry != nullptr) {
      for (const EntryWord& word : derivation.entry->columns[column]) {
        if (word.is_aligned) traces.head[side].push_back(words(side).size());
        words(side).push_back(word.text);
      }
      return;
    }
    const Rule& rule = *derivation.alternative->rule;
    traces.children.resize(rule.slots.size());
    traces.groups[side].resize(rule.group_count);
    for (const Element& element : rule.sides[side]) {
      if (element.slot != kNone) {
        emit(derivation.children[element.slot], side,
             derivation.instance->children[element.slot].column[side],
             traces.children[element.slot]);
        if (element.linked_slot == kNone) continue;
        for (const std::size_t position : traces.children[element.slot].head[side]) {
          traces.to_slots[side].emplace_back(position, element.linked_slot);
        }
        continue;
      }
      const std::size_t position = words(side).size();
      if (element.group != kNone) traces.groups[side][element.group].push_back(position);
      if (element.linked_slot != kNone) {
        traces.to_slots[side].emplace_back(position, element.linked_slot);
      }
      words(side).push_back(element.word);
    }
    if (rule.head != kNone) traces.head[side] = traces.children[rule.head].head[side];
  }

  void link_all(const std::vector<std::size_t>& source, const std::vector<std::size_t>& target) {
    for (const std::size_t i : source) {
      for (const std::size_t j : target) pair_.links.emplace_back(i, j);
    }
  }

  void link(const Derivation& derivation, const Traces& traces) {
    if (derivation.entry != nullptr) return link_all(traces.head[kSource], traces.head[kTarget]);
    for (std::size_t group = 0; group < traces.groups[kSource].size(); ++group) {
      link_all(traces.groups[kSource][group], traces.groups[kTarget][group]);
    }
    for (const auto& [position, slot] : traces.to_slots[kSource]) {
      link_all({position}, traces.children[slot].head[kTarget]);
    }
    for (const auto& [position, slot] : traces.to_slots[kTarget]) {
      link_all(traces.children[slot].head[kSource], {position});
    }
    for (std::size_t slot = 0; slot < derivation.children.size(); ++slot) {
      link(derivation.children[slot], traces.children[slot]);
    }
  }

  AlignedPair pair_;
};

bool starts_with_any(const std::string& word, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&word](const std::string& prefix) { return word.starts_with(prefix); });
}

void apply_sounds(const std::vector<SoundRule>& sounds, std::vector<std::string>& words) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    for (const SoundRule& sound : sounds) {
      if (words[i] != sound.from) continue;
      if (!starts_with_any(words[i + 1], sound.before)) continue;
      if (starts_with_any(words[i + 1], sound.except)) continue;
      words[i] = sound.to;
      break;
    }
  }
}

bool repeats_a_word_below(const Syntax& syntax, const Derivation& derivation,
                          std::set<const Entry*>& seen) {
  for (std::size_t slot = 0; slot < derivation.children.size(); ++slot) {
    const Derivation& child = derivation.children[slot];
    if (child.entry == nullptr) {
      if (repeats_a_word_below(syntax, child, seen)) return true;
    } else if (syntax.symbols[derivation.alternative->rule->slots[slot].symbol].is_once &&
               !seen.insert(child.entry).second) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool repeats_a_word(const Syntax& syntax, const Derivation& derivation) {
  std::set<const Entry*> seen;
  return repeats_a_word_below(syntax, derivation, seen);
}

std::string capitalized(std::string word) {
  if (!word.empty() && word[0] >= 'a' && word[0] <= 'z') {
    word[0] = static_cast<char>(word[0] - 'a' + 'A');
  }
  return word;
}

Derivation sample_derivation(const Expansion& expansion, std::size_t symbol, SplitMix64& random) {
  const Expanded& expanded = expansion.symbols[symbol];
  Derivation derivation;
  if (!expanded.entries.empty()) {
    derivation.entry = expanded.entries[random.uniform_below(expanded.entries.size())];
    return derivation;
  }
  std::uint64_t left = random.uniform_below(expanded.weight);
  auto alternative = expanded.alternatives.begin();
  for (; left >= alternative->rule->weight; ++alternative) left -= alternative->rule->weight;
  const std::vector<Instance>& instances = alternative->instances;
  const std::uint64_t drawn = random.uniform_below(instances.back().weight_up_to_here);
  const auto instance = std::upper_bound(
      instances.begin(), instances.end(), drawn,
      [](std::uint64_t value, const Instance& i) { return value < i.weight_up_to_here; });
  derivation.alternative = &*alternative;
  derivation.instance = &*instance;
  derivation.children.reserve(instance->children.size());
  for (const Child& child : instance->children) {
    derivation.children.push_back(sample_derivation(expansion, child.symbol, random));
  }
  return derivation;
}

AlignedPair realize(const Syntax& syntax, const Derivation& derivation) {
  AlignedPair pair = Realizer().run(derivation);
  for (std::size_t side : {kSource, kTarget}) {
    std::vector<std::string>& words = side == kSource ? pair.source : pair.target;
    apply_sounds(syntax.sounds[side], words);
    if (syntax.is_capitalized[side] && !words.empty()) words[0] = capitalized(std::move(words[0]));
  }
  return pair;
}

}  // namespace heed::grammar
