#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// Bytes [begin, end) of a text.
struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
  bool operator==(const TextRange&) const = default;
};

/// What a text can be cut into, from large to small.
enum class TextLevel {
  /// ICU's sentences (UAX #29, but for the abbreviations that a language is known for), also where
  /// a full stop between spaces, as in tokenized text, ends them.
  kSentence,
  kClause,     // up to and with punctuation: , ; : . ! ? and their like in other writings
  kWord,       // between white space
  kCharacter,  // extended grapheme clusters
  kCodePoint,
};

/// Cuts text into stretches. May be used from several threads at once.
class TextCutter {
 public:
  /// `language` as `language_code` takes it; any other text: no language in particular.
  explicit TextCutter(std::string language);
  ~TextCutter();

  /// The stretches of `text` (valid UTF-8), in order. No stretch begins or ends in white space, and
  /// there is nothing but white space outside of them. A sentence has a letter or a digit, unless
  /// the whole text has none.
  std::vector<TextRange> cut(std::string_view text, TextLevel level) const;

 private:
  struct Sentences;  // opened when first needed: looking up a language takes milliseconds

  std::unique_ptr<Sentences> sentences_;
};

}  // namespace heed
