#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/tokenizer.h"

namespace heed {

/// What an alignment links.
enum class UnitKind {
  kWord,       // what ASCII white space separates, see `split_words`
  kPiece,      // subword pieces of a tokenizer
  kCharacter,  // extended grapheme clusters (UAX #29) other than white space
};

/// A unit of a line: bytes [begin, end) of it.
struct TextUnit {
  std::string text;
  std::size_t begin;
  std::size_t end;
  bool operator==(const TextUnit&) const = default;
};

/// A line of text and its units, in order and without overlap.
struct UnitLine {
  std::string text;
  std::vector<TextUnit> units;
};

/// The words of `line`, between spaces and other white space of ASCII. Wider spaces are part of a
/// word, or one by themselves as in corpora that segmenters wrote: files of links, whoever made
/// them, count so. Valid UTF-8.
std::vector<TextUnit> split_words(std::string_view line);

/// The characters of `line` that are not white space. Valid UTF-8.
std::vector<TextUnit> split_characters(std::string_view line);

/// The words of `line` apart from punctuation: what is between the word boundaries of UAX #29,
/// white space left out. Text without spaces (Chinese, Japanese, Thai, ...) is split by ICU's
/// dictionaries, but a line that somebody segmented keeps its words: where words (by white space)
/// have no more than four characters in the mean, only punctuation splits what stands together.
/// Valid UTF-8.
std::vector<TextUnit> split_word_parts(std::string_view line);

/// A unit for each piece, of the piece's text (with U+2581 for a space) and range.
std::vector<TextUnit> piece_units(std::span<const Piece> pieces);

/// The units of `line`; `pieces` (those of `line`) are looked at only for UnitKind::kPiece.
std::vector<TextUnit> split_units(std::string_view line, UnitKind kind,
                                  std::span<const Piece> pieces = {});

/// Whether `unit` is nothing but punctuation (Unicode's categories P*), a piece's U+2581 aside.
bool is_punctuation(const TextUnit& unit);

/// Joins the words of `segmented_line` with `separator` ("" for a language written without spaces)
/// and gives the words' ranges in the joined text.
UnitLine join_words(std::string_view segmented_line, std::string_view separator);

/// For each piece the indices of the units it belongs to, increasing: all that it overlaps (several
/// where a piece crosses the units' borders, as in joined words). A piece without bytes of its own
/// (the first bytes of a character that is spelt in bytes) belongs to the unit it lies in. A piece
/// that still has none, such as a lone U+2581, belongs to the unit that follows, if there is one.
/// Pad, bos and eos belong to none.
///
/// When the units are those of `piece_units`, every piece belongs to its own.
std::vector<std::vector<int>> map_pieces_to_units(std::span<const Piece> pieces,
                                                  std::span<const TextUnit> units);

}  // namespace heed
