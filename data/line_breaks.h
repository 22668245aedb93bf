#pragma once

#include <string>
#include <vector>

#include "data/tokenizer.h"

namespace heed {

// Only a line feed ends a line of heed's, but readers of its output may see an end in more:
// Python's str.splitlines in LF, VT, FF, CR, FS, GS, RS, NEL, U+2028 and U+2029, all others in some
// of these.

bool is_line_break(char32_t code_point);

/// `text` (valid UTF-8) with a space for each of them.
std::string on_one_line(std::string text);

/// The same of a text and the byte ranges of its pieces, which are in order and end between
/// characters.
void put_on_one_line(std::string& text, std::vector<Piece>& pieces);

/// JSON without white space outside of strings, whose strings have escapes for them, where there
/// are none yet; it means the same.
std::string json_on_one_line(std::string json);

}  // namespace heed
