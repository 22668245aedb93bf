#pragma once

#include <optional>
#include <string>

namespace heed {

/// The ISO 639 code ("de") of a language given by its code, a locale ("de_AT", "pt-BR") or its
/// English name ("German"), in either case of letters. Nothing for any other text.
std::optional<std::string> language_code(const std::string& language);

/// Whether a language (as `language_code` takes it) separates words by spaces. Nothing where the
/// language is not known.
std::optional<bool> separates_words(const std::string& language);

/// Whether a character belongs to a writing that does not separate words: Han, kana, Thai, Lao,
/// Khmer, Burmese, and the punctuation of Chinese and Japanese.
bool is_of_unspaced_writing(char32_t code_point);

}  // namespace heed
