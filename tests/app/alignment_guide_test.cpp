#include "app/train/alignment_guide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/text_io.h"
#include "data/tokenizer_training.h"
#include "tests/support/aten_ops.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tensor_matchers.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A tokenizer that spells words letter by letter, each with a mark of the space ahead of it.
Tokenizers letters() {
  const TemporaryFolder folder;
  TokenizerTrainingOptions options;
  options.model = SubwordModel::kBpe;
  options.vocab_size = 9;  // four control symbols, the mark and four letters
  options.byte_fallback = false;
  const std::vector<std::string> lines{"a b c d", "d c b a"};
  train_tokenizer(std::span<const std::string>(lines), options, folder / "letters.spm");
  const Tokenizer tokenizer = Tokenizer::load(folder / "letters.spm");
  return {tokenizer, tokenizer};
}

/// The pieces of a word: the mark, and its letters.
TEST(AlignmentGuideTest, TheTestsTokenizerSpellsLetters) {
  std::vector<std::string> texts;
  for (const Piece& piece : letters().src.encode_pieces("ab c")) texts.push_back(piece.text);
  EXPECT_THAT(texts, ElementsAre("\u2581", "a", "b", "\u2581", "c"));
}

EncodedCorpus encode(const std::vector<SentencePair>& pairs, const Tokenizers& tokenizers) {
  std::vector<std::vector<TokenId>> src;
  std::vector<std::vector<TokenId>> tgt;
  for (const SentencePair& pair : pairs) {
    src.push_back(tokenizers.src.encode(pair.src));
    tgt.push_back(tokenizers.tgt.encode(pair.tgt));
  }
  return EncodedCorpus::from_ids(src, tgt);
}

AlignmentTargets targets_of(const AlignmentGuide& guide, const EncodedCorpus& corpus,
                            std::span<const std::uint32_t> indices) {
  std::vector<GuidedPair> pairs;
  for (const std::uint32_t i : indices)
    pairs.push_back({i, corpus.src(i).size(), corpus.tgt(i).size()});
  return guide.targets(corpus, pairs);
}

/// [rows of bos and the target, columns of the source and eos] of one pair.
AlignmentTargets targets_of(const SentencePair& pair, const std::vector<Link>& links) {
  const Tokenizers tokenizers = letters();
  AlignmentGuide::Builder builder(tokenizers);
  builder.add(pair, links);
  const AlignmentGuide guide = builder.take();
  const std::uint32_t index = 0;
  const AlignmentTargets padded = targets_of(guide, encode({pair}, tokenizers), {&index, 1});
  return {padded.src_of_tgt[0], padded.tgt_of_src[0]};
}

at::Tensor table(std::int64_t rows, std::vector<float> values) {
  return at::tensor(values).reshape({rows, -1});
}

TEST(AlignmentGuideTest, SpreadsLinksOfWordsOverTheirPieces) {
  // Source "ab", "c" in 3 and 2 pieces, then eos; bos, then target "d" in 2 pieces.
  const AlignmentTargets targets = targets_of({"ab c", "d"}, {{0, 0, 0.6}});
  EXPECT_TRUE(close_to(targets.src_of_tgt, table(3, {0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F,  //
                                                     0.2F, 0.2F, 0.2F, 0.0F, 0.0F, 0.4F,  //
                                                     0.2F, 0.2F, 0.2F, 0.0F, 0.0F, 0.4F})));
  EXPECT_TRUE(close_to(targets.tgt_of_src, table(3, {0.4F, 0.4F, 0.4F, 1.0F, 1.0F, 0.0F,  //
                                                     0.3F, 0.3F, 0.3F, 0.0F, 0.0F, 0.0F,  //
                                                     0.3F, 0.3F, 0.3F, 0.0F, 0.0F, 0.0F})));
}

TEST(AlignmentGuideTest, APairReadTheOtherWayRoundHasItsLinksTurned) {
  const Tokenizers tokenizers = letters();
  const SentencePair pair{"ab c", "d"};
  const SentencePair turned{pair.tgt, pair.src};
  AlignmentGuide::Builder builder(tokenizers);
  builder.add({"a", "a b"}, std::vector<Link>{{0, 1, 0.25}});
  builder.add(pair, std::vector<Link>{{0, 0, 0.6}});
  const EncodedCorpus both = encode({{"a", "a b"}, pair}, tokenizers).in_both_directions();
  const std::uint32_t index = 3;
  const AlignmentTargets targets = targets_of(builder.take(), both, {&index, 1});
  const AlignmentTargets expected = targets_of(turned, {{0, 0, 0.6}});
  EXPECT_TRUE(close_to(targets.src_of_tgt[0], expected.src_of_tgt));
  EXPECT_TRUE(close_to(targets.tgt_of_src[0], expected.tgt_of_src));
}

