#include <algorithm>
#include <string>
#include <vector>

#include "app/translate/markup_transfer.h"
#include "app/translate/placeholder_transfer.h"
#include "data/character_entities.h"
#include "data/markup.h"
#include "data/markup_lexer.h"
#include "data/utf8.h"
#include "tests/fuzz/fuzz_target.h"

namespace heed {
namespace {

void check_lexemes(std::string_view line) {
  std::string joined;
  for (const Lexeme& lexeme : lex_markup(line)) {
    require_property(!lexeme.source.empty() && is_valid_utf8(lexeme.source), "lexemes are text");
    joined += lexeme.source;
  }
  require_property(joined == line, "lexemes are the line, without gaps");
}

void check_tags(const MarkupLine& markup) {
  std::vector<int> open;
  for (int i = 0; i < static_cast<int>(markup.tags.size()); ++i) {
    const MarkupTag& tag = markup.tags[static_cast<std::size_t>(i)];
    require_property(tag.position <= markup.text.size(), "tags stand in the text");
    if (tag.kind == TagKind::kOpening) open.push_back(i);
    if (tag.kind != TagKind::kClosing) continue;
    require_property(!open.empty() && tag.partner == open.back(), "pairs are well nested");
    require_property(markup.tags[static_cast<std::size_t>(tag.partner)].partner == i,
                     "partners know each other");
    open.pop_back();
  }
  require_property(open.empty(), "each opening tag has its partner");
}

void check_placeholders(const MarkupLine& markup) {
  std::size_t end = 0;
  for (const Placeholder& placeholder : markup.placeholders) {
    require_property(placeholder.begin >= end && placeholder.end <= markup.text.size() &&
                         placeholder.begin < placeholder.end,
                     "placeholders are in order");
    end = placeholder.end;
  }
}

std::vector<std::string> markup_of(const MarkupLine& line) {
  std::vector<std::string> markup;
  for (const MarkupTag& tag : line.tags) markup.push_back(tag.text);
  for (const Placeholder& placeholder : line.placeholders) markup.push_back(placeholder.text);
  std::sort(markup.begin(), markup.end());
  return markup;
}

/// The markup of `source` goes over to another text.
void check_transfer(const MarkupLine& source, const std::string& tgt_text, InputBytes& bytes) {
  const std::vector<PlaceholderWord> words(source.placeholders.size(), {"X", "X"});
  const MarkupLine readable = with_words_for_placeholders(source, words);
  check_placeholders(readable);
  const std::vector<TextUnit> src = source_units(readable);
  const std::vector<TextUnit> tgt = target_units(tgt_text, readable);
  std::vector<Link> links;
  for (int i = 0; !src.empty() && !tgt.empty() && i < 8; ++i)
    links.push_back(
        {static_cast<int>(bytes.take() % src.size()), static_cast<int>(bytes.take() % tgt.size())});
  const std::string result =
      transfer_markup(readable, src, tgt_text, tgt, to_link_set(std::move(links)));
  require_property(is_valid_utf8(result), "the result is valid UTF-8");
  for (const std::string& part : markup_of(source))
    require_property(result.find(part) != std::string::npos, "no markup is lost");
}

/// A line, LF, its translation, LF, links.
void run(std::string_view input) {
  const std::string text = replace_invalid_utf8(input.substr(0, 2000));
  const std::size_t first = std::min(text.find('\n'), text.size());
  const std::size_t second = std::min(text.find('\n', first + 1), text.size());
  const std::string line = text.substr(0, first);
  check_lexemes(line);
  const MarkupLine markup = parse_markup(line);
  require_property(is_valid_utf8(markup.text), "the text is valid UTF-8");
  check_tags(markup);
  check_placeholders(markup);
  require_property(parse_markup(escape_markup(line)).text.find('\n') == std::string::npos,
                   "a line stays a line");
  const std::string tgt = first < text.size() ? text.substr(first + 1, second - first - 1) : "";
  InputBytes bytes(std::string_view(text).substr(second));
  check_transfer(markup, tgt, bytes);
}

const FuzzRegistration kRegistration("markup", run);

}  // namespace
}  // namespace heed
