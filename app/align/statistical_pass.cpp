#include "app/align/statistical_pass.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "app/align/link_source.h"
#include "app/align/statistical_aligner.h"
#include "app/errors.h"
#include "app/pair_reader.h"
#include "app/undone_lines.h"
#include "data/replace_all.h"

namespace heed {
namespace {

// A table of all pairs of units is held for each sentence pair.
constexpr std::size_t kMostAlignedUnits = 2'000;

// Pieces are learnt, too, from text without NUL.
std::vector<TextUnit> units_of(std::string_view line, UnitKind kind) {
  const std::string text = replace_all(line, std::string_view("\0", 1), "\uFFFD");
  return kind == UnitKind::kCharacter ? split_characters(text) : split_words(text);
}

}  // namespace

StatisticalPassOptions statistical_pass_options(const AlignOptions& options) {
  const bool shows_links =
      options.format == RecordFormat::kPharaoh || options.format == RecordFormat::kSoft ||
      options.format == RecordFormat::kJson ||
      ((options.format == RecordFormat::kSvg || options.format == RecordFormat::kPng) &&
       options.figure == FigureKind::kLinks);
  if (!shows_links)
    throw UsageError(
        "--method hmm has links and no attention to show: --format pharaoh, soft, json, or svg and "
        "png with --figure links");
  if (!options.model.models.empty() || !options.selection.selection.is_empty() || options.step ||
      options.one_direction || options.model.reverse)
    throw UsageError(
        "--method hmm reads no model: leave out --model, --reverse, --one-direction, --layers, "
        "--heads and --link-step");
  options.check_link_choice();
  if (options.shard)
    throw UsageError(
        "--method hmm learns from all pairs, so that no part of them is aligned like the whole: "
        "leave out --shard");
  if (!options.attribution.empty()) throw UsageError("--attribution needs a model's --method");
  if (options.units == UnitKind::kPiece)
    throw UsageError("--units piece are those of a model; --method hmm links words or characters");
  if (options.train_src.size() != options.train_tgt.size())
    throw UsageError("--train-source and --train-target must name as many files");
  StatisticalPassOptions pass;
  pass.files = options.files;
  pass.training.src.assign(options.train_src.begin(), options.train_src.end());
  pass.training.tgt.assign(options.train_tgt.begin(), options.train_tgt.end());
  pass.units = options.units;
  pass.symmetrization = options.symmetrization;
  pass.threshold = options.threshold;
  pass.threads = options.model.threads;
  return pass;
}

void align_by_statistics(const StatisticalPassOptions& options, UndoneLines& undone,
                         const std::function<void(AttentionRecord&)>& consume) {
  PairReader reader(options.files, undone);
  const std::vector<GivenPair> given = reader.take_all();
  std::vector<UnitPair> pairs;
  const auto add = [&](const SentencePair& pair) {
    pairs.push_back({units_of(pair.src, options.units), units_of(pair.tgt, options.units)});
  };
  for (const GivenPair& pair : given) {
    add(pair);
    const std::size_t longest = std::max(pairs.back().src.size(), pairs.back().tgt.size());
    if (longest <= kMostAlignedUnits) continue;
    undone.add(fmt::format("line {}", pairs.size()),
               fmt::format("{} units; up to {} are aligned", longest, kMostAlignedUnits));
    pairs.back() = {};
  }
  if (!options.training.src.empty())
    read_parallel(options.training, [&](SentencePair&& pair) { add(pair); });

  WorkerPool pool(options.threads);
  const StatisticalAligner aligner = learn_links(pairs, pool, "learning links");
  std::vector<LinkPosteriors> posteriors(given.size());
  pool.run(given.size(),
           [&](std::size_t i, std::size_t) { posteriors[i] = aligner.align(pairs[i]); });
  PosteriorRule rule{options.symmetrization, options.threshold.value_or(0.0)};
  if (!options.threshold && !options.symmetrization) {
    ThresholdSearch search;
    for (const LinkPosteriors& pair : posteriors) search.add(pair);
    rule.threshold = search.best().threshold;
    spdlog::info("least probability of a link: {:.3f}", rule.threshold);
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    AttentionRecord record;
    record.line = i + 1;
    record.src_text = given[i].src;
    record.tgt_text = given[i].tgt;
    record.unit_kind = options.units;
    record.src_units = unit_texts(pairs[i].src);
    record.tgt_units = unit_texts(pairs[i].tgt);
    record.link_source = with_symmetrization("statistics (HMM)", options.symmetrization);
    record.links = choose_links(posteriors[i], rule);
    consume(record);
  }
}

}  // namespace heed
