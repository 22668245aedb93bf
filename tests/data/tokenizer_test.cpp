#include "data/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unicode/normalizer2.h>

#include <thread>

#include "data/random.h"
#include "data/tokenizer_training.h"
#include "data/utf8.h"
#include "tests/support/spm_bytes.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Ids = std::vector<TokenId>;

MATCHER_P3(IsPiece, text, begin, end, "") {
  *result_listener << '"' << arg.text << "\" " << arg.begin << "-" << arg.end;
  return arg.text == text && arg.begin == begin && arg.end == end;
}

Tokenizer train(const TemporaryFolder& folder, const TokenizerTrainingOptions& options) {
  const std::vector<std::string> lines = {"a quick brown fox jumps over the lazy dog",
                                          "THE QUICK BROWN FOX", "\u30AB\u732B\u304C\u597D\u304D",
                                          "jumping foxes and sleeping dogs",
                                          "the dog and the fox are over there"};
  train_tokenizer(lines, options, folder / "trained.spm");
  return Tokenizer::load(folder / "trained.spm");
}

TokenizerTrainingOptions small_options() {
  TokenizerTrainingOptions options;
  options.vocab_size = 312;
  return options;
}

/// A model of single letters, so that every piece can be told by hand.
class LettersTest : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
  Tokenizer tokenizer_ = Tokenizer::load(folder_.write("model.spm", spm_letters()));
};

TEST_F(LettersTest, EncodesWithoutBosAndEos) {
  const Ids ids = tokenizer_.encode("ab a");
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_EQ(tokenizer_.piece_text(ids[0]), "\u2581a");
  EXPECT_EQ(tokenizer_.piece_text(ids[1]), "b");
  EXPECT_EQ(tokenizer_.piece_text(ids[2]), "\u2581a");
  EXPECT_THAT(tokenizer_.encode(""), IsEmpty());
  EXPECT_THAT(tokenizer_.encode(" \t "), testing::Not(IsEmpty()));  // identity keeps the tab
}

TEST_F(LettersTest, PiecesKnowTheirBytes) {
  EXPECT_THAT(
      tokenizer_.encode_pieces("  ab  a "),
      ElementsAre(IsPiece("\u2581a", 2U, 3U), IsPiece("b", 3U, 4U), IsPiece("\u2581a", 4U, 7U)));
}

TEST_F(LettersTest, UnknownCharactersBecomeOneUnk) {
  EXPECT_THAT(tokenizer_.encode_pieces("a\u732B\u732Bb"),
              ElementsAre(IsPiece("\u2581a", 0U, 1U), IsPiece("\u732B\u732B", 1U, 7U),
                          IsPiece("b", 7U, 8U)));
  EXPECT_EQ(tokenizer_.encode("a\u732B\u732Bb")[1], kUnkId);
  EXPECT_EQ(tokenizer_.decode(tokenizer_.encode("a\u732Bb")), "a \u2047 b");
}

TEST_F(LettersTest, DecodingLeavesOutControlSymbols) {
  Ids ids = tokenizer_.encode("ab a");
  ids.insert(ids.begin(), {kBosId, kPadId});
  ids.insert(ids.begin() + 3, kEosId);
  ids.push_back(kPadId);
  EXPECT_EQ(tokenizer_.decode(ids), "ab a");
  EXPECT_EQ(tokenizer_.decode(Ids{kPadId, kBosId, kEosId}), "");
  EXPECT_EQ(tokenizer_.decode({}), "");
}

TEST_F(LettersTest, DecodedPiecesKnowTheirBytes) {
  Ids ids = tokenizer_.encode("ab a");
  ids.insert(ids.begin() + 1, kPadId);
  ids.push_back(kEosId);
  std::string text;
  EXPECT_THAT(
      tokenizer_.decode_pieces(ids, text),
      ElementsAre(IsPiece("\u2581a", 0U, 1U), IsPiece("<pad>", 1U, 1U), IsPiece("b", 1U, 2U),
                  IsPiece("\u2581a", 2U, 4U), IsPiece("</s>", 4U, 4U)));
  EXPECT_EQ(text, "ab a");
}

