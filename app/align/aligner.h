#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "app/align/attention_matrices.h"
#include "app/align/attention_record.h"
#include "app/align/link_extraction.h"
#include "app/align/posterior_links.h"
#include "app/align/unit_merge.h"
#include "app/forced_decoding.h"
#include "app/model_bundle.h"
#include "app/worker_pool.h"
#include "data/text_units.h"

namespace heed {

/// One sentence pair as text, pieces and units.
struct AlignmentInput {
  std::size_t line = 0;  // of the input, from 1
  UnitLine src;
  UnitLine tgt;
  std::vector<Piece> src_pieces;  // byte ranges in src.text
  std::vector<Piece> tgt_pieces;
};

/// How lines become units.
struct UnitOptions {
  UnitKind kind = UnitKind::kWord;
  /// Words of a pre-segmented line are joined by this for the model; links are still between them.
  std::string src_join = " ";
  std::string tgt_join = " ";
};

AlignmentInput make_alignment_input(std::size_t line, std::string_view src, std::string_view tgt,
                                    const Tokenizers& tokenizers, const UnitOptions& options);

/// What links are read from.
enum class LinkSource {
  kAuto,       // the alignment head where the model has one, else attention
  kHead,       // the model's trained alignment head
  kAttention,  // cross-attention, by `selection` and `links`
};

struct AlignerOptions {
  LinkSource source = LinkSource::kAuto;
  HeadSelection selection{};       // when empty, the model's own choice
  std::optional<LinkStep> step{};  // none: the model's own choice
  LinkOptions links{.end_of_sentence_unlinks = true};
  /// Of the head's two directions; none: threshold. Of the attention of a model of both directions;
  /// none: grow-diag.
  std::optional<Symmetrization> symmetrization{};
  bool one_direction = false;         // a model of both directions reads pairs one way only
  std::optional<double> threshold{};  // of the head; none: the model's own
  bool log_probability = true;        // whether records tell it
  std::set<AttentionKind> kinds{};    // whose matrices a record keeps, of every layer and head
  bool attributes_attention = false;  // a record keeps what links are read from as an attribution
  bool keep_pieces = false;           // PieceDetail too, of units that are not pieces
  std::size_t alternatives = 0;       // of each step, in the record's DecodingTrace
  UnitKind unit_kind = UnitKind::kWord;
  std::size_t max_tokens = 2048;  // of a batch: pairs times the longest side
  /// Gets, one call at a time, the pairs that are too long or for which there is no memory, and
  /// why. Their records have no links, matrices or log-probability. Null: a warning is logged.
  std::function<void(const AlignmentInput&, std::string_view why)> on_undone{};
};

/// Attention is held for each pair of pieces, of all heads and layers: a side has no more.
inline constexpr std::size_t kMostAlignedPieces = 2'000;

/// Empty, or why a pair is too long to be aligned.
std::string length_problem(const AlignmentInput& input);

/// Word alignments and attention of given pairs, by forced decoding.
class Aligner {
 public:
  /// Both must outlive the aligner. Throws UsageError when the selection names a layer or head that
  /// the model hasn't, or when there is no alignment head to read.
  Aligner(const ModelBundle& bundle, WorkerPool& pool, AlignerOptions options);

  /// One record a pair, in order. `on_progress` gets the number of pairs done, one call at a time.
  std::vector<AttentionRecord> align(
      std::span<const AlignmentInput> inputs,
      const std::function<void(std::size_t)>& on_progress = {}) const;

 private:
  /// The units that the pieces of either side belong to, and whether the last one is a mark.
  struct Side {
    UnitMap units;
    bool ends_in_punctuation = false;
  };
  struct PairSides {
    Side src, tgt;
  };
  /// A batch in the bundle's direction, and the other way round where that is read too.
  struct Decoded {
    ForcedDecoding forward;
    std::optional<ForcedDecoding> reverse;
  };
  using Rows = std::vector<std::span<const TokenId>>;

  void align_batch(std::span<const AlignmentInput> inputs, std::span<const std::uint32_t> batch,
                   std::vector<AttentionRecord>& records) const;
  AttentionRecord make_empty_record(const AlignmentInput& input) const;
  bool needs_attention() const;
  Decoded decode(const Rows& src, const Rows& tgt) const;
  AttentionRecord make_record(const AlignmentInput& input, std::size_t row,
                              const Decoded& decoded) const;
  std::vector<Link> find_links(const PairSides& sides, std::int64_t sentence,
                               const Decoded& decoded) const;
  std::vector<Link> links_of_attention(const AttentionMatrix& attention, const Side& src,
                                       const Side& tgt) const;
  void add_matrices(const AlignmentInput& input, const PairSides& sides,
                    const AttentionWeights& weights, std::int64_t sentence,
                    AttentionRecord& record) const;

  const ModelBundle& bundle_;
  WorkerPool& pool_;
  AlignerOptions options_;
  std::vector<AttentionReading> readings_;  // of the bundle's direction, and the other's if read
  std::string link_source_;
};

}  // namespace heed
