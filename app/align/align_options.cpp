#include "app/align/align_options.h"

#include <limits>
#include <map>

#include "app/align/symmetrization_options.h"
#include "app/cli_options.h"
#include "app/errors.h"

namespace heed {
namespace {

constexpr std::size_t kAlternativesShown = 6;  // of each step, in html

const std::map<std::string, AttentionKind> kAttentionKinds{
    {"encoder-self", AttentionKind::kEncoderSelf},
    {"decoder-self", AttentionKind::kDecoderSelf},
    {"cross", AttentionKind::kCross}};

const std::map<std::string, AttributionMethod> kAttributionMethods{
    {"attention", AttributionMethod::kAttention},
    {"occlusion", AttributionMethod::kOcclusion},
    {"gradient", AttributionMethod::kGradient}};

}  // namespace

bool AlignOptions::wants_matrices() const {
  return format == RecordFormat::kJson || format == RecordFormat::kNpz ||
         format == RecordFormat::kHtml;
}

AttributorOptions AlignOptions::attributor_options() const {
  AttributorOptions result;
  for (const std::string& name : attribution) result.methods.insert(kAttributionMethods.at(name));
  result.max_tokens = model.batch_tokens.value_or(kBatchTokens);
  if (result.methods.size() == 1 && !wants_matrices())
    throw UsageError(
        "--attribution without --format json, npz or html only compares methods: name several, "
        "as in --attribution attention,occlusion");
  return result;
}

UnitOptions AlignOptions::unit_options() const {
  UnitOptions result;
  result.kind = units;
  result.src_join = src_join.value_or(join.value_or(" "));
  result.tgt_join = tgt_join.value_or(join.value_or(" "));
  return result;
}

bool AlignOptions::is_picture() const {
  return format == RecordFormat::kSvg || format == RecordFormat::kPng ||
         format == RecordFormat::kText;
}

RecordWriterOptions AlignOptions::writer_options() const {
  if (is_picture() && attention.size() > 1)
    throw UsageError("--attention names several kinds, and svg, png and text show one");
  RecordWriterOptions result;
  result.one_based = one_based;
  result.page_pairs = page_pairs;
  result.figure = figure;
  if (!attention.empty()) result.picture.kind = kAttentionKinds.at(attention.front());
  result.picture.layers = selection.selection.layers;
  result.picture.heads = selection.selection.heads;
  result.number_figures = shard.has_value();
  return result;
}

void AlignOptions::check_link_choice() const {
  if (symmetrization && threshold)
    throw UsageError("--symmetrize takes the best links, --threshold the probable ones: give one");
}

AlignerOptions AlignOptions::aligner_options() const {
  check_link_choice();
  AlignerOptions result;
  if (!train_src.empty() || !train_tgt.empty())
    throw UsageError("--train-source and --train-target are for --method hmm; a model is trained");
  if (method == AlignMethod::kHead) result.source = LinkSource::kHead;
  if (method == AlignMethod::kAttention) result.source = LinkSource::kAttention;
  result.selection = selection.selection;
  result.links = links;
  result.step = step;
  result.one_direction = one_direction;
  if (threshold) result.links.threshold = *threshold;
  result.threshold = threshold;
  result.symmetrization = symmetrization;
  result.log_probability = wants_matrices() || format == RecordFormat::kText;
  result.unit_kind = units;
  result.max_tokens = model.batch_tokens.value_or(kBatchTokens);
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

AlignerOptions AlignOptions::aligner_options_beyond_page() const {
  AlignerOptions result = aligner_options();
  result.keep_pieces = false;
  result.alternatives = 0;
  return result;
}

std::size_t AlignOptions::detailed_pairs() const {
  return format == RecordFormat::kHtml ? page_pairs : std::numeric_limits<std::size_t>::max();
}

void AlignOptions::add_output_to(CLI::App& command) {
  command.add_option("-o,--output", output, "Where to write; - is standard output")
      ->capture_default_str()
      ->type_name("FILE")
      ->group("Output");
  add_choice(
      command, "--format", format,
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
  command.add_flag("--one-based", one_based, "Count words from 1 in pharaoh and soft")
      ->group("Output");
  add_list(command, "--attention", attention,
           "Kinds of attention that json, npz and html hold, all when not given; the one that svg, "
           "png and text show, cross when not given")
      ->check(CLI::IsMember(kAttentionKinds))
      ->group("Output");
  add_list(command, "--attribution", attribution,
           "What each source unit did to each target unit, in json, npz and html: attention; "
           "occlusion: how far the log-probability falls without the source unit; gradient: of "
           "the log-probability, times the embedding. Several are compared with each other at "
           "the end")
      ->check(CLI::IsMember(kAttributionMethods))
      ->group("Output");
  add_choice(command, "--figure", figure,
             {{"map", FigureKind::kMap}, {"links", FigureKind::kLinks}},
             "What svg and png show: a heat map, or the words joined by their links")
      ->group("Output");
  command
      .add_option("--page-pairs", page_pairs,
                  "Pairs shown in html, figures drawn in svg and png; the first of the input")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group("Output");
}

void AlignOptions::add_units_to(CLI::App& command) {
  add_choice(
      command, "--units", units,
      {{"word", UnitKind::kWord}, {"piece", UnitKind::kPiece}, {"character", UnitKind::kCharacter}},
      "What is linked; words are what white space separates")
      ->group("Units");
  command
      .add_option(
          "--join", join,
          "Join the words of pre-segmented text by this before the model reads it: '' for a "
          "language written without spaces; links are between the words all the same")
      ->group("Units");
  command.add_option("--source-join", src_join, "The same for the source side only")
      ->group("Units");
  command.add_option("--target-join", tgt_join, "The same for the target side only")
      ->group("Units");
}

void AlignOptions::add_links_to(CLI::App& command) {
  add_choice(command, "--method", method,
             {{"auto", AlignMethod::kAuto},
              {"head", AlignMethod::kHead},
              {"attention", AlignMethod::kAttention},
              {"hmm", AlignMethod::kHmm}},
             "head: the model's alignment head; attention: cross-attention; hmm: statistics of the "
             "given pairs, without a model; auto: head where the model has one, else attention")
      ->group("Links");
  add_choice(command, "--symmetrize", symmetrization, symmetrizations(),
             "Of head and hmm: the best links of each direction, made one; when not given, all "
             "links with a probability of at least --threshold. Of the attention of a model of "
             "both directions: grow-diag when not given")
      ->group("Links");
  command
      .add_flag("--one-direction", one_direction,
                "Of a model of both directions: read links only as it translates source to target")
      ->group("Links");
  add_list(command, "--train-source", train_src, "More text for the statistics of hmm")
      ->type_name("FILE,...")
      ->group("Links");
  add_list(command, "--train-target", train_tgt, "Its translations, line by line")
      ->type_name("FILE,...")
      ->group("Links");
  selection.add_to(command);
  add_choice(command, "--link-step", step,
             Choices<LinkStep>{{"produce", LinkStep::kProduce}, {"consume", LinkStep::kConsume}},
             "Of attention: read it where the decoder produces a word, or one step later, where it "
             "takes the word in (Shift-Att, Chen et al. 2020). When not given, what the model came "
             "with (heed info), else produce")
      ->group("Links");
  add_choice(command, "--link-rule", links.rule,
             {{"argmax", LinkRule::kArgmax},
              {"mutual", LinkRule::kMutual},
              {"threshold", LinkRule::kThreshold}},
             "Of attention: argmax: each target unit to its strongest source unit; mutual: each "
             "the other's strongest; threshold: every weight of at least --threshold")
      ->group("Links");
  command
      .add_option("--threshold", threshold,
                  "Least probability of a link; when not given, of head that which the model came "
                  "with, of hmm the one with the best expected F1, of --link-rule threshold 0.5")
      ->check(CLI::Range(0.0, 1.0))
      ->group("Links");
  command
      .add_flag("--end-unlinks,!--no-end-unlinks", links.end_of_sentence_unlinks,
                "A unit that looks more at the end of the source sentence (final punctuation "
                "included) than at any unit stays unlinked (default)")
      ->group("Links");
}

void AlignOptions::add_to(CLI::App& command) {
  add_shard_option(command, shard);
  add_output_to(command);
  add_units_to(command);
  add_links_to(command);
  command
      .add_option("--gold", gold,
                  "Links to compare with, `i-j` sure and `i?j` possible; prints AER, precision and "
                  "recall (to the log while links go to standard output)")
      ->type_name("FILE")
      ->group("Gold");
  add_gold_convention(command, gold_convention);
  model.add_to(command, /*is_required=*/false);
}

}  // namespace heed
