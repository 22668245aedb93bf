#include "data/grammar_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "data/ascii.h"
#include "data/grammar_lexer.h"
#include "data/grammar_rule_syntax.h"
#include "data/utf8.h"

namespace heed::grammar {

void Syntax::fail(std::size_t line, const std::string& message) const {
  throw std::runtime_error(fmt::format("{}:{}: {}", name, line, message));
}

std::size_t Syntax::value_index(std::size_t feature, std::string_view value) const {
  const auto& values = domains[features[feature].domain].values;
  const auto found = std::find(values.begin(), values.end(), value);
  return found == values.end() ? kNone : static_cast<std::size_t>(found - values.begin());
}

namespace {

/// Reads the lines in order; the block that indented lines belong to is its only state.
class SyntaxReader {
 public:
  explicit SyntaxReader(const std::string& name) { syntax_.name = name; }

  void read_line(std::string_view text) {
    ++line_;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (line_ == 1 && text.starts_with(kUtf8ByteOrderMark))
      text.remove_prefix(kUtf8ByteOrderMark.size());
    if (!is_valid_utf8(text)) fail("not valid UTF-8");
    const LexedLine lexed = lex_line(text);
    if (!lexed.problem.empty()) fail(lexed.problem);
    if (lexed.tokens.empty()) return;
    if (lexed.is_indented) {
      read_block_line(lexed.tokens);
    } else {
      read_statement(lexed.tokens);
    }
  }

  Syntax finish() {
    close_block();
    if (syntax_.start == kNone) fail("no 'start NAME' line: where do sentences begin?");
    if (syntax_.languages[0].empty()) fail("no 'languages SOURCE TARGET' line");
    for (std::size_t i = 0; i < syntax_.symbols.size(); ++i) collect_features(i);
    const Symbol& start = syntax_.symbols[syntax_.start];
    if (start.is_list())
      syntax_.fail(start_line_,
                   fmt::format("'{}' is a word list; sentences begin with a rule", start.name));
    return std::move(syntax_);
  }

 private:
  enum class Block { kNone, kWords, kRule };
  using Tokens = std::vector<Token>;

  [[noreturn]] void fail(const std::string& message) const { syntax_.fail(line_, message); }

  void read_statement(const Tokens& tokens) {
    struct Statement {
      const char* keyword;
      void (SyntaxReader::*read)(const Tokens&);
    };
    static constexpr Statement kStatements[] = {{"languages", &SyntaxReader::read_languages},
                                                {"capitalize", &SyntaxReader::read_capitalize},
                                                {"join", &SyntaxReader::read_join},
                                                {"sound", &SyntaxReader::read_sound},
                                                {"start", &SyntaxReader::read_start},
                                                {"feature", &SyntaxReader::read_feature},
                                                {"limit", &SyntaxReader::read_limit},
                                                {"once", &SyntaxReader::read_once},
                                                {"hold", &SyntaxReader::read_hold},
                                                {"words", &SyntaxReader::read_words_head},
                                                {"rule", &SyntaxReader::read_rule_head}};
    close_block();
    std::vector<std::string> keywords;
    for (const Statement& statement : kStatements) {
      if (tokens[0].text == statement.keyword) return (this->*statement.read)(tokens);
      keywords.emplace_back(statement.keyword);
    }
    fail(
        fmt::format("unknown statement '{}'{}", tokens[0].text, suggest(tokens[0].text, keywords)));
  }

  void read_block_line(const Tokens& tokens) {
    if (block_ == Block::kNone) {
      fail(fmt::format("'{}' is indented, but no 'words' or 'rule' line precedes it",
                       tokens[0].text));
    }
    ++block_size_;
    if (block_ == Block::kWords) return read_entry(tokens);
    const std::size_t index = syntax_.rules.size();
    syntax_.rules.push_back(parse_alternative(syntax_, line_, tokens, head_));
    syntax_.symbols[head_.symbol].rules.push_back(index);
  }

  void close_block() {
    if (block_ != Block::kNone && block_size_ == 0) {
      syntax_.fail(block_line_,
                   fmt::format("'{}' has no indented line below it", head_.tagged_name));
    }
    block_ = Block::kNone;
  }

  void open_block(Block block, const std::string& reference) {
    head_ = parse_reference(syntax_, line_, reference);
    if (!head_.column.empty() || head_.tagged_name.find('#') != std::string::npos) {
      fail(fmt::format("'{}': a definition is NAME[FEATURES]", reference));
    }
    const Symbol& symbol = syntax_.symbols[head_.symbol];
    if (block == Block::kWords ? !symbol.rules.empty() : symbol.is_list()) {
      fail(fmt::format("'{}' is defined both by 'words' and by 'rule'", symbol.name));
    }
    block_ = block;
    block_size_ = 0;
    block_line_ = line_;
  }

