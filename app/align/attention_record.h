#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/align/link.h"
#include "data/text_units.h"

namespace heed {

enum class AttentionKind { kEncoderSelf, kDecoderSelf, kCross };

/// The names used in JSON and NPZ: encoder_self, decoder_self, cross; word, piece, character.
std::string_view attention_kind_name(AttentionKind kind);
std::string_view unit_kind_name(UnitKind kind);

/// The weights of one head for one sentence pair. A row is a query, a column a key, and a row sums
/// to 1 (less where `merge_to_units` dropped columns).
///
///   kind           rows                            columns
///   encoder self   source units, then </s>         the same
///   cross          target units, then </s>         source units, then </s>
///   decoder self   target units, then </s>         <s>, then target units
///
/// A decoder row is the step that *produces* that unit; what the step can look at is the input so
/// far, hence the columns of decoder self-attention begin with <s> and never hold </s>.
struct AttentionMatrix {
  AttentionKind kind = AttentionKind::kCross;
  int layer = 0;  // from 0
  int head = 0;   // from 0
  int rows = 0;
  int columns = 0;
  std::vector<float> weights;  // [rows, columns], row by row

  float at(int row, int column) const {
    return weights[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
                   static_cast<std::size_t>(column)];
  }
};

/// How the influence of a source unit on an output unit is told.
enum class AttributionMethod {
  kAttention,  // cross-attention, mean over the chosen layers and heads
  kOcclusion,  // how far the output's log-probability falls when the source unit is taken away
  kGradient,   // gradient of the output's log-probability times the source embedding
};

/// The names used in JSON and options: attention, occlusion, gradient.
std::string_view attribution_method_name(AttributionMethod method);

/// The influence of each source unit (the end of the sentence is left out) on each target unit and
/// then on </s>. Scores of different methods have different units: compare ranks within a row.
struct AttributionMatrix {
  AttributionMethod method = AttributionMethod::kAttention;
  int rows = 0;               // target units, then </s>
  int columns = 0;            // source units
  std::vector<float> scores;  // [rows, columns], row by row
};

/// What the units of a record were merged from: the pieces that the model reads and writes. Shapes
/// as in the table above, with pieces for units.
struct PieceDetail {
  std::vector<std::string> src_pieces;  // the last is the end of the sentence, "</s>"
  std::vector<std::string> tgt_pieces;  // the last is the end of the sentence, "</s>"
  /// Of each piece the units it belongs to, as `UnitMap` has them; that of the end is the end.
  std::vector<std::vector<int>> src_units_of_piece;
  std::vector<std::vector<int>> tgt_units_of_piece;
  std::vector<AttentionMatrix> matrices;
};

/// A piece that was weighed at one step of decoding.
struct StepCandidate {
  enum class Fate {
    kDropped,
    kKept,      // goes on
    kFinished,  // ends its hypothesis
  };

  std::string piece;            // "</s>" is the end of the sentence
  double log_prob = 0.0;        // of the piece, given the source and the hypothesis it extends
  double total_log_prob = 0.0;  // of the hypothesis with the piece
  int rank = 0;                 // from 1
  int origin = 0;               // which hypothesis kept by the step before it extends, from 0
  Fate fate = Fate::kDropped;
  int place = -1;          // of kKept: among the hypotheses that go on, from 0
  bool is_output = false;  // led to the output
};

/// How the output came about: for each of its pieces, then for </s>, what was weighed there.
struct DecodingTrace {
  int beam_size = 0;                              // 0: the target was given, not searched for
  double length_penalty = 0.0;                    // alpha of `heed::length_penalty`
  std::vector<std::vector<StepCandidate>> steps;  // candidates by rank; exactly one is_output
};

/// One sentence pair with all that is shown of it.
struct AttentionRecord {
  std::size_t line = 0;  // of the input, from 1
  std::string src_text;
  std::string tgt_text;
  UnitKind unit_kind = UnitKind::kWord;
  std::vector<std::string> src_units;  // the last is the end of the sentence, "</s>"
  std::vector<std::string> tgt_units;  // the last is the end of the sentence, "</s>"
  std::vector<AttentionMatrix> matrices;
  std::optional<PieceDetail> pieces;            // where kept
  DecodingTrace decoding;                       // without steps where not kept
  std::vector<AttributionMatrix> attributions;  // at most one a method
  std::string link_source;                      // where links come from, in words; may be empty
  std::vector<Link> links;                      // between units, never the end of the sentence
  std::vector<Link> gold_sure;                  // empty when there is no gold
  std::vector<Link> gold_possible;              // holds every sure link too
  /// Of the whole target given the source, natural logarithm; nothing where no model was asked.
  std::optional<double> log_probability;
};

/// The names used in JSON: dropped, kept, finished.
std::string_view fate_name(StepCandidate::Fate fate);

/// The last unit of either side.
inline constexpr std::string_view kEndOfSentence = "</s>";

/// The texts of a side's units, then the end of the sentence.
std::vector<std::string> unit_texts(std::span<const TextUnit> units);

/// What the rows and columns of `kind` stand for, as in the table above.
std::vector<std::string> row_units(const AttentionRecord& record, AttentionKind kind);
std::vector<std::string> column_units(const AttentionRecord& record, AttentionKind kind);

/// Throws std::invalid_argument when a matrix does not have the shape its kind and the units ask
/// for, when a link lies outside the sentence, when units lack the end of the sentence, or when
/// pieces, units and steps do not fit together.
void check_record(const AttentionRecord& record);

}  // namespace heed