TEST(AlignmentGuideTest, LinksOfOtherPiecesAreSharedOutByTheirCharacters) {
  const Tokenizers tokenizers = letters();
  const SentencePair pair{"ab c", "d"};
  AlignmentGuide::Builder builder(tokenizers);
  builder.add(pair, std::vector<Link>{{0, 0, 0.6}});
  // Source: the mark, "ab", the mark with "c"; target: one piece.
  const PieceOverlaps src{{{0, 1.0F, 1.0F}},
                          {{1, 1.0F, 0.5F}},
                          {{1, 1.0F, 0.5F}},
                          {{2, 1.0F, 0.5F}},
                          {{2, 1.0F, 0.5F}}};
  const PieceOverlaps tgt{{{0, 1.0F, 0.5F}}, {{0, 1.0F, 0.5F}}};
  const GuidedPair guided{0, 3, 1, &src, &tgt};
  const AlignmentTargets targets =
      builder.take().targets(encode({pair}, tokenizers), std::span(&guided, 1));
  EXPECT_TRUE(close_to(targets.src_of_tgt[0], table(2, {0.0F, 0.0F, 0.0F, 0.0F,  //
                                                        0.2F, 0.4F, 0.0F, 0.4F})));
  EXPECT_TRUE(close_to(targets.tgt_of_src[0], table(2, {0.4F, 0.4F, 1.0F, 0.0F,  //
                                                        0.6F, 0.6F, 0.0F, 0.0F})));
}

TEST(AlignmentGuideTest, SumsAboveOneAreScaled) {
  // The target's links sum to 1.5, those of each source word to less than 1.
  const AlignmentTargets targets = targets_of({"ab c", "d"}, {{0, 0, 0.9}, {1, 0, 0.6}});
  EXPECT_TRUE(close_to(targets.src_of_tgt, table(3, {0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F,  //
                                                     0.2F, 0.2F, 0.2F, 0.2F, 0.2F, 0.0F,  //
                                                     0.2F, 0.2F, 0.2F, 0.2F, 0.2F, 0.0F})));
  EXPECT_TRUE(close_to(targets.tgt_of_src, table(3, {0.1F, 0.1F, 0.1F, 0.4F, 0.4F, 0.0F,     //
                                                     0.45F, 0.45F, 0.45F, 0.3F, 0.3F, 0.0F,  //
                                                     0.45F, 0.45F, 0.45F, 0.3F, 0.3F, 0.0F})));
}

TEST(AlignmentGuideTest, WithoutLinksAllIsLinkedToNothing) {
  const AlignmentTargets targets = targets_of({"a", "b"}, {});
  EXPECT_TRUE(at::equal(targets.src_of_tgt, table(3, {0, 0, 0, 0, 0, 1, 0, 0, 1})));
  EXPECT_TRUE(at::equal(targets.tgt_of_src, table(3, {1, 1, 0, 0, 0, 0, 0, 0, 0})));
}

TEST(AlignmentGuideTest, BatchesArePaddedInTheOrderAskedFor) {
  const Tokenizers tokenizers = letters();
  const std::vector<SentencePair> pairs{{"a", "b c"}, {"c", "c"}, {"ab c", "d"}};
  AlignmentGuide::Builder builder(tokenizers);
  builder.add(pairs[0], std::vector<Link>{{0, 0, 1.0}});
  builder.add(pairs[1], std::vector<Link>{{0, 0, 1.0}});
  builder.add(pairs[2], std::vector<Link>{{1, 0, 0.5}});
  const AlignmentGuide guide = builder.take();
  EXPECT_EQ(guide.size(), 3U);
  const std::vector<std::uint32_t> indices{2, 0};
  const AlignmentTargets batch = targets_of(guide, encode(pairs, tokenizers), indices);
  ASSERT_EQ(batch.src_of_tgt.sizes(), (std::vector<std::int64_t>{2, 5, 6}));
  ASSERT_EQ(batch.tgt_of_src.sizes(), (std::vector<std::int64_t>{2, 5, 6}));
  const AlignmentTargets first = targets_of(pairs[2], {{1, 0, 0.5}});
  const AlignmentTargets second = targets_of(pairs[0], {{0, 0, 1.0}});
  at::Tensor expected = at::zeros({2, 5, 6});
  expected[0].narrow(0, 0, 3).copy_(first.src_of_tgt);
  expected[1].narrow(1, 0, 3).copy_(second.src_of_tgt);
  EXPECT_TRUE(at::equal(batch.src_of_tgt, expected));
  expected.zero_();
  expected[0].narrow(0, 0, 3).copy_(first.tgt_of_src);
  expected[1].narrow(1, 0, 3).copy_(second.tgt_of_src);
  EXPECT_TRUE(at::equal(batch.tgt_of_src, expected));
}

