#include "data/tokenizer_training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "data/tokenizer.h"
#include "tests/support/error_message.h"
#include "tests/support/gzip.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::vector<std::string> kLines = {"the cat sat on the mat .", "the dog sat on the log .",
                                         "a cat and a dog saw the man .",
                                         "the man saw a cat on a mat ."};

class TokenizerTrainingTest : public ::testing::Test {
 protected:
  TokenizerTrainingTest() {
    options_.vocab_size = 20;
    options_.byte_fallback = false;
  }

  Tokenizer train(std::span<const std::string> lines) {
    report_ = train_tokenizer(lines, options_, model_path_);
    return Tokenizer::load(model_path_);
  }
  std::string error_of(std::span<const std::string> lines) {
    return error_message([&] { train(lines); });
  }
  std::string error_of_file(std::string_view contents) {
    const std::array files = {folder_.write("text", contents)};
    return error_message([&] { train_tokenizer(files, options_, model_path_); });
  }

  TemporaryFolder folder_;
  fs::path model_path_ = folder_ / "model.spm";
  TokenizerTrainingOptions options_;
  TokenizerTrainingReport report_;
};

TEST_F(TokenizerTrainingTest, GivesTheSizeAskedForAndOurSpecialIds) {
  for (const SubwordModel model : {SubwordModel::kUnigram, SubwordModel::kBpe}) {
    options_.model = model;
    const Tokenizer tokenizer = train(kLines);
    EXPECT_EQ(tokenizer.vocab_size(), 20);
    EXPECT_EQ(tokenizer.piece_text(kPadId), "<pad>");
    EXPECT_EQ(tokenizer.piece_text(kUnkId), "<unk>");
    EXPECT_EQ(tokenizer.piece_text(kBosId), "<s>");
    EXPECT_EQ(tokenizer.piece_text(kEosId), "</s>");
  }
}

TEST_F(TokenizerTrainingTest, TheSameTextGivesTheSameModel) {
  std::vector<std::string> lines;
  for (int i = 0; i < 300; ++i)
    lines.push_back("word" + std::to_string(i * 7919 % 1000) + " und so weiter");
  options_.vocab_size = 100;
  const std::uint64_t hash = train(lines).hash();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(train(lines).hash(), hash);
}

TEST_F(TokenizerTrainingTest, FilesAndLinesAreTheSame) {
  const std::uint64_t hash = train(kLines).hash();
  const std::array files = {
      folder_.write("a", "\xEF\xBB\xBF" + kLines[0] + "\r\n" + kLines[1] + "\n"),
      folder_.write("b.gz", gzip(kLines[2] + "\n\n" + kLines[3]))};
  const TokenizerTrainingReport report = train_tokenizer(files, options_, model_path_);
  EXPECT_EQ(Tokenizer::load(model_path_).hash(), hash);
  EXPECT_EQ(report.lines_read, 5U);
  EXPECT_EQ(report.lines_used, 4U);
}

TEST_F(TokenizerTrainingTest, NoLineIsTooLong) {
  std::string long_line;
  for (int i = 0; i < 5000; ++i) long_line += "zebra ";
  std::vector<std::string> lines = kLines;
  lines.push_back(long_line);
  const Tokenizer tokenizer = train(lines);
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("zebra")), "zebra");
}

// SentencePiece itself leaves out lines with U+2585, takes U+2581 for a space, cuts at tabs, and
// keeps the spellings of control symbols for itself.
TEST_F(TokenizerTrainingTest, ReservedTextDoesNoHarm) {
  options_.normalization = "identity";
  const std::vector<std::string> lines = {"ab\u2585ba", "a\tb", "\u2581a\u2581b",
                                          "<s> </s> <unk> <pad>"};
  options_.vocab_size = 9;
  const Tokenizer tokenizer = train(lines);
  EXPECT_EQ(report_.lines_used, 4U);
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("ab ba")), "ab ba");
}

TEST_F(TokenizerTrainingTest, DrawsFewerLines) {
  options_.max_sentences = 2;
  options_.vocab_size = 18;
  const std::uint64_t hash = train(kLines).hash();
  EXPECT_EQ(report_.lines_read, 4U);
  EXPECT_EQ(report_.lines_used, 2U);
  EXPECT_EQ(train(kLines).hash(), hash);
}

TEST_F(TokenizerTrainingTest, TooLargeAVocabularyNamesTheLargest) {
  for (const SubwordModel model : {SubwordModel::kUnigram, SubwordModel::kBpe}) {
    options_.model = model;
    options_.vocab_size = 8000;
    const std::string error = error_of(kLines);
    ASSERT_THAT(error, AllOf(HasSubstr("8000"), HasSubstr("--set tokenizer.vocab_size=")));
    options_.vocab_size = std::stoi(error.substr(error.find("vocab_size=") + 11));
    EXPECT_EQ(train(kLines).vocab_size(), options_.vocab_size);
    ++options_.vocab_size;
    EXPECT_THAT(error_of(kLines), HasSubstr("too large"));
  }
}

TEST_F(TokenizerTrainingTest, TooSmallAVocabularyNamesTheSmallest) {
  options_.vocab_size = 10;
  const std::string error = error_of(kLines);
  ASSERT_THAT(error, AllOf(HasSubstr("10"), HasSubstr("--set tokenizer.vocab_size=")));
  options_.vocab_size = std::stoi(error.substr(error.find("vocab_size=") + 11));
  EXPECT_EQ(train(kLines).vocab_size(), options_.vocab_size);
}

TEST_F(TokenizerTrainingTest, ByteFallbackNeedsRoomForTheBytes) {
  options_.byte_fallback = true;
  EXPECT_THAT(error_of(kLines), HasSubstr("too small"));
  options_.vocab_size = 277;
  EXPECT_EQ(train(kLines).vocab_size(), 277);
}

TEST_F(TokenizerTrainingTest, TheSmallestTexts) {
  options_.vocab_size = 6;
  const std::vector<std::string> one = {"a"};
  EXPECT_EQ(train(one).vocab_size(), 6);
  EXPECT_EQ(report_.lines_used, 1U);
}

TEST_F(TokenizerTrainingTest, TextWithoutVisibleCharactersIsAnError) {
  const std::vector<std::string> lines = {"",       "  \t",   "\u3000", "\u200B\u200D",
                                          "\u2581", "\uFEFF", "\u2585"};
  EXPECT_THAT(error_of(lines), HasSubstr("no text"));
  EXPECT_THAT(error_of({}), HasSubstr("no text"));
  EXPECT_FALSE(fs::exists(model_path_));
}

TEST_F(TokenizerTrainingTest, NamesTheLineThatIsNotText) {
  EXPECT_THAT(error_of_file("fine\nnot \xFF fine\n"), HasSubstr("text:2: byte 5"));
  EXPECT_THAT(error_of_file(std::string("a\0b\n", 4)),
              HasSubstr("text:1: byte 2 of the line is NUL"));
}

TEST_F(TokenizerTrainingTest, ChecksItsOptions) {
  options_.normalization = "NFC";
  EXPECT_THAT(error_of(kLines), HasSubstr("choose one of nmt_nfkc, nmt_nfkc_cf, nfkc, identity"));
  options_ = {};
  options_.character_coverage = 0.5;
  EXPECT_THAT(error_of(kLines), HasSubstr("0.98 to 1"));
  options_ = {};
  options_.vocab_size = 4;
  EXPECT_THAT(error_of(kLines), HasSubstr("at least 5"));
}

TEST_F(TokenizerTrainingTest, IsSilent) {
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  train(kLines);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

}  // namespace
}  // namespace heed
