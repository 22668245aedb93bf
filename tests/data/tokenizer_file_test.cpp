#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/random.h"
#include "data/tokenizer.h"
#include "data/tokenizer_training.h"
#include "tests/support/error_message.h"
#include "tests/support/spm_bytes.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Tokenizer load(const TemporaryFolder& folder, std::string_view model) {
  return Tokenizer::load(folder.write("model.spm", model));
}

class TokenizerFileTest : public ::testing::Test {
 protected:
  std::string error_of(std::string_view model) {
    return error_message([&] { load(folder_, model); });
  }

  TemporaryFolder folder_;
};

TEST_F(TokenizerFileTest, NamesWhatIsWrong) {
  EXPECT_THAT(error_message([&] { Tokenizer::load(folder_ / "none.spm"); }),
              HasSubstr("none.spm: cannot read the tokenizer model: No such file"));
  EXPECT_THAT(error_message([&] { Tokenizer::load(folder_.path()); }), HasSubstr("it is a folder"));
  EXPECT_THAT(error_of(""), HasSubstr("model.spm: cannot use this as a tokenizer: it is empty"));
  EXPECT_THAT(error_of("[model]\nd_model = 128\n"), HasSubstr("no SentencePiece model"));
  EXPECT_THAT(error_of(spm_letters().substr(0, 400)), HasSubstr("truncated"));
}

TEST_F(TokenizerFileTest, NamesForeignSpecialIds) {
  const std::string defaults =
      spm_piece("<unk>", 0, kSpmUnknown) + spm_piece("<s>", 0, kSpmControl) +
      spm_piece("</s>", 0, kSpmControl) + spm_piece("a", 0, kSpmNormal) + spm_settings();
  EXPECT_THAT(error_of(defaults),
              AllOf(HasSubstr("the ids -1, 0, 1 and 2"), HasSubstr("pad_id=0")));
}

TEST_F(TokenizerFileTest, ReportsWhatSentencePieceRefuses) {
  EXPECT_THAT(error_of(spm_piece("a", 0, kSpmNormal) + spm_settings()),
              HasSubstr("unk is not defined"));
  EXPECT_THAT(error_of(spm_special_pieces() + spm_special_pieces() + spm_settings()),
              HasSubstr("already defined"));
}

// Loading a damaged file either fails with a message or gives a tokenizer that can be used.
void use_if_it_loads(const TemporaryFolder& folder, std::string_view model) {
  try {
    const Tokenizer tokenizer = load(folder, model);
    const std::vector<TokenId> ids = tokenizer.encode("ab \uFB01 \u732B\uFF76\uFF9E zz<s>");
    (void)tokenizer.decode(ids);
    (void)tokenizer.encode_pieces("a\u3000b");
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(folder.path().string()));
  }
}

std::string mutated(std::string bytes, SplitMix64& random) {
  for (std::uint64_t n = 1 + random.uniform_below(4); n > 0; --n) {
    const std::size_t at = random.uniform_below(bytes.size());
    switch (random.uniform_below(3)) {
      case 0:
        bytes[at] = static_cast<char>(random.next());
        break;
      case 1:
        bytes.erase(at, 1 + random.uniform_below(8));
        break;
      default:
        bytes.insert(at, 1 + random.uniform_below(8), static_cast<char>(random.next()));
    }
    if (bytes.empty()) bytes = "x";
  }
  return bytes;
}

TEST_F(TokenizerFileTest, SurvivesDamage) {
  SplitMix64 random(14);
  const std::string letters = spm_letters();
  for (int round = 0; round < 500; ++round) use_if_it_loads(folder_, mutated(letters, random));
}

TEST_F(TokenizerFileTest, SurvivesDamageToItsNormalizationTable) {
  TokenizerTrainingOptions options;
  options.vocab_size = 280;
  train_tokenizer(std::vector<std::string>{"the quick brown fox jumps"}, options,
                  folder_ / "trained.spm");
  const std::string model = read_bytes(folder_ / "trained.spm");
  SplitMix64 random(15);
  for (int round = 0; round < 30; ++round) {
    std::string damaged = model;
    for (int i = 0; i < 20; ++i) {
      const std::size_t at = damaged.size() / 4 + random.uniform_below(damaged.size() / 2);
      damaged[at] = static_cast<char>(random.next());
    }
    use_if_it_loads(folder_, damaged);
  }
}

TEST_F(TokenizerFileTest, SurvivesRandomBytes) {
  SplitMix64 random(16);
  for (int round = 0; round < 300; ++round) {
    std::string bytes(random.uniform_below(64), ' ');
    for (char& byte : bytes) byte = static_cast<char>(random.next());
    EXPECT_NE(error_of(bytes), "");
  }
}

}  // namespace
}  // namespace heed
