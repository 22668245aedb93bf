#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// What a grammar file says, checked line by line and resolved to indices; data/grammar.h describes
/// the format. Whether the rules fit together is decided when they are expanded (grammar_expand.h).
namespace grammar {

inline constexpr std::size_t kNone = static_cast<std::size_t>(-1);
inline constexpr std::size_t kSource = 0;
inline constexpr std::size_t kTarget = 1;

/// `number=sg/pl` (values), `number` or `number=$n` (a variable). A feature with values in a rule's
/// head also binds the variable of its own name.
struct FeatureTerm {
  std::size_t feature = kNone;
  std::vector<std::size_t> values;  ///< indices into the feature's values; empty: a variable alone
  std::string variable;
};

struct Feature {
  std::string name;
  std::size_t domain = kNone;  ///< features declared on one line share their values
};

/// `<Name#tag[features]:column>`: a place that a rule or a word list fills, on both sides.
struct Slot {
  std::size_t symbol = kNone;
  std::string reference;  ///< `Name#tag`, as written
  std::vector<FeatureTerm> features;
  std::array<std::string, 2> column;  ///< per side; "" when none was written
};

/// One place of a right-hand side: a slot or a word, with what links it (a slot: its head words,
/// beside their own links) to the other side.
struct Element {
  std::string word;
  std::size_t slot = kNone;
  std::size_t group = kNone;        ///< words of one group are linked, each source to each target
  std::size_t linked_slot = kNone;  ///< linked with the head words of this slot on the other side
};

struct Rule {
  std::size_t line = 0;
  std::size_t symbol = kNone;
  std::size_t weight = 1;
  std::vector<FeatureTerm> head_features;
  std::vector<Slot> slots;  ///< in source order
  std::size_t head = kNone;
  std::size_t group_count = 0;
  std::array<std::vector<Element>, 2> sides;
};

struct EntryWord {
  std::string text;
  bool is_aligned = true;
};

/// One line of a word list: the words of every column, source columns first.
struct Entry {
  std::size_t line = 0;
  std::vector<std::vector<EntryWord>> columns;
};

struct WordList {
  std::size_t line = 0;
  std::vector<FeatureTerm> features;
  std::vector<Entry> entries;
};

/// A name that slots may use. Either rules or word lists define it.
struct Symbol {
  std::string name;
  std::size_t first_use = 0;  ///< line
  std::vector<std::size_t> rules;
  std::vector<WordList> lists;
  std::array<std::vector<std::string>, 2> columns;
  std::vector<std::size_t> features;  ///< those that its definitions mention, ascending
  std::size_t limit = kNone;          ///< how many may be nested inside one another
  bool is_once = false;               ///< an entry stands at most once in a sentence

  bool is_list() const { return !lists.empty(); }
};

/// `sound LANGUAGE : FROM -> TO before PREFIX... except PREFIX...`
struct SoundRule {
  std::string from, to;
  std::vector<std::string> before, except;
};

struct Syntax {
  std::string name;  ///< of the file, for messages
  std::array<std::string, 2> languages;
  std::array<bool, 2> is_capitalized{};
  std::array<bool, 2> is_joined{};
  std::array<std::vector<SoundRule>, 2> sounds;
  std::size_t start = kNone;
  struct Domain {
    std::vector<std::string> values;
    std::vector<std::size_t> weights;  ///< one a value
  };
  std::vector<Domain> domains;
  std::vector<Feature> features;
  std::vector<Symbol> symbols;
  std::vector<Rule> rules;
  struct Held {
    std::size_t line = 0;
    std::vector<std::string> words;
  };
  std::vector<Held> held;

  [[noreturn]] void fail(std::size_t line, const std::string& message) const;
  /// The index of `value` in the feature's values; kNone when it is not one.
  std::size_t value_index(std::size_t feature, std::string_view value) const;
};

/// Throws std::runtime_error "NAME:LINE: ..." naming the bad token and what would be valid.
Syntax parse_syntax(std::string_view text, const std::string& name);

}  // namespace grammar
}  // namespace heed
