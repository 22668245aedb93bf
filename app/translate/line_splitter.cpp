#include "app/translate/line_splitter.h"

#include <algorithm>
#include <span>
#include <utility>

namespace heed {
namespace {

/// Cuts one text by the places of its pieces as a whole; cut apart it may have a few more.
class Division {
 public:
  Division(const TextCutter& cutter, std::string_view text, std::vector<std::size_t> piece_starts,
           std::size_t max_pieces)
      : cutter_(cutter),
        text_(text),
        piece_starts_(std::move(piece_starts)),
        max_pieces_(max_pieces) {}

  void cut(const TextRange& range, TextLevel level) {
    std::vector<TextRange> run;  // of stretches that are short enough
    for (TextRange stretch : cutter_.cut(range.of(text_), level)) {
      stretch = {range.begin + stretch.begin, range.begin + stretch.end};
      if (level == TextLevel::kCodePoint || pieces_of(stretch) <= max_pieces_) {
        run.push_back(stretch);
        continue;
      }
      add_groups(std::exchange(run, {}), level);
      cut(stretch, static_cast<TextLevel>(static_cast<int>(level) + 1));
    }
    add_groups(run, level);
  }

  std::vector<TextRange> take() { return std::move(parts_); }

 private:
  std::size_t pieces_of(const TextRange& range) const {
    const auto from = std::lower_bound(piece_starts_.begin(), piece_starts_.end(), range.begin);
    return static_cast<std::size_t>(std::lower_bound(from, piece_starts_.end(), range.end) - from);
  }

  /// Greedy: each group has as many stretches as fit into `capacity` pieces, one at least.
  std::vector<TextRange> group(std::span<const TextRange> stretches, std::size_t capacity) const {
    std::vector<TextRange> groups;
    for (const TextRange& stretch : stretches) {
      if (!groups.empty() && pieces_of({groups.back().begin, stretch.end}) <= capacity)
        groups.back().end = stretch.end;
      else
        groups.push_back(stretch);
    }
    return groups;
  }

  /// The fewest groups, the longest of them as short as it can be.
  void add_groups(std::span<const TextRange> stretches, TextLevel level) {
    // What begins within a word will by itself have a piece more, the mark of a space.
    const bool is_within_word = level >= TextLevel::kCharacter && max_pieces_ > 1;
    std::size_t low = 0;
    std::size_t high = is_within_word ? max_pieces_ - 1 : max_pieces_;
    std::vector<TextRange> best = group(stretches, high);
    while (low < high) {
      const std::size_t capacity = low + (high - low) / 2;
      std::vector<TextRange> groups = group(stretches, capacity);
      if (groups.size() <= best.size()) {
        best = std::move(groups);
        high = capacity;
      } else {
        low = capacity + 1;
      }
    }
    parts_.insert(parts_.end(), best.begin(), best.end());
  }

  const TextCutter& cutter_;
  std::string_view text_;
  std::vector<std::size_t> piece_starts_;  // increasing
  std::size_t max_pieces_;
  std::vector<TextRange> parts_;
};

}  // namespace

LineSplitter::LineSplitter(std::string language, const SplitOptions& options,
                           PieceStarts piece_starts)
    : cutter_(std::move(language)), options_(options), piece_starts_(std::move(piece_starts)) {}

SplitLine LineSplitter::split(std::string_view line, std::size_t pieces) const {
  const TextRange whole{0, line.size()};
  const bool fits = options_.max_pieces == 0 || pieces <= options_.max_pieces;
  if (fits && !options_.sentences) return {{whole}, 0};
  SplitLine result;
  if (options_.sentences) {
    const std::vector<TextRange> sentences = cutter_.cut(line, TextLevel::kSentence);
    if (fits && sentences.size() <= 1) return {{whole}, 0};
    for (const TextRange& sentence : sentences) divide(line, sentence, TextLevel::kClause, result);
  } else {
    divide(line, whole, TextLevel::kSentence, result);
  }
  if (result.parts.empty()) result.parts.push_back({0, 0});  // white space, however many pieces
  return result;
}

void LineSplitter::divide(std::string_view line, const TextRange& range, TextLevel level,
                          SplitLine& result) const {
  const std::string_view text = range.of(line);
  std::vector<std::size_t> starts =
      options_.max_pieces == 0 ? std::vector<std::size_t>{} : piece_starts_(text);
  const std::size_t pieces = starts.size();
  std::vector<TextRange> parts{{0, text.size()}};
  if (pieces > options_.max_pieces) {
    result.excess_pieces = std::max(result.excess_pieces, pieces);
    Division division(cutter_, text, std::move(starts), options_.max_pieces);
    division.cut(parts.front(), level);
    parts = division.take();
  }
  const bool is_cut = parts.size() > 1;
  for (const TextRange& part : parts) {
    const TextRange place{range.begin + part.begin, range.begin + part.end};
    if (is_cut)
      divide(line, place, level, result);  // by itself it may have more pieces than in the whole
    else
      result.parts.push_back(place);
  }
}

}  // namespace heed
