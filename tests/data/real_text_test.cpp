// The data layer on text that people wrote.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "data/encoded_corpus.h"
#include "data/text_io.h"
#include "data/text_units.h"
#include "data/tokenizer_training.h"
#include "tests/support/shared_corpora.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

Tokenizer train(const TemporaryFolder& folder, const std::vector<fs::path>& files, int vocab_size) {
  TokenizerTrainingOptions options;
  options.vocab_size = vocab_size;
  train_tokenizer(files, options, folder / "model.spm");
  return Tokenizer::load(folder / "model.spm");
}

void expect_every_unit_has_a_piece(const Tokenizer& tokenizer, const std::string& line,
                                   const std::vector<TextUnit>& units) {
  std::vector<bool> has_piece(units.size(), false);
  for (const auto& of_piece : map_pieces_to_units(tokenizer.encode_pieces(line), units)) {
    EXPECT_FALSE(of_piece.empty()) << line;
    for (const int unit : of_piece) has_piece.at(static_cast<std::size_t>(unit)) = true;
  }
  for (std::size_t i = 0; i < units.size(); ++i) {
    EXPECT_TRUE(has_piece[i]) << units[i].text << " in " << line;
  }
}

TEST(RealText, EveryUnitHasAPieceAndEveryPieceAUnit) {
  const fs::path corpus = shared_corpus("kftt30k");
  if (corpus.empty()) GTEST_SKIP() << "the shared corpus kftt30k is not there";
  const TemporaryFolder folder;
  const std::vector<fs::path> files = {corpus / "align-dev.ja", corpus / "align-dev.en"};
  const Tokenizer tokenizer = train(folder, files, 2000);
  for (const fs::path& file : files) {
    for (const std::string& line : read_lines(file)) {
      const UnitLine joined = join_words(line, "");
      expect_every_unit_has_a_piece(tokenizer, line, split_words(line));
      expect_every_unit_has_a_piece(tokenizer, line, split_characters(line));
      expect_every_unit_has_a_piece(tokenizer, joined.text, joined.units);
    }
  }
}

TEST(RealText, BatchesPadLittle) {
  const fs::path corpus = shared_corpus("multi30k");
  if (corpus.empty()) GTEST_SKIP() << "the shared corpus multi30k is not there";
  const TemporaryFolder folder;
  const Tokenizer tokenizer = train(folder, {corpus / "val.en.gz", corpus / "val.de.gz"}, 2000);
  const ParallelFiles files = {{corpus / "train.en.gz"}, {corpus / "train.de.gz"}, {}};
  const EncodedCorpus encoded = encode_corpus(files, tokenizer, tokenizer, {256, 2});
  EXPECT_EQ(encoded.size(), 29'000U);
  for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
    const auto batches = plan_batches(encoded.lengths(), {4096, 0, 1}, epoch);
    EXPECT_LT(padding_ratio(batches, encoded.lengths()), 0.08);
  }
}

}  // namespace
}  // namespace heed
