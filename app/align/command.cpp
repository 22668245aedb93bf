#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>

#include "app/align/align_options.h"
#include "app/align/statistical_pass.h"
#include "app/attribution/agreement.h"
#include "app/bundle_options.h"
#include "app/commands.h"
#include "app/pair_reader.h"
#include "app/progress.h"

namespace heed {
namespace {

constexpr std::size_t kPairsAligned = 1024;  // held at once

/// To standard output unless that holds the links themselves.
void report(const std::string& text, bool to_stdout) {
  if (text.empty()) return;
  if (to_stdout)
    std::cout << text << '\n';
  else
    spdlog::info("{}", text);
}

/// Where records end: compared with gold, then written.
class RecordSink {
 public:
  /// `before` pairs of the input go ahead of what is written.
  RecordSink(const AlignOptions& options, const ModelBundle* bundle, std::size_t before = 0)
      : to_stdout_(options.output != "-"),
        writer_(
            make_record_writer(options.output, options.format, options.writer_options(), bundle)) {
    if (!options.gold.empty()) gold_.emplace(options.gold, options.gold_convention);
    if (gold_) gold_->skip(before);
  }

  void write(AttentionRecord& record) {
    if (gold_) {
      const GoldAlignment& gold =
          gold_->add(record.links, {static_cast<int>(record.src_units.size()) - 1,
                                    static_cast<int>(record.tgt_units.size()) - 1});
      record.gold_sure = gold.sure;
      record.gold_possible = gold.possible;
    }
    writer_->write(record);
  }

  /// `after` pairs of the input follow.
  void finish(std::size_t after = 0) {
    writer_->finish();
    if (gold_) gold_->skip(after);
    if (gold_) report(describe_counts(gold_->finish()), to_stdout_);
  }

 private:
  bool to_stdout_;
  std::optional<GoldComparison> gold_;
  std::unique_ptr<RecordWriter> writer_;
};

/// A pair that is too long counts as an empty one.
AlignmentInput make_input(std::size_t line, const SentencePair& pair, const ModelBundle& bundle,
                          const AlignOptions& options, UndoneLines& undone) {
  const UnitOptions units = options.unit_options();
  AlignmentInput input = make_alignment_input(line, pair.src, pair.tgt, bundle.tokenizers, units);
  const std::string problem = length_problem(input);
  if (problem.empty()) return input;
  undone.add(fmt::format("line {}", line), problem);
  return make_alignment_input(line, "", "", bundle.tokenizers, units);
}

void align_by_model(const AlignOptions& options) {
  UndoneLines undone("it has no links");
  PairReader reader(options.files, undone, options.shard);
  const ModelBundle bundle = load_bundle(options.model);
  WorkerPool pool(worker_count(options.model, bundle));
  const auto make_aligner = [&](AlignerOptions of_aligner) {
    of_aligner.on_undone = [&](const AlignmentInput& input, std::string_view why) {
      undone.add(fmt::format("line {}", input.line), why);
    };
    return Aligner(bundle, pool, std::move(of_aligner));
  };
  const Aligner aligner = make_aligner(options.aligner_options());
  const Aligner beyond_page = make_aligner(options.aligner_options_beyond_page());
  const Attributor attributor(bundle, pool, options.attributor_options());
  AgreementSummary agreement;
  const std::size_t before = reader.pairs_before();
  RecordSink sink(options, &bundle, before);
  const bool attributes = !options.attribution.empty();
  Progress progress(attributes ? "attributing" : "aligning", "pairs", 0);
  std::size_t done = 0;
  const std::function<void(std::size_t)> on_progress = [&](std::size_t of_block) {
    progress.update(done + of_block);
  };
  while (true) {
    const std::size_t detailed =
        options.detailed_pairs() - std::min(done, options.detailed_pairs());
    const auto pairs =
        reader.take(detailed > 0 ? std::min(detailed, kPairsAligned) : kPairsAligned);
    if (pairs.empty()) break;
    std::vector<AlignmentInput> inputs;
    for (std::size_t i = 0; i < pairs.size(); ++i)
      inputs.push_back(make_input(before + done + i + 1, pairs[i], bundle, options, undone));
    auto records =
        (detailed > 0 ? aligner : beyond_page).align(inputs, attributes ? nullptr : on_progress);
    attributor.attribute(inputs, records, on_progress);
    for (AttentionRecord& record : records) {
      agreement.add(record);
      sink.write(record);
    }
    done += pairs.size();
  }
  sink.finish(reader.pairs_after());
  report(agreement.table(options.units), options.output != "-");
  undone.report();
}

void align_by_statistics(const AlignOptions& options) {
  const StatisticalPassOptions pass = statistical_pass_options(options);
  UndoneLines undone("it has no links");
  RecordSink sink(options, nullptr);
  align_by_statistics(pass, undone, [&](AttentionRecord& record) { sink.write(record); });
  sink.finish();
  undone.report();
}

}  // namespace

void add_align_command(CLI::App& root, CommandAction& action) {
  CLI::App* command = root.add_subcommand(
      "align", "Word alignments and attention of given sentence pairs, as data or as a page");
  auto options = std::make_shared<AlignOptions>();
  command
      ->add_option(
          "files", options->files,
          "Source and target file, or one with source TAB target (- or none: standard input)")
      ->type_name("FILE");
  options->add_to(*command);
  command->footer(
      "One line of links for each pair, also for an empty one. A link i-j joins source unit i and "
      "target unit j, from 0. A line that is no pair, or has more than 2,000 pieces (hmm: units) "
      "on "
      "a side, has no links; there is a warning, and the exit status is 1.");
  command->callback([options, &action] {
    action = [options] {
      if (options->method == AlignMethod::kHmm)
        align_by_statistics(*options);
      else
        align_by_model(*options);
    };
  });
}

}  // namespace heed
