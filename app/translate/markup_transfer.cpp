#include "app/translate/markup_transfer.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include "app/translate/placeholder_transfer.h"
#include "app/translate/tag_placement.h"
#include "data/ascii.h"
#include "data/markup_lexer.h"
#include "data/white_space.h"

namespace heed {
namespace {

/// How text is written between the markup.
enum class TextStyle {
  kPlain,
  kEscaped,  // &, <, > as character references
  kHarmless  // escaped, and without the characters that placeholders are made of
};

std::string write_text(const std::string& text, TextStyle style) {
  if (style == TextStyle::kPlain) return text;
  if (style == TextStyle::kEscaped) return escape_markup(text);
  std::string harmless = escape_markup(text);
  std::erase_if(harmless,
                [](char c) { return std::string_view("{}%$#").find(c) != std::string_view::npos; });
  return harmless;
}

/// Writes the units of a translation and what is placed between them.
class LineWriter {
 public:
  LineWriter(const MarkupLine& source, const FilledText& target, TextStyle style)
      : source_(source), target_(target), style_(style), has_spaces_(words_are_apart()) {}

  std::string write(std::span<const PlacedTag> tags) {
    for (std::size_t gap = 0; gap <= target_.units.size(); ++gap) {
      const auto behind = std::find_if(tags.begin(), tags.end(), [&](const PlacedTag& tag) {
        return static_cast<std::size_t>(tag.gap) != gap;
      });
      const auto count = static_cast<std::size_t>(behind - tags.begin());
      write_gap(gap, tags.first(count));
      tags = tags.subspan(count);
      if (gap < target_.units.size()) write_unit(target_.units[gap]);
    }
    return std::move(line_);
  }

 private:
  // Words that touch belong to a language without spaces.
  bool words_are_apart() const {
    const auto is_word = [&](std::size_t unit) {
      const std::string& text = target_.units[unit].text;
      return target_.units[unit].is_placeholder || !is_punctuation({text, 0, text.size()});
    };
    bool do_touch = false;
    for (std::size_t gap = 1; gap < target_.units.size(); ++gap) {
      if (!target_.gaps[gap].empty()) return true;
      do_touch = do_touch || (is_word(gap - 1) && is_word(gap));
    }
    return !do_touch;
  }

  bool has_space(const PlacedTag& tag, bool MarkupTag::*side) const {
    return tag.is_placeholder ? has_spaces_ : source_.tags[tag.index].*side;
  }

  bool is_kind(const PlacedTag& tag, TagKind kind) const {
    return !tag.is_placeholder && source_.tags[tag.index].kind == kind;
  }

  // Which of the places around `tags` have white space as in the source. Inside of a pair its own
  // tag tells, elsewhere either neighbour.
  std::vector<bool> spaces_in_source(std::span<const PlacedTag> tags) const {
    std::vector<bool> spaces;
    for (std::size_t i = 0; i <= tags.size(); ++i) {
      const bool before = i > 0 && has_space(tags[i - 1], &MarkupTag::space_after);
      const bool behind = i < tags.size() && has_space(tags[i], &MarkupTag::space_before);
      const bool opens = i > 0 && is_kind(tags[i - 1], TagKind::kOpening);
      const bool closes = i < tags.size() && is_kind(tags[i], TagKind::kClosing);
      spaces.push_back((before || behind) && (before || !opens) && (behind || !closes));
    }
    return spaces;
  }

  // Whether the tag's pair is all in `tags`, which then have nothing in it to read.
  bool is_in_empty_pair(const PlacedTag& tag, std::span<const PlacedTag> tags) const {
    return !tag.is_placeholder && source_.tags[tag.index].partner != MarkupTag::kNoPartner &&
           std::any_of(tags.begin(), tags.end(), [&](const PlacedTag& other) {
             return !other.is_placeholder &&
                    static_cast<int>(other.index) == source_.tags[tag.index].partner;
           });
  }

  // Behind the closing tags, ahead of the others; empty pairs are neither.
  std::size_t place_outside(std::span<const PlacedTag> tags) const {
    std::size_t place = 0;
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (is_in_empty_pair(tags[i], tags)) continue;
      if (!is_kind(tags[i], TagKind::kClosing)) break;
      place = i + 1;
    }
    return place;
  }

