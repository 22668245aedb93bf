#include "app/translate/placeholder_transfer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "app/translate/span_choice.h"
#include "data/ascii.h"

namespace heed {
namespace {

constexpr int kNone = -1;

struct ByteRange {
  std::size_t begin;
  std::size_t end;
};

// The word parts of `text` with each of the `atoms` (in order, apart from each other) as one.
std::vector<TextUnit> split_around(std::string_view text, std::span<const ByteRange> atoms) {
  std::vector<TextUnit> units;
  const auto add_parts = [&](std::size_t begin, std::size_t end) {
    for (TextUnit& part : split_word_parts(text.substr(begin, end - begin)))
      units.push_back({std::move(part.text), begin + part.begin, begin + part.end});
  };
  std::size_t done = 0;
  for (const ByteRange& atom : atoms) {
    add_parts(done, atom.begin);
    units.push_back(
        {std::string(text.substr(atom.begin, atom.end - atom.begin)), atom.begin, atom.end});
    done = atom.end;
  }
  add_parts(done, text.size());
  return units;
}

bool is_ascii_word(std::string_view text, std::size_t at) {
  return at < text.size() && is_ascii_alphanumeric(text[at]);
}

template <typename T>
bool contains(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// The placeholder's word as the model may have written it.
std::vector<std::string> words_of(const MarkupLine& source, std::size_t placeholder) {
  const Placeholder& place = source.placeholders[placeholder];
  std::vector<std::string> words{source.text.substr(place.begin, place.end - place.begin)};
  if (!place.word.target.empty()) words.push_back(place.word.target);
  return words;
}

// Where `word` stands by itself in `text`.
std::vector<ByteRange> occurrences(std::string_view text, std::string_view word) {
  std::vector<ByteRange> ranges;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at)) {
    const std::size_t end = at + word.size();
    const bool is_apart = !(at > 0 && is_ascii_word(text, at - 1) && is_ascii_word(text, at)) &&
                          !(is_ascii_word(text, end) && is_ascii_word(text, end - 1));
    if (is_apart) ranges.push_back({at, end});
    at = end;
  }
  return ranges;
}

// Finds for each placeholder the target units that it replaces.
class Assignment {
 public:
  Assignment(const MarkupLine& source, std::span<const TextUnit> src_units,
             std::span<const TextUnit> tgt_units, std::span<const Link> links)
      : source_(source),
        tgt_units_(tgt_units),
        links_(links),
        owner_(tgt_units.size(), kNone),
        spans_(source.placeholders.size()) {
    for (const Placeholder& place : source.placeholders) {
      const auto unit =
          std::partition_point(src_units.begin(), src_units.end(),
                               [&](const TextUnit& at) { return at.begin < place.begin; });
      units_.push_back(static_cast<int>(unit - src_units.begin()));
    }
    for (const Link& link : links) probabilities_[{link.src, link.tgt}] += link.probability;
    find_telling_words(src_units);
    assign_words();
    assign_links();
    drop_rest();
  }

  /// Placeholder by target unit, kNone where there is none.
  const std::vector<int>& owners() const { return owner_; }
  /// Target units of each placeholder.
  const std::vector<std::optional<UnitSpan>>& spans() const { return spans_; }
  /// Target units that are left out of the output.
  const std::set<int>& dropped() const { return dropped_; }

 private:
  struct Candidate {
    double probability;
    std::size_t placeholder;
    UnitSpan span;
  };

  double probability_of(std::size_t placeholder, int tgt) const {
    const auto found = probabilities_.find({units_[placeholder], tgt});
    return found == probabilities_.end() ? 0.0 : found->second;
  }

  // The most probable first; of equals the first placeholder and unit.
  void take_best(std::vector<Candidate> candidates) {
    std::stable_sort(
        candidates.begin(), candidates.end(),
        [](const Candidate& a, const Candidate& b) { return a.probability > b.probability; });
    for (const Candidate& candidate : candidates) {
      const auto begin = owner_.begin() + candidate.span.begin;
      const auto end = owner_.begin() + candidate.span.end;
      if (spans_[candidate.placeholder] ||
          std::any_of(begin, end, [](int o) { return o != kNone; }))
        continue;
      std::fill(begin, end, static_cast<int>(candidate.placeholder));
      spans_[candidate.placeholder] = candidate.span;
    }
  }

  void assign_words() {
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      for (int tgt = 0; tgt < static_cast<int>(tgt_units_.size()); ++tgt)
        if (contains(words_[i], tgt_units_[static_cast<std::size_t>(tgt)].text))
          candidates.push_back({probability_of(i, tgt), i, {tgt, tgt + 1}});
    }
    take_best(std::move(candidates));
  }

