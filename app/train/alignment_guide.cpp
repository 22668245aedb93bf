#include "app/train/alignment_guide.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <numeric>

#include "app/align/pharaoh.h"
#include "app/align/posterior_links.h"
#include "app/align/statistical_aligner.h"
#include "app/progress.h"
#include "data/atomic_file.h"
#include "data/text_io.h"
#include "model/aten_ops.h"

namespace heed {
namespace {

constexpr double kLeastKept = 0.02;  // of a statistical link's probability; below is noise

UnitMap split(const std::string& text, const Tokenizer& tokenizer) {
  return map_units(tokenizer.encode_pieces(text), split_words(text));
}

/// How many pieces each word has.
std::vector<float> count_pieces(const UnitMap& side) {
  std::vector<float> counts(static_cast<std::size_t>(side.unit_count), 0.0F);
  for (const auto& words : side.units_of_piece)
    for (const int word : words) counts[static_cast<std::size_t>(word)] += 1.0F;
  return counts;
}

/// What to multiply a word's links by so that their sum is at most 1.
std::vector<float> scales(std::span<const Link> links, std::size_t words, int Link::*side) {
  std::vector<float> sums(words, 0.0F);
  for (const Link& link : links)
    sums[static_cast<std::size_t>(link.*side)] += static_cast<float>(link.probability);
  for (float& sum : sums) sum = sum > 1.0F ? 1.0F / sum : 1.0F;
  return sums;
}

/// Of a piece in the segmentation that goes through the network; without one its own.
std::vector<PieceOverlap> overlaps_of(std::uint32_t piece, const PieceOverlaps* overlaps) {
  if (overlaps == nullptr) return {PieceOverlap{piece}};
  return (*overlaps)[piece];
}

std::size_t share_count(const std::vector<int>& words) {
  return std::max<std::size_t>(1, words.size());
}

}  // namespace

void AlignmentGuide::Builder::add(const SentencePair& pair, std::span<const Link> links) {
  add(split(pair.src, tokenizers_.src), split(pair.tgt, tokenizers_.tgt), links);
}

void AlignmentGuide::Builder::add(const UnitMap& src, const UnitMap& tgt,
                                  std::span<const Link> links) {
  const auto src_words = static_cast<std::size_t>(src.unit_count);
  const auto tgt_words = static_cast<std::size_t>(tgt.unit_count);
  const std::vector<float> src_scale = scales(links, src_words, &Link::src);
  const std::vector<float> tgt_scale = scales(links, tgt_words, &Link::tgt);
  const std::vector<float> src_pieces = count_pieces(src);
  const std::vector<float> tgt_pieces = count_pieces(tgt);
  std::vector<float> of_words(src_words * tgt_words, 0.0F);
  for (const Link& link : links)
    of_words[static_cast<std::size_t>(link.tgt) * src_words + static_cast<std::size_t>(link.src)] =
        static_cast<float>(link.probability);
  for (std::size_t t = 0; t < tgt.units_of_piece.size(); ++t) {
    for (std::size_t s = 0; s < src.units_of_piece.size(); ++s) {
      PieceLink piece{static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(t), 0.0F, 0.0F};
      for (const int tgt_word : tgt.units_of_piece[t]) {
        for (const int src_word : src.units_of_piece[s]) {
          const auto i = static_cast<std::size_t>(src_word);
          const auto j = static_cast<std::size_t>(tgt_word);
          const float probability = of_words[j * src_words + i];
          piece.src_of_tgt += tgt_scale[j] * probability / src_pieces[i];
          piece.tgt_of_src += src_scale[i] * probability / tgt_pieces[j];
        }
      }
      piece.src_of_tgt /= static_cast<float>(share_count(tgt.units_of_piece[t]));
      piece.tgt_of_src /= static_cast<float>(share_count(src.units_of_piece[s]));
      if (piece.src_of_tgt > 0.0F || piece.tgt_of_src > 0.0F) guide_.links_.push_back(piece);
    }
  }
  guide_.offsets_.push_back(guide_.links_.size());
}

std::span<const AlignmentGuide::PieceLink> AlignmentGuide::links_of(std::size_t pair) const {
  return std::span(links_).subspan(offsets_[pair], offsets_[pair + 1] - offsets_[pair]);
}

AlignmentTargets AlignmentGuide::targets(const EncodedCorpus& corpus,
                                         std::span<const GuidedPair> pairs) const {
  std::int64_t src_len = 0;
  std::int64_t tgt_len = 0;
  for (const GuidedPair& pair : pairs) {
    src_len = std::max(src_len, static_cast<std::int64_t>(pair.src_pieces) + 1);
    tgt_len = std::max(tgt_len, static_cast<std::int64_t>(pair.tgt_pieces) + 1);
  }
  const auto batch = static_cast<std::int64_t>(pairs.size());
  AlignmentTargets targets{at::zeros({batch, tgt_len, src_len}, at::kFloat),
                           at::zeros({batch, tgt_len, src_len}, at::kFloat)};
  float* of_tgt = targets.src_of_tgt.mutable_data_ptr<float>();
  float* of_src = targets.tgt_of_src.mutable_data_ptr<float>();
  for (const GuidedPair& pair : pairs) {
    const auto src_pieces = static_cast<std::int64_t>(pair.src_pieces);
    const auto tgt_pieces = static_cast<std::int64_t>(pair.tgt_pieces);
    // Nothing is the eos of the source, and the bos of the target.
    for (std::int64_t t = 1; t <= tgt_pieces; ++t) of_tgt[t * src_len + src_pieces] = 1.0F;
    for (std::int64_t s = 0; s < src_pieces; ++s) of_src[s] = 1.0F;
    const bool is_forward = corpus.direction(pair.index) == Direction::kForward;
    for (const PieceLink& stored : links_of(pair.index % size())) {
      const PieceLink link =
          is_forward ? stored
                     : PieceLink{stored.tgt, stored.src, stored.tgt_of_src, stored.src_of_tgt};
      for (const PieceOverlap& tgt : overlaps_of(link.tgt, pair.tgt_overlaps))
        for (const PieceOverlap& src : overlaps_of(link.src, pair.src_overlaps)) {
          const float to_src = link.src_of_tgt * tgt.of_other * src.of_given;
          const float to_tgt = link.tgt_of_src * src.of_other * tgt.of_given;
          const std::int64_t row = static_cast<std::int64_t>(tgt.piece + 1) * src_len;
          of_tgt[row + src.piece] += to_src;
          of_tgt[row + src_pieces] -= to_src;
          of_src[row + src.piece] += to_tgt;
          of_src[src.piece] -= to_tgt;
        }
    }
    // What rounding has left below nothing.
    for (std::int64_t t = 1; t <= tgt_pieces; ++t)
      of_tgt[t * src_len + src_pieces] = std::max(0.0F, of_tgt[t * src_len + src_pieces]);
    for (std::int64_t s = 0; s < src_pieces; ++s) of_src[s] = std::max(0.0F, of_src[s]);
    of_tgt += tgt_len * src_len;
    of_src += tgt_len * src_len;
  }
  return targets;
}

AlignmentGuide read_alignment_guide(const std::filesystem::path& path, const ParallelFiles& files,
                                    const Tokenizers& tokenizers, const EncodedCorpus& corpus,
                                    std::size_t max_length) {
  LineReader reader(path);
  const std::string name = path.string();
  AlignmentGuide::Builder builder(tokenizers);
  std::size_t lines = 0;
  std::size_t kept = 0;
  std::string line;
  const auto read_until = [&](std::size_t number) {
    for (; lines <= number; ++lines)
      if (!reader.next(line))
        throw std::runtime_error(fmt::format(
            "{} has {} lines, the training text has more: a line of links for each of its lines",
            name, lines));
  };
  const CorpusReport report = read_parallel(files, [&](SentencePair&& pair, std::size_t number) {
    read_until(number);
    const UnitMap src = split(pair.src, tokenizers.src);
    const UnitMap tgt = split(pair.tgt, tokenizers.tgt);
    const std::vector<Link> links = parse_pharaoh(line, {name, number + 1}, {},
                                                  SentenceLengths{src.unit_count, tgt.unit_count});
    const std::size_t src_pieces = src.units_of_piece.size();
    const std::size_t tgt_pieces = tgt.units_of_piece.size();
    if (src_pieces == 0 || tgt_pieces == 0) return;
    if (max_length != 0 && std::max(src_pieces, tgt_pieces) > max_length) return;
    if (kept == corpus.size() || corpus.src(kept).size() != src_pieces ||
        corpus.tgt(kept).size() != tgt_pieces)
      throw std::logic_error("the encoded text is not that of the training files");
    builder.add(src, tgt, links);
    ++kept;
  });
  if (report.pairs_read > 0) read_until(report.pairs_read - 1);
  if (reader.next(line))
    throw std::runtime_error(fmt::format("{} has more lines than the training text, which has {}",
                                         name, report.pairs_read));
  if (kept != corpus.size()) throw std::logic_error("the encoded text has pairs without links");
  return builder.take();
}

void write_statistical_links(const std::filesystem::path& path, const ParallelFiles& files,
                             std::size_t threads) {
  const Stopwatch watch;
  std::vector<UnitPair> pairs;
  std::vector<std::size_t> numbers;
  const CorpusReport report = read_parallel(files, [&](SentencePair&& pair, std::size_t number) {
    pairs.push_back({split_words(pair.src), split_words(pair.tgt)});
    numbers.push_back(number);
  });
  WorkerPool pool(threads);
  const StatisticalAligner aligner = learn_links(pairs, pool, "finding links");
  std::vector<std::string> lines(report.pairs_read);
  pool.run(pairs.size(), [&](std::size_t i, std::size_t) {
    PharaohFormat format;
    format.probabilities = true;
    lines[numbers[i]] = format_pharaoh(links_above(aligner.align(pairs[i]), kLeastKept), format);
  });
  AtomicFile file(path);
  for (const std::string& line : lines) file.stream() << line << '\n';
  file.commit();
  spdlog::info("links of {} pairs by statistics: {:.1f} s", pairs.size(), watch.seconds());
}

}  // namespace heed