TEST_F(LettersTest, RefusesIdsOutsideOfTheVocabulary) {
  const TokenId size = tokenizer_.vocab_size();
  EXPECT_EQ(size, 4 + 2 * 26 + 1);
  for (const TokenId id : {-1, size, 1 << 30}) {
    EXPECT_THROW((void)tokenizer_.piece_text(id), std::out_of_range);
    EXPECT_THROW(tokenizer_.decode(Ids{id}), std::out_of_range);
    std::string text;
    EXPECT_THROW(tokenizer_.decode_pieces(Ids{id}, text), std::out_of_range);
  }
}

TEST_F(LettersTest, SavesTheFileItWasLoadedFrom) {
  tokenizer_.save(folder_ / "copy.spm");
  EXPECT_EQ(read_bytes(folder_ / "copy.spm"), spm_letters());
  EXPECT_EQ(Tokenizer::load(folder_ / "copy.spm").hash(), tokenizer_.hash());
  const Tokenizer other =
      Tokenizer::load(folder_.write("other.spm", spm_letters() + bytes_field(4, "")));
  EXPECT_NE(other.hash(), tokenizer_.hash());
}

TEST_F(LettersTest, MayBeSharedByThreads) {
  const Ids expected = tokenizer_.encode("the quick brown fox");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) EXPECT_EQ(tokenizer_.encode("the quick brown fox"), expected);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Tokenizer, SpellsUnseenCharactersInBytes) {
  const TemporaryFolder folder;
  const Tokenizer tokenizer = train(folder, small_options());
  const std::string line = "a \u72AC";
  const std::vector<Piece> pieces = tokenizer.encode_pieces(line);
  ASSERT_GE(pieces.size(), 4U);
  EXPECT_THAT(
      std::span(pieces).last(3),
      ElementsAre(IsPiece("<0xE7>", 2U, 2U), IsPiece("<0x8A>", 2U, 2U), IsPiece("<0xAC>", 2U, 5U)));
  std::string text;
  const Ids ids = tokenizer.encode(line);
  const std::vector<Piece> decoded = tokenizer.decode_pieces(ids, text);
  EXPECT_EQ(text, line);
  EXPECT_THAT(
      std::span(decoded).last(3),
      ElementsAre(IsPiece("<0xE7>", 2U, 2U), IsPiece("<0x8A>", 2U, 2U), IsPiece("<0xAC>", 2U, 5U)));
}

TEST(Tokenizer, BytesThatSpellNothingBecomeReplacementCharacters) {
  const TemporaryFolder folder;
  const Tokenizer tokenizer = train(folder, small_options());
  const TokenId lead = tokenizer.encode("\u72AC").back() - 0xAC + 0xE7;
  ASSERT_EQ(tokenizer.piece_text(lead), "<0xE7>");
  EXPECT_EQ(tokenizer.decode(Ids{lead}), "\uFFFD");
  EXPECT_TRUE(is_valid_utf8(tokenizer.decode(Ids{lead, lead, kEosId})));
}

/// Lines of characters that normalization treats in different ways.
class RandomLines {
 public:
  std::string next() {
    static const std::vector<std::string> kParts = {
        "a",          "quick",  "FOX",    "dog ",         " ",       "  ",     "\t",     "\u3000",
        "\u00A0",     "\u732B", "\u30AB", "\uFF76\uFF9E", "e\u0301", "\u00E9", "\uFB01", "\uFF21",
        "\U0001F600", "1",      ".",      "\u00BD",       "\u2460",  "\u0416"};
    std::string line;
    for (std::uint64_t n = random_.uniform_below(20); n > 0; --n) {
      line += kParts[random_.uniform_below(kParts.size())];
    }
    return line;
  }

 private:
  SplitMix64 random_{11};
};

