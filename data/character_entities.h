#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace heed {

/// A character reference such as `&amp;`, `&#39;` or `&#x27;` at the start of some text.
struct CharacterEntity {
  std::size_t length = 0;   // bytes, `&` to `;`
  char32_t code_point = 0;  // what it stands for
};

/// The character reference that `text` starts with: XML's five names, those of Latin-1 and common
/// punctuation in HTML 4 (section 24), decimal and hexadecimal numbers. Nothing for other names,
/// and for numbers that are no character or a control character (a line must stay one line).
std::optional<CharacterEntity> read_character_entity(std::string_view text);

/// The length of a general entity reference, `&name;` with any name; 0 when `text` starts with
/// none.
std::size_t entity_reference_length(std::string_view text);

}  // namespace heed
