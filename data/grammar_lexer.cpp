#include "data/grammar_lexer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "data/nearest.h"

namespace heed::grammar {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// Reads `<...>` with an optional `*` and an optional label; `position` is at the `<`.
std::string read_slot(std::string_view line, std::size_t& position, Token& token) {
  const std::size_t end = line.find('>', position);
  if (end == std::string_view::npos) return "'<' without '>' (write '\\<' for the word '<')";
  token.is_slot = true;
  token.text = line.substr(position + 1, end - position - 1);
  position = end + 1;
  if (position < line.size() && line[position] == '*') {
    token.is_head = true;
    ++position;
  }
  if (position < line.size() && line[position] == '^') {
    const std::size_t begin = ++position;
    while (position < line.size() && !is_blank(line[position])) ++position;
    token.label = line.substr(begin, position - begin);
    if (token.label.empty()) return fmt::format("'<{}>^' has no label", token.text);
  }
  if (position < line.size() && !is_blank(line[position])) {
    return fmt::format("'<{}>' must be followed by a space, '*' or '^'", token.text);
  }
  return "";
}

std::string read_word(std::string_view line, std::size_t& position, Token& token) {
  bool in_label = false;
  std::size_t bracket_depth = 0;
  for (; position < line.size(); ++position) {
    char c = line[position];
    if (is_blank(c) && bracket_depth == 0) break;
    if (c == '\\') {
      if (++position == line.size()) return "a backslash at the end of the line";
      c = line[position];
      token.is_escaped = true;
    } else if (c == '^' && !in_label) {
      in_label = true;
      continue;
    } else if (c == '[') {
      ++bracket_depth;
    } else if (c == ']' && bracket_depth > 0) {
      --bracket_depth;
    }
    (in_label ? token.label : token.text) += c;
  }
  if (in_label && token.label.empty()) return "'^' without a label (write '\\^' for the word '^')";
  if (token.text.empty()) return "a label without a word";
  if (bracket_depth > 0) return fmt::format("'[' without ']' in '{}'", token.text);
  return "";
}

}  // namespace

LexedLine lex_line(std::string_view line) {
  LexedLine result;
  result.is_indented = !line.empty() && is_blank(line[0]);
  for (std::size_t position = 0; position < line.size();) {
    if (is_blank(line[position])) {
      ++position;
      continue;
    }
    if (line[position] == '#') break;
    Token token;
    result.problem =
        line[position] == '<' ? read_slot(line, position, token) : read_word(line, position, token);
    if (!result.problem.empty()) return result;
    result.tokens.push_back(std::move(token));
  }
  return result;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string suggest(std::string_view word, const std::vector<std::string>& choices) {
  constexpr std::size_t kLongestCompared = 64;
  if (choices.empty()) return " (none is declared)";
  std::size_t best = kLongestCompared;
  const std::string* nearest = nullptr;
  for (const std::string& choice : choices) {
    if (std::max(word.size(), choice.size()) > kLongestCompared) continue;
    const std::size_t distance = edit_distance(word, choice);
    if (distance < best) {
      best = distance;
      nearest = &choice;
    }
  }
  if (nearest != nullptr && best <= std::max<std::size_t>(1, (word.size() + 1) / 3)) {
    return fmt::format(" (did you mean '{}'?)", *nearest);
  }
  constexpr std::size_t kShown = 20;
  if (choices.size() <= kShown) return fmt::format(" (valid: {})", fmt::join(choices, ", "));
  return fmt::format(" (valid: {}, and {} more)",
                     fmt::join(choices.begin(), choices.begin() + kShown, ", "),
                     choices.size() - kShown);
}

}  // namespace heed::grammar