class AlignmentGuideFileTest : public ::testing::Test {
 protected:
  AlignmentGuide read(std::string_view links, std::size_t max_length = 0) {
    const std::filesystem::path path = folder_.write("text.links", links);
    EncodeOptions options;
    options.max_length = max_length;
    corpus_ = encode_corpus(files_, tokenizers_.src, tokenizers_.tgt, options);
    return read_alignment_guide(path, files_, tokenizers_, corpus_, max_length);
  }
  std::string error_of(std::string_view links) {
    return error_message([&] { read(links); });
  }
  /// Whether the first piece of the target has a link, of each pair.
  std::vector<bool> linked(const AlignmentGuide& guide) const {
    std::vector<bool> result;
    for (std::uint32_t i = 0; i < guide.size(); ++i) {
      const at::Tensor row = targets_of(guide, corpus_, {&i, 1}).src_of_tgt[0][1];
      result.push_back(row[row.size(0) - 1].item<float>() < 0.5F);
    }
    return result;
  }

  TemporaryFolder folder_;
  Tokenizers tokenizers_ = letters();
  // The second pair has no target, the third is long.
  ParallelFiles files_{{folder_.write("text.src", "a b\nc\na b c d a\nd\n")},
                       {folder_.write("text.tgt", "b\n \na b c d a\nc d\n")},
                       {folder_.write("text.tsv", "b\ta\n")}};
  EncodedCorpus corpus_ = EncodedCorpus::from_ids({}, {});
};

TEST_F(AlignmentGuideFileTest, LinesAreThoseOfTheTextWhateverIsLeftOut) {
  constexpr const char* kLinks = "0-0:0.75\n\n0-0\n\n0-0\n";
  EXPECT_THAT(linked(read(kLinks)), ElementsAre(true, true, false, true));
  EXPECT_THAT(linked(read(kLinks, 6)), ElementsAre(true, false, true)) << "without the long one";
  EXPECT_THAT(linked(read("\n\n0-0\n0-1\n\n", 6)), ElementsAre(false, false, false));
  EXPECT_THAT(linked(read("\n\n\n0-0\n\n", 6)), ElementsAre(false, true, false));
}

TEST_F(AlignmentGuideFileTest, NeedsALineForEachLineOfTheText) {
  EXPECT_THAT(error_of("0-0\n\n0-0\n0-0\n"),
              AllOf(HasSubstr("text.links has 4 lines"), HasSubstr("training text has more")));
  EXPECT_THAT(error_of(""), HasSubstr("text.links has 0 lines"));
  EXPECT_THAT(error_of("\n\n\n\n\n0-0\n"),
              AllOf(HasSubstr("text.links has more lines"), HasSubstr("which has 5")));
}

TEST_F(AlignmentGuideFileTest, NamesFileAndLineOfWhatIsWrong) {
  EXPECT_THAT(error_of("0-0\n\n0-5\n\n\n"), AllOf(HasSubstr("text.links:3: "), HasSubstr("0-5")));
  EXPECT_THAT(error_of("2-0\n\n\n\n\n"), HasSubstr("text.links:1: "));
  EXPECT_THAT(error_of("0-0\n\n\n0:0\n\n"), AllOf(HasSubstr("text.links:4: "), HasSubstr("0:0")));
}

TEST_F(AlignmentGuideFileTest, StatisticsWriteALineForEachLineOfTheText) {
  std::string src;
  std::string tgt;
  for (int i = 0; i < 30; ++i) {
    src += i % 3 == 0 ? "a b\n" : i % 3 == 1 ? "b c\n" : "c a\n";
    tgt += i % 3 == 0 ? "x y\n" : i % 3 == 1 ? "y z\n" : "z x\n";
  }
  const ParallelFiles files{{folder_.write("more.src", "\n" + src)},
                            {folder_.write("more.tgt", "x\n" + tgt)},
                            {folder_.write("more.tsv", "a\tx\n")}};
  write_statistical_links(folder_ / "found.links", files, 2);
  const auto lines = read_lines(folder_ / "found.links");
  ASSERT_THAT(lines, SizeIs(32));
  EXPECT_THAT(lines[0], IsEmpty());
  for (std::size_t line = 1; line < 31; ++line)
    EXPECT_THAT(lines[line], AllOf(HasSubstr("0-0:0.8"), HasSubstr("1-1:0.8"))) << line;
  EXPECT_THAT(lines[31], HasSubstr("0-0:"));
}

}  // namespace
}  // namespace heed