  void expect(bool is_right, const char* form) const {
    if (!is_right) fail(fmt::format("expected '{}'", form));
  }

  std::size_t parse_language(const std::string& text) const {
    for (std::size_t side : {kSource, kTarget}) {
      if (text == syntax_.languages[side]) return side;
    }
    if (syntax_.languages[0].empty()) fail("the 'languages' line must come first");
    fail(fmt::format("unknown language '{}'{}", text,
                     suggest(text, {syntax_.languages[0], syntax_.languages[1]})));
  }

  void read_languages(const Tokens& tokens) {
    expect(tokens.size() == 3, "languages SOURCE TARGET");
    for (std::size_t side : {kSource, kTarget}) {
      const std::string& name = tokens[side + 1].text;
      const bool is_plain = std::all_of(name.begin(), name.end(),
                                        [](char c) { return is_ascii_identifier(c) || c == '-'; });
      if (!is_plain) {
        fail(
            fmt::format("language '{}' becomes a file name: use a-z, A-Z, 0-9, '-' and '_'", name));
      }
      syntax_.languages[side] = name;
    }
    if (tokens[1].text == tokens[2].text) fail("the two languages need different names");
  }

  void read_capitalize(const Tokens& tokens) {
    expect(tokens.size() == 2, "capitalize LANGUAGE");
    syntax_.is_capitalized[parse_language(tokens[1].text)] = true;
  }

  void read_join(const Tokens& tokens) {
    expect(tokens.size() == 2, "join LANGUAGE");
    syntax_.is_joined[parse_language(tokens[1].text)] = true;
  }

  void read_sound(const Tokens& tokens) {
    static constexpr char kForm[] = "sound LANGUAGE : FROM -> TO before PREFIX... except PREFIX...";
    expect(tokens.size() >= 8 && tokens[2].text == ":" && tokens[4].text == "->" &&
               tokens[6].text == "before",
           kForm);
    SoundRule sound{.from = tokens[3].text, .to = tokens[5].text, .before = {}, .except = {}};
    auto* prefixes = &sound.before;
    for (std::size_t i = 7; i < tokens.size(); ++i) {
      if (tokens[i].text == "except") {
        prefixes = &sound.except;
      } else {
        prefixes->push_back(tokens[i].text);
      }
    }
    syntax_.sounds[parse_language(tokens[1].text)].push_back(std::move(sound));
  }

  void read_start(const Tokens& tokens) {
    expect(tokens.size() == 2, "start NAME");
    if (syntax_.start != kNone) fail("a second 'start' line");
    start_line_ = line_;
    syntax_.start = intern_symbol(syntax_, line_, tokens[1].text);
  }

  void read_feature(const Tokens& tokens) {
    std::size_t i = 1;
    for (; i < tokens.size() && tokens[i].text != "="; ++i) {
      for (const Feature& other : syntax_.features) {
        if (other.name == tokens[i].text)
          fail(fmt::format("feature '{}' is declared twice", other.name));
      }
      syntax_.features.push_back({.name = tokens[i].text, .domain = syntax_.domains.size()});
    }
    expect(i > 1 && i + 1 < tokens.size(), "feature NAME... = VALUE...");
    Syntax::Domain domain;
    for (++i; i < tokens.size(); ++i) {
      const std::size_t star = tokens[i].text.find('*');
      const std::string value = tokens[i].text.substr(0, star);
      if (std::find(domain.values.begin(), domain.values.end(), value) != domain.values.end()) {
        fail(fmt::format("value '{}' is given twice", value));
      }
      domain.values.push_back(value);
      domain.weights.push_back(
          star == std::string::npos
              ? 1
              : parse_count(syntax_, line_, tokens[i].text.substr(star + 1), "weight"));
    }
    syntax_.domains.push_back(std::move(domain));
  }

  void read_limit(const Tokens& tokens) {
    constexpr std::size_t kMaximum = 8;
    expect(tokens.size() == 3, "limit NAME COUNT");
    const std::size_t count = parse_count(syntax_, line_, tokens[2].text, "limit");
    if (count > kMaximum) fail(fmt::format("limit {} is above {}", count, kMaximum));
    syntax_.symbols[intern_symbol(syntax_, line_, tokens[1].text)].limit = count;
  }

  void read_once(const Tokens& tokens) {
    expect(tokens.size() > 1, "once NAME...");
    for (std::size_t i = 1; i < tokens.size(); ++i) {
      syntax_.symbols[intern_symbol(syntax_, line_, tokens[i].text)].is_once = true;
    }
  }

  void read_hold(const Tokens& tokens) {
    expect(tokens.size() > 1, "hold SENTENCE");
    Syntax::Held held{.line = line_, .words = {}};
    for (std::size_t i = 1; i < tokens.size(); ++i) held.words.push_back(tokens[i].text);
    syntax_.held.push_back(std::move(held));
  }

