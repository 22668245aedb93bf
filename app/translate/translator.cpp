#include "app/translate/translator.h"

#include <algorithm>
#include <iterator>

#include "app/align/decoding_trace.h"

namespace heed {
namespace {

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

}  // namespace

Translator::Translator(const ModelBundle& bundle, WorkerPool& pool, TranslatorOptions options)
    : bundle_(bundle),
      options_(std::move(options)),
      batch_translator_(*bundle.model, pool, options_.max_tokens, bundle.direction),
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
  std::vector<std::vector<TokenId>> sources;
  sources.reserve(lines.size());
  for (const std::string& line : lines) sources.push_back(bundle_.tokenizers.src.encode(line));
  std::vector<SearchTrace> traces;
  auto hypotheses = batch_translator_.translate(sources, options_.search, on_progress,
                                                is_viewed ? &traces : nullptr);
  std::vector<std::vector<Translation>> results(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (Hypothesis& hypothesis : hypotheses[i]) {
      Translation& translation = results[i].emplace_back();
      translation.pieces =
          bundle_.tokenizers.tgt.decode_pieces(hypothesis.tokens, translation.text);
      translation.hypothesis = std::move(hypothesis);
    }
  }
  if (options_.want_alignments) add_alignments(lines, first_line, results);
  if (is_viewed) add_views(lines, first_line, traces, results);
  return results;
}

// Not make_alignment_input: the pieces that were searched for may differ from those into which
// their text would be split again.
AlignmentInput Translator::make_input(const std::string& line, std::size_t number,
                                      const Translation& translation) const {
  AlignmentInput input;
  input.line = number;
  input.src = {line, split_words(line)};
  input.tgt = {translation.text, split_words(translation.text)};
  input.src_pieces = bundle_.tokenizers.src.encode_pieces(line);
  input.tgt_pieces = translation.pieces;
  return input;
}

void Translator::add_alignments(const std::vector<std::string>& lines, std::size_t first_line,
                                std::vector<std::vector<Translation>>& results) const {
  std::vector<AlignmentInput> inputs;
  for (std::size_t i = 0; i < lines.size(); ++i)
    for (const Translation& translation : results[i])
      inputs.push_back(make_input(lines[i], first_line + i, translation));
  auto records = aligner_.align(inputs);
  auto record = records.begin();
  for (auto& translations : results)
    for (Translation& translation : translations) translation.alignment = std::move(*record++);
}

void Translator::add_views(const std::vector<std::string>& lines, std::size_t first_line,
                           std::span<const SearchTrace> traces,
                           std::vector<std::vector<Translation>>& results) const {
  std::vector<AlignmentInput> inputs;
  for (std::size_t i = 0; i < lines.size(); ++i)
    inputs.push_back(make_input(lines[i], first_line + i, results[i].front()));
  auto records = viewer_.align(inputs);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Translation& best = results[i].front();
    best.alignment = std::move(records[i]);
    if (!traces[i].empty())
      best.alignment.decoding = describe_search(traces[i], best.hypothesis.tokens, options_.search,
                                                bundle_.tokenizers.tgt);
  }
}

}  // namespace heed
