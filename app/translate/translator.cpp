#include "app/translate/translator.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "app/align/decoding_trace.h"

namespace heed {
namespace {

constexpr std::size_t kNamedLongLines = 10;

AlignerOptions aligner_options(const TranslatorOptions& options) {
  return {.selection = options.selection,
          .log_probability = false,  // the search has told it
          .max_tokens = options.max_tokens};
}

AlignerOptions viewer_options(const TranslatorOptions& options) {
  AlignerOptions result = aligner_options(options);
  result.kinds = {AttentionKind::kEncoderSelf, AttentionKind::kDecoderSelf, AttentionKind::kCross};
  result.keep_pieces = true;
  result.log_probability = true;
  return result;
}

std::size_t max_pieces(const TranslatorOptions& options, const ModelBundle& bundle) {
  return options.split_length.value_or(trained_length(bundle.config));
}

std::string_view text_of(std::string_view line, const TextRange& range) {
  return line.substr(range.begin, range.end - range.begin);
}

LineUnits word_units(const std::string& line, std::size_t number, const Translation& translation) {
  return {number, {line, split_words(line)}, {translation.text, split_words(translation.text)}};
}

}  // namespace

std::size_t trained_length(const RunConfig& config) {
  const auto longest = static_cast<std::size_t>(config.data.max_length);
  if (config.model.positions != PositionEncoding::kLearned) return longest;
  const auto positions = static_cast<std::size_t>(config.model.max_positions) - 1;  // one for eos
  return longest == 0 ? positions : std::min(longest, positions);
}

Translator::Translator(const ModelBundle& bundle, WorkerPool& pool, TranslatorOptions options)
    : bundle_(bundle),
      options_(std::move(options)),
      batch_translator_(make_scorer_source(*bundle.model, bundle.direction, options_.precision),
                        pool, options_.max_tokens),
      splitter_(bundle.config.data.src_lang,
                {options_.split_sentences, max_pieces(options_, bundle)},
                [&bundle](std::string_view text) {
                  std::vector<std::size_t> starts;
                  for (const Piece& piece : bundle.tokenizers.src.encode_pieces(text))
                    starts.push_back(piece.begin);
                  return starts;
                }),
      joiner_(bundle.config.data.tgt_lang),
      aligner_(bundle, pool, aligner_options(options_)),
      viewer_(bundle, pool, viewer_options(options_)) {}

std::vector<std::vector<Translation>> Translator::translate(
    const std::vector<std::string>& lines, std::size_t first_line,
    const std::function<void(std::size_t)>& on_progress) const {
  const std::size_t viewed =
      options_.last_viewed_line - std::min(options_.last_viewed_line, first_line - 1);
  if (viewed == 0 || viewed >= lines.size())
    return translate_block(lines, first_line, viewed > 0, on_progress);
  // Viewing costs: lines beyond those to view are a block of their own.
  const auto boundary = lines.begin() + static_cast<std::ptrdiff_t>(viewed);
  auto results = translate_block({lines.begin(), boundary}, first_line, true, on_progress);
  auto rest =
      translate_block({boundary, lines.end()}, first_line + viewed, false, [&](std::size_t done) {
        if (on_progress) on_progress(viewed + done);
      });
  std::move(rest.begin(), rest.end(), std::back_inserter(results));
  return results;
}

std::vector<std::vector<Translation>> Translator::translate_block(
    const std::vector<std::string>& lines, std::size_t first_line, bool is_viewed,
    const std::function<void(std::size_t)>& on_progress) const {
  const Tokenizer& tokenizer = bundle_.tokenizers.src;
  std::vector<std::vector<TextRange>> parts;
  std::vector<std::vector<TokenId>> sources;  // of all parts
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<TokenId> ids = tokenizer.encode(lines[i]);
    parts.push_back(split(lines[i], first_line + i, ids.size()).parts);
    if (parts.back().size() == 1 && parts.back().front() == TextRange{0, lines[i].size()}) {
      sources.push_back(std::move(ids));
      continue;
    }
    for (const TextRange& part : parts.back())
      sources.push_back(tokenizer.encode(text_of(lines[i], part)));
  }
  const auto on_parts = [&](std::size_t done) {
    if (on_progress) on_progress(done * lines.size() / sources.size());
  };
  std::vector<SearchTrace> traces;
  auto hypotheses = batch_translator_.translate(sources, options_.search, on_parts,
                                                is_viewed ? &traces : nullptr);
  std::vector<std::vector<Translation>> results(lines.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::vector<Translation>> outputs;
    for (const TextRange& part : parts[i])
      outputs.push_back(decode(std::move(hypotheses[next++]), part.end - part.begin));
    results[i] = outputs.size() == 1
                     ? std::move(outputs.front())
                     : joiner_.join(lines[i], parts[i], outputs,
                                    static_cast<std::size_t>(options_.search.n_best));
  }
  if (options_.want_alignments) add_links(lines, first_line, results);
  if (!is_viewed) return results;
  std::span<const SearchTrace> traces_left = traces;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    add_views(lines[i], first_line + i, traces_left.first(parts[i].size()), results[i].front());
    traces_left = traces_left.subspan(parts[i].size());
  }
  return results;
}