// NFKC by ICU; then white space as SentencePiece leaves it.
std::string normalized(const std::string& line) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* nfkc = icu::Normalizer2::getNFKCInstance(status);
  std::string composed;
  nfkc->normalize(icu::UnicodeString::fromUTF8(line), status).toUTF8String(composed);
  std::string result;
  for (const char c : composed) {
    const char kept = c == '\t' ? ' ' : c;
    if (kept != ' ' || (!result.empty() && result.back() != ' ')) result += kept;
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

TEST(TokenizerProperties, DecodingGivesTheNormalizedText) {
  const TemporaryFolder folder;
  for (const SubwordModel model : {SubwordModel::kUnigram, SubwordModel::kBpe}) {
    TokenizerTrainingOptions options = small_options();
    options.model = model;
    const Tokenizer tokenizer = train(folder, options);
    RandomLines lines;
    for (int round = 0; round < 2000; ++round) {
      const std::string line = lines.next();
      ASSERT_EQ(tokenizer.decode(tokenizer.encode(line)), normalized(line)) << line;
    }
  }
}

void expect_in_order(const std::vector<Piece>& pieces, std::size_t size) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    ASSERT_LE(pieces[i].begin, pieces[i].end);
    ASSERT_LE(pieces[i].end, size);
    if (i > 0) {
      ASSERT_EQ(pieces[i].begin, pieces[i - 1].end);
    }
  }
}

TEST(TokenizerProperties, RangesTileTheLine) {
  const TemporaryFolder folder;
  const Tokenizer tokenizer = train(folder, small_options());
  RandomLines lines;
  for (int round = 0; round < 2000; ++round) {
    const std::string line = lines.next();
    const std::vector<Piece> pieces = tokenizer.encode_pieces(line);
    expect_in_order(pieces, line.size());
    const std::size_t begin = pieces.empty() ? line.size() : pieces.front().begin;
    const std::size_t end = pieces.empty() ? line.size() : pieces.back().end;
    ASSERT_EQ(normalized(line.substr(0, begin)), "") << line;
    ASSERT_EQ(normalized(line.substr(end)), "") << line;
    const Ids ids = tokenizer.encode(line);
    ASSERT_EQ(ids.size(), pieces.size());
    for (std::size_t i = 0; i < ids.size(); ++i) ASSERT_EQ(ids[i], pieces[i].id);
  }
}

TEST(TokenizerProperties, RangesTileTheDecodedText) {
  const TemporaryFolder folder;
  const Tokenizer tokenizer = train(folder, small_options());
  SplitMix64 random(12);
  for (int round = 0; round < 2000; ++round) {
    Ids ids(random.uniform_below(15));
    for (TokenId& id : ids) {
      id = static_cast<TokenId>(
          random.uniform_below(static_cast<std::uint64_t>(tokenizer.vocab_size())));
    }
    std::string text;
    const std::vector<Piece> pieces = tokenizer.decode_pieces(ids, text);
    ASSERT_EQ(text, tokenizer.decode(ids));
    ASSERT_TRUE(is_valid_utf8(text));
    ASSERT_EQ(pieces.size(), ids.size());
    expect_in_order(pieces, text.size());
    if (!pieces.empty()) {
      ASSERT_EQ(pieces.front().begin, 0U);
      ASSERT_EQ(pieces.back().end, text.size());
    }
  }
}

TEST(TokenizerProperties, AnyBytesCanBeEncoded) {
  const TemporaryFolder folder;
  const Tokenizer tokenizer = train(folder, small_options());
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("a\xFF")), "a\uFFFD");
  SplitMix64 random(13);
  for (int round = 0; round < 2000; ++round) {
    std::string line(random.uniform_below(30), ' ');
    for (char& byte : line) byte = static_cast<char>(random.next());
    EXPECT_NO_THROW(tokenizer.decode(tokenizer.encode(line)));
    expect_in_order(tokenizer.encode_pieces(line), line.size());
  }
}

}  // namespace
}  // namespace heed
