#include "data/utf8.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unicode/ucnv.h>

#include <memory>

#include "data/random.h"

namespace heed {
namespace {

using ::testing::ElementsAre;

constexpr auto kNone = std::string_view::npos;

TEST(Utf8, EveryCodePointSurvivesARoundTrip) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_code_point(text, c);
    ASSERT_TRUE(is_valid_utf8(text)) << std::hex << static_cast<std::uint32_t>(c);
    std::size_t position = 0;
    ASSERT_EQ(decode_code_point(text, position), c);
    ASSERT_EQ(position, text.size());
  }
}

TEST(Utf8, LengthsChangeWhereTheStandardSays) {
  const auto size_of = [](char32_t c) {
    std::string text;
    append_code_point(text, c);
    return text.size();
  };
  EXPECT_EQ(size_of(0x7F), 1U);
  EXPECT_EQ(size_of(0x80), 2U);
  EXPECT_EQ(size_of(0x7FF), 2U);
  EXPECT_EQ(size_of(0x800), 3U);
  EXPECT_EQ(size_of(0xFFFF), 3U);
  EXPECT_EQ(size_of(0x10000), 4U);
}

TEST(Utf8, FindsTheFirstIllFormedByte) {
  EXPECT_EQ(first_invalid_utf8(""), kNone);
  EXPECT_EQ(first_invalid_utf8("twelve bytes"), kNone);
  EXPECT_EQ(first_invalid_utf8(std::string_view("a\0b", 3)), kNone);
  EXPECT_EQ(first_invalid_utf8("\u00E9\u732B\U0001F600"), kNone);
  EXPECT_EQ(first_invalid_utf8("01234567\x80"), 8U);
  EXPECT_EQ(first_invalid_utf8("0123456\xFF"), 7U);
  EXPECT_EQ(first_invalid_utf8("\xC0\xAF"), 0U);          // overlong
  EXPECT_EQ(first_invalid_utf8("\xE0\x9F\xBF"), 0U);      // overlong
  EXPECT_EQ(first_invalid_utf8("\xF0\x8F\xBF\xBF"), 0U);  // overlong
  EXPECT_EQ(first_invalid_utf8("a\xED\xA0\x80"), 1U);     // surrogate
  EXPECT_EQ(first_invalid_utf8("\xF4\x90\x80\x80"), 0U);  // above U+10FFFF
  EXPECT_EQ(first_invalid_utf8("ab\xE7\x8C"), 2U);        // truncated
}

// The Unicode Standard's own example (version 15, table 3-11), and truncated sequences (table
// 3-10).
TEST(Utf8, ReplacesMaximalSubparts) {
  EXPECT_EQ(replace_invalid_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"),
            "\uFFFD\uFFFD\uFFFD\uFFFD\x41");
  EXPECT_EQ(replace_invalid_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"),
            "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\x41");
  EXPECT_EQ(replace_invalid_utf8("\xED\xA0\x80\x41"), "\uFFFD\uFFFD\uFFFD\x41");
  EXPECT_EQ(replace_invalid_utf8("\u732B\xE7\x8C"), "\u732B\uFFFD");
  EXPECT_EQ(replace_invalid_utf8("fine"), "fine");
}

TEST(Utf8, SplitsIntoCodePoints) {
  EXPECT_THAT(to_code_points("a\u00E9\u732B\U0001F600"), ElementsAre(U'a', 0xE9, 0x732B, 0x1F600));
  EXPECT_THAT(to_code_points("\xE7\x8C!"), ElementsAre(0xFFFD, U'!'));
  EXPECT_EQ(code_point_count("a\u00E9\u732B\U0001F600"), 4U);
  EXPECT_EQ(code_point_count(""), 0U);
}

std::string replaced_by_icu(const std::string& bytes) {
  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<UConverter, decltype(&ucnv_close)> converter(ucnv_open("UTF-8", &status),
                                                               &ucnv_close);
  std::u16string wide(bytes.size() + 1, u'\0');
  const int size = ucnv_toUChars(converter.get(), wide.data(), static_cast<int>(wide.size()),
                                 bytes.data(), static_cast<int>(bytes.size()), &status);
  std::string back(3 * bytes.size() + 1, '\0');
  const int back_size = ucnv_fromUChars(converter.get(), back.data(), static_cast<int>(back.size()),
                                        wide.data(), size, &status);
  back.resize(static_cast<std::size_t>(back_size));
  return back;
}

TEST(Utf8, AgreesWithIcuOnRandomBytes) {
  constexpr std::string_view kBytes =
      "aZ\x7F\x80\x8F\x90\x9F\xA0\xBF\xC1\xC2\xDF\xE0\xE1\xED\xEF\xF0\xF1\xF4\xF5\xFF";
  SplitMix64 random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random.uniform_below(24), ' ');
    for (char& byte : bytes) byte = kBytes[random.uniform_below(kBytes.size())];
    const std::string replaced = replace_invalid_utf8(bytes);
    ASSERT_EQ(replaced, replaced_by_icu(bytes)) << ::testing::PrintToString(bytes);
    ASSERT_EQ(is_valid_utf8(bytes), replaced == bytes);
    ASSERT_TRUE(is_valid_utf8(replaced));
    std::string spelt;
    for (const char32_t c : to_code_points(bytes)) append_code_point(spelt, c);
    ASSERT_EQ(spelt, replaced);
  }
}

TEST(Utf8, IsReadBackwards) {
  const std::string text = std::string(1, '\0') + "a\u00e9中\U0001F600";
  std::vector<char32_t> backwards;
  for (std::size_t at = text.size(); at > 0;)
    backwards.push_back(decode_code_point_before(text, at));
  EXPECT_EQ(std::vector<char32_t>(backwards.rbegin(), backwards.rend()), to_code_points(text));
}

}  // namespace
}  // namespace heed
