#include "data/markup.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "data/ascii.h"
#include "data/markup_lexer.h"
#include "data/utf8.h"
#include "data/white_space.h"

namespace heed {
namespace {

constexpr std::array<std::string_view, 20> kBreakingElements{
    "br", "hr", "p",  "div", "li", "ul", "ol", "td", "th",         "tr",
    "h1", "h2", "h3", "h4",  "h5", "h6", "dt", "dd", "blockquote", "option"};

bool is_breaking(std::string_view name) {
  return std::find(kBreakingElements.begin(), kBreakingElements.end(), name) !=
         kBreakingElements.end();
}

bool starts_with_space(std::string_view text) {
  std::size_t at = 0;
  return !text.empty() && is_white_space(decode_code_point(text, at));
}

bool ends_with_space(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0 && (static_cast<unsigned char>(text[--begin]) & 0xC0) == 0x80) {
  }
  return starts_with_space(text.substr(begin));
}

TagKind kind_of(const Lexeme& lexeme) {
  if (lexeme.kind == LexemeKind::kOpening) return TagKind::kOpening;
  return lexeme.kind == LexemeKind::kClosing ? TagKind::kClosing : TagKind::kStandalone;
}

// Builds a MarkupLine lexeme by lexeme.
class Parser {
 public:
  explicit Parser(std::string_view line) : line_(line) {}

  MarkupLine parse() {
    for (const Lexeme& lexeme : lex_markup(line_)) {
      switch (lexeme.kind) {
        case LexemeKind::kText:
          add_text(lexeme.source);
          break;
        case LexemeKind::kCharacter:
          has_reference_ = true;
          append_code_point(result_.text, lexeme.code_point);
          break;
        case LexemeKind::kPlaceholder:
          add_placeholder(lexeme);
          break;
        default:
          add_tag(lexeme);
      }
    }
    unpair_rest();
    result_.is_escaped = has_reference_ || (!result_.tags.empty() && !has_bare_);
    return std::move(result_);
  }

 private:
  // Where the text begins that no tag cuts off from its end.
  std::size_t run_begin() const { return result_.tags.empty() ? 0 : result_.tags.back().position; }

  bool touches_placeholder() const {
    return !result_.placeholders.empty() &&
           result_.placeholders.back().end == result_.text.size() &&
           result_.placeholders.back().begin >= run_begin();
  }

  void add_text(std::string_view text) {
    has_bare_ = has_bare_ || text.find_first_of("&<") != std::string_view::npos;
    if (touches_placeholder()) {
      const auto end = std::find_if_not(text.begin(), text.end(), is_ascii_alphanumeric);
      const auto length = static_cast<std::size_t>(end - text.begin());
      grow_placeholder(text.substr(0, length));
      text.remove_prefix(length);
    }
    result_.text += text;
  }

  void grow_placeholder(std::string_view more) {
    result_.text += more;
    result_.placeholders.back().text += more;
    result_.placeholders.back().end = result_.text.size();
  }

  void add_placeholder(const Lexeme& lexeme) {
    has_reference_ = has_reference_ || lexeme.source.starts_with('&');
    if (touches_placeholder()) return grow_placeholder(lexeme.source);
    std::size_t begin = result_.text.size();
    while (begin > run_begin() && is_ascii_alphanumeric(result_.text[begin - 1])) --begin;
    result_.text += lexeme.source;
    result_.placeholders.push_back({result_.text.substr(begin), begin, result_.text.size(), {}});
  }

  void add_tag(const Lexeme& lexeme) {
    const auto begin = static_cast<std::size_t>(lexeme.source.data() - line_.data());
    MarkupTag& tag = result_.tags.emplace_back();
    tag.text = lexeme.source;
    tag.kind = kind_of(lexeme);
    tag.position = result_.text.size();
    tag.space_before = ends_with_space(line_.substr(0, begin));
    tag.space_after = starts_with_space(line_.substr(begin + lexeme.source.size()));
    names_.push_back(lexeme.name);
    if (tag.kind == TagKind::kOpening) open(result_.tags.size() - 1);
    if (tag.kind == TagKind::kClosing) close(result_.tags.size() - 1);
    result_.tags.back().breaks_text = is_breaking(lexeme.name);
    if (is_breaking(lexeme.name)) result_.text += ' ';
  }

  void open(std::size_t opening) {
    open_.push_back(opening);
    open_of_name_[names_[opening]].push_back(opening);
  }

  void close(std::size_t closing) {
    std::vector<std::size_t>& matches = open_of_name_[names_[closing]];
    if (matches.empty()) return unpair(closing);
    const std::size_t match = matches.back();
    for (; open_.back() != match; close_last()) unpair(open_.back());
    close_last();
    result_.tags[match].partner = static_cast<int>(closing);
    result_.tags[closing].partner = static_cast<int>(match);
  }

  void close_last() {
    open_of_name_[names_[open_.back()]].pop_back();
    open_.pop_back();
  }

  void unpair(std::size_t index) {
    result_.tags[index].kind = TagKind::kStandalone;
    result_.tags[index].is_unmatched = true;
  }

  void unpair_rest() {
    for (const std::size_t index : open_) unpair(index);
  }

  std::string_view line_;
  MarkupLine result_;
  std::vector<std::string_view> names_;  // of the tags
  std::vector<std::size_t> open_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> open_of_name_;
  bool has_reference_ = false;
  bool has_bare_ = false;  // a & or < that is none of markup
};

}  // namespace

MarkupLine parse_markup(std::string_view line) {
  return Parser(line).parse();
}

MarkupLine with_words_for_placeholders(const MarkupLine& line,
                                       std::span<const PlaceholderWord> words) {
  MarkupLine result = line;
  result.text.clear();
  std::size_t copied = 0;
  auto tag = result.tags.begin();
  const auto copy_to = [&](std::size_t end) {
    for (; tag != result.tags.end() && tag->position <= end; ++tag)
      tag->position = result.text.size() + (tag->position - copied);
    result.text.append(line.text, copied, end - copied);
    copied = end;
  };
  for (std::size_t i = 0; i < line.placeholders.size(); ++i) {
    copy_to(line.placeholders[i].begin);
    result.placeholders[i].begin = result.text.size();
    result.text += words[i].source;
    result.placeholders[i].word = words[i];
    result.placeholders[i].end = result.text.size();
    copied = line.placeholders[i].end;
  }
  copy_to(line.text.size());
  return result;
}

bool has_text_to_translate(const MarkupLine& line) {
  auto placeholder = line.placeholders.begin();
  for (std::size_t at = 0; at < line.text.size();) {
    if (placeholder != line.placeholders.end() && at >= placeholder->begin) {
      at = (placeholder++)->end;
      continue;
    }
    if (u_isalnum(static_cast<UChar32>(decode_code_point(line.text, at)))) return true;
  }
  return false;
}

std::string escape_markup(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') escaped += "&amp;";
    if (c == '<') escaped += "&lt;";
    if (c == '>') escaped += "&gt;";
    if (c != '&' && c != '<' && c != '>') escaped += c;
  }
  return escaped;
}

}  // namespace heed
