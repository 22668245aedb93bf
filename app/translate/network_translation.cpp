#include <array>
#include <memory>
#include <optional>

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
  result.max_tokens = options.model.batch_tokens;
  if (!options.view.empty()) result.last_viewed_line = lines_before + options.view_lines;
  return result;
}

}  // namespace

void translate_by_network(const TranslateOptions& options) {
  ShardedInput input = open_shard(std::array{options.input}, options.shard);
  const AnnotatorOptions annotations =
      annotator_options(options, input.readers.front().line_number());
  const ModelBundle bundle = load_bundle(options.model);
  WorkerPool pool(worker_count(options.model, bundle));
  const TranslatorOptions translator_options = options.translator_options(bundle.config);
  const NetworkAnnotator annotator(bundle, pool, translator_options.search, annotations);
  const Translator translator(
      bundle, make_scorer_source(*bundle.model, bundle.direction, options.precision.choose()), pool,
      translator_options, &annotator);
  std::optional<MarkupTranslator> markup;
  if (options.markup)
    markup.emplace(bundle, pool, translator,
                   MarkupOptions{options.links.selection, options.model.batch_tokens,
                                 options.placeholder_word});
  Output output(options.output);
  TranslationWriter writer(output.stream(), options.writer_options(), bundle.tokenizers.src);
  const std::unique_ptr<RecordWriter> page = make_page(options, bundle);
  if (page) writer.add_page(*page);
  const auto answer = [&](const std::vector<std::string>& lines, std::size_t first_line,
                          const std::function<void(std::size_t)>& on_progress) {
    if (markup)
      writer.write(first_line, lines, markup->translate(lines, first_line, on_progress));
    else
      writer.write(first_line, lines, translator.translate(lines, first_line, on_progress));
  };
  answer_input(options.input, std::move(input.readers.front()), answer, output.stream());
  output.finish();
  if (page) page->finish();
}

}  // namespace heed
