#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "app/check/examined_pair.h"
#include "app/check/finding.h"
#include "app/check/known_pairs.h"
#include "app/worker_pool.h"
#include "data/length_ratio.h"

namespace heed {

/// A finding in the pair at hand.
struct PairFinding {
  FindingKind kind = FindingKind::kLong;
  Side side = Side::kSrc;
};

/// What became of a pair.
struct PairOutcome {
  const ExaminedPair& pair;
  bool is_kept;
  std::span<const PairFinding> findings;
};

struct CheckOptions {
  FindingKinds ignored;          // neither looked for nor repaired
  std::size_t max_examples = 3;  // places kept of each kind
};

/// Goes through one text, file after file, once, a block of pairs at a time: what a line shows by
/// itself is seen by all workers, what needs the lines ahead of it in order.
class TextCheck {
 public:
  /// `others` are texts that this one should have nothing in common with.
  TextCheck(TextRole role, const CheckOptions& options, WorkerPool& workers,
            std::vector<const KnownPairs*> others);

  /// Called for every pair, in order.
  using Consumer = std::function<void(const PairOutcome&)>;
  void add(PairSource& source, const Consumer& consume);

  const TextFindings& findings() const { return findings_; }
  const KnownPairs& known() const { return known_; }

 private:
  /// What tells more of a finding than its file and line.
  using Note = std::function<std::string()>;

  bool read_block(PairSource& source, std::vector<ExaminedPair>& block, std::size_t& size) const;
  void learn(std::span<const ExaminedPair> block);
  void judge(const PairSource& source, const ExaminedPair& pair, const Consumer& consume);
  void judge_line(const ExaminedPair& pair, Side side);
  void judge_script(const ExaminedPair& pair, Side side);
  void judge_pair(const ExaminedPair& pair);
  void judge_lengths(const ExaminedPair& pair);
  void judge_copy(const ExaminedPair& pair);
  void judge_repetition(const ExaminedPair& pair);
  void record(FindingKind kind, Side side, const Note& note, const KnownPlace& other = {});
  void add_slips(const std::vector<OffsetStretch>& stretches, const PairSource& source);

  TextRole role_;
  const CheckOptions& options_;
  WorkerPool& workers_;
  std::vector<const KnownPairs*> others_;
  std::uint32_t line_faults_ = 0;
  TextFindings findings_;
  KnownPairs known_;
  std::array<ScriptProfile, 2> scripts_;
  LengthRatio lengths_;
  // Of the pair at hand.
  const PairSource* source_ = nullptr;
  std::size_t line_ = 0;
  bool is_kept_ = true;
  std::vector<PairFinding> pair_findings_;
};

}  // namespace heed