  void read_words_head(const Tokens& tokens) {
    static constexpr char kForm[] = "words NAME[FEATURES] : SOURCE-COLUMN... | TARGET-COLUMN...";
    expect(tokens.size() >= 6 && tokens[2].text == ":", kForm);
    open_block(Block::kWords, tokens[1].text);
    std::array<std::vector<std::string>, 2> columns;
    std::size_t side = kSource;
    for (std::size_t i = 3; i < tokens.size(); ++i) {
      if (tokens[i].text == "|") {
        expect(++side <= kTarget, kForm);
      } else {
        columns[side].push_back(tokens[i].text);
      }
    }
    expect(!columns[kSource].empty() && !columns[kTarget].empty(), kForm);
    Symbol& symbol = syntax_.symbols[head_.symbol];
    if (symbol.is_list() && symbol.columns != columns) {
      fail(fmt::format("'{}' has other columns at line {}", symbol.name, symbol.lists[0].line));
    }
    symbol.columns = std::move(columns);
    symbol.lists.push_back({.line = line_, .features = head_.features, .entries = {}});
    for (const FeatureTerm& term : head_.features) {
      if (term.values.empty()) fail(fmt::format("'{}': a word list needs values", tokens[1].text));
    }
  }

  void read_rule_head(const Tokens& tokens) {
    expect(tokens.size() == 2, "rule NAME[FEATURES]");
    open_block(Block::kRule, tokens[1].text);
    for (const FeatureTerm& term : head_.features) {
      if (!term.variable.empty() && term.variable != syntax_.features[term.feature].name) {
        fail(fmt::format("'${}': a head's variable is named after its feature", term.variable));
      }
    }
  }

  void read_entry(const Tokens& tokens) {
    Symbol& symbol = syntax_.symbols[head_.symbol];
    const std::size_t source_columns = symbol.columns[kSource].size();
    const std::size_t column_count = source_columns + symbol.columns[kTarget].size();
    Entry entry{.line = line_, .columns = {}};
    std::size_t bars = 0;
    for (const Token& token : tokens) {
      if (token.is_slot || !token.label.empty()) {
        fail(fmt::format("'{}': a word list holds plain words", token.text));
      }
      if (token.text == "|" && !token.is_escaped) {
        if (entry.columns.size() != source_columns || ++bars > 1) {
          fail(fmt::format("expected {} source words before one '|'", source_columns));
        }
        continue;
      }
      entry.columns.push_back(parse_entry_words(token));
    }
    if (entry.columns.size() != column_count || bars != 1) {
      fail(fmt::format("expected {} words, '|' and {} words; here are {} words", source_columns,
                       column_count - source_columns, entry.columns.size()));
    }
    symbol.lists.back().entries.push_back(std::move(entry));
  }

  std::vector<EntryWord> parse_entry_words(const Token& token) const {
    std::vector<EntryWord> words;
    if (token.text == "-" && !token.is_escaped) return words;
    for (std::string& text : split(token.text, '_')) {
      const bool is_aligned = !text.starts_with('~') || token.is_escaped;
      if (!is_aligned) text.erase(0, 1);
      if (text.empty()) fail(fmt::format("'{}' holds an empty word", token.text));
      words.push_back({.text = std::move(text), .is_aligned = is_aligned});
    }
    return words;
  }

  void collect_features(std::size_t index) {
    Symbol& symbol = syntax_.symbols[index];
    std::set<std::size_t> features;
    const auto add = [&features](const std::vector<FeatureTerm>& terms) {
      for (const FeatureTerm& term : terms) features.insert(term.feature);
    };
    for (const std::size_t rule : symbol.rules) add(syntax_.rules[rule].head_features);
    for (const WordList& list : symbol.lists) add(list.features);
    symbol.features.assign(features.begin(), features.end());
    if (!symbol.rules.empty() || symbol.is_list()) return;
    std::vector<std::string> defined;
    for (const Symbol& other : syntax_.symbols) {
      if (!other.rules.empty() || other.is_list()) defined.push_back(other.name);
    }
    syntax_.fail(symbol.first_use, fmt::format("'{}' is not defined by any 'rule' or 'words'{}",
                                               symbol.name, suggest(symbol.name, defined)));
  }

  Syntax syntax_;
  std::size_t line_ = 0;
  std::size_t start_line_ = 0;
  Block block_ = Block::kNone;
  std::size_t block_line_ = 0;
  std::size_t block_size_ = 0;
  Reference head_;
};

}  // namespace

Syntax parse_syntax(std::string_view text, const std::string& name) {
  SyntaxReader reader(name);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    reader.read_line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return reader.finish();
}

}  // namespace heed::grammar