  void assign_links() {
    const auto tgt_count = static_cast<int>(tgt_units_.size());
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      if (spans_[i]) continue;
      const auto weights = inside_weights(links_, {units_[i], units_[i] + 1}, tgt_count);
      for (int begin = 0, end = 0; begin < tgt_count; begin = end + 1) {
        for (end = begin; end < tgt_count && owner_[static_cast<std::size_t>(end)] == kNone;) ++end;
        if (const auto best = heaviest_span(weights, {begin, end}))
          candidates.push_back({best->score, i, best->span});
      }
    }
    take_best(std::move(candidates));
  }

  void drop_rest() {
    std::set<std::string> words;
    for (const auto& of_placeholder : words_)
      words.insert(of_placeholder.begin(), of_placeholder.end());
    for (int tgt = 0; tgt < static_cast<int>(tgt_units_.size()); ++tgt) {
      if (owner_[static_cast<std::size_t>(tgt)] != kNone) continue;
      if (words.contains(tgt_units_[static_cast<std::size_t>(tgt)].text) || is_repetition(tgt))
        dropped_.insert(tgt);
    }
  }

  // The words that tell of each placeholder in the translation; none where the line has its word as
  // a word of its own.
  void find_telling_words(std::span<const TextUnit> src_units) {
    const std::set<int> replaced(units_.begin(), units_.end());
    std::set<std::string_view> own_words;
    for (std::size_t i = 0; i < src_units.size(); ++i)
      if (!replaced.contains(static_cast<int>(i))) own_words.insert(src_units[i].text);
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      words_.push_back(words_of(source_, i));
      if (own_words.contains(words_.back().front())) words_.back().clear();
    }
  }

  bool is_repetition(int tgt) const {
    const std::string& text = tgt_units_[static_cast<std::size_t>(tgt)].text;
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      if (!spans_[i] || !(probability_of(i, tgt) > 0.0)) continue;
      for (int unit = spans_[i]->begin; unit < spans_[i]->end; ++unit)
        if (tgt_units_[static_cast<std::size_t>(unit)].text == text) return true;
    }
    return false;
  }

  const MarkupLine& source_;
  std::span<const TextUnit> tgt_units_;
  std::span<const Link> links_;
  std::map<std::pair<int, int>, double> probabilities_;  // of links, by source and target unit
  std::vector<int> units_;                               // source unit of each placeholder
  std::vector<std::vector<std::string>> words_;          // that tell of each placeholder
  std::vector<int> owner_;
  std::vector<std::optional<UnitSpan>> spans_;
  std::set<int> dropped_;
};

}  // namespace

std::vector<TextUnit> source_units(const MarkupLine& line) {
  std::vector<ByteRange> atoms;
  for (const Placeholder& place : line.placeholders) atoms.push_back({place.begin, place.end});
  return split_around(line.text, atoms);
}

std::vector<TextUnit> target_units(std::string_view text, const MarkupLine& source) {
  std::set<std::string> words;
  for (std::size_t i = 0; i < source.placeholders.size(); ++i)
    words.insert(words_of(source, i).front());
  std::vector<ByteRange> found;
  for (const std::string& word : words)
    for (const ByteRange& range : occurrences(text, word)) found.push_back(range);
  std::sort(found.begin(), found.end(), [](const ByteRange& a, const ByteRange& b) {
    return std::pair(a.begin, b.end) < std::pair(b.begin, a.end);  // the longer of two first
  });
  std::vector<ByteRange> atoms;
  for (const ByteRange& range : found)
    if (atoms.empty() || range.begin >= atoms.back().end) atoms.push_back(range);
  return split_around(text, atoms);
}

FilledText fill_placeholders(const MarkupLine& source, std::span<const TextUnit> src_units,
                             std::string_view tgt_text, std::span<const TextUnit> tgt_units,
                             std::span<const Link> links) {
  const Assignment assignment(source, src_units, tgt_units, links);
  FilledText filled;
  std::vector<int> unit_of(tgt_units.size(), kNone);
  std::string gap;
  std::size_t written = 0;
  for (std::size_t tgt = 0; tgt < tgt_units.size(); ++tgt) {
    const std::string_view white = tgt_text.substr(written, tgt_units[tgt].begin - written);
    written = tgt_units[tgt].end;
    const int owner = assignment.owners()[tgt];
    const bool goes_on = owner != kNone && tgt > 0 && assignment.owners()[tgt - 1] == owner;
    if (!goes_on && gap.empty()) gap = white;
    if (assignment.dropped().contains(static_cast<int>(tgt))) continue;
    if (!goes_on) {
      filled.gaps.push_back(std::exchange(gap, {}));
      filled.units.push_back(
          owner == kNone
              ? OutputUnit{tgt_units[tgt].text, false}
              : OutputUnit{source.placeholders[static_cast<std::size_t>(owner)].text, true});
    }
    unit_of[tgt] = static_cast<int>(filled.units.size()) - 1;
  }
  filled.gaps.emplace_back(tgt_text.substr(written));
  filled.gaps.front() = tgt_text.substr(0, tgt_units.empty() ? written : tgt_units.front().begin);
  for (const Link& link : links)
    if (const int unit = unit_of[static_cast<std::size_t>(link.tgt)]; unit != kNone)
      filled.links.push_back({link.src, unit, link.probability});
  filled.links = to_link_set(std::move(filled.links));
  for (std::size_t i = 0; i < source.placeholders.size(); ++i)
    if (!assignment.spans()[i]) filled.missing.push_back(i);
  return filled;
}

}  // namespace heed
