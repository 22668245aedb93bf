#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <stdexcept>

#include "app/align/index_options.h"
#include "app/clean_input.h"
#include "app/cli_options.h"
#include "app/commands.h"
#include "app/errors.h"
#include "app/evaluate/alignment_evaluation.h"
#include "app/evaluate/alignment_report.h"
#include "app/evaluate/evaluation.h"
#include "app/evaluate/report.h"
#include "app/evaluate/signature.h"
#include "app/line_count.h"
#include "data/text_io.h"

namespace heed {
namespace {

struct EvaluateArguments {
  std::string hypotheses;
  std::vector<std::string> references;
  std::string against;
  std::vector<std::string> metrics = {"bleu", "chrf", "chrf++"};
  std::string tokenizer = "13a";
  bool as_json = false;
  bool alignments = false;
  IndexConvention links, gold;
  EvaluationOptions options;  // its metrics and tokenizer are filled in from the names above
};

/// The lines of `path`, with ill-formed UTF-8 replaced and reported.
SystemOutput read_segments(const std::string& path) {
  SystemOutput text;
  LineReader reader(path);
  text.name = reader.name();
  InputCleaner cleaner(text.name);
  for (std::string line; reader.next(line); text.lines.push_back(line))
    cleaner.clean(line, reader.line_number());
  if (text.lines.empty()) throw std::runtime_error(text.name + ": no lines to evaluate");
  return text;
}

LineCount line_count(const SystemOutput& text) {
  return {text.name, text.lines.size()};
}

/// Segment by segment, the lines of every reference file.
std::vector<std::vector<std::string>> read_references(const std::vector<std::string>& paths,
                                                      const SystemOutput& hypotheses) {
  std::vector<std::vector<std::string>> references(hypotheses.lines.size());
  for (const std::string& path : paths) {
    SystemOutput reference = read_segments(path);
    require_same_lines(line_count(hypotheses), line_count(reference));
    for (std::size_t i = 0; i < references.size(); ++i) {
      references[i].push_back(std::move(reference.lines[i]));
    }
  }
  return references;
}

void warn_of_tokenized_text(const SystemOutput& system, const EvaluationOptions& options) {
  constexpr std::ptrdiff_t kSuspicious = 100;
  const bool has_bleu = std::find(options.metrics.begin(), options.metrics.end(),
                                  MetricKind::kBleu) != options.metrics.end();
  if (!has_bleu || options.bleu.tokenizer == MetricTokenizer::kNone) return;
  const auto count = std::count_if(system.lines.begin(), system.lines.end(),
                                   [](const std::string& line) { return line.ends_with(" ."); });
  if (count < kSuspicious) return;
  spdlog::warn(
      "{}: {} lines end in ' .', so the text looks tokenized; BLEU compares with others' only on "
      "detokenized text (or give --tokenize none)",
      system.name, count);
}

void check_arguments(const EvaluateArguments& arguments) {
  auto num_stdin = std::count(arguments.references.begin(), arguments.references.end(), "-");
  num_stdin += arguments.hypotheses == "-";
  num_stdin += arguments.against == "-";
  if (num_stdin > 1) throw UsageError("only one of the files can be - (standard input)");
  if (arguments.options.bootstrap_samples == 1) {
    throw UsageError("--bootstrap 1: one sample has no interval; give 0 for none, or 2 and more");
  }
}

EvaluationOptions resolved_options(const EvaluateArguments& arguments) {
  EvaluationOptions options = arguments.options;
  options.bleu.tokenizer = tokenizer_named(arguments.tokenizer);
  options.metrics.clear();
  for (const std::string& name : arguments.metrics) {
    options.metrics.push_back(name == "bleu"   ? MetricKind::kBleu
                              : name == "chrf" ? MetricKind::kChrf
                                               : MetricKind::kChrfPlusPlus);
  }
  return options;
}

void print(const std::string& report) {
  std::cout << report << std::flush;
}

void run_alignments(const EvaluateArguments& arguments) {
  std::vector<std::string> files = arguments.references;  // of links all but the last
  files.insert(files.begin(), arguments.hypotheses);
  const std::string gold = files.back();
  files.pop_back();
  const auto evaluation =
      evaluate_alignments(files, gold,
                          {arguments.links, arguments.gold, arguments.options.bootstrap_samples,
                           arguments.options.seed});
  for (const AlignmentResult& file : evaluation.files)
    if (file.better_reading)
      spdlog::warn("{} would agree with {} on more links {}", file.name, evaluation.gold_name,
                   advice(*file.better_reading, {arguments.links, "--one-based", ""},
                          {arguments.gold, "--gold-one-based", "--gold-transposed"}));
  print(arguments.as_json ? alignment_report_as_json(evaluation)
                          : alignment_report_as_text(evaluation));
}

void run_translations(const EvaluateArguments& arguments) {
  const EvaluationOptions options = resolved_options(arguments);
  std::vector<SystemOutput> systems = {read_segments(arguments.hypotheses)};
  if (!arguments.against.empty()) {
    systems.push_back(read_segments(arguments.against));
    require_same_lines(line_count(systems[0]), line_count(systems[1]));
  }
  const auto references = read_references(arguments.references, systems[0]);
  for (const SystemOutput& system : systems) warn_of_tokenized_text(system, options);

  const auto metrics = evaluate_systems(systems, references, options);
  print(arguments.as_json ? report_as_json(systems, metrics) : report_as_text(systems, metrics));
}

void run_evaluate(const EvaluateArguments& arguments) {
  check_arguments(arguments);
  return arguments.alignments ? run_alignments(arguments) : run_translations(arguments);
}

void add_file_options(CLI::App& command, EvaluateArguments& arguments) {
  command
      .add_option("hypotheses,--hypotheses", arguments.hypotheses,
                  "Translations to evaluate, detokenized, one a line; - is standard input. With "
                  "--alignments: links")
      ->required()
      ->type_name("FILE")
      ->group("Input");
  command
      .add_option(
          "references,--reference", arguments.references,
          "Reference translations, line by line; several files are several references. With "
          "--alignments: more links, and last the gold links")
      ->required()
      ->type_name("FILE")
      ->group("Input");
  command
      .add_option("--against", arguments.against,
                  "Translations of a second system: paired tests of the difference")
      ->type_name("FILE")
      ->group("Input");
}

void add_metric_options(CLI::App& command, EvaluateArguments& arguments) {
  add_list(command, "--metric", arguments.metrics, "Metrics to compute, in this order")
      ->check(CLI::IsMember({"bleu", "chrf", "chrf++"}))
      ->capture_default_str()
      ->group("Metric");
  command
      .add_option(
          "--tokenize", arguments.tokenizer,
          "Tokens of BLEU: 13a for text with spaces, intl the same for all of Unicode, char "
          "for languages without spaces, none for tokenized text")
      ->check(CLI::IsMember({"13a", "intl", "char", "none"}))
      ->capture_default_str()
      ->group("Metric");
  command
      .add_flag("--lowercase", arguments.options.bleu.lowercase,
                "Compare lower-cased text, in every metric")
      ->group("Metric");
}

void add_test_options(CLI::App& command, EvaluateArguments& arguments) {
  EvaluationOptions& options = arguments.options;
  command
      .add_option("--bootstrap", options.bootstrap_samples,
                  "Resampled corpora for the 95% interval and the paired bootstrap test; 0: none")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1000000}))
      ->capture_default_str()
      ->group("Significance");
  command
      .add_option("--randomization", options.randomization_trials,
                  "Trials of the approximate randomization test (with --against); 0: none")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1000000}))
      ->capture_default_str()
      ->group("Significance");
  command.add_option("--seed", options.seed, "Seed of the samples")
      ->capture_default_str()
      ->group("Significance");
}

