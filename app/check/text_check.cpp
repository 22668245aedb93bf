#include "app/check/text_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/check/excerpt.h"
#include "app/check/slips.h"

namespace heed {
namespace {

constexpr std::size_t kBlock = 2048;     // pairs
constexpr std::size_t kTask = 128;       // pairs that a worker takes at once
constexpr std::size_t kLongLine = 1000;  // characters
constexpr std::uint32_t kCopiedLetters = 12;

std::size_t index_of(Side side) {
  return static_cast<std::size_t>(side);
}

bool is_complete(const ExaminedPair& pair) {
  return pair.raw.src.exists && pair.raw.tgt.exists && !pair.raw.is_malformed;
}

/// Addresses on the web are in Latin letters everywhere.
bool has_address(std::string_view line) {
  return line.find("http") != std::string_view::npos || line.find("www") != std::string_view::npos;
}

/// Both sides of a pair in one line.
std::string both(const ExaminedPair& pair) {
  constexpr std::size_t kWidth = 40;
  return fmt::format("{} | {}", excerpt(pair.text(Side::kSrc), 0, kWidth),
                     excerpt(pair.text(Side::kTgt), 0, kWidth));
}

}  // namespace

TextCheck::TextCheck(TextRole role, const CheckOptions& options, WorkerPool& workers,
                     std::vector<const KnownPairs*> others)
    : role_(role), options_(options), workers_(workers), others_(std::move(others)) {
  findings_.role = role;
  for (std::size_t fault = 0; fault < kNumLineFaults; ++fault)
    if (!options.ignored.contains(kind_of(static_cast<LineFault>(fault))))
      line_faults_ |= fault_bit(static_cast<LineFault>(fault));
}

void TextCheck::add(PairSource& source, const Consumer& consume) {
  source_ = &source;
  findings_.files.push_back(source.name(Side::kSrc));
  if (!source.is_tsv()) findings_.files.push_back(source.name(Side::kTgt));
  known_.begin_file(source.name(Side::kSrc));
  ShiftDetector shift;
  std::vector<ExaminedPair> block(kBlock);
  std::size_t size = 0;
  while (read_block(source, block, size)) {
    const std::span<const ExaminedPair> pairs(block.data(), size);
    for (const ExaminedPair& pair : pairs) {
      if (pair.raw.src.exists)
        shift.add_src(pair.raw.is_malformed ? LineTraits() : pair.src.traits);
      if (pair.raw.tgt.exists) shift.add_tgt(pair.tgt.traits);
    }
    learn(pairs);
    for (const ExaminedPair& pair : pairs) judge(source, pair, consume);
  }
  add_slips(shift.finish(), source);
  findings_.has_evidence |= shift.has_evidence();
}

bool TextCheck::read_block(PairSource& source, std::vector<ExaminedPair>& block,
                           std::size_t& size) const {
  size = 0;
  while (size < block.size() && source.next(block[size].raw)) ++size;
  workers_.run((size + kTask - 1) / kTask, [&](std::size_t task, std::size_t) {
    for (std::size_t i = task * kTask; i < std::min(size, (task + 1) * kTask); ++i)
      block[i].examine(line_faults_);
  });
  return size > 0;
}

void TextCheck::learn(std::span<const ExaminedPair> block) {
  for (const ExaminedPair& pair : block) {
    if (!is_complete(pair) || pair.src.scan.is_blank() || pair.tgt.scan.is_blank()) continue;
    scripts_[index_of(Side::kSrc)].add(pair.src.scan.letters);
    scripts_[index_of(Side::kTgt)].add(pair.tgt.scan.letters);
    lengths_.add(pair.src.scan.characters, pair.tgt.scan.characters);
  }
}

void TextCheck::judge(const PairSource& source, const ExaminedPair& pair, const Consumer& consume) {
  pair_findings_.clear();
  is_kept_ = is_complete(pair);
  line_ = pair.raw.line;
  ++findings_.pairs;
  known_.next_line();
  const Side present = pair.raw.src.exists ? Side::kSrc : Side::kTgt;
  if (pair.raw.is_malformed) {
    const auto tabs = std::count(pair.raw.src.text.begin(), pair.raw.src.text.end(), '\t');
    record(FindingKind::kTabs, Side::kSrc,
           [&] { return fmt::format("{} TABs: {}", tabs, excerpt(pair.raw.src.text)); });
  } else if (!is_complete(pair)) {
    const Side missing = present == Side::kSrc ? Side::kTgt : Side::kSrc;
    record(FindingKind::kUnpaired, present, [&] {
      return fmt::format("{} has {} lines only: {}", source.name(missing), source.lines(missing),
                         excerpt(pair.raw.side(present).text));
    });
  } else {
    judge_line(pair, Side::kSrc);
    judge_line(pair, Side::kTgt);
    judge_pair(pair);
  }
  findings_.bad_pairs +=
      std::any_of(pair_findings_.begin(), pair_findings_.end(),
                  [&](const PairFinding& finding) { return is_fault(finding.kind, role_); })
          ? 1
          : 0;
  if (consume) consume({pair, is_kept_, pair_findings_});
}

void TextCheck::judge_line(const ExaminedPair& pair, Side side) {
  const RawLine& raw = pair.raw.side(side);
  const ExaminedLine& line = pair.line(side);
  if (raw.had_byte_order_mark)
    record(FindingKind::kByteOrderMark, side, [&] { return excerpt(raw.text); });
  if (raw.had_carriage_return) record(FindingKind::kCrLf, side, [&] { return excerpt(raw.text); });
  for (std::size_t i = 0; i < kNumLineFaults && line.faults != 0; ++i) {
    const auto fault = static_cast<LineFault>(i);
    if ((line.faults & fault_bit(fault)) != 0)
      record(kind_of(fault), side, [&] { return excerpt(raw.text, find_fault(raw.text, fault)); });
  }
  if (line.is_lost) is_kept_ = false;
}

void TextCheck::judge_pair(const ExaminedPair& pair) {
  const bool no_src = pair.src.scan.is_blank();
  const bool no_tgt = pair.tgt.scan.is_blank();
  if (no_src && no_tgt) return record(FindingKind::kEmptyPair, Side::kSrc, [] { return ""; });
  if (no_src || no_tgt) {
    const Side other = no_src ? Side::kTgt : Side::kSrc;
    return record(FindingKind::kEmptySide, no_src ? Side::kSrc : Side::kTgt,
                  [&] { return "the other side: " + excerpt(pair.text(other)); });
  }
  if (pair.src.is_lost || pair.tgt.is_lost) return;
  judge_script(pair, Side::kSrc);
  judge_script(pair, Side::kTgt);
  judge_lengths(pair);
  judge_copy(pair);
  if (is_kept_) judge_repetition(pair);
}

void TextCheck::judge_script(const ExaminedPair& pair, Side side) {
  if (has_address(pair.text(side))) return;
  const Writing wrong = scripts_[index_of(side)].wrong_writing(pair.line(side).scan.letters);
  if (wrong == kNoWriting) return;
  record(FindingKind::kScript, side,
         [&] { return fmt::format("{}: {}", writing_name(wrong), excerpt(pair.text(side))); });
}

void TextCheck::judge_lengths(const ExaminedPair& pair) {
  const std::size_t src = pair.src.scan.characters;
  const std::size_t tgt = pair.tgt.scan.characters;
  for (const Side side : {Side::kSrc, Side::kTgt})
    if (const std::size_t length = pair.line(side).scan.characters; length > kLongLine)
      record(FindingKind::kLong, side,
             [&] { return fmt::format("{} characters: {}", length, excerpt(pair.text(side))); });
  if (lengths_.is_outlier(src, tgt))
    record(FindingKind::kLengthRatio, Side::kSrc,
           [&] { return fmt::format("{} : {} characters: {}", src, tgt, both(pair)); });
}

void TextCheck::judge_copy(const ExaminedPair& pair) {
  if (pair.src.scan.letters.total() < kCopiedLetters) return;
  const PairKey as_src = key_of(pair.text(Side::kSrc), "");
  if (as_src.src == key_of(pair.text(Side::kTgt), "").src)
    record(FindingKind::kCopy, Side::kSrc, [&] { return excerpt(pair.text(Side::kSrc)); });
}

void TextCheck::judge_repetition(const ExaminedPair& pair) {
  const PairKey key = key_of(pair.text(Side::kSrc), pair.text(Side::kTgt));
  const auto note = [&] { return both(pair); };
  for (const KnownPairs* other : others_) {
    if (const auto place = other->find_pair(key))
      return record(FindingKind::kOverlap, Side::kSrc, note, *place);
    if (const auto place = other->find_src(key))
      record(FindingKind::kSourceOverlap, Side::kSrc, note, *place);
  }
  const auto src_before = known_.insert_src(key);
  if (const auto before = known_.insert_pair(key))
    record(FindingKind::kDuplicate, Side::kSrc, note, *before);
  else if (src_before)
    record(FindingKind::kRepeatedSource, Side::kSrc, note, *src_before);
}

void TextCheck::record(FindingKind kind, Side side, const Note& note, const KnownPlace& other) {
  if (options_.ignored.contains(kind)) return;
  if (traits_of(kind).remedy == Remedy::kDrop) is_kept_ = false;
  pair_findings_.push_back({kind, side});
  FindingGroup& group = findings_.of(kind);
  if (group.count++ >= options_.max_examples) return;
  group.places.push_back({source_->name(side), line_, note(), other.file, other.line});
}

void TextCheck::add_slips(const std::vector<OffsetStretch>& stretches, const PairSource& source) {
  const auto slips = slips_of(stretches, source.name(Side::kSrc), source.name(Side::kTgt),
                              source.lines(Side::kSrc));
  for (const Slip& slip : slips) {
    const FindingKind kind = slip.is_related ? FindingKind::kShift : FindingKind::kUnrelated;
    if (options_.ignored.contains(kind)) continue;
    findings_.slips.push_back(slip);
    FindingGroup& group = findings_.of(kind);
    if (group.count++ < options_.max_examples)
      group.places.push_back({slip.src_file, slip.src_line, describe(slip), "", 0});
  }
}

}  // namespace heed
