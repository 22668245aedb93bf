#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace heed {

/// The byte at which two characters begin that are UTF-8 read as Windows-1252 or Latin-1 and hardly
/// anything else: "Ã©" for "é", "â€™" for an apostrophe, "Â°" for a degree sign. npos: there are
/// none. Pairs that stand in good text as well (a capital "Ã" ahead of a closing quotation mark)
/// are left alone.
std::size_t find_mojibake(std::string_view line);

/// What `line` was ahead of being misread: valid UTF-8. Nothing where it was not misread as a
/// whole.
std::optional<std::string> undo_mojibake(std::string_view line);

}  // namespace heed
