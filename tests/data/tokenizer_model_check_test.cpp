#include "data/tokenizer_model_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>
#include <vector>

#include "tests/support/error_message.h"
#include "tests/support/spm_bytes.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

std::string error_of(const std::string& model) {
  return error_message([&] { check_tokenizer_model(model); });
}

TEST(TokenizerModelCheck, TakesAWholeModel) {
  EXPECT_EQ(error_of(spm_letters()), "");
}

// Where a field ends the rest is still a protocol buffer, but one without settings.
TEST(TokenizerModelCheck, RefusesEveryTruncation) {
  const std::string model = spm_letters();
  EXPECT_EQ(error_of(""), "it is empty");
  for (std::size_t size = 1; size < model.size(); ++size) {
    EXPECT_THAT(error_of(model.substr(0, size)), HasSubstr("truncated")) << size;
  }
}

TEST(TokenizerModelCheck, RefusesWhatIsNoProtocolBuffer) {
  EXPECT_NE(error_of("just some text\n"), "");
  EXPECT_NE(error_of(std::string(100, '\0')), "");
  EXPECT_NE(error_of(std::string(100, '\xFF')), "");
  EXPECT_NE(error_of("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), "");  // a length of 2^64 - 1
}

TEST(TokenizerModelCheck, RefusesBrokenPieces) {
  const auto with = [](const std::string& piece) {
    return spm_special_pieces() + piece + spm_settings();
  };
  EXPECT_THAT(error_of(with(spm_piece("", 0, kSpmNormal))), HasSubstr("a piece is empty"));
  EXPECT_THAT(error_of(with(spm_piece("\xFF", 0, kSpmNormal))), HasSubstr("valid UTF-8"));
  EXPECT_THAT(error_of(with(spm_piece(std::string("a\0b", 3), 0, kSpmNormal))), HasSubstr("UTF-8"));
  EXPECT_THAT(error_of(with(spm_piece("a", std::numeric_limits<float>::quiet_NaN(), kSpmNormal))),
              HasSubstr("a score that is no number"));
  EXPECT_THAT(error_of(spm_settings()), HasSubstr("no pieces"));
}

TEST(TokenizerModelCheck, RefusesTooDeepUserDefinedSymbols) {
  std::string nested = spm_special_pieces();
  std::string siblings = spm_special_pieces();
  for (std::size_t size = 1; size <= 65; ++size) {
    nested += spm_piece(std::string(size, 'x'), 0, kSpmUserDefined);
    siblings += spm_piece("x" + std::to_string(100 + size), 0, kSpmUserDefined);
  }
  EXPECT_THAT(error_of(nested + spm_settings()), HasSubstr("user-defined"));
  EXPECT_EQ(error_of(siblings + spm_settings()), "");
}

TEST(TokenizerModelCheck, RefusesADenormalizer) {
  EXPECT_EQ(error_of(spm_letters() + bytes_field(5, "")), "");
  EXPECT_THAT(error_of(spm_letters() + bytes_field(5, bytes_field(2, "table"))),
              HasSubstr("denormalization"));
}

/// A double-array trie of 512 units, built unit by unit; see darts-clone for the bits.
class TrieBytes {
 public:
  static constexpr std::uint32_t kHasLeaf = 1U << 8;

  TrieBytes() { units_.fill(0x800000FF); }  // a label that no symbol has

  void set(std::size_t at, std::uint32_t offset, std::uint32_t flags_and_label) {
    units_.at(at) = offset << 10 | flags_and_label;
  }
  void set_value(std::size_t at, std::uint32_t value) { units_.at(at) = 0x80000000U | value; }

  std::string model(std::string_view replacements) const {
    const std::string_view trie(reinterpret_cast<const char*>(units_.data()), sizeof units_);
    std::string charsmap(4, '\0');
    const auto size = static_cast<std::uint32_t>(trie.size());
    std::memcpy(charsmap.data(), &size, sizeof size);
    charsmap.append(trie).append(replacements);
    return model_with(charsmap);
  }

  static std::string model_with(std::string_view charsmap) {
    return spm_letters() + bytes_field(3, bytes_field(2, charsmap));
  }

 private:
  std::array<std::uint32_t, 512> units_{};
};

// The rule "a" -> replacement at `value`: the root's children begin at 256, the leaf of "a" at 1.
TrieBytes one_rule(std::uint32_t value) {
  TrieBytes trie;
  trie.set(0, 256, 0);
  trie.set(256 ^ 'a', (256 ^ 'a') ^ 1, 'a' | TrieBytes::kHasLeaf);
  trie.set_value(1, value);
  return trie;
}

TEST(NormalizationTable, MayHoldARule) {
  using namespace std::string_view_literals;
  EXPECT_EQ(error_of(one_rule(0).model("b\0"sv)), "");
  EXPECT_EQ(error_of(one_rule(1).model("b\0"sv)), "");
}

TEST(NormalizationTable, RulesPointIntoTheTable) {
  using namespace std::string_view_literals;
  EXPECT_THAT(error_of(one_rule(2).model("b\0"sv)), HasSubstr("normalization table is damaged"));
  EXPECT_THAT(error_of(one_rule(0).model("b"sv)), HasSubstr("normalization table is truncated"));
  EXPECT_THAT(error_of(one_rule(0).model(""sv)), HasSubstr("normalization table is truncated"));
}

TEST(NormalizationTable, BranchesStayInside) {
  using namespace std::string_view_literals;
  TrieBytes outside = one_rule(0);
  outside.set(256 ^ 'b', 1024, 'b');
  EXPECT_THAT(error_of(outside.model("b\0"sv)), HasSubstr("damaged"));
  TrieBytes root_outside;
  root_outside.set(0, 512, 0);
  EXPECT_THAT(error_of(root_outside.model("b\0"sv)), HasSubstr("damaged"));
}

// "b" leads back to the root's children, so "bbb..." would walk in a circle.
TEST(NormalizationTable, BranchesDoNotReturn) {
  using namespace std::string_view_literals;
  TrieBytes circle = one_rule(0);
  circle.set(256 ^ 'b', 'b', 'b' | TrieBytes::kHasLeaf);
  EXPECT_THAT(error_of(circle.model("b\0"sv)), HasSubstr("damaged"));
}

TEST(NormalizationTable, SizesAreChecked) {
  EXPECT_THAT(error_of(TrieBytes::model_with("abc")), HasSubstr("truncated"));
  EXPECT_THAT(error_of(TrieBytes::model_with(std::string("\0\0\0\0\0", 5))), HasSubstr("damaged"));
  EXPECT_THAT(error_of(TrieBytes::model_with("\xFF\xFF\xFF\xFF rest")), HasSubstr("truncated"));
}

}  // namespace
}  // namespace heed
