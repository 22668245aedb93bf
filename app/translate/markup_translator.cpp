#include "app/translate/markup_translator.h"

#include <algorithm>
#include <array>
#include <map>

#include "app/translate/markup_transfer.h"
#include "app/translate/part_alignment.h"
#include "app/translate/placeholder_transfer.h"

namespace heed {
namespace {

// Training text of most languages has one of them, and a model puts it anywhere a noun may stand.
constexpr std::array<std::string_view, 10> kNames{"Tom",    "John", "tom",  "john", "トム",
                                                  "ジョン", "汤姆", "约翰", "Том",  "Иван"};

// Those that the vocabulary spells in the fewest pieces.
std::vector<std::string> shortest_names(const Tokenizer& tokenizer) {
  std::size_t fewest = static_cast<std::size_t>(-1);
  std::vector<std::string> names;
  for (const std::string_view name : kNames) {
    const std::size_t pieces = tokenizer.encode(name).size();
    if (pieces < fewest) names.clear();
    if (pieces <= fewest) names.emplace_back(name);
    fewest = std::min(fewest, pieces);
  }
  return names;
}

bool has_markup(const MarkupLine& line) {
  return !line.tags.empty() || !line.placeholders.empty();
}

bool needs_links(const MarkupLine& line) {
  return has_markup(line) && is_placed_by_links(line);
}

bool is_spelt(const std::string& text, const Tokenizer& tokenizer) {
  const auto ids = tokenizer.encode(text);
  return std::none_of(ids.begin(), ids.end(), [&](TokenId id) {
    const std::string& piece = tokenizer.piece_text(id);
    return id == kUnkId || (piece.size() == 6 && piece.starts_with("<0x"));
  });
}

}  // namespace

MarkupTranslator::MarkupTranslator(const ModelBundle& bundle, WorkerPool& pool,
                                   const Translator& translator, const MarkupOptions& options)
    : bundle_(bundle),
      translator_(translator),
      aligner_(bundle, pool,
               {.selection = options.selection,
                .log_probability = false,
                .max_tokens = options.max_tokens}) {
  if (!options.placeholder_word.empty()) {
    words_ = {{options.placeholder_word, ""}};
    return;
  }
  const auto names = shortest_names(bundle.tokenizers.src);
  words_ = known_words(names);
  if (words_.empty())
    for (const std::string& name : names) words_.push_back({name, ""});
}

// A name alone makes a small model repeat itself; what it repeats for no other name is the name.
std::vector<PlaceholderWord> MarkupTranslator::known_words(
    const std::vector<std::string>& names) const {
  std::vector<std::map<std::string, int>> counts;
  for (const auto& translations : translator_.translate({names})) {
    counts.emplace_back();
    for (const TextUnit& unit : split_word_parts(translations.front().text))
      if (!is_punctuation(unit)) ++counts.back()[unit.text];
  }
  std::vector<PlaceholderWord> words;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::map<std::string, int> own = counts[i];
    for (std::size_t other = 0; other < names.size(); ++other)
      if (other != i)
        std::erase_if(own, [&](const auto& e) { return counts[other].contains(e.first); });
    const auto most = std::max_element(
        own.begin(), own.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most != own.end() && most->second > 1) words.push_back({names[i], most->first});
  }
  return words;
}

MarkupLine MarkupTranslator::readable(const MarkupLine& line) const {
  std::vector<PlaceholderWord> free_words = words_;
  std::erase_if(free_words, [&](const PlaceholderWord& word) {
    return line.text.find(word.source) != std::string::npos;
  });
  if (free_words.empty()) free_words = words_;
  std::vector<PlaceholderWord> words;
  for (const Placeholder& placeholder : line.placeholders) {
    if (is_spelt(placeholder.text, bundle_.tokenizers.src))
      words.push_back({placeholder.text, ""});
    else
      words.push_back(free_words[words.size() % free_words.size()]);
  }
  return with_words_for_placeholders(line, words);
}

std::vector<MarkupTranslation> MarkupTranslator::translate(
    const LineBlock& block, const std::function<void(std::size_t)>& on_progress) const {
  std::vector<MarkupLine> sources;
  std::vector<std::string> texts;
  std::vector<bool> is_markup_only;
  for (const std::string& line : block.lines) {
    const MarkupLine parsed = parse_markup(line);
    is_markup_only.push_back(has_markup(parsed) && !has_text_to_translate(parsed));
    if (!is_markup_only.back() && !is_placed_by_links(parsed))
      unplaced_.warn(
          "line {}: {} tags and {} placeholders go ahead of its translation; up to {} would "
          "be placed in it",
          block.first_line + sources.size(), parsed.tags.size(), parsed.placeholders.size(),
          kMostPlacedMarkup);
    sources.push_back(readable(parsed));
    texts.push_back(is_markup_only.back() ? "" : sources.back().text);
  }
  auto translations = translator_.translate({texts, block.first_line}, on_progress);
  std::vector<MarkupTranslation> results;
  for (std::size_t i = 0; i < block.size(); ++i)
    results.push_back({std::move(texts[i]), std::move(translations[i]), {}});
  transfer(sources, results);
  for (std::size_t i = 0; i < block.size(); ++i)
    if (is_markup_only[i]) results[i].lines.assign(results[i].translations.size(), block.lines[i]);
  return results;
}

void MarkupTranslator::transfer(const std::vector<MarkupLine>& sources,
                                std::vector<MarkupTranslation>& results) const {
  std::vector<LineUnits> units;
  std::vector<const Translation*> translations;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!needs_links(sources[i])) continue;
    for (const Translation& translation : results[i].translations) {
      units.push_back({0,
                       {sources[i].text, source_units(sources[i])},
                       {translation.text, target_units(translation.text, sources[i])}});
      translations.push_back(&translation);
    }
  }
  const auto links = align_parts(aligner_, units, translations, bundle_.tokenizers.src);
  std::size_t next = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    for (const Translation& translation : results[i].translations) {
      if (!needs_links(sources[i])) {
        results[i].lines.push_back(transfer_markup(sources[i], {}, translation.text,
                                                   target_units(translation.text, sources[i]), {}));
        continue;
      }
      const LineUnits& line = units[next];
      results[i].lines.push_back(transfer_markup(sources[i], line.src.units, line.tgt.text,
                                                 line.tgt.units, links[next++]));
    }
  }
}

}  // namespace heed
