#include "data/encoded_corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "data/random.h"
#include "data/tokenizer_training.h"
#include "tests/support/error_message.h"
#include "tests/support/spm_bytes.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using Ids = std::vector<TokenId>;

class EncodedCorpusTest : public ::testing::Test {
 protected:
  EncodedCorpusTest() { write_corpus("ab c\nde\n", "x\ny z\n"); }

  void write_corpus(std::string_view src, std::string_view tgt) {
    files_ = {{folder_.write("src", src)}, {folder_.write("tgt", tgt)}, {}};
  }
  EncodedCorpus encode(const fs::path& cache = {}) const {
    return encode_corpus(files_, tokenizer_, tokenizer_, options_, cache);
  }
  bool is_from_cache() const { return encode(cache_).report().from_cache; }

  TemporaryFolder folder_;
  Tokenizer tokenizer_ = Tokenizer::load(folder_.write("letters.spm", spm_letters()));
  ParallelFiles files_;
  EncodeOptions options_;
  fs::path cache_ = folder_ / "corpus.ids";
};

TEST_F(EncodedCorpusTest, HoldsTheIdsOfBothSides) {
  const EncodedCorpus corpus = encode();
  ASSERT_EQ(corpus.size(), 2U);
  EXPECT_THAT(corpus.src(0), ElementsAreArray(tokenizer_.encode("ab c")));
  EXPECT_THAT(corpus.tgt(0), ElementsAreArray(tokenizer_.encode("x")));
  EXPECT_THAT(corpus.src(1), ElementsAreArray(tokenizer_.encode("de")));
  EXPECT_THAT(corpus.tgt(1), ElementsAreArray(tokenizer_.encode("y z")));
  EXPECT_EQ(corpus.lengths(), (std::vector<PairLength>{{3, 1}, {2, 2}}));
  EXPECT_EQ(corpus.report().src_tokens, 5U);
  EXPECT_EQ(corpus.report().tgt_tokens, 3U);
}

TEST_F(EncodedCorpusTest, DropsAndCountsLongAndEmptyPairs) {
  write_corpus("abc\nabcd\na\n\nb\n", "x\nx\nwxyz\ny\nz\n");
  options_.max_length = 3;
  for (int round = 0; round < 2; ++round) {
    const EncodedCorpus corpus = encode(cache_);
    EXPECT_EQ(corpus.report().from_cache, round == 1);
    EXPECT_EQ(corpus.report().pairs_read, 5U);
    EXPECT_EQ(corpus.report().empty_pairs, 1U);
    EXPECT_EQ(corpus.report().too_long_pairs, 2U);
    EXPECT_EQ(corpus.report().pairs_kept, 2U);
    EXPECT_EQ(corpus.lengths(), (std::vector<PairLength>{{3, 1}, {1, 1}}));
  }
  options_.max_length = 0;
  EXPECT_EQ(encode().size(), 4U);
}

// U+200B is no white space, but nmt_nfkc drops it.
TEST_F(EncodedCorpusTest, DropsPairsThatNormalizationEmpties) {
  TokenizerTrainingOptions options;
  options.vocab_size = 6;
  options.byte_fallback = false;
  train_tokenizer(std::vector<std::string>{"a"}, options, folder_ / "nfkc.spm");
  const Tokenizer nfkc = Tokenizer::load(folder_ / "nfkc.spm");
  write_corpus("\u200B\na\n", "a\na\n");
  const EncodedCorpus corpus = encode_corpus(files_, nfkc, nfkc);
  EXPECT_EQ(corpus.size(), 1U);
  EXPECT_EQ(corpus.report().empty_pairs, 1U);
}

