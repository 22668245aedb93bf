#include "app/translate/network_annotator.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "app/align/decoding_trace.h"
#include "app/translate/part_alignment.h"

namespace heed {
namespace {

AlignerOptions aligner_options(const AnnotatorOptions& options) {
  return {.selection = options.selection,
          .log_probability = false,  // the search has told it
          .max_tokens = options.max_tokens};
}

AlignerOptions viewer_options(const AnnotatorOptions& options) {
  AlignerOptions result = aligner_options(options);
  result.kinds = {AttentionKind::kEncoderSelf, AttentionKind::kDecoderSelf, AttentionKind::kCross};
  result.keep_pieces = true;
  result.log_probability = true;
  return result;
}

LineUnits word_units(const std::string& line, std::size_t number, const Translation& translation) {
  return {number, {line, split_words(line)}, {translation.text, split_words(translation.text)}};
}

}  // namespace

NetworkAnnotator::NetworkAnnotator(const ModelBundle& bundle, WorkerPool& pool,
                                   SearchOptions search, AnnotatorOptions options)
    : bundle_(bundle),
      search_(std::move(search)),
      options_(std::move(options)),
      aligner_(bundle, pool, aligner_options(options_)),
      viewer_(bundle, pool, viewer_options(options_)) {}

void NetworkAnnotator::add_links(const LineBlock& block,
                                 std::span<std::vector<Translation>> results) const {
  if (!options_.wants_links) return;
  std::vector<LineUnits> units;
  std::vector<const Translation*> translations;
  for (std::size_t i = 0; i < block.size(); ++i) {
    for (const Translation& translation : results[i]) {
      units.push_back(word_units(block.lines[i], block.first_line + i, translation));
      translations.push_back(&translation);
    }
  }
  auto links = align_parts(aligner_, units, translations, bundle_.tokenizers.src);
  auto next = links.begin();
  for (auto& line_results : results)
    for (Translation& translation : line_results) translation.links = std::move(*next++);
}

void NetworkAnnotator::add_views(const std::string& line, std::size_t number,
                                 std::span<const SearchTrace> traces, Translation& best) const {
  const LineUnits units = word_units(line, number, best);
  const auto& tokens = best.hypothesis.tokens;
  const std::size_t count = std::min(best.parts.size(), kViewedParts);
  std::vector<AlignmentInput> inputs;
  for (std::size_t i = 0; i < count; ++i)
    inputs.push_back(make_part_input(units, best, best.parts[i], bundle_.tokenizers.src).input);
  best.views = viewer_.align(inputs);
  for (std::size_t i = 0; i < count; ++i) {
    const TranslatedPart& part = best.parts[i];
    // An output that was cut off has no step of its end, which a page shows too.
    if (traces[i].size() <= part.last_piece - part.first_piece) continue;
    best.views[i].decoding = describe_search(
        traces[i], std::span(tokens).subspan(part.first_piece, part.last_piece - part.first_piece),
        search_, bundle_.tokenizers.tgt);
  }
  if (count < best.parts.size())
    spdlog::warn("line {}: the page shows the first {} of {} parts", number, count,
                 best.parts.size());
}

}  // namespace heed
