#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "data/shift_evidence.h"

namespace heed {

/// A stretch of lines of which source line n belongs to target line n + offset.
struct OffsetStretch {
  std::size_t src_line = 0;  // where it begins, from 0
  std::ptrdiff_t offset = 0;
  bool is_related = true;  // false: no offset within reach makes translations of these lines
  bool operator==(const OffsetStretch&) const = default;
};

/// Finds where two texts, line by line translations of each other, slip: where a line too many or
/// too few on one side makes every pair behind it a wrong one. It sees each line once and keeps
/// some thousand of them.
///
/// Of the ways to go through both texts at offsets of up to kReach, changing at a price, it takes
/// the one with the greatest sum of ShiftEvidence (Viterbi's algorithm). What translations look
/// like is learnt from the text, in blocks, at the offset that fits the block best.
class ShiftDetector {
 public:
  static constexpr std::ptrdiff_t kReach = 12;

  void add_src(const LineTraits& line) {
    src_.add(line);
    advance();
  }
  void add_tgt(const LineTraits& line) {
    tgt_.add(line);
    advance();
  }

  /// Whether any of the text looked like translations: without it nothing is known.
  bool has_evidence() const { return has_evidence_; }

  /// After the last line. The stretches in order, the first from line 0; a single one of offset 0
  /// where the texts belong together from start to end, or nothing says that they don't.
  std::vector<OffsetStretch> finish();

 private:
  static constexpr std::size_t kOffsets = 2 * kReach + 1;
  static constexpr std::size_t kUnrelated = kOffsets;
  static constexpr std::size_t kStates = kOffsets + 1;

  /// The lines of a side around the block at hand.
  class Side {
   public:
    void add(const LineTraits& line);
    void finish();
    std::size_t ready() const { return ready_; }  // lines with a deviation
    /// Null behind the last line and ahead of the first.
    const LineInContext* at(std::ptrdiff_t line) const;
    void drop_before(std::size_t line);

   private:
    void make_ready();

    std::deque<LineInContext> lines_;
    std::size_t first_ = 0;
    std::size_t ready_ = 0;
  };

  /// A way through the texts: its last stretch, and what is ahead of that.
  struct Way {
    double score = 0;
    std::size_t begin = 0;      // of the last stretch
    std::size_t ahead = kNone;  // index of a past stretch
    std::size_t kept = kNone;   // this stretch's own index once a way has branched off it
  };
  struct PastStretch {
    OffsetStretch stretch;
    std::size_t ahead = kNone;
  };
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  static std::ptrdiff_t offset_of(std::size_t state) {
    return static_cast<std::ptrdiff_t>(state) - kReach;
  }
  static OffsetStretch stretch_of(std::size_t state, std::size_t begin);
  void advance();
  void take_block(std::size_t end);
  void fit(std::size_t end);
  void step(std::size_t line);

  Side src_, tgt_;
  std::size_t next_ = 0;  // source line
  PairStatistics translations_, neighbours_;
  ShiftEvidence evidence_;
  bool has_evidence_ = false;
  bool is_ordered_ = false;  // the lines of the block at hand are
  std::vector<Way> ways_;
  std::vector<PastStretch> past_;
};

}  // namespace heed
