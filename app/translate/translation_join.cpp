#include "app/translate/translation_join.h"

#include <algorithm>

#include "data/language.h"
#include "data/utf8.h"

namespace heed {
namespace {

char32_t first_code_point(std::string_view text) {
  std::size_t at = 0;
  return text.empty() ? U' ' : decode_code_point(text, at);
}

char32_t last_code_point(std::string_view text) {
  std::size_t at = text.size();
  return text.empty() ? U' ' : decode_code_point_before(text, at);
}

bool is_unspaced_between(std::string_view left, std::string_view right) {
  return is_of_unspaced_writing(last_code_point(left)) ||
         is_of_unspaced_writing(first_code_point(right));
}

/// Whether somebody, a segmenter, put spaces where the writing has none.
bool is_segmented(std::string_view text) {
  for (std::size_t at = text.find(' '); at != std::string_view::npos; at = text.find(' ', at + 1))
    if (is_of_unspaced_writing(last_code_point(text.substr(0, at))) &&
        is_of_unspaced_writing(first_code_point(text.substr(at + 1))))
      return true;
  return false;
}

/// The first so many parts with an output each.
struct Combination {
  double score = 0.0;
  std::size_t previous = 0;  // of the combinations of one part less
  std::size_t output = 0;    // of the last part
};

// The pair of ranks (i, j) has (i + 1) * (j + 1) - 1 others that are no worse, so few can be best.
std::vector<Combination> extend(std::span<const Combination> shorter,
                                std::span<const Translation> outputs, std::size_t n_best) {
  std::vector<Combination> all;
  for (std::size_t i = 0; i < shorter.size(); ++i)
    for (std::size_t j = 0; j < outputs.size() && (i + 1) * (j + 1) <= n_best; ++j)
      all.push_back({shorter[i].score + outputs[j].hypothesis.score, i, j});
  std::stable_sort(all.begin(), all.end(),
                   [](const Combination& a, const Combination& b) { return a.score > b.score; });
  all.resize(std::min(all.size(), n_best));
  return all;
}

void append(Translation& whole, const Translation& output, const TextRange& src) {
  const std::size_t offset = whole.text.size();
  const std::size_t first_piece = whole.pieces.size();
  whole.text += output.text;
  for (Piece piece : output.pieces) {
    piece.begin += offset;
    piece.end += offset;
    whole.pieces.push_back(std::move(piece));
  }
  std::vector<std::int32_t>& tokens = whole.hypothesis.tokens;
  tokens.insert(tokens.end(), output.hypothesis.tokens.begin(), output.hypothesis.tokens.end());
  whole.hypothesis.log_prob += output.hypothesis.log_prob;
  whole.hypothesis.score += output.hypothesis.score;
  whole.parts.push_back({src, {offset, whole.text.size()}, first_piece, whole.pieces.size()});
}

}  // namespace

bool TranslationJoiner::is_known_to_have_spaces() const {
  std::call_once(looked_up_, [&] { has_spaces_ = separates_words(language_).value_or(false); });
  return has_spaces_;
}

std::string TranslationJoiner::separator(std::string_view line, const TextRange& left,
                                         const TextRange& right, std::string_view left_text,
                                         std::string_view right_text) const {
  const std::string space(line.substr(left.end, right.begin - left.end));
  const bool is_unspaced = !is_known_to_have_spaces() &&
                           is_unspaced_between(left_text, right_text) && !is_segmented(left_text);
  if (is_unspaced) return space.find_first_not_of(' ') == std::string::npos ? "" : space;
  if (!space.empty()) return space;
  return is_unspaced_between(line.substr(0, left.end), line.substr(right.begin)) ? " " : "";
}

std::vector<Translation> TranslationJoiner::join(
    std::string_view line, std::span<const TextRange> parts,
    std::span<const std::vector<Translation>> part_outputs, std::size_t n_best) const {
  std::vector<std::vector<Combination>> combinations{{Combination{}}};
  for (const std::vector<Translation>& outputs : part_outputs)
    combinations.push_back(extend(combinations.back(), outputs, n_best));
  std::vector<Translation> results;
  for (std::size_t rank = 0; rank < combinations.back().size(); ++rank) {
    std::vector<std::size_t> chosen(parts.size());
    std::size_t at = rank;
    for (std::size_t i = parts.size(); i > 0; --i) {
      chosen[i - 1] = combinations[i][at].output;
      at = combinations[i][at].previous;
    }
    Translation& whole = results.emplace_back();
    std::size_t last = 0;  // whose output is not empty
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Translation& output = part_outputs[i][chosen[i]];
      if (!whole.text.empty() && !output.text.empty())
        whole.text += separator(line, parts[i - 1], parts[i], part_outputs[last][chosen[last]].text,
                                output.text);
      if (!output.text.empty()) last = i;
      append(whole, output, parts[i]);
    }
  }
  return results;
}

}  // namespace heed
