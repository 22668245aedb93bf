#include "data/tokenizer_renumbering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/tokenizer.h"
#include "tests/support/spm_bytes.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using ::testing::ElementsAre;

class RenumberingTest : public ::testing::Test {
 protected:
  Tokenizer renumber(const std::vector<std::string>& vocabulary) const {
    return Tokenizer::load(
        folder_.write("model.spm", renumber_tokenizer(spm_letters(), vocabulary)));
  }

  TemporaryFolder folder_;
};

TEST_F(RenumberingTest, PiecesGetTheVocabularysIds) {
  const Tokenizer tokenizer = renumber({"", "", "", "", "c", "\u2581a", "b"});
  EXPECT_EQ(tokenizer.vocab_size(), 7);
  EXPECT_THAT(tokenizer.encode("abc"), ElementsAre(5, 6, 4));
  EXPECT_EQ(tokenizer.decode(std::vector<TokenId>{5, 6, 4}), "abc");
}

TEST_F(RenumberingTest, ATextIsSplitAsBeforeWhateverTheVocabularyAdds) {
  // "ab" is no piece of the model: it must not be split off, but can be decoded.
  const Tokenizer tokenizer = renumber({"", "", "", "", "\u2581ab", "\u2581a", "b"});
  EXPECT_THAT(tokenizer.encode("abz"), ElementsAre(5, 6, kUnkId));
  EXPECT_EQ(tokenizer.decode(std::vector<TokenId>{4, 6}), "abb");
}

TEST_F(RenumberingTest, AnUnknownStretchIsFoundByItsSpelling) {
  const Tokenizer tokenizer = renumber({"", "", "", "", "\u00DF\u00DF", "\u2581a"});
  EXPECT_THAT(tokenizer.encode("a\u00DF\u00DF"), ElementsAre(5, 4));
  EXPECT_THAT(tokenizer.encode("a\u00DF"), ElementsAre(5, kUnkId));
}

TEST_F(RenumberingTest, SpellingsThatNoPieceCanHaveAreKeptAsIds) {
  const Tokenizer tokenizer =
      renumber({"", "", "", "", "", "<s>", std::string("\0", 1), "\xff", "b"});
  EXPECT_EQ(tokenizer.vocab_size(), 9);
  EXPECT_EQ(tokenizer.piece_text(5), "<id 5>");
  EXPECT_EQ(tokenizer.piece_text(8), "b");
}

TEST_F(RenumberingTest, ItsSizeIsReadBack) {
  EXPECT_EQ(renumbered_size(spm_letters()), std::nullopt);
  const std::vector<std::string> vocabulary{"", "", "", "", "b"};
  EXPECT_EQ(renumbered_size(renumber_tokenizer(spm_letters(), vocabulary)), 5U);
}

TEST_F(RenumberingTest, AMoreThanFullVocabularyIsRefused) {
  EXPECT_THROW(Tokenizer::load(folder_.write("m.spm", spm_letters() + number_field(1000, 1000))),
               std::runtime_error);
}

TEST(LanguageTagTest, IsToldByItsMarks) {
  EXPECT_TRUE(is_language_tag(">>deu<<"));
  EXPECT_TRUE(is_language_tag(">>zho_Hans<<"));
  for (const char* text : {"", ">>", ">><<", "deu", ">>deu<< a", ">>deu", "deu<<", ">>a<<b<<"})
    EXPECT_FALSE(is_language_tag(text)) << text;
}

}  // namespace
}  // namespace heed