SplitLine Translator::split(const std::string& line, std::size_t number, std::size_t pieces) const {
  SplitLine result = splitter_.split(line, pieces);
  if (result.excess_pieces == 0 || ++long_lines_ > kNamedLongLines) return result;
  spdlog::warn(
      "line {}: {} pieces{}, the longest that the model {} has {}; translated in {} "
      "parts (--split-length)",
      number, result.excess_pieces, options_.split_sentences ? " in a sentence" : "",
      options_.split_length ? "is given" : "was trained on", max_pieces(options_, bundle_),
      result.parts.size());
  if (long_lines_ == kNamedLongLines) spdlog::warn("further lines of such length are not named");
  return result;
}

std::vector<Translation> Translator::decode(std::vector<Hypothesis> hypotheses,
                                            std::size_t src_size) const {
  std::vector<Translation> translations;
  for (Hypothesis& hypothesis : hypotheses) {
    Translation& translation = translations.emplace_back();
    translation.pieces = bundle_.tokenizers.tgt.decode_pieces(hypothesis.tokens, translation.text);
    translation.hypothesis = std::move(hypothesis);
    translation.parts = {
        {{0, src_size}, {0, translation.text.size()}, 0, translation.pieces.size()}};
  }
  return translations;
}

void Translator::add_links(const std::vector<std::string>& lines, std::size_t first_line,
                           std::vector<std::vector<Translation>>& results) const {
  std::vector<LineUnits> units;
  std::vector<const Translation*> translations;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const Translation& translation : results[i]) {
      units.push_back(word_units(lines[i], first_line + i, translation));
      translations.push_back(&translation);
    }
  }
  auto links = align_parts(aligner_, units, translations, bundle_.tokenizers.src);
  auto next = links.begin();
  for (auto& line_results : results)
    for (Translation& translation : line_results) translation.links = std::move(*next++);
}

void Translator::add_views(const std::string& line, std::size_t number,
                           std::span<const SearchTrace> traces, Translation& best) const {
  const LineUnits units = word_units(line, number, best);
  const auto& tokens = best.hypothesis.tokens;
  const std::size_t count = std::min(best.parts.size(), kViewedParts);
  std::vector<AlignmentInput> inputs;
  for (std::size_t i = 0; i < count; ++i)
    inputs.push_back(make_part_input(units, best, best.parts[i], bundle_.tokenizers.src).input);
  best.views = viewer_.align(inputs);
  for (std::size_t i = 0; i < count; ++i) {
    const TranslatedPart& part = best.parts[i];
    // An output that was cut off has no step of its end, which a page shows too.
    if (traces[i].size() <= part.last_piece - part.first_piece) continue;
    best.views[i].decoding = describe_search(
        traces[i], std::span(tokens).subspan(part.first_piece, part.last_piece - part.first_piece),
        options_.search, bundle_.tokenizers.tgt);
  }
  if (count < best.parts.size())
    spdlog::warn("line {}: the page shows the first {} of {} parts", number, count,
                 best.parts.size());
}

}  // namespace heed
