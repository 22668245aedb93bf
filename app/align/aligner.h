#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

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

/// Which cross-attention links are read from: the mean over these layers and heads.
struct HeadSelection {
  std::vector<int> layers;  // from 0, negative counts from the last; empty: all
  std::vector<int> heads;   // of each layer, from 0; empty: all
};

/// What links are read from.
enum class LinkSource {
  kAuto,       // the alignment head where the model has one, else attention
  kHead,       // the model's trained alignment head
  kAttention,  // cross-attention, by `selection` and `links`
};

/// At which step of the decoder a target piece's cross-attention is read.
enum class LinkStep {
  kProduce,  // where the piece is the output
  kConsume,  // one later, where it is the input (Shift-Att: Chen et al., "Accurate Word Alignment
             // Induction from Neural Machine Translation", 2020)
};

struct AlignerOptions {
  LinkSource source = LinkSource::kAuto;
  HeadSelection selection;
  LinkOptions links{.end_of_sentence_unlinks = true};
  LinkStep step = LinkStep::kProduce;
  std::optional<Symmetrization> symmetrization{};  // of the head's two directions; none: threshold
  std::optional<double> threshold{};               // of the head; none: the model's own
  bool log_probability = true;                     // whether records tell it
  std::set<AttentionKind> kinds{};    // whose matrices a record keeps, of every layer and head
  bool attributes_attention = false;  // a record keeps what links are read from as an attribution
  bool keep_pieces = false;           // PieceDetail too, of units that are not pieces
  std::size_t alternatives = 0;       // of each step, in the record's DecodingTrace
  UnitKind unit_kind = UnitKind::kWord;
  std::size_t max_tokens = 2048;  // of a batch: pairs times the longest side
};

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
  void align_batch(std::span<const AlignmentInput> inputs, std::span<const std::uint32_t> batch,
                   std::vector<AttentionRecord>& records) const;
  AttentionRecord make_record(const AlignmentInput& input, std::size_t row,
                              const ForcedDecoding& forced) const;
  bool needs_attention() const;
  /// The units that the pieces of either side belong to.
  struct PairMaps {
    UnitMap src, tgt;
  };
  void add_matrices(const AlignmentInput& input, const PairMaps& maps,
                    const AttentionWeights& weights, std::int64_t sentence,
                    AttentionRecord& record) const;
  /// Adds links and attribution by the cross-attention that is selected.
  void read_attention(const AlignmentInput& input, const PairMaps& maps,
                      const AttentionWeights& weights, std::int64_t sentence,
                      AttentionRecord& record) const;

  const ModelBundle& bundle_;
  WorkerPool& pool_;
  AlignerOptions options_;
  std::string link_source_;
};

}  // namespace heed