  // Nothing but pairs' tags, among them a pair that had text in the source.
  bool has_lost_text(std::span<const PlacedTag> tags) const {
    const bool has_points = std::any_of(tags.begin(), tags.end(), [&](const PlacedTag& tag) {
      return tag.is_placeholder || is_kind(tag, TagKind::kStandalone);
    });
    return !has_points && std::any_of(tags.begin(), tags.end(), [&](const PlacedTag& tag) {
      const MarkupTag& source = source_.tags[tag.index];
      return is_in_empty_pair(tag, tags) &&
             source.position != source_.tags[static_cast<std::size_t>(source.partner)].position;
    });
  }

  // The white space on both sides of a word that is no more becomes one, at an edge none.
  void merge_spaces(std::span<const PlacedTag> tags, bool is_edge,
                    std::vector<bool>& spaces) const {
    const auto count = std::count(spaces.begin(), spaces.end(), true);
    if (count < (is_edge ? 1 : 2) || !has_lost_text(tags)) return;
    spaces.assign(spaces.size(), false);
    if (!is_edge) spaces[place_outside(tags)] = true;
  }

  void write_gap(std::size_t gap, std::span<const PlacedTag> tags) {
    const bool is_edge = gap == 0 || gap == target_.units.size();
    std::string white = target_.gaps[gap];
    std::vector<bool> spaces = spaces_in_source(tags);
    if (is_edge) {
      spaces[gap == 0 ? 0 : tags.size()] = false;
      if (gap == 0 && gap == target_.units.size()) spaces.front() = spaces.back() = false;
      if (white.empty() && has_spaces_) white = " ";
    }
    merge_spaces(tags, is_edge, spaces);
    if (!is_edge && std::find(spaces.begin(), spaces.end(), true) == spaces.end()) {
      spaces[place_outside(tags)] = !breaks_without_space(tags);
    } else if (!is_edge && white.empty() && holds_placeholder(tags)) {
      white = " ";
      spaces.back() = false;
    }
    for (std::size_t i = 0; i <= tags.size(); ++i) {
      if (spaces[i]) line_ += white;
      if (i < tags.size()) write_tag(tags[i]);
    }
  }

  static bool holds_placeholder(std::span<const PlacedTag> tags) {
    return std::any_of(tags.begin(), tags.end(),
                       [](const PlacedTag& tag) { return tag.is_placeholder; });
  }

  bool breaks_without_space(std::span<const PlacedTag> tags) const {
    return std::any_of(tags.begin(), tags.end(), [&](const PlacedTag& tag) {
      return !tag.is_placeholder && source_.tags[tag.index].breaks_text;
    });
  }

  void write_tag(const PlacedTag& tag) {
    if (tag.is_placeholder)
      write_placeholder(source_.placeholders[tag.index].text);
    else
      line_ += source_.tags[tag.index].text;
    follows_placeholder_ = tag.is_placeholder;
  }

  void write_placeholder(const std::string& text) {
    keep_apart(text);
    line_ += text;
  }

  void write_unit(const OutputUnit& unit) {
    if (unit.is_placeholder) {
      write_placeholder(unit.text);
    } else {
      const std::string text = write_text(unit.text, style_);
      if (follows_placeholder_) keep_apart(text);
      line_ += text;
    }
    follows_placeholder_ = unit.is_placeholder;
  }

  // A letter beside it would change what "%s" is.
  void keep_apart(std::string_view text) {
    if (line_.empty() || text.empty()) return;
    if (is_ascii_identifier(line_.back()) && is_ascii_identifier(text.front())) line_ += ' ';
  }

