#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "data/line_faults.h"
#include "data/shift_detector.h"

namespace heed {

/// What `heed check` looks for, in the order of its report.
enum class FindingKind : std::uint8_t {
  kShift,
  kUnrelated,
  kUnpaired,
  kTabs,
  kInvalidUtf8,
  kNul,
  kReplacement,
  kMojibake,
  kByteOrderMark,
  kInnerByteOrderMark,
  kCrLf,
  kOddBreak,
  kControl,
  kInvisible,
  kEmptySide,
  kEmptyPair,
  kScript,
  kLengthRatio,
  kCopy,
  kDuplicate,
  kOverlap,
  kSourceOverlap,
  kRepeatedSource,
  kLong,
};
inline constexpr std::size_t kNumFindingKinds = 24;

/// What `--fix` does about it.
enum class Remedy : std::uint8_t { kNone, kByHand, kRepair, kDrop };

struct FindingTraits {
  std::string_view name;   // what --ignore and JSON call it
  std::string_view title;  // of the count: "12  lines that ..."
  Remedy remedy = Remedy::kNone;
  bool training_copes = false;  // heed train reads over it by itself
};

const FindingTraits& traits_of(FindingKind kind);
FindingKind kind_of(LineFault fault);
/// The names of all, in order.
std::vector<std::string> finding_names();
/// Throws UsageError naming those there are.
FindingKind finding_named(const std::string& name);

using FindingKinds = std::set<FindingKind>;

/// A line that something is wrong with.
struct Place {
  std::string file;
  std::size_t line = 0;    // from 1
  std::string note;        // what is there, for people
  std::string other_file;  // of duplicates and overlap: where it stands as well
  std::size_t other_line = 0;
};

struct FindingGroup {
  std::size_t count = 0;
  std::vector<Place> places;  // the first ones
};

enum class TextRole : std::uint8_t { kTrain, kDev, kTest };
std::string_view role_name(TextRole role);

/// A change of offset between the two sides of a text.
struct Slip {
  std::string src_file, tgt_file;
  std::size_t src_line = 0;              // about where, from 1
  std::ptrdiff_t before = 0, after = 0;  // source line n belongs to target line n + offset
  bool is_related = true;                // false: from there on no offset fits
};

/// What was found in one text.
struct TextFindings {
  TextRole role = TextRole::kTrain;
  std::vector<std::string> files;
  std::size_t pairs = 0;      // read
  std::size_t bad_pairs = 0;  // with anything that --fix drops or repairs
  std::array<FindingGroup, kNumFindingKinds> groups;
  std::vector<Slip> slips;
  bool has_evidence = false;  // of the two sides being translations

  const FindingGroup& of(FindingKind kind) const { return groups[static_cast<std::size_t>(kind)]; }
  FindingGroup& of(FindingKind kind) { return groups[static_cast<std::size_t>(kind)]; }
};

/// Whether a finding is a fault rather than a note: something to repair, to drop or to look into.
/// Text to validate and test on may say the same twice.
bool is_fault(FindingKind kind, TextRole role);
/// Findings that are faults.
std::size_t fault_count(const TextFindings& text);

}  // namespace heed
