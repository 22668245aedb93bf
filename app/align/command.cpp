#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "app/align/aligner.h"
#include "app/align/alignment_error_rate.h"
#include "app/align/gold.h"
#include "app/align/record_writer.h"
#include "app/attribution/agreement.h"
#include "app/attribution/attributor.h"
#include "app/cli_options.h"
#include "app/commands.h"
#include "app/errors.h"
#include "app/model_options.h"
#include "app/pair_reader.h"
#include "app/progress.h"

namespace heed {
namespace {

constexpr std::size_t kPairsAligned = 1024;    // held at once
constexpr std::size_t kAlternativesShown = 6;  // of each step, in html

const std::map<std::string, AttentionKind> kAttentionKinds{
    {"encoder-self", AttentionKind::kEncoderSelf},
    {"decoder-self", AttentionKind::kDecoderSelf},
    {"cross", AttentionKind::kCross}};

const std::map<std::string, AttributionMethod> kAttributionMethods{
    {"attention", AttributionMethod::kAttention},
    {"occlusion", AttributionMethod::kOcclusion},
    {"gradient", AttributionMethod::kGradient}};

struct AlignOptions {
  ModelOptions model;
  LinkSelectionOptions selection;
  LinkOptions links = AlignerOptions{}.links;
  std::vector<std::string> files;
  std::string output = "-";
  RecordFormat format = RecordFormat::kPharaoh;
  bool one_based = false;
  std::vector<std::string> attention;    // names in kAttentionKinds
  std::vector<std::string> attribution;  // names in kAttributionMethods
  UnitKind units = UnitKind::kWord;
  std::optional<std::string> join, src_join, tgt_join;
  std::string gold;
  IndexConvention gold_convention;
  std::size_t page_pairs = RecordWriterOptions{}.page_pairs;
  FigureKind figure = FigureKind::kMap;

  bool wants_matrices() const {
    return format == RecordFormat::kJson || format == RecordFormat::kNpz ||
           format == RecordFormat::kHtml;
  }

  AttributorOptions attributor_options() const {
    AttributorOptions result;
    for (const std::string& name : attribution) result.methods.insert(kAttributionMethods.at(name));
    result.max_tokens = model.batch_tokens;
    if (result.methods.size() == 1 && !wants_matrices())
      throw UsageError(
          "--attribution without --format json, npz or html only compares methods: name several, "
          "as in --attribution attention,occlusion");
    return result;
  }

  UnitOptions unit_options() const {
    UnitOptions result;
    result.kind = units;
    result.src_join = src_join.value_or(join.value_or(" "));
    result.tgt_join = tgt_join.value_or(join.value_or(" "));
    return result;
  }

  bool is_picture() const {
    return format == RecordFormat::kSvg || format == RecordFormat::kPng ||
           format == RecordFormat::kText;
  }

  RecordWriterOptions writer_options() const {
    if (is_picture() && attention.size() > 1)
      throw UsageError("--attention names several kinds, and svg, png and text show one");
    RecordWriterOptions result;
    result.one_based = one_based;
    result.page_pairs = page_pairs;
    result.figure = figure;
    if (!attention.empty()) result.picture.kind = kAttentionKinds.at(attention.front());
    result.picture.layers = selection.selection.layers;
    result.picture.heads = selection.selection.heads;
    return result;
  }

  AlignerOptions aligner_options() const {
    AlignerOptions result;
    result.selection = selection.selection;
    result.links = links;
    result.unit_kind = units;
    result.max_tokens = model.batch_tokens;
    for (const std::string& name : attention) result.kinds.insert(kAttentionKinds.at(name));
    result.attributes_attention =
        attributor_options().methods.contains(AttributionMethod::kAttention);
    const bool shows_matrices = format != RecordFormat::kPharaoh && format != RecordFormat::kSoft;
    if (!shows_matrices) result.kinds.clear();
    if (shows_matrices && attention.empty())
      result.kinds = {AttentionKind::kEncoderSelf, AttentionKind::kDecoderSelf,
                      AttentionKind::kCross};
    if (is_picture()) result.kinds = {writer_options().picture.kind};
    if (format == RecordFormat::kHtml) {
      result.keep_pieces = true;
      result.alternatives = kAlternativesShown;
    }
    return result;
  }
};

/// Compares with gold as pairs go by, and puts the gold links into the records.
class GoldComparison {
 public:
  GoldComparison(const std::string& path, const IndexConvention& convention)
      : path_(path), gold_(read_gold(path, convention)) {}

