#include <algorithm>
#include <map>
#include <set>

#include "data/grammar_derivation.h"

namespace heed::grammar {

namespace {

/// Top-down recognition with a table. It ends because no symbol reaches itself.
class Recognizer {
 public:
  Recognizer(const Syntax& syntax, const Expansion& expansion,
             const std::vector<std::string>& sentence, std::size_t maximum)
      : expansion_(expansion), maximum_(maximum), spellings_(sentence.size()) {
    for (std::size_t i = 0; i < sentence.size(); ++i) add_spellings(syntax, sentence, i);
  }

  std::vector<Derivation> run() {
    if (!ends(0, 0).contains(spellings_.size())) return {};
    return derivations(0, 0, spellings_.size());
  }

 private:
  using Ends = std::set<std::size_t>;

  /// What a rule or entry may have written where the sentence has word `i`.
  void add_spellings(const Syntax& syntax, const std::vector<std::string>& sentence,
                     std::size_t i) {
    std::set<std::string>& spellings = spellings_[i];
    spellings.insert(sentence[i]);
    if (i == 0 && syntax.is_capitalized[kSource] && capitalized(sentence[0]) == sentence[0]) {
      std::string lower = sentence[0];
      if (lower[0] >= 'A' && lower[0] <= 'Z') lower[0] = static_cast<char>(lower[0] - 'A' + 'a');
      spellings.insert(lower);
    }
    for (const SoundRule& sound : syntax.sounds[kSource]) {
      if (spellings.contains(sound.to)) spellings.insert(sound.from);
    }
  }

  bool matches(std::size_t position, const std::string& word) const {
    return position < spellings_.size() && spellings_[position].contains(word);
  }

  /// End of `entry`'s words from `position`; kNone when they do not stand there.
  std::size_t entry_end(const Entry& entry, std::size_t column, std::size_t position) const {
    for (const EntryWord& word : entry.columns[column]) {
      if (!matches(position, word.text)) return kNone;
      ++position;
    }
    return position;
  }

  Ends child_ends(const Child& child, std::size_t begin) {
    const Expanded& symbol = expansion_.symbols[child.symbol];
    if (symbol.entries.empty()) return ends(child.symbol, begin);
    Ends result;
    for (const Entry* entry : symbol.entries) {
      const std::size_t end = entry_end(*entry, child.column[kSource], begin);
      if (end != kNone) result.insert(end);
    }
    return result;
  }

  const Ends& ends(std::size_t symbol, std::size_t begin) {
    const auto key = std::make_pair(symbol, begin);
    if (const auto known = ends_.find(key); known != ends_.end()) return known->second;
    Ends result;
    for (const Alternative& alternative : expansion_.symbols[symbol].alternatives) {
      for (const Instance& instance : alternative.instances) {
        Ends reached{begin};
        for (const Element& element : alternative.rule->sides[kSource]) {
          reached = advance(element, instance, reached);
          if (reached.empty()) break;
        }
        result.merge(reached);
      }
    }
    return ends_.emplace(key, std::move(result)).first->second;
  }

  Ends advance(const Element& element, const Instance& instance, const Ends& reached) {
    Ends next;
    for (const std::size_t position : reached) {
      if (element.slot != kNone) {
        next.merge(child_ends(instance.children[element.slot], position));
      } else if (matches(position, element.word)) {
        next.insert(position + 1);
      }
    }
    return next;
  }

  std::vector<Derivation> derivations(std::size_t symbol, std::size_t begin, std::size_t end) {
    std::vector<Derivation> found;
    for (const Alternative& alternative : expansion_.symbols[symbol].alternatives) {
      for (const Instance& instance : alternative.instances) {
        Derivation partial;
        partial.alternative = &alternative;
        partial.instance = &instance;
        partial.children.resize(instance.children.size());
        complete(partial, 0, begin, end, found);
        if (found.size() >= maximum_) return found;
      }
    }
    return found;
  }

  /// Adds to `found` all ways to derive the rule's elements from `index` on between two positions.
  void complete(Derivation& partial, std::size_t index, std::size_t begin, std::size_t end,
                std::vector<Derivation>& found) {
    const std::vector<Element>& elements = partial.alternative->rule->sides[kSource];
    if (found.size() >= maximum_) return;
    if (index == elements.size()) {
      if (begin == end) found.push_back(partial);
      return;
    }
    const Element& element = elements[index];
    if (element.slot == kNone) {
      if (matches(begin, element.word)) complete(partial, index + 1, begin + 1, end, found);
      return;
    }
    const Child& child = partial.instance->children[element.slot];
    for (const std::size_t middle : child_ends(child, begin)) {
      if (middle > end || !can_complete(partial, index + 1, middle, end)) continue;
      for (Derivation& inner : child_derivations(child, begin, middle)) {
        partial.children[element.slot] = std::move(inner);
        complete(partial, index + 1, middle, end, found);
      }
    }
  }

  bool can_complete(const Derivation& partial, std::size_t index, std::size_t begin,
                    std::size_t end) {
    Ends reached{begin};
    const std::vector<Element>& elements = partial.alternative->rule->sides[kSource];
    for (; index < elements.size(); ++index) {
      reached = advance(elements[index], *partial.instance, reached);
    }
    return reached.contains(end);
  }

  std::vector<Derivation> child_derivations(const Child& child, std::size_t begin,
                                            std::size_t end) {
    const Expanded& symbol = expansion_.symbols[child.symbol];
    if (symbol.entries.empty()) return derivations(child.symbol, begin, end);
    std::vector<Derivation> found;
    for (const Entry* entry : symbol.entries) {
      if (entry_end(*entry, child.column[kSource], begin) != end) continue;
      found.emplace_back();
      found.back().entry = entry;
    }
    return found;
  }

  const Expansion& expansion_;
  std::size_t maximum_;
  std::vector<std::set<std::string>> spellings_;
  std::map<std::pair<std::size_t, std::size_t>, Ends> ends_;
};

}  // namespace

std::vector<Derivation> recognize(const Syntax& syntax, const Expansion& expansion,
                                  const std::vector<std::string>& source, std::size_t maximum) {
  return Recognizer(syntax, expansion, source, maximum).run();
}

}  // namespace heed::grammar