  const MarkupLine& source_;
  const FilledText& target_;
  TextStyle style_;
  bool has_spaces_;
  bool follows_placeholder_ = false;
  std::string line_;
};

// Attention rests on punctuation when a word needs nothing of the source, so that a link between a
// punctuation mark and a word tells nothing.
std::vector<Link> trusted_links(std::span<const Link> links, std::span<const TextUnit> src_units,
                                std::span<const TextUnit> tgt_units) {
  std::vector<Link> trusted;
  for (const Link& link : links)
    if (is_punctuation(src_units[static_cast<std::size_t>(link.src)]) ==
        is_punctuation(tgt_units[static_cast<std::size_t>(link.tgt)]))
      trusted.push_back(link);
  return trusted;
}

/// What a line must keep, in any order.
struct Inventory {
  std::vector<std::string> tags;
  std::vector<std::string> placeholders;
  bool operator==(const Inventory&) const = default;
};

void take_inventory(std::string_view text, Inventory& inventory) {
  for (const Lexeme& lexeme : lex_markup(text)) {
    if (lexeme.kind == LexemeKind::kText || lexeme.kind == LexemeKind::kCharacter) continue;
    auto& list = lexeme.kind == LexemeKind::kPlaceholder ? inventory.placeholders : inventory.tags;
    list.emplace_back(lexeme.source);
  }
}

Inventory sorted(Inventory inventory) {
  std::sort(inventory.tags.begin(), inventory.tags.end());
  std::sort(inventory.placeholders.begin(), inventory.placeholders.end());
  return inventory;
}

Inventory inventory_of(const MarkupLine& line) {
  Inventory inventory;
  for (const MarkupTag& tag : line.tags) inventory.tags.push_back(tag.text);
  for (const Placeholder& place : line.placeholders) take_inventory(place.text, inventory);
  return sorted(std::move(inventory));
}

Inventory inventory_of(const std::string& line) {
  Inventory inventory;
  take_inventory(line, inventory);
  return sorted(std::move(inventory));
}

// Tags and placeholders in the order of the source, which reads as it did there; then the text.
std::string markup_then_text(const MarkupLine& source, const FilledText& target) {
  std::string line;
  auto tag = source.tags.begin();
  const auto write_tags_to = [&](std::size_t position) {
    for (; tag != source.tags.end() && tag->position <= position; ++tag) line += tag->text + ' ';
  };
  for (const Placeholder& place : source.placeholders) {
    write_tags_to(place.begin);
    line += place.text + ' ';
  }
  write_tags_to(source.text.size());
  for (const OutputUnit& unit : target.units)
    if (!unit.is_placeholder) line += write_text(unit.text, TextStyle::kHarmless) + ' ';
  line.pop_back();
  return line;
}

// The translation without the words that stand for placeholders.
FilledText without_placeholders(const MarkupLine& source, std::span<const TextUnit> tgt_units) {
  std::set<std::string_view> words;
  for (const Placeholder& place : source.placeholders) {
    words.insert(std::string_view(source.text).substr(place.begin, place.end - place.begin));
    words.insert(place.word.target);
  }
  FilledText target;
  for (const TextUnit& unit : tgt_units)
    if (!words.contains(unit.text)) target.units.push_back({unit.text, false});
  return target;
}

}  // namespace

bool is_placed_by_links(const MarkupLine& source) {
  return source.tags.size() + source.placeholders.size() <= kMostPlacedMarkup;
}

std::string transfer_markup(const MarkupLine& source, std::span<const TextUnit> src_units,
                            std::string_view tgt_text, std::span<const TextUnit> tgt_units,
                            std::span<const Link> links) {
  if (!is_placed_by_links(source))
    return markup_then_text(source, without_placeholders(source, tgt_units));
  const FilledText target = fill_placeholders(source, src_units, tgt_text, tgt_units,
                                              trusted_links(links, src_units, tgt_units));
  const std::vector<PlacedTag> tags = place_tags(source, src_units, target);
  const Inventory expected = inventory_of(source);
  // Text that the model made up, alone or beside a placeholder, may read as markup: then harder
  // means are taken.
  for (const TextStyle style : {source.is_escaped ? TextStyle::kEscaped : TextStyle::kPlain,
                                TextStyle::kEscaped, TextStyle::kHarmless}) {
    std::string line = LineWriter(source, target, style).write(tags);
    if (inventory_of(line) == expected) return line;
  }
  return markup_then_text(source, target);
}

}  // namespace heed