  void add(AttentionRecord& record) {
    if (next_ == gold_.size())
      throw std::runtime_error(fmt::format(
          "{} has {} lines, there are more pairs to compare with it", path_, gold_.size()));
    const GoldAlignment& gold = gold_[next_++];
    check_range(record, gold);
    counts_ += count_alignment(record.links, gold);
    record.gold_sure = gold.sure;
    record.gold_possible = gold.possible;
  }

  /// To standard output unless that holds the links themselves.
  void report(bool to_stdout) const {
    if (next_ != gold_.size())
      throw std::runtime_error(
          fmt::format("{} has {} lines, but {} pairs were aligned", path_, gold_.size(), next_));
    const std::string text = fmt::format(
        "AER {:.2f} %, precision {:.2f} %, recall {:.2f} %, F1 {:.2f} % "
        "({} links; gold {} sure, {} possible)",
        100 * counts_.alignment_error_rate(), 100 * counts_.precision(), 100 * counts_.recall(),
        100 * counts_.f1(), counts_.proposed, counts_.sure, counts_.possible);
    if (to_stdout)
      std::cout << text << '\n';
    else
      spdlog::info("{}", text);
  }

 private:
  void check_range(const AttentionRecord& record, const GoldAlignment& gold) const {
    const auto src = static_cast<int>(record.src_units.size()) - 1;
    const auto tgt = static_cast<int>(record.tgt_units.size()) - 1;
    for (const Link& link : gold.possible)
      if (link.src >= src || link.tgt >= tgt)
        throw std::runtime_error(fmt::format(
            "{}:{}: gold link {}-{} (from 0, source first) is beyond the {} source and {} target "
            "units; is it --gold-one-based, or --gold-transposed?",
            path_, next_, link.src, link.tgt, src, tgt));
  }

