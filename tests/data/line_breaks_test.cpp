#include "data/line_breaks.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace heed {
namespace {

constexpr const char* kAll =
    "a\nb\vc\fd\re\x1C"
    "f\x1Dg\x1Eh\u0085i\u2028j\u2029k";

TEST(LineBreaks, EachBecomesASpace) {
  EXPECT_EQ(on_one_line(kAll), "a b c d e f g h i j k");
  EXPECT_EQ(on_one_line("\r\n"), "  ");
  EXPECT_EQ(on_one_line(""), "");
}

TEST(LineBreaks, NothingElseIsTouched) {
  // Characters that share bytes with them, and controls at which nobody ends a line.
  const std::string text =
      "\u0084\u0086\u2027\u202A\u202F\u00A0\u3000\uE028\xE2\x80\t\x1F\x1B \u0105";
  EXPECT_EQ(on_one_line(text), text);
}

TEST(LineBreaks, PiecesKeepTheirPlaces) {
  std::string text = "ab\u2028cd\u0085\n";
  std::vector<Piece> pieces{{4, "ab", 0, 2}, {5, "", 2, 2},       {6, "\u2028", 2, 5},
                            {7, "cd", 5, 7}, {8, "\u0085", 7, 9}, {9, "\n", 9, 10}};
  put_on_one_line(text, pieces);
  EXPECT_EQ(text, "ab cd  ");
  const std::vector<std::pair<std::size_t, std::size_t>> expected{{0, 2}, {2, 2}, {2, 3},
                                                                  {3, 5}, {5, 6}, {6, 7}};
  for (std::size_t i = 0; i < pieces.size(); ++i)
    EXPECT_EQ(std::pair(pieces[i].begin, pieces[i].end), expected[i]) << i;
}

TEST(LineBreaks, JsonMeansTheSame) {
  const std::string json = nlohmann::json{{"text\u2029", kAll}}.dump();
  const std::string escaped = json_on_one_line(json);
  EXPECT_EQ(escaped.find_first_of("\n\xE2\xC2"), std::string::npos) << escaped;
  EXPECT_EQ(nlohmann::json::parse(escaped), nlohmann::json::parse(json));
}

}  // namespace
}  // namespace heed
