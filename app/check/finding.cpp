#include "app/check/finding.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/errors.h"
#include "data/nearest.h"

namespace heed {
namespace {

constexpr std::array<FindingTraits, kNumFindingKinds> kTraits = {{
    {"shift", "places where the two sides slip against each other", Remedy::kByHand},
    {"unrelated", "stretches where the two sides are no translations", Remedy::kByHand},
    {"unpaired", "lines without a partner: one side is longer", Remedy::kDrop},
    {"tabs", "TSV lines without exactly one TAB", Remedy::kDrop},
    {"invalid-utf8", "lines that are not UTF-8", Remedy::kDrop},
    {"nul", "lines with NUL bytes", Remedy::kDrop},
    {"replacement", "lines with U+FFFD, where a character was lost", Remedy::kDrop},
    {"mojibake", "lines of UTF-8 misread as Latin-1 or Windows-1252", Remedy::kRepair},
    {"bom", "files that begin with a byte-order mark", Remedy::kRepair, true},
    {"inner-bom", "lines with a byte-order mark inside the text", Remedy::kRepair},
    {"crlf", "lines that end in CR LF", Remedy::kRepair, true},
    {"line-break", "lines with odd line breaks inside (CR, VT, FF, NEL, U+2028 ...)",
     Remedy::kRepair},
    {"control", "lines with control characters", Remedy::kRepair},
    {"invisible", "lines with invisible characters (zero width, soft hyphen, direction)",
     Remedy::kRepair},
    {"empty-side", "pairs with one side empty", Remedy::kDrop},
    {"empty-pair", "pairs with both sides empty", Remedy::kDrop},
    {"script", "lines in a script that is not their side's", Remedy::kDrop},
    {"length-ratio", "pairs whose lengths do not go together", Remedy::kDrop},
    {"copy", "pairs whose target is a copy of the source", Remedy::kDrop},
    {"duplicate", "pairs that stood there before", Remedy::kDrop},
    {"overlap", "pairs that stand in another text as well", Remedy::kDrop},
    {"source-overlap", "sources that stand in another text with another target"},
    {"repeated-source", "sources that stood there before with another target"},
    {"long", "lines of more than 1000 characters"},
}};

}  // namespace

const FindingTraits& traits_of(FindingKind kind) {
  return kTraits[static_cast<std::size_t>(kind)];
}

FindingKind kind_of(LineFault fault) {
  switch (fault) {
    case LineFault::kInvalidUtf8:
      return FindingKind::kInvalidUtf8;
    case LineFault::kNul:
      return FindingKind::kNul;
    case LineFault::kReplacement:
      return FindingKind::kReplacement;
    case LineFault::kMojibake:
      return FindingKind::kMojibake;
    case LineFault::kByteOrderMark:
      return FindingKind::kInnerByteOrderMark;
    case LineFault::kOddBreak:
      return FindingKind::kOddBreak;
    case LineFault::kControl:
      return FindingKind::kControl;
    case LineFault::kInvisible:
      break;
  }
  return FindingKind::kInvisible;
}

std::vector<std::string> finding_names() {
  std::vector<std::string> names;
  for (const FindingTraits& traits : kTraits) names.emplace_back(traits.name);
  return names;
}

FindingKind finding_named(const std::string& name) {
  const std::vector<std::string> names = finding_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw UsageError(
        fmt::format("'{}' is nothing that heed check looks for; did you mean {}? "
                    "There are: {}",
                    name, nearest(name, names), fmt::join(names, ", ")));
  return static_cast<FindingKind>(found - names.begin());
}

std::string_view role_name(TextRole role) {
  constexpr std::array<std::string_view, 3> kNames = {"train", "dev", "test"};
  return kNames[static_cast<std::size_t>(role)];
}

bool is_fault(FindingKind kind, TextRole role) {
  if (kind == FindingKind::kDuplicate && role != TextRole::kTrain) return false;
  return traits_of(kind).remedy != Remedy::kNone;
}

std::size_t fault_count(const TextFindings& text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < kNumFindingKinds; ++i)
    if (is_fault(static_cast<FindingKind>(i), text.role)) count += text.groups[i].count;
  return count;
}

}  // namespace heed