  std::string path_;
  std::vector<GoldAlignment> gold_;
  std::size_t next_ = 0;
  AlignmentCounts counts_;
};

/// To standard output unless that holds the links themselves.
void report_agreement(const AgreementSummary& summary, UnitKind units, bool to_stdout) {
  const std::string table = summary.table(units);
  if (table.empty()) return;
  if (to_stdout)
    std::cout << table << '\n';
  else
    spdlog::info("{}", table);
}

void align(const AlignOptions& options) {
  PairReader reader(options.files);
  std::optional<GoldComparison> gold;
  if (!options.gold.empty()) gold.emplace(options.gold, options.gold_convention);
  const ModelBundle bundle = options.model.load();
  WorkerPool pool(options.model.worker_count(bundle));
  const Aligner aligner(bundle, pool, options.aligner_options());
  const Attributor attributor(bundle, pool, options.attributor_options());
  AgreementSummary agreement;
  const auto writer =
      make_record_writer(options.output, options.format, options.writer_options(), bundle);
  const bool attributes = !options.attribution.empty();
  Progress progress(attributes ? "attributing" : "aligning", "pairs", 0);
  std::size_t done = 0;
  const std::function<void(std::size_t)> report = [&](std::size_t of_block) {
    progress.update(done + of_block);
  };
  for (auto pairs = reader.take(kPairsAligned); !pairs.empty();
       pairs = reader.take(kPairsAligned)) {
    std::vector<AlignmentInput> inputs;
    for (std::size_t i = 0; i < pairs.size(); ++i)
      inputs.push_back(make_alignment_input(done + i + 1, pairs[i].src, pairs[i].tgt,
                                            bundle.tokenizers, options.unit_options()));
    auto records = aligner.align(inputs, attributes ? nullptr : report);
    attributor.attribute(inputs, records, report);
    for (AttentionRecord& record : records) {
      agreement.add(record);
      if (gold) gold->add(record);
      writer->write(record);
    }
    done += pairs.size();
  }
  writer->finish();
  if (gold) gold->report(options.output != "-");
  report_agreement(agreement, options.units, options.output != "-");
}

void add_output_options(CLI::App& command, AlignOptions& options) {
  command.add_option("-o,--output", options.output, "Where to write; - is standard output")
      ->capture_default_str()
      ->type_name("FILE")
      ->group("Output");
  add_choice(
      command, "--format", options.format,
      {{"pharaoh", RecordFormat::kPharaoh},
       {"soft", RecordFormat::kSoft},
       {"json", RecordFormat::kJson},
       {"npz", RecordFormat::kNpz},
       {"html", RecordFormat::kHtml},
       {"svg", RecordFormat::kSvg},
       {"png", RecordFormat::kPng},
       {"text", RecordFormat::kText}},
      "pharaoh: links `i-j`; soft: `i-j:p`; json, npz: links and attention weights; html: a "
      "page to look at; svg, png: a figure of the mean over --layers and --heads, of several "
      "pairs FILE-1, FILE-2, ...; text: the same in the terminal")
      ->group("Output");
  command.add_flag("--one-based", options.one_based, "Count words from 1 in pharaoh and soft")
      ->group("Output");
  add_list(command, "--attention", options.attention,
           "Kinds of attention that json, npz and html hold, all when not given; the one that svg, "
           "png and text show, cross when not given")
      ->check(CLI::IsMember(kAttentionKinds))
      ->group("Output");
  add_list(command, "--attribution", options.attribution,
           "What each source unit did to each target unit, in json, npz and html: attention; "
           "occlusion: how far the log-probability falls without the source unit; gradient: of "
           "the log-probability, times the embedding. Several are compared with each other at "
           "the end")
      ->check(CLI::IsMember(kAttributionMethods))
      ->group("Output");
  add_choice(command, "--figure", options.figure,
             {{"map", FigureKind::kMap}, {"links", FigureKind::kLinks}},
             "What svg and png show: a heat map, or the words joined by their links")
      ->group("Output");
  command
      .add_option("--page-pairs", options.page_pairs,
                  "Pairs shown in html, figures drawn in svg and png; the first of the input")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group("Output");
}

void add_unit_options(CLI::App& command, AlignOptions& options) {
  add_choice(
      command, "--units", options.units,
      {{"word", UnitKind::kWord}, {"piece", UnitKind::kPiece}, {"character", UnitKind::kCharacter}},
      "What is linked; words are what white space separates")
      ->group("Units");
  command
      .add_option(
          "--join", options.join,
          "Join the words of pre-segmented text by this before the model reads it: '' for a "
          "language written without spaces; links are between the words all the same")
      ->group("Units");
  command.add_option("--source-join", options.src_join, "The same for the source side only")
      ->group("Units");
  command.add_option("--target-join", options.tgt_join, "The same for the target side only")
      ->group("Units");
}

void add_link_options(CLI::App& command, AlignOptions& options) {
  options.selection.add_to(command);
  add_choice(command, "--link-rule", options.links.rule,
             {{"argmax", LinkRule::kArgmax},
              {"mutual", LinkRule::kMutual},
              {"threshold", LinkRule::kThreshold}},
             "argmax: each target unit to its strongest source unit; mutual: each the other's "
             "strongest; threshold: every weight of at least --threshold")
      ->group("Links");
  command.add_option("--threshold", options.links.threshold, "See --link-rule")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->group("Links");
  command
      .add_flag("--end-unlinks,!--no-end-unlinks", options.links.end_of_sentence_unlinks,
                "A unit that looks more at the end of the source sentence (final punctuation "
                "included) than at any unit stays unlinked (default)")
      ->group("Links");
}

void add_gold_options(CLI::App& command, AlignOptions& options) {
  command
      .add_option("--gold", options.gold,
                  "Links to compare with, `i-j` sure and `i?j` possible; prints AER, precision and "
                  "recall (to the log while links go to standard output)")
      ->type_name("FILE")
      ->group("Gold");
  command
      .add_flag("--gold-one-based", options.gold_convention.one_based,
                "The gold file counts from 1")
      ->group("Gold");
  command
      .add_flag("--gold-transposed", options.gold_convention.transposed,
                "The gold file has the target's index first")
      ->group("Gold");
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
  add_output_options(*command, *options);
  add_unit_options(*command, *options);
  add_link_options(*command, *options);
  add_gold_options(*command, *options);
  options->model.add_to(*command);
  command->footer(
      "One line of links for each pair, also for an empty one. A link i-j joins source unit i and "
      "target "
      "unit j, from 0.");
  command->callback([options, &action] { action = [options] { align(*options); }; });
}

}  // namespace heed
