#include "data/grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "data/grammar_derivation.h"
#include "data/grammar_expand.h"
#include "data/grammar_lexer.h"
#include "data/grammar_syntax.h"
#include "data/text_io.h"

namespace heed {

struct Grammar::Impl {
  grammar::Syntax syntax;
  grammar::Expansion expansion;  ///< points into `syntax`
  std::vector<AlignedPair> held;
};

namespace {

std::set<std::string> collect_words(const grammar::Syntax& syntax, std::size_t side) {
  std::set<std::string> words;
  for (const grammar::SoundRule& sound : syntax.sounds[side]) words.insert(sound.to);
  for (const grammar::Rule& rule : syntax.rules) {
    for (const grammar::Element& element : rule.sides[side]) {
      if (element.slot == grammar::kNone) words.insert(element.word);
    }
  }
  for (const grammar::Symbol& symbol : syntax.symbols) {
    const std::size_t first = side == grammar::kSource ? 0 : symbol.columns[0].size();
    for (const grammar::WordList& list : symbol.lists) {
      for (const grammar::Entry& entry : list.entries) {
        for (std::size_t i = first; i < first + symbol.columns[side].size(); ++i) {
          for (const grammar::EntryWord& word : entry.columns[i]) words.insert(word.text);
        }
      }
    }
  }
  return words;
}

/// Names the first word that the grammar does not have, for a sentence that it does not derive.
std::string describe_unknown_word(const grammar::Syntax& syntax,
                                  const std::vector<std::string>& sentence) {
  const std::set<std::string> words = collect_words(syntax, grammar::kSource);
  const std::vector<std::string> choices(words.begin(), words.end());
  for (const std::string& word : sentence) {
    const bool is_known = std::any_of(choices.begin(), choices.end(), [&](const auto& choice) {
      return choice == word || grammar::capitalized(choice) == word;
    });
    if (!is_known)
      return fmt::format("; no rule or entry has '{}'{}", word, grammar::suggest(word, choices));
  }
  return "; all of its words are known, but no rules put them together";
}

AlignedPair translate_held(const Grammar& loaded, const grammar::Syntax& syntax,
                           const grammar::Syntax::Held& held) {
  std::vector<AlignedPair> translations = loaded.translate(held.words);
  if (translations.empty()) {
    syntax.fail(held.line,
                "this sentence cannot be derived" + describe_unknown_word(syntax, held.words));
  }
  if (translations.size() > 1) {
    syntax.fail(held.line, fmt::format("this sentence has {} translations; it must have one",
                                       translations.size()));
  }
  return translations[0];
}

}  // namespace

Grammar Grammar::parse(std::string_view text, const std::string& name) {
  auto impl = std::make_shared<Impl>();
  impl->syntax = grammar::parse_syntax(text, name);
  impl->expansion = grammar::expand(impl->syntax);
  Grammar loaded(impl);
  for (const grammar::Syntax::Held& held : impl->syntax.held) {
    impl->held.push_back(translate_held(loaded, impl->syntax, held));
  }
  return loaded;
}

Grammar Grammar::load(const std::filesystem::path& path) {
  constexpr std::size_t kMaximumSize = std::size_t{16} << 20;
  LineReader reader(path);
  std::string text;
  for (std::string line; reader.next(line);) {
    text += line;
    text += '\n';
    if (text.size() > kMaximumSize) {
      throw std::runtime_error(fmt::format("{}: a grammar has at most 16 MiB", reader.name()));
    }
  }
  return parse(text, reader.name());
}

AlignedPair Grammar::sample(SplitMix64& random) const {
  constexpr int kAttempts = 10000;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const grammar::Derivation derivation = grammar::sample_derivation(impl_->expansion, 0, random);
    if (grammar::repeats_a_word(impl_->syntax, derivation)) continue;
    return grammar::realize(impl_->syntax, derivation);
  }
  throw std::runtime_error(
      fmt::format("{}: each of {} sentences used a word twice against a 'once' line; add words or "
                  "drop that line",
                  impl_->syntax.name, kAttempts));
}

std::vector<AlignedPair> Grammar::translate(const std::vector<std::string>& source) const {
  constexpr std::size_t kMaximum = 64;
  std::vector<AlignedPair> pairs;
  for (const grammar::Derivation& derivation :
       grammar::recognize(impl_->syntax, impl_->expansion, source, kMaximum)) {
    AlignedPair pair = grammar::realize(impl_->syntax, derivation);
    const bool is_new = std::find(pairs.begin(), pairs.end(), pair) == pairs.end();
    if (is_new && pair.source == source) pairs.push_back(std::move(pair));
  }
  return pairs;
}

const std::vector<AlignedPair>& Grammar::held() const {
  return impl_->held;
}

const std::array<std::string, 2>& Grammar::languages() const {
  return impl_->syntax.languages;
}

bool Grammar::is_joined(std::size_t side) const {
  return impl_->syntax.is_joined.at(side);
}

}  // namespace heed
