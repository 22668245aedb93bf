#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "app/align/record_writer.h"
#include "app/clean_input.h"
#include "app/cli_options.h"
#include "app/commands.h"
#include "app/errors.h"
#include "app/model_options.h"
#include "app/output.h"
#include "app/progress.h"
#include "app/shard.h"
#include "app/translate/interactive.h"
#include "app/translate/line_queue.h"
#include "app/translate/markup_translator.h"
#include "app/translate/translation_writer.h"

namespace heed {
namespace {

constexpr std::size_t kFirstBlock = 64;
constexpr std::size_t kLargestBlock = 4096;

struct TranslateOptions {
  ModelOptions model;
  PrecisionOption precision;
  LinkSelectionOptions links;
  std::string input = "-";
  std::optional<Shard> shard;
  std::string output = "-";
  std::optional<std::int64_t> beam_size, max_length, max_length_offset;
  std::optional<double> length_penalty, max_length_ratio;
  std::optional<Stopping> stopping;
  std::int64_t min_length = 0;
  std::int64_t no_repeat_ngram = 0;
  std::int64_t n_best = 1;
  AlignmentOutput alignments = AlignmentOutput::kNone;
  bool json = false;
  bool markup = false;
  std::string placeholder_word;
  bool split_sentences = false;
  std::optional<std::size_t> split_length;
  std::string view;  // empty: no page
  std::size_t view_lines = RecordWriterOptions{}.page_pairs;

  MarkupOptions markup_options() const {
    return {links.selection, model.batch_tokens, placeholder_word};
  }

  /// What the model was trained with, where the command line says nothing else.
  SearchOptions search(const RunConfig& config) const {
    SearchOptions search = config.search;
    search.beam_size = beam_size.value_or(std::max(search.beam_size, n_best));
    search.n_best = n_best;
    search.length_penalty = length_penalty.value_or(search.length_penalty);
    search.max_length = max_length.value_or(search.max_length);
    search.max_length_ratio = max_length_ratio.value_or(search.max_length_ratio);
    search.max_length_offset = max_length_offset.value_or(search.max_length_offset);
    search.stopping = stopping.value_or(search.stopping);
    search.min_length = min_length;
    search.no_repeat_ngram = no_repeat_ngram;
    search.with_scores = search.beam_size > 1 || json || !view.empty();
    if (search.n_best > search.beam_size)
      throw UsageError("--n-best " + std::to_string(n_best) + " is more than --beam-size " +
                       std::to_string(search.beam_size) + "; a beam gives no more than its size");
    return search;
  }
};

/// Translates lines and writes what they give, with their markup or as plain text.
class Answerer {
 public:
  /// All must outlive this; `markup` is null for plain text.
  Answerer(const Translator& translator, const MarkupTranslator* markup, TranslationWriter& writer)
      : translator_(translator), markup_(markup), writer_(writer) {}

  void answer(const std::vector<std::string>& lines, std::size_t first_line,
              const std::function<void(std::size_t)>& on_progress = {}) const {
    if (markup_ != nullptr)
      write(lines, first_line, markup_->translate(lines, first_line, on_progress));
    else
      write(lines, first_line, translator_.translate(lines, first_line, on_progress));
  }

 private:
  template <typename Result>
  void write(const std::vector<std::string>& lines, std::size_t first_line,
             const std::vector<Result>& results) const {
    for (std::size_t i = 0; i < lines.size(); ++i)
      writer_.write(first_line + i, lines[i], results[i]);
  }

