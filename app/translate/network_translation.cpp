#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "app/align/record_writer.h"
#include "app/bundle_options.h"
#include "app/output.h"
#include "app/translate/markup_translator.h"
#include "app/translate/network_annotator.h"
#include "app/translate/network_scorer_source.h"
#include "app/translate/translation_run.h"

namespace heed {
namespace {

std::unique_ptr<RecordWriter> make_page(const TranslateOptions& options,
                                        const ModelBundle& bundle) {
  if (options.view.empty()) return nullptr;
  RecordWriterOptions page_options;
  page_options.page_pairs = options.view_lines * kViewedParts;
  return make_record_writer(options.view, RecordFormat::kHtml, page_options, &bundle);
}

AnnotatorOptions annotator_options(const TranslateOptions& options, std::size_t lines_before) {
  AnnotatorOptions result;
  result.wants_links = options.wants_links();
  result.selection = options.links.selection;
  result.max_tokens = options.model.batch_tokens.value_or(kBatchTokens);
  if (!options.view.empty()) result.last_viewed_line = lines_before + options.view_lines;
  return result;
}

ScorerSource make_source(const TranslateOptions& options, std::span<const ModelBundle> bundles) {
  std::vector<ScorerSource> members;
  for (const ModelBundle& bundle : bundles) {
    check_same_pieces(bundle, bundles.front());
    members.push_back(
        make_scorer_source(*bundle.model, bundle.direction, options.precision.choose()));
  }
  return make_ensemble_source(std::move(members));
}

TranslatorOptions translator_options(const TranslateOptions& options, const ModelBundle& bundle) {
  TranslatorOptions result = options.translator_options(bundle.config);
  if (!bundle.model->device().is_cpu())
    result.max_tokens = options.model.batch_tokens.value_or(kBatchTokens);
  return result;
}

}  // namespace

void translate_by_network(const TranslateOptions& options) {
  ShardedInput input = open_shard(options.files(), options.shard);
  const AnnotatorOptions annotations =
      annotator_options(options, input.readers.front().line_number());
  const std::vector<ModelBundle> bundles = load_bundles(options.model);
  const ModelBundle& bundle = bundles.front();
  WorkerPool pool(worker_count(options.model, bundle));
  UndoneLines undone("left empty");
  TranslatorOptions search = translator_options(options, bundle);
  search.undone = &undone;
  const NetworkAnnotator annotator(bundle, pool, search.search, annotations);
  const Translator translator(bundle, make_source(options, bundles), pool, search, &annotator);
  std::optional<MarkupTranslator> markup;
  if (options.markup)
    markup.emplace(
        bundle, pool, translator,
        MarkupOptions{annotations.selection, annotations.max_tokens, options.placeholder_word});
  Output output(options.output, Output::OnFailure::kKeepPart);
  TranslationWriter writer(output.stream(), options.writer_options(), bundle.tokenizers.src);
  const std::unique_ptr<RecordWriter> page = make_page(options, bundle);
  if (page) writer.add_page(*page);
  const auto answer = [&](const LineBlock& block,
                          const std::function<void(std::size_t)>& on_progress) {
    if (markup)
      writer.write(block, markup->translate(block, on_progress));
    else
      writer.write(block, translator.translate(block, on_progress));
  };
  answer_input(options, std::move(input), answer, output.stream(), undone);
  output.finish();
  if (page) page->finish();
  undone.report();
}

}  // namespace heed