void add_alignment_options(CLI::App& command, EvaluateArguments& arguments) {
  CLI::Option* alignments =
      command
          .add_flag("--alignments", arguments.alignments,
                    "Evaluate word alignments: the files are LINKS..., `i-j` or `i-j:p`, and last "
                    "GOLD, `i-j` sure and `i?j` possible; prints AER, precision, recall and F1, "
                    "and of several LINKS how probable their distance to the first is by chance")
          ->group("Alignments");
  for (const char* name : {"--against", "--metric", "--tokenize", "--lowercase", "--randomization"})
    alignments->excludes(command.get_option(name));
  command.add_flag("--one-based", arguments.links.one_based, "LINKS count from 1")
      ->group("Alignments");
  add_index_options(command, "gold", "GOLD", arguments.gold, "Alignments");
  for (const char* name : {"--one-based", "--gold-one-based", "--gold-transposed"})
    command.get_option(name)->needs(alignments);
}

}  // namespace

void add_evaluate_command(CLI::App& root, CommandAction& action) {
  auto arguments = std::make_shared<EvaluateArguments>();
  CLI::App* command = root.add_subcommand("evaluate",
                                          "Scores translations with BLEU, chrF and chrF++, as "
                                          "sacreBLEU does; word alignments with AER");
  add_file_options(*command, *arguments);
  add_metric_options(*command, *arguments);
  add_test_options(*command, *arguments);
  add_alignment_options(*command, *arguments);
  command->add_flag("--json", arguments->as_json, "Print one JSON object, scores unrounded")
      ->group("Output");
  command->footer(fmt::format(
      "Scores equal those of sacreBLEU {0}, and version:{0} in a signature says so. bs and seed "
      "name "
      "heed's own\nsamples: intervals and p agree with sacreBLEU's within the noise of sampling.",
      kSacrebleuVersion));
  command->callback([arguments, &action] { action = [arguments] { run_evaluate(*arguments); }; });
}

}  // namespace heed
