#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
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
#include "app/translate/interactive.h"
#include "app/translate/line_queue.h"
#include "app/translate/translation_writer.h"

namespace heed {
namespace {

constexpr std::size_t kFirstBlock = 64;
constexpr std::size_t kLargestBlock = 4096;

struct TranslateOptions {
  ModelOptions model;
  LinkSelectionOptions links;
  std::string input = "-";
  std::string output = "-";
  std::optional<std::int64_t> beam_size, max_length, max_length_offset;
  std::optional<double> length_penalty, max_length_ratio;
  std::int64_t n_best = 1;
  AlignmentOutput alignments = AlignmentOutput::kNone;
  bool json = false;
  std::string view;  // empty: no page
  std::size_t view_lines = RecordWriterOptions{}.page_pairs;

  /// What the model was trained with, where the command line says nothing else.
  SearchOptions search(const RunConfig& config) const {
    SearchOptions search = config.search;
    search.beam_size = beam_size.value_or(std::max(search.beam_size, n_best));
    search.n_best = n_best;
    search.length_penalty = length_penalty.value_or(search.length_penalty);
    search.max_length = max_length.value_or(search.max_length);
    search.max_length_ratio = max_length_ratio.value_or(search.max_length_ratio);
    search.max_length_offset = max_length_offset.value_or(search.max_length_offset);
    if (search.n_best > search.beam_size)
      throw UsageError("--n-best " + std::to_string(n_best) + " is more than --beam-size " +
                       std::to_string(search.beam_size) + "; a beam gives no more than its size");
    return search;
  }
};

void converse_with(const Translator& translator, TranslationWriter& writer, std::ostream& out) {
  spdlog::info("type a sentence and Enter; Ctrl-D ends");
  converse([&](std::string line, std::size_t number) {
    clean_line(line, "stdin", number);
    writer.write(number, line, translator.translate({line}, number).front());
    out.flush();
  });
}

/// Blocks grow: the first answers come at once, later ones are sorted over many lines.
void translate_stream(LineReader reader, const Translator& translator, TranslationWriter& writer,
                      std::ostream& out) {
  const std::string name = reader.name();
  LineQueue queue(std::move(reader), 2 * kLargestBlock);
  Progress progress("translating", "lines", 0);
  std::size_t done = 0;
  std::size_t block_size = kFirstBlock;
  while (true) {
    std::vector<std::string> lines = queue.take(block_size);
    if (lines.empty()) return;
    for (std::size_t i = 0; i < lines.size(); ++i) clean_line(lines[i], name, done + i + 1);
    const auto results = translator.translate(
        lines, done + 1, [&](std::size_t of_block) { progress.update(done + of_block); });
    for (std::size_t i = 0; i < lines.size(); ++i) writer.write(done + i + 1, lines[i], results[i]);
    out.flush();
    done += lines.size();
    block_size = std::min(2 * block_size, kLargestBlock);
  }
}

void translate(const TranslateOptions& options) {
  const ModelBundle bundle = options.model.load();
  WorkerPool pool(options.model.worker_count(bundle));
  TranslatorOptions translator_options;
  translator_options.search = options.search(bundle.config);
  translator_options.max_tokens = options.model.batch_tokens;
  translator_options.want_alignments = options.json || options.alignments != AlignmentOutput::kNone;
  translator_options.selection = options.links.selection;
  if (!options.view.empty()) translator_options.lines_to_view = options.view_lines;
  const Translator translator(bundle, pool, translator_options);
  Output output(options.output);
  TranslationWriter writer(output.stream(), {options.json, options.n_best > 1, options.alignments},
                           bundle.tokenizers.src);
  std::unique_ptr<RecordWriter> page;
  if (!options.view.empty()) {
    RecordWriterOptions page_options;
    page_options.page_pairs = options.view_lines;
    page = make_record_writer(options.view, RecordFormat::kHtml, page_options, bundle);
    writer.add_page(*page, options.view_lines);
  }
  if (options.input == "-" && stdin_is_terminal())
    converse_with(translator, writer, output.stream());
  else
    translate_stream(LineReader(options.input), translator, writer, output.stream());
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
      .add_option("--view-lines", options.view_lines,
                  "Lines shown by --view; the first of the input")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group("Output");
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
  options->links.add_to(*command);
  add_search_options(*command, *options);
  command->footer(
      "One line out for each line in, in their order; an empty line stays empty. Only a line feed "
      "ends "
      "a line.");
  command->callback([options, &action] { action = [options] { translate(*options); }; });
}

}  // namespace heed