  const Translator& translator_;
  const MarkupTranslator* markup_;
  TranslationWriter& writer_;
};

void converse_with(const Answerer& answerer, std::ostream& out) {
  spdlog::info("type a sentence and Enter; Ctrl-D ends");
  converse([&](std::string line, std::size_t number) {
    clean_line(line, "stdin", number);
    answerer.answer({line}, number);
    out.flush();
  });
}

/// Blocks grow: the first answers come at once, later ones are sorted over many lines.
void translate_stream(LineReader reader, const Answerer& answerer, std::ostream& out) {
  const std::string name = reader.name();
  const std::size_t before = reader.line_number();
  LineQueue queue(std::move(reader), 2 * kLargestBlock);
  Progress progress("translating", "lines", 0);
  std::size_t done = 0;
  std::size_t block_size = kFirstBlock;
  while (true) {
    std::vector<std::string> lines = queue.take(block_size);
    if (lines.empty()) return;
    for (std::size_t i = 0; i < lines.size(); ++i)
      clean_line(lines[i], name, before + done + i + 1);
    answerer.answer(lines, before + done + 1,
                    [&](std::size_t of_block) { progress.update(done + of_block); });
    out.flush();
    done += lines.size();
    block_size = std::min(2 * block_size, kLargestBlock);
  }
}

void translate(const TranslateOptions& options) {
  if (!options.markup && !options.placeholder_word.empty())
    throw UsageError("--placeholder-word is for --markup; give both or neither");
  ShardedInput input = open_shard(std::array{options.input}, options.shard);
  const std::size_t last_viewed = input.readers.front().line_number() + options.view_lines;
  const ModelBundle bundle = options.model.load();
  WorkerPool pool(options.model.worker_count(bundle));
  TranslatorOptions translator_options;
  translator_options.search = options.search(bundle.config);
  translator_options.precision = options.precision.choose();
  translator_options.max_tokens = options.model.batch_tokens;
  translator_options.want_alignments = options.json || options.alignments != AlignmentOutput::kNone;
  translator_options.selection = options.links.selection;
  translator_options.split_sentences = options.split_sentences;
  translator_options.split_length = options.split_length;
  if (!options.view.empty()) translator_options.last_viewed_line = last_viewed;
  const Translator translator(bundle, pool, translator_options);
  std::optional<MarkupTranslator> markup;
  if (options.markup) markup.emplace(bundle, pool, translator, options.markup_options());
  Output output(options.output);
  TranslationWriter writer(output.stream(), {options.json, options.n_best > 1, options.alignments},
                           bundle.tokenizers.src);
  std::unique_ptr<RecordWriter> page;
  if (!options.view.empty()) {
    RecordWriterOptions page_options;
    page_options.page_pairs = options.view_lines * kViewedParts;
    page = make_record_writer(options.view, RecordFormat::kHtml, page_options, &bundle);
    writer.add_page(*page, last_viewed);
  }
  const Answerer answerer(translator, markup ? &*markup : nullptr, writer);
  if (options.input == "-" && stdin_is_terminal())
    converse_with(answerer, output.stream());
  else
    translate_stream(std::move(input.readers.front()), answerer, output.stream());
  output.finish();
  if (page) page->finish();
}

void add_view_options(CLI::App& command, TranslateOptions& options) {
  command
      .add_option("--view", options.view,
                  "Also write a page to look at: attention, links, and the search step by step")
      ->type_name("FILE.html")
      ->group("Output");
  command
      .add_option(
          "--view-lines", options.view_lines,
          "Lines shown by --view; the first of the input. Each of a line's parts is shown by "
          "itself")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group("Output");
}

void add_markup_options(CLI::App& command, TranslateOptions& options) {
  command
      .add_flag("--markup", options.markup,
                "Carry inline tags (<b>...</b>, <br/>) and placeholders ({0}, {name}, %s, %1$d) "
                "into the output by word alignment, each exactly as often as in the line. "
                "Character references (&amp;) are read; &, <, > are written so in lines that have "
                "any, and in lines with tags and no bare & or <")
      ->group("Markup");
  command
      .add_option("--placeholder-word", options.placeholder_word,
                  "What the model reads in place of a placeholder that its vocabulary cannot "
                  "spell: a name it knows well")
      ->default_str("Tom, or another common name that is short in pieces")
      ->type_name("WORD")
      ->group("Markup");
}

void add_long_text_options(CLI::App& command, TranslateOptions& options) {
  command
      .add_flag("--split-sentences", options.split_sentences,
                "Translate each sentence of a line by itself. Between their translations comes the "
                "white space that was between them; where either side of it is Chinese, Japanese, "
                "Thai or the like, no space, unless the model's target language has them; where "
                "there was none behind a sentence of these languages, a space for others. Scores "
                "are sums, words and links those of the line")
      ->group("Long text");
  command
      .add_option("--split-length", options.split_length,
                  "A line (or sentence) of more pieces is cut into parts of about one length, at "
                  "the ends of sentences, else of clauses, else at white space, else anywhere, and "
                  "its translation put together as with --split-sentences; 0: never")
      ->default_str("what the model was trained on")
      ->type_name("PIECES")
      ->group("Long text");
}

void add_search_options(CLI::App& command, TranslateOptions& options) {
  const auto add = [&command](const char* name, auto& target, const char* help,
                              const char* standard) {
    return command.add_option(name, target, help)->default_str(standard)->group("Search");
  };
  add("-b,--beam-size", options.beam_size, "Hypotheses kept; 1 is greedy search", "the model's")
      ->check(CLI::Range(1, 1000));
  add("--n-best", options.n_best, "Outputs a line, printed as `index ||| text ||| score`", "1")
      ->check(CLI::Range(1, 1000));
  add("--length-penalty", options.length_penalty,
      "alpha: hypotheses are ranked by log p / length^alpha, length in pieces with eos; 0 ranks by "
      "probability",
      "the model's")
      ->check(CLI::NonNegativeNumber);
  add("--max-length", options.max_length, "An output has at most this many pieces", "the model's")
      ->check(CLI::PositiveNumber);
  add("--max-length-ratio", options.max_length_ratio,
      "... and at most ratio * (source pieces) + offset", "the model's")
      ->check(CLI::NonNegativeNumber);
  add("--max-length-offset", options.max_length_offset, "... see --max-length-ratio", "the model's")
      ->check(CLI::NonNegativeNumber);
  add("--min-length", options.min_length,
      "No output ends ahead of so many pieces, the maximum length excepted", "0")
      ->check(CLI::NonNegativeNumber);
  add("--no-repeat-ngram", options.no_repeat_ngram,
      "No output holds a sequence of so many pieces twice; 0 allows any", "0")
      ->check(CLI::NonNegativeNumber);
  const Choices<Stopping> stopping{{"bound", Stopping::kBound},
                                   {"ctranslate2", Stopping::kCTranslate2}};
  add_choice(command, "--stopping", options.stopping, stopping,
             "bound: a search ends when nothing better can come or beam-size outputs are finished; "
             "ctranslate2: by that program's rule, which also cuts at the maximum length")
      ->default_str("the model's")
      ->group("Search");
}

}  // namespace

void add_translate_command(CLI::App& root, CommandAction& action) {
  CLI::App* command = root.add_subcommand(
      "translate", "Translate text line by line, from a file, a pipe or a prompt");
  auto options = std::make_shared<TranslateOptions>();
  command
      ->add_option("input", options->input, "File to translate, plain or gzip; - is standard input")
      ->capture_default_str()
      ->type_name("FILE");
  add_shard_option(*command, options->shard);
  command->add_option("-o,--output", options->output, "Where to write; - is standard output")
      ->capture_default_str()
      ->type_name("FILE")
      ->group("Output");
  add_choice(*command, "--alignments", options->alignments,
             {{"none", AlignmentOutput::kNone},
              {"pharaoh", AlignmentOutput::kPharaoh},
              {"soft", AlignmentOutput::kSoft}},
             "Word links after each output, `text ||| i-j ...`; soft adds weights, `i-j:p`")
      ->group("Output");
  command
      ->add_flag("--json", options->json,
                 "One JSON object a line: words, pieces, score, alignment, n-best")
      ->group("Output");
  add_view_options(*command, *options);
  options->model.add_to(*command);
  options->precision.add_to(*command);
  options->links.add_to(*command);
  add_search_options(*command, *options);
  add_long_text_options(*command, *options);
  add_markup_options(*command, *options);
  command->footer(
      "One line out for each line in, in their order; an empty line stays empty. Only a line feed "
      "ends "
      "a line.");
  command->callback([options, &action] { action = [options] { translate(*options); }; });
}

}  // namespace heed
