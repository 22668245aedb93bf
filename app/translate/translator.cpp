#include "app/translate/translator.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "data/line_breaks.h"
#include "model/split_mix.h"

namespace heed {
namespace {

constexpr std::size_t kLinesAtOnce = 32;  // of a worker that makes pieces of text, or text of them

std::size_t max_pieces(const TranslatorOptions& options, const ModelFolder& model) {
  const std::size_t longest = options.split_length.value_or(trained_length(model.config));
  return longest == 0 ? kMostPieces : std::min(longest, kMostPieces);
}

LineSplitter::PieceStarts piece_starts(const Tokenizer& tokenizer) {
  return [&tokenizer](std::string_view text) {
    std::vector<std::size_t> starts;
    for (const Piece& piece : tokenizer.encode_pieces(text)) starts.push_back(piece.begin);
    return starts;
  };
}

/// Of what is drawn for a part of a line.
std::uint64_t seed_of_part(std::uint64_t seed, std::uint64_t line, std::uint64_t part) {
  return split_mix(split_mix(split_mix(seed + kSplitMixStep) + line) + part);
}

/// As many as are asked for, so that it is known how many lines of output a line gives.
std::vector<Translation> with_n(std::vector<Translation> translations,
                                const TranslatorOptions& options) {
  const auto count = static_cast<std::size_t>(options.search.n_best);
  while (translations.size() < count) translations.push_back(Translation(translations.back()));
  return translations;
}

/// Calls `body` for each of `count` lines, spread over the pool.
void for_each_line(std::size_t count, WorkerPool& pool,
                   const std::function<void(std::size_t)>& body) {
  pool.run((count + kLinesAtOnce - 1) / kLinesAtOnce, [&](std::size_t task, std::size_t) {
    const std::size_t end = std::min(count, (task + 1) * kLinesAtOnce);
    for (std::size_t i = task * kLinesAtOnce; i < end; ++i) body(i);
  });
}

constexpr const char* kNothingFound =
    "no translation was found: the model's values are no numbers, or the options leave none";

std::vector<std::uint32_t> places_of_ones(std::span<const std::uint8_t> flags) {
  std::vector<std::uint32_t> places;
  for (std::size_t i = 0; i < flags.size(); ++i)
    if (flags[i] != 0) places.push_back(static_cast<std::uint32_t>(i));
  return places;
}

}  // namespace

std::size_t trained_length(const RunConfig& config) {
  const auto longest = static_cast<std::size_t>(config.data.max_length);
  if (config.model.positions != PositionEncoding::kLearned) return longest;
  const auto positions = static_cast<std::size_t>(config.model.max_positions) - 1;  // one for eos
  return longest == 0 ? positions : std::min(longest, positions);
}

Translator::Translator(const ModelFolder& model, const ScorerSource& scorers, WorkerPool& pool,
                       TranslatorOptions options, const TranslationAnnotator* annotator)
    : model_(model),
      pool_(pool),
      options_(std::move(options)),
      annotator_(annotator),
      batch_translator_(scorers, pool, options_.max_tokens),
      splitter_(model.config.data.src_lang, {options_.split_sentences, max_pieces(options_, model)},
                piece_starts(model.tokenizers.src)),
      joiner_(model.config.data.tgt_lang) {}

std::vector<std::vector<Translation>> Translator::translate(
    const LineBlock& block, const std::function<void(std::size_t)>& on_progress) const {
  const std::size_t last_viewed = annotator_ == nullptr ? 0 : annotator_->last_viewed_line();
  const std::size_t viewed = last_viewed - std::min(last_viewed, block.first_line - 1);
  if (viewed == 0 || viewed >= block.size()) return translate_block(block, viewed > 0, on_progress);
  // Viewing costs: lines beyond those to view are a block of their own.
  auto results = translate_block(block.part(0, viewed), true, on_progress);
  auto rest =
      translate_block(block.part(viewed, block.size() - viewed), false, [&](std::size_t done) {
        if (on_progress) on_progress(viewed + done);
      });
  std::move(rest.begin(), rest.end(), std::back_inserter(results));
  return results;
}

std::vector<std::vector<Translation>> Translator::translate_block(
    const LineBlock& block, bool is_viewed,
    const std::function<void(std::size_t)>& on_progress) const {
  std::vector<Source> sources(block.size());
  for_each_line(block.size(), pool_, [&](std::size_t i) { sources[i] = make_source(block, i); });
  SearchJob job = make_job(block, sources);
  std::vector<std::uint32_t> too_large;
  if (options_.undone != nullptr)
    job.on_too_large = [&](std::uint32_t index) { too_large.push_back(index); };
  std::vector<std::uint8_t> not_found(job.sources.size());  // workers write to their own elements
  job.on_not_found = [&](std::uint32_t index) { not_found[index] = 1; };
  std::vector<SearchTrace> traces;
  const auto on_parts = [&](std::size_t done) {
    if (on_progress) on_progress(done * block.size() / job.sources.size());
  };
  auto hypotheses = decode(job, on_parts, is_viewed ? &traces : nullptr);
  leave_empty(block, sources, too_large, "there is not enough memory to translate it");
  leave_empty(block, sources, places_of_ones(not_found), kNothingFound);
  std::vector<std::vector<Translation>> results(block.size());
  const auto parts_of = [&](auto& parts, std::size_t line) {
    return std::span(parts).subspan(sources[line].first_part, sources[line].split.parts.size());
  };
  for_each_line(block.size(), pool_, [&](std::size_t i) {
    results[i] = make_translations(block.lines[i], sources[i], parts_of(hypotheses, i));
  });
  if (annotator_ != nullptr) annotator_->add_links(block, results);
  for (std::size_t i = 0; is_viewed && i < block.size(); ++i)
    annotator_->add_views(block.lines[i], block.first_line + i, parts_of(traces, i),
                          results[i].front());
  return results;
}

Translator::Source Translator::make_source(const LineBlock& block, std::size_t index) const {
  const std::string& line = block.lines[index];
  const Tokenizer& tokenizer = model_.tokenizers.src;
  Source source;
  if (!block.prefixes.empty()) source.prefix = model_.tokenizers.tgt.encode(block.prefixes[index]);
  std::vector<TokenId> ids = tokenizer.encode(line);
  source.split = splitter_.split(line, ids.size());
  const std::vector<TextRange>& parts = source.split.parts;
  if (parts.size() == 1 && parts.front() == TextRange{0, line.size()}) {
    source.ids.push_back(std::move(ids));
    return source;
  }
  for (const TextRange& part : parts) source.ids.push_back(tokenizer.encode(part.of(line)));
  return source;
}

SearchJob Translator::make_job(const LineBlock& block, std::span<Source> sources) const {
  SearchJob job;
  for (std::size_t i = 0; i < block.size(); ++i) {
    Source& source = sources[i];
    const std::size_t number = block.first_line + i;
    warn_of_length(source.split, number);
    source.first_part = job.sources.size();
    for (std::size_t part = 0; part < source.ids.size(); ++part) {
      job.sources.push_back(std::move(source.ids[part]));
      if (options_.drawing) job.seeds.push_back(seed_of_part(options_.drawing->seed, number, part));
    }
    if (block.prefixes.empty()) continue;
    if (std::ranges::count(source.prefix, kUnkId) > 0)
      unknown_prefixes_.warn("line {}: the model's vocabulary cannot spell the prefix '{}'", number,
                             block.prefixes[i]);
    job.prefixes.resize(job.sources.size());
    job.prefixes[source.first_part] = std::move(source.prefix);
  }
  return job;
}

void Translator::leave_empty(const LineBlock& block, std::span<Source> sources,
                             std::span<const std::uint32_t> parts, const char* why) const {
  for (const std::uint32_t part : parts) {
    const auto behind = std::ranges::upper_bound(sources, part, {}, &Source::first_part);
    Source& source = *std::prev(behind);
    if (std::exchange(source.is_undone, true)) continue;
    const auto line = static_cast<std::size_t>(&source - sources.data());
    if (options_.undone != nullptr)
      options_.undone->add(fmt::format("line {}", block.first_line + line), why);
  }
}

void Translator::warn_of_length(const SplitLine& split, std::size_t number) const {
  if (split.excess_pieces == 0) return;
  long_lines_.warn(
      "line {}: {} pieces{}, the longest that the model {} has {}; translated in {} "
      "parts (--split-length)",
      number, split.excess_pieces, options_.split_sentences ? " in a sentence" : "",
      options_.split_length ? "is given" : "was trained on", max_pieces(options_, model_),
      split.parts.size());
}

/// Samples know the lines' numbers, so that shards draw what the whole would.
std::vector<std::vector<Hypothesis>> Translator::decode(
    const SearchJob& job, const std::function<void(std::size_t)>& on_progress,
    std::vector<SearchTrace>* traces) const {
  if (!options_.drawing)
    return batch_translator_.translate(job, options_.search, on_progress, traces);
  if (traces != nullptr) traces->resize(job.sources.size());
  SamplingOptions sampling;
  static_cast<SearchLimits&>(sampling) = options_.search;
  sampling.num_samples = options_.search.n_best;
  sampling.draw = options_.drawing->draw;
  sampling.length_penalty = options_.search.length_penalty;
  return batch_translator_.sample(job, sampling, on_progress);
}

std::vector<Translation> Translator::make_translations(
    const std::string& line, const Source& source,
    std::span<std::vector<Hypothesis>> hypotheses) const {
  if (source.is_undone) return with_n(spell({Hypothesis{}}, line.size()), options_);
  const std::vector<TextRange>& parts = source.split.parts;
  std::vector<std::vector<Translation>> outputs;
  for (std::size_t i = 0; i < parts.size(); ++i)
    outputs.push_back(spell(std::move(hypotheses[i]), parts[i].end - parts[i].begin));
  if (outputs.size() == 1) return with_n(std::move(outputs.front()), options_);
  const auto n_best = static_cast<std::size_t>(options_.search.n_best);
  return with_n(joiner_.join(line, parts, outputs, n_best), options_);
}

std::vector<Translation> Translator::spell(std::vector<Hypothesis> hypotheses,
                                           std::size_t src_size) const {
  std::vector<Translation> translations;
  for (Hypothesis& hypothesis : hypotheses) {
    Translation& translation = translations.emplace_back();
    translation.pieces = model_.tokenizers.tgt.decode_pieces(hypothesis.tokens, translation.text);
    put_on_one_line(translation.text, translation.pieces);
    translation.hypothesis = std::move(hypothesis);
    translation.parts = {
        {{0, src_size}, {0, translation.text.size()}, 0, translation.pieces.size()}};
  }
  return translations;
}

}  // namespace heed
