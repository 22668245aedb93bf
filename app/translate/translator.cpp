#include "app/translate/translator.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "model/split_mix.h"

namespace heed {
namespace {

constexpr std::size_t kNamedLongLines = 10;
constexpr std::size_t kLinesAtOnce = 32;  // of a worker that makes pieces of text, or text of them

std::size_t max_pieces(const TranslatorOptions& options, const ModelFolder& model) {
  return options.split_length.value_or(trained_length(model.config));
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

/// Calls `body` for each of `count` lines, spread over the pool.
void for_each_line(std::size_t count, WorkerPool& pool,
                   const std::function<void(std::size_t)>& body) {
  pool.run((count + kLinesAtOnce - 1) / kLinesAtOnce, [&](std::size_t task, std::size_t) {
    const std::size_t end = std::min(count, (task + 1) * kLinesAtOnce);
    for (std::size_t i = task * kLinesAtOnce; i < end; ++i) body(i);
  });
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
  const SearchJob job = make_job(block, sources);
  std::vector<SearchTrace> traces;
  const auto on_parts = [&](std::size_t done) {
    if (on_progress) on_progress(done * block.size() / job.sources.size());
  };
  auto hypotheses = decode(job, on_parts, is_viewed ? &traces : nullptr);
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
      spdlog::warn("line {}: the model's vocabulary cannot spell the prefix '{}'", number,
                   block.prefixes[i]);
    job.prefixes.resize(job.sources.size());
    job.prefixes[source.first_part] = std::move(source.prefix);
  }
  return job;
}

void Translator::warn_of_length(const SplitLine& split, std::size_t number) const {
  if (split.excess_pieces == 0 || ++long_lines_ > kNamedLongLines) return;
  spdlog::warn(
      "line {}: {} pieces{}, the longest that the model {} has {}; translated in {} "
      "parts (--split-length)",
      number, split.excess_pieces, options_.split_sentences ? " in a sentence" : "",
      options_.split_length ? "is given" : "was trained on", max_pieces(options_, model_),
      split.parts.size());
  if (long_lines_ == kNamedLongLines) spdlog::warn("further lines of such length are not named");
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
  const std::vector<TextRange>& parts = source.split.parts;
  std::vector<std::vector<Translation>> outputs;
  for (std::size_t i = 0; i < parts.size(); ++i)
    outputs.push_back(spell(std::move(hypotheses[i]), parts[i].end - parts[i].begin));
  if (outputs.size() == 1) return std::move(outputs.front());
  return joiner_.join(line, parts, outputs, static_cast<std::size_t>(options_.search.n_best));
}

std::vector<Translation> Translator::spell(std::vector<Hypothesis> hypotheses,
                                           std::size_t src_size) const {
  std::vector<Translation> translations;
  for (Hypothesis& hypothesis : hypotheses) {
    Translation& translation = translations.emplace_back();
    translation.pieces = model_.tokenizers.tgt.decode_pieces(hypothesis.tokens, translation.text);
    translation.hypothesis = std::move(hypothesis);
    translation.parts = {
        {{0, src_size}, {0, translation.text.size()}, 0, translation.pieces.size()}};
  }
  return translations;
}

}  // namespace heed
