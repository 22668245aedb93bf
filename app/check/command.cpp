#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <stdexcept>
#include <tuple>

#include "app/check/check_report.h"
#include "app/check/corpus_check.h"
#include "app/check/fix_writer.h"
#include "app/cli_options.h"
#include "app/commands.h"
#include "app/config/config_file.h"
#include "app/errors.h"
#include "app/output.h"

namespace heed {
namespace {

struct TextArguments {
  std::vector<std::string> src, tgt, tsv;
};

struct CheckArguments {
  std::vector<std::string> files;
  TextArguments train, dev, test;
  std::string config;
  std::vector<std::string> ignored;
  std::size_t max_examples = 3;
  std::string fix;
  bool as_json = false;
};

void append(std::vector<std::filesystem::path>& paths, const std::vector<std::string>& names) {
  paths.insert(paths.end(), names.begin(), names.end());
}

void add_text(CheckedText& text, const std::vector<std::string>& src,
              const std::vector<std::string>& tgt, const std::vector<std::string>& tsv) {
  append(text.files.src, src);
  append(text.files.tgt, tgt);
  append(text.files.tsv, tsv);
}

void add_positional(CheckedText& text, const std::vector<std::string>& files) {
  if (files.size() > 2)
    throw UsageError(fmt::format(
        "{} files given; give source and target, or one TSV file, or lists by --src and --tgt",
        files.size()));
  if (files.size() == 2) return add_text(text, {files[0]}, {files[1]}, {});
  add_text(text, {}, {}, files);
}

void require_good_input(const CheckInput& input) {
  std::ptrdiff_t from_stdin = 0;
  bool is_empty = true;
  for (const CheckedText* text : {&input.train, &input.dev, &input.test}) {
    is_empty = is_empty && text->is_empty();
    const ParallelFiles& files = text->files;
    for (const auto* paths : {&files.src, &files.tgt, &files.tsv})
      from_stdin += std::count(paths->begin(), paths->end(), "-");
    if (files.src.size() != files.tgt.size())
      throw UsageError(fmt::format("{}: {} source files but {} target files", role_name(text->role),
                                   files.src.size(), files.tgt.size()));
  }
  if (is_empty)
    throw UsageError(
        "nothing to check: give SOURCE and TARGET, a TSV file (- is standard input), or --config");
  if (from_stdin > 1) throw UsageError("only one of the files can be - (standard input)");
}

CheckInput input_of(const CheckArguments& arguments) {
  CheckInput input;
  add_positional(input.train, arguments.files);
  const auto add = [](CheckedText& text, const TextArguments& given) {
    add_text(text, given.src, given.tgt, given.tsv);
  };
  add(input.train, arguments.train);
  add(input.dev, arguments.dev);
  add(input.test, arguments.test);
  if (!arguments.config.empty()) {
    const DataConfig data = read_config(arguments.config).data;
    add_text(input.train, data.train_src, data.train_tgt, data.train_tsv);
    add_text(input.dev, data.dev_src, data.dev_tgt, data.dev_tsv);
  }
  require_good_input(input);
  return input;
}

struct FaultCounts {
  std::size_t all = 0, left = 0, bad_pairs = 0;
};

/// What is left once the training text is fixed.
FaultCounts count_faults(const std::vector<TextFindings>& texts) {
  FaultCounts counts;
  for (const TextFindings& text : texts) {
    const std::size_t faults = fault_count(text);
    counts.all += faults;
    counts.bad_pairs += text.bad_pairs;
    const std::size_t by_hand =
        text.of(FindingKind::kShift).count + text.of(FindingKind::kUnrelated).count;
    counts.left += text.role == TextRole::kTrain ? by_hand : faults;
  }
  return counts;
}

void print_report(const CheckArguments& arguments, const std::vector<TextFindings>& texts,
                  const FixWriter* fix) {
  Output output("-");
  if (!arguments.as_json) {
    output.stream() << check_report_as_text(texts);
    if (fix != nullptr)
      output.stream() << fmt::format(
          "{}: {} pairs written, {} of them repaired, {} dropped; changes.tsv there has each\n",
          arguments.fix, fix->written(), fix->repaired(), fix->dropped());
    return output.finish();
  }
  nlohmann::ordered_json json = check_report_as_json(texts);
  if (fix != nullptr)
    json["fixed"] = {{"folder", arguments.fix},
                     {"written", fix->written()},
                     {"repaired", fix->repaired()},
                     {"dropped", fix->dropped()}};
  const auto replace = nlohmann::ordered_json::error_handler_t::replace;
  output.stream() << json.dump(1, ' ', false, replace) << '\n';
  output.finish();
}

void run_check(const CheckArguments& arguments) {
  CheckOptions options;
  options.max_examples = arguments.max_examples;
  for (const std::string& name : arguments.ignored) options.ignored.insert(finding_named(name));
  const CheckInput input = input_of(arguments);
  std::optional<FixWriter> fix;
  TrainConsumer consume;
  if (!arguments.fix.empty()) {
    if (input.train.is_empty()) throw UsageError("--fix: there is no training text to write");
    fix.emplace(arguments.fix, sources_of(input.train.files));
    consume = [&fix](std::size_t source, const PairOutcome& outcome) {
      fix->write(source, outcome);
    };
  }
  const auto texts = check_corpus(input, options, consume);
  if (fix) fix->finish();
  print_report(arguments, texts, fix ? &*fix : nullptr);
  const FaultCounts faults = count_faults(texts);
  if (fix && faults.left > 0)
    throw std::runtime_error(
        fmt::format("{} faults found, of which --fix left {}", faults.all, faults.left));
  if (!fix && faults.all > 0)
    throw std::runtime_error(fmt::format(
        "{} faults found, in {} pairs; --fix DIR writes the training text without what it can mend",
        faults.all, faults.bad_pairs));
}

void add_inputs(CLI::App& command, CheckArguments& arguments) {
  command
      .add_option("files", arguments.files,
                  "Source and target, line by line translations, or one file of source TAB target; "
                  "plain or gzip, - is standard input")
      ->type_name("FILE")
      ->group("Input");
  const auto add = [&command](const std::string& prefix, TextArguments& text,
                              const std::string& what) {
    for (const auto& [name, files, sides] :
         {std::tuple("src", &text.src, "Source side"), std::tuple("tgt", &text.tgt, "Target side"),
          std::tuple("tsv", &text.tsv, "Both sides")})
      add_list(command, "--" + prefix + name, *files, fmt::format("{} of {}", sides, what))
          ->type_name("FILE,...")
          ->group("Input");
  };
  add("", arguments.train, "the text, as the two files above");
  add("dev-", arguments.dev, "text to validate on, which the text should have no pair of");
  add("test-", arguments.test, "text to test on, the same");
  command
      .add_option("--config", arguments.config,
                  "Take the text of a training configuration's [data]")
      ->type_name("CONFIG.toml")
      ->group("Input");
}

void add_outputs(CLI::App& command, CheckArguments& arguments) {
  command
      .add_option("--fix", arguments.fix,
                  "Write the text without its faults into this new folder, under the same names, "
                  "and what was done to which line as changes.tsv")
      ->type_name("DIR")
      ->group("Output");
  command.add_flag("--json", arguments.as_json, "Print one JSON object")->group("Output");
  command
      .add_option("--max-examples", arguments.max_examples,
                  "Places to name of each kind of finding")
      ->capture_default_str()
      ->group("Output");
  add_list(command, "--ignore", arguments.ignored,
           "Kinds of findings (their names below) not to look for, nor to fix")
      ->type_name("KIND,...")
      ->group("Output");
}

/// Which finding is what, for the footer.
std::string names_by_remedy(Remedy remedy) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kNumFindingKinds; ++i) {
    const FindingTraits& traits = traits_of(static_cast<FindingKind>(i));
    if (traits.remedy == remedy) names.emplace_back(traits.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

void add_check_command(CLI::App& root, CommandAction& action) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App* command = root.add_subcommand(
      "check", "Looks for what is wrong with parallel text, and writes it without");
  add_inputs(*command, *arguments);
  add_outputs(*command, *arguments);
  command->footer(
      fmt::format("--fix drops the pair of:  {}\n"
                  "--fix repairs:            {}\n"
                  "to look at yourself:      {}\n"
                  "notes, which are no fault: {}, and duplicate in text to validate or test on\n"
                  "Text to validate and test on is looked at and never written.\n"
                  "Exit status: 0 no faults, or all fixed; 1 faults; 2 wrong usage.\n",
                  names_by_remedy(Remedy::kDrop), names_by_remedy(Remedy::kRepair),
                  names_by_remedy(Remedy::kByHand), names_by_remedy(Remedy::kNone)));
  command->callback([arguments, &action] { action = [arguments] { run_check(*arguments); }; });
}

}  // namespace heed
