#include "data/line_faults.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "data/mojibake.h"

namespace heed {
namespace {

using namespace std::string_literals;

struct FaultyLine {
  std::string line;
  LineFault fault;
  std::size_t at;
  std::optional<std::string> repaired;
};

const std::vector<FaultyLine>& faulty_lines() {
  static const std::vector<FaultyLine> lines{
      {"caf\xE9 au lait", LineFault::kInvalidUtf8, 3, std::nullopt},
      {"cut off \xE3\x81", LineFault::kInvalidUtf8, 8, std::nullopt},
      {"a\0b"s, LineFault::kNul, 1, std::nullopt},
      {"lost \uFFFD here", LineFault::kReplacement, 5, std::nullopt},
      {"cafÃ© au lait", LineFault::kMojibake, 3, "café au lait"},
      {"itâ€™s", LineFault::kMojibake, 2, "it’s"},
      {"20 Â°C", LineFault::kMojibake, 3, "20 °C"},
      {"half Ã© half 日本", LineFault::kMojibake, 5, std::nullopt},
      {"in \uFEFFside", LineFault::kByteOrderMark, 3, "in side"},
      {"two\u2028lines", LineFault::kOddBreak, 3, "two lines"},
      {"two\u2029lines", LineFault::kOddBreak, 3, "two lines"},
      {"two\u0085lines", LineFault::kOddBreak, 3, "two lines"},
      {"two\vlines", LineFault::kOddBreak, 3, "two lines"},
      {"two\flines", LineFault::kOddBreak, 3, "two lines"},
      {"two\rlines", LineFault::kOddBreak, 3, "two lines"},
      {"\x1ctwo lines\r", LineFault::kOddBreak, 0, "two lines"},
      {"bell\a", LineFault::kControl, 4, "bell"},
      {"\x1b[1mbold", LineFault::kControl, 0, "[1mbold"},
      {"del\x7f", LineFault::kControl, 3, "del"},
      {"c1 \u0093control", LineFault::kControl, 3, "c1 control"},
      {"zero\u200Bwidth", LineFault::kInvisible, 4, "zerowidth"},
      {"soft\u00ADhyphen", LineFault::kInvisible, 4, "softhyphen"},
      {"turned \u202Eround", LineFault::kInvisible, 7, "turned round"},
  };
  return lines;
}

TEST(LineFaults, EachIsSeenAloneFoundAndRepaired) {
  for (const FaultyLine& expected : faulty_lines()) {
    SCOPED_TRACE(expected.line);
    const LineScan scan = scan_line(expected.line);
    EXPECT_EQ(scan.faults, fault_bit(expected.fault));
    EXPECT_EQ(find_fault(expected.line, expected.fault), expected.at);
    const auto repaired = repair_line(expected.line);
    EXPECT_EQ(repaired, expected.repaired);
    if (repaired) {
      EXPECT_EQ(scan_line(*repaired).faults, 0U);
    }
  }
}

TEST(LineFaults, GoodTextHasNone) {
  for (const char* line :
       {"", "  ", "Plain text, with a\tTAB.", "これ は 日本 語 です 。", "Привет, мир!",
        "naïve café", "می‌خواهم", "👩‍💻 emoji", "שלום\u200F!", "ภาษา\u200Bไทย",
        "AMANHÃ»", "Âge", "pâte €5", "no-break\u00A0space", "ideographic\u3000space"}) {
    EXPECT_EQ(scan_line(line).faults, 0U) << line;
    EXPECT_EQ(repair_line(line), line);
  }
}

TEST(LineFaults, OnlyThoseAskedForAreRepaired) {
  EXPECT_EQ(repair_line("a\u200Bb\ac", fault_bit(LineFault::kControl)), "a\u200Bbc");
  EXPECT_EQ(repair_line("caf\xE9\a", fault_bit(LineFault::kControl)), "caf\xE9");
}

TEST(LineFaults, CharactersAreThoseThatCanBeSeen) {
  EXPECT_EQ(scan_line(" a b\u3000日本\u200B ").characters, 4U);
  EXPECT_TRUE(scan_line(" \t\u00A0\u3000\uFEFF").is_blank());
}

TEST(Mojibake, IsUndoneOnlyAsAWhole) {
  EXPECT_EQ(undo_mojibake("FuÃŸgÃ¤nger Ã¼ber"), "Fußgänger über");
  EXPECT_EQ(undo_mojibake("cafÃ© é"), std::nullopt);  // é alone would be ill-formed
  EXPECT_EQ(undo_mojibake("Ã© 日本"), std::nullopt);
}

}  // namespace
}  // namespace heed