TEST_F(EncodedCorpusTest, ThreadsKeepTheOrder) {
  std::string src;
  std::string tgt;
  SplitMix64 random(31);
  for (int i = 0; i < 40'000; ++i) {
    src += std::string(1 + random.uniform_below(5), static_cast<char>('a' + i % 26)) + "\n";
    tgt += std::string(1 + random.uniform_below(5), static_cast<char>('a' + i % 7)) + "\n";
  }
  write_corpus(src, tgt);
  const EncodedCorpus one = encode();
  options_.threads = 4;
  const EncodedCorpus four = encode();
  ASSERT_EQ(four.size(), 40'000U);
  EXPECT_EQ(one.lengths(), four.lengths());
  for (std::size_t i = 0; i < one.size(); ++i) {
    ASSERT_THAT(four.src(i), ElementsAreArray(one.src(i)));
    ASSERT_THAT(four.tgt(i), ElementsAreArray(one.tgt(i)));
  }
}

TEST_F(EncodedCorpusTest, IsMadeOfIds) {
  const std::vector<Ids> src = {{4, 5}, {}};
  const std::vector<Ids> tgt = {{6}, {7, 8, 9}};
  const EncodedCorpus corpus = EncodedCorpus::from_ids(src, tgt);
  ASSERT_EQ(corpus.size(), 2U);
  EXPECT_THAT(corpus.src(1), ElementsAreArray(src[1]));
  EXPECT_THAT(corpus.tgt(1), ElementsAreArray(tgt[1]));
  EXPECT_THROW(EncodedCorpus::from_ids(src, {}), std::invalid_argument);
}

TEST_F(EncodedCorpusTest, IsReadEitherWayOrBoth) {
  const std::vector<std::vector<TokenId>> src{{4, 5, 6}, {7}};
  const std::vector<std::vector<TokenId>> tgt{{8}, {9, 10}};
  const EncodedCorpus corpus = EncodedCorpus::from_ids(src, tgt);
  const EncodedCorpus back = corpus.reversed();
  EXPECT_EQ(back.size(), 2U);
  EXPECT_THAT(back.src(1), ElementsAre(9, 10));
  EXPECT_THAT(back.tgt(0), ElementsAre(4, 5, 6));
  EXPECT_EQ(back.direction(1), Direction::kReverse);
  EXPECT_EQ(back.lengths(), (std::vector<PairLength>{{1, 3}, {2, 1}}));
  EXPECT_EQ(back.report().src_tokens, 3U);
  EXPECT_EQ(back.report().tgt_tokens, 4U);
  const EncodedCorpus both = corpus.in_both_directions();
  EXPECT_EQ(both.size(), 4U);
  EXPECT_EQ(both.pairs(), 2U);
  EXPECT_EQ(both.lengths(), (std::vector<PairLength>{{3, 1}, {1, 2}, {1, 3}, {2, 1}}));
  EXPECT_EQ(both.report().src_tokens, 7U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(both.direction(i), Direction::kForward);
    EXPECT_THAT(both.src(i), ElementsAreArray(corpus.src(i)));
    EXPECT_EQ(both.direction(i + 2), Direction::kReverse);
    EXPECT_THAT(both.src(i + 2), ElementsAreArray(back.src(i)));
    EXPECT_THAT(both.tgt(i + 2), ElementsAreArray(back.tgt(i)));
  }
}

TEST_F(EncodedCorpusTest, MayBeEmpty) {
  write_corpus("", "");
  EXPECT_EQ(encode(cache_).size(), 0U);
  EXPECT_TRUE(is_from_cache());
}

TEST_F(EncodedCorpusTest, TheCacheHoldsTheSame) {
  const EncodedCorpus made = encode(cache_);
  const EncodedCorpus cached = encode(cache_);
  EXPECT_FALSE(made.report().from_cache);
  EXPECT_TRUE(cached.report().from_cache);
  EXPECT_EQ(cached.lengths(), made.lengths());
  EXPECT_EQ(cached.report().src_tokens, made.report().src_tokens);
  for (std::size_t i = 0; i < made.size(); ++i) {
    EXPECT_THAT(cached.src(i), ElementsAreArray(made.src(i)));
    EXPECT_THAT(cached.tgt(i), ElementsAreArray(made.tgt(i)));
  }
}

TEST_F(EncodedCorpusTest, ACopyOutlivesItsOriginal) {
  encode(cache_);
  auto original = std::make_unique<EncodedCorpus>(encode(cache_));
  const EncodedCorpus copy = *original;
  original.reset();
  fs::remove(cache_);
  EXPECT_THAT(copy.src(0), ElementsAreArray(tokenizer_.encode("ab c")));
}

TEST_F(EncodedCorpusTest, ChangedTextIsNoticedWhateverItsTimeAndSize) {
  encode(cache_);
  const auto time = fs::last_write_time(files_.tgt[0]);
  write_corpus("ab c\nde\n", "x\ny q\n");
  fs::last_write_time(files_.tgt[0], time);
  const EncodedCorpus corpus = encode(cache_);
  EXPECT_FALSE(corpus.report().from_cache);
  EXPECT_THAT(corpus.tgt(1), ElementsAreArray(tokenizer_.encode("y q")));
  EXPECT_TRUE(is_from_cache());
}

TEST_F(EncodedCorpusTest, TextMovedBetweenFilesIsNoticed) {
  encode(cache_);
  write_corpus("x\ny z\n", "ab c\nde\n");
  EXPECT_FALSE(is_from_cache());
}

TEST_F(EncodedCorpusTest, AMovedCorpusKeepsItsCache) {
  encode(cache_);
  fs::rename(files_.src[0], folder_ / "elsewhere");
  files_.src[0] = folder_ / "elsewhere";
  EXPECT_TRUE(is_from_cache());
}

TEST_F(EncodedCorpusTest, ChangedSettingsAreNoticed) {
  encode(cache_);
  options_.max_length = 7;
  EXPECT_FALSE(is_from_cache());
  EXPECT_TRUE(is_from_cache());
  options_.threads = 2;
  EXPECT_TRUE(is_from_cache());
  tokenizer_ = Tokenizer::load(folder_.write("other.spm", spm_letters() + bytes_field(4, "")));
  EXPECT_FALSE(is_from_cache());
}

TEST_F(EncodedCorpusTest, ABrokenCacheIsReplaced) {
  encode(cache_);
  const std::string whole = read_bytes(cache_);
  for (const std::string& broken :
       {std::string(), whole.substr(0, whole.size() - 1), whole + "x", std::string(500, 'x')}) {
    folder_.write("corpus.ids", broken);
    EXPECT_FALSE(is_from_cache());
    EXPECT_EQ(read_bytes(cache_), whole);
  }
}

TEST_F(EncodedCorpusTest, ACacheThatCannotBeWrittenIsAnError) {
  EXPECT_THAT(error_message([&] { encode(folder_ / "none/corpus.ids"); }),
              HasSubstr("none/corpus.ids"));
}

TEST_F(EncodedCorpusTest, BadTextIsAnErrorWithOrWithoutCache) {
  write_corpus("a\nb\n", "x\n");
  EXPECT_THAT(error_message([&] { encode(); }), HasSubstr("src has 2 lines"));
  EXPECT_THAT(error_message([&] { encode(cache_); }), HasSubstr("src has 2 lines"));
  files_.src[0] = folder_ / "none";
  EXPECT_THAT(error_message([&] { encode(cache_); }), HasSubstr("none: cannot read"));
}

TEST_F(EncodedCorpusTest, APipeIsReadOnceAndNotCached) {
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::jthread writer([&] { std::ofstream(pipe) << "ab c\nde\n"; });
  files_.src[0] = pipe;
  EXPECT_EQ(encode(cache_).size(), 2U);
  EXPECT_FALSE(fs::exists(cache_));
}

}  // namespace
}  // namespace heed
