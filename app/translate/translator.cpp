#include "app/translate/translator.h"

namespace heed {
namespace {

AlignerOptions aligner_options(const TranslatorOptions& options) {
  AlignerOptions result;
  result.selection = options.selection;
  result.max_tokens = options.max_tokens;
  return result;
}

}  // namespace

Translator::Translator(const ModelBundle& bundle, WorkerPool& pool, TranslatorOptions options)
    : bundle_(bundle),
      options_(std::move(options)),
      batch_translator_(*bundle.model, pool, options_.max_tokens),
      aligner_(bundle, pool, aligner_options(options_)) {}

std::vector<std::vector<Translation>> Translator::translate(
    const std::vector<std::string>& lines, std::size_t first_line,
    const std::function<void(std::size_t)>& on_progress) const {
  std::vector<std::vector<TokenId>> sources;
  sources.reserve(lines.size());
  for (const std::string& line : lines) sources.push_back(bundle_.tokenizers.src.encode(line));
  auto hypotheses = batch_translator_.translate(sources, options_.search, on_progress);
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
  return results;
}

void Translator::add_alignments(const std::vector<std::string>& lines, std::size_t first_line,
                                std::vector<std::vector<Translation>>& results) const {
  std::vector<AlignmentInput> inputs;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const Translation& translation : results[i]) {
      // Not make_alignment_input: the pieces that were searched for may differ from those into
      // which their text would be split again.
      AlignmentInput& input = inputs.emplace_back();
      input.line = first_line + i;
      input.src = {lines[i], split_words(lines[i])};
      input.tgt = {translation.text, split_words(translation.text)};
      input.src_pieces = bundle_.tokenizers.src.encode_pieces(lines[i]);
      input.tgt_pieces = translation.pieces;
    }
  }
  auto records = aligner_.align(inputs);
  auto record = records.begin();
  for (auto& translations : results)
    for (Translation& translation : translations) translation.alignment = std::move(*record++);
}

}  // namespace heed
