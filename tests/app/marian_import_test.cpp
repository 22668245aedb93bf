#include "app/import/marian_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "app/errors.h"
#include "app/forced_decoding.h"
#include "tests/support/marian_folder.h"

namespace heed {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

class MarianImportTest : public testing::Test {
 protected:
  ModelBundle import() const {
    hf_.write(source_);
    import_marian(source_.path(), target());
    return ModelBundle::load(target());
  }

  std::vector<float> log_probs(const ModelBundle& bundle, const char* src, const char* tgt) const {
    const std::vector<TokenId> src_ids = bundle.tokenizers.src.encode(src);
    const std::vector<TokenId> tgt_ids = bundle.tokenizers.tgt.encode(tgt);
    const std::span<const TokenId> src_row(src_ids);
    const std::span<const TokenId> tgt_row(tgt_ids);
    return force_decode(bundle.model->transformer(), {&src_row, 1}, {&tgt_row, 1}, {})
        .token_log_probs.front();
  }

  /// The folder is refused with a message that names `file` and has `why`; nothing is written.
  void expect_refused(const char* file, const char* why) const {
    const std::filesystem::path named = *file == '\0' ? source_.path() : source_ / file;
    EXPECT_THAT(
        [&] { import_marian(source_.path(), target()); },
        ThrowsMessage<std::runtime_error>(AllOf(HasSubstr(named.string()), HasSubstr(why))));
    EXPECT_FALSE(std::filesystem::exists(target()));
    EXPECT_TRUE(std::filesystem::is_empty(out_.path()));
  }
  void expect_refused_as_written(const char* file, const char* why) const {
    hf_.write(source_);
    expect_refused(file, why);
  }

  std::filesystem::path target() const { return out_ / "model"; }

  MarianFolder hf_;
  TemporaryFolder source_;
  TemporaryFolder out_;
};

// transformers 5.23: scripts/compare_with_transformers.py --reference.
constexpr float kExpected[] = {-0.837525F, -3.234628F, -5.69261F, -5.712661F};

TEST_F(MarianImportTest, LogProbabilitiesAreThoseOfTransformers) {
  const std::vector<float> actual = log_probs(import(), "ab c", "cdß");
  ASSERT_EQ(actual.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(actual[i], kExpected[i], 2e-6F);
}

TEST_F(MarianImportTest, HalfPrecisionIsRead) {
  hf_.half = true;
  const std::vector<float> actual = log_probs(import(), "ab c", "cdß");
  ASSERT_EQ(actual.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(actual[i], kExpected[i], 0.02F);
}

TEST_F(MarianImportTest, TheFirstIdsAreHeedsAndTheOthersFollowTheVocabulary) {
  const ModelBundle bundle = import();
  EXPECT_EQ(bundle.config.model.src_vocab_size, 9);
  EXPECT_EQ(bundle.config.model.tgt_vocab_size, 9);
  EXPECT_THAT(bundle.tokenizers.src.encode("ab c"), ElementsAre(4, 5, 6));
  EXPECT_THAT(bundle.tokenizers.tgt.encode("cdß"), ElementsAre(6, 7, 8));
  EXPECT_EQ(bundle.tokenizers.tgt.decode(std::vector<TokenId>{6, 5, 8}), "cbß");
}

TEST_F(MarianImportTest, WhatTheVocabularyLacksIsUnknownAndOtherSidesPiecesAreFoundBySpelling) {
  const ModelBundle bundle = import();
  EXPECT_THAT(bundle.tokenizers.src.encode("abe"), ElementsAre(4, 5, kUnkId));
  EXPECT_THAT(bundle.tokenizers.src.encode("aß"), ElementsAre(4, 8));
  EXPECT_THAT(bundle.tokenizers.src.encode("aßß"), ElementsAre(4, kUnkId));
}

TEST_F(MarianImportTest, SettingsComeAlong) {
  const ModelBundle bundle = import();
  EXPECT_EQ(bundle.config.data.src_lang, "en");
  EXPECT_EQ(bundle.config.data.tgt_lang, "de");
  EXPECT_EQ(bundle.config.search.beam_size, 6);
  EXPECT_EQ(bundle.config.search.max_length, 510);
  EXPECT_EQ(bundle.config.model.activation, Activation::kSwish);
  EXPECT_EQ(bundle.config.model.tying, Tying::kAll);
}

TEST_F(MarianImportTest, ALanguageTagIsOnePieceAtTheBeginning) {
  hf_.vocabulary.erase("ß");
  hf_.vocabulary[">>deu<<"] = 6;
  const ModelBundle bundle = import();
  EXPECT_THAT(bundle.tokenizers.src.language_tags(), ElementsAre(">>deu<<"));
  EXPECT_THAT(bundle.tokenizers.src.encode(">>deu<<ab"), ElementsAre(8, 4, 5));
  const std::vector<Piece> pieces = bundle.tokenizers.src.encode_pieces(">>deu<<ab");
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[0].end, 7U);
  EXPECT_EQ(pieces[1].begin, 7U);
  EXPECT_EQ(pieces[2].end, 9U);
}

TEST_F(MarianImportTest, TensorsThatAreCopiesMayBeThereOrNot) {
  hf_.tensors["lm_head.weight"] = {8, 8};
  hf_.tensors["model.encoder.embed_tokens.weight"] = {8, 8};
  const std::vector<float> actual = log_probs(import(), "ab c", "cdß");
  EXPECT_NEAR(actual[0], kExpected[0], 2e-6F);
}

TEST_F(MarianImportTest, WithoutABiasItIsZero) {
  hf_.tensors.erase("final_logits_bias");
  const ModelBundle bundle = import();
  const at::Tensor& bias = bundle.model->transformer().output_bias();
  EXPECT_EQ(bias.narrow(0, 1, 8).abs().max().item<float>(), 0.0F);
  EXPECT_LT(bias[kPadId].item<float>(), -1e6F);
}

TEST_F(MarianImportTest, AnUnscaledEmbeddingIsATableOfItsOwn) {
  hf_.config["scale_embedding"] = false;
  EXPECT_EQ(import().config.model.tying, Tying::kNone);
}

TEST_F(MarianImportTest, MissingFiles) {
  for (const char* name :
       {"config.json", "vocab.json", "source.spm", "target.spm", "model.safetensors"}) {
    hf_.write(source_);
    std::filesystem::remove(source_ / name);
    expect_refused("", name);
  }
  source_.write("pytorch_model.bin", "");
  expect_refused("", "save_pretrained");
}

TEST_F(MarianImportTest, OtherArchitectures) {
  hf_.config["model_type"] = "t5";
  expect_refused_as_written("config.json", "\"t5\"");
  hf_ = {};
  hf_.config["activation_function"] = "gelu_new";
  expect_refused_as_written("config.json", "\"gelu_new\"");
  hf_ = {};
  hf_.config["decoder_ffn_dim"] = 16;
  expect_refused_as_written("config.json", "decoder_ffn_dim is 16");
  hf_ = {};
  hf_.config["decoder_start_token_id"] = 0;
  expect_refused_as_written("config.json", "decoder_start_token_id is 0, pad_token_id 7");
  hf_ = {};
  hf_.config.erase("d_model");
  expect_refused_as_written("config.json", "d_model is missing");
}

TEST_F(MarianImportTest, TensorsThatDontFit) {
  hf_.tensors["model.encoder.layers.0.fc1.weight"] = {8, 12};
  expect_refused_as_written("model.safetensors", "expected [12, 8]");
  hf_ = {};
  hf_.tensors.erase("model.decoder.layers.1.encoder_attn.k_proj.bias");
  expect_refused_as_written("model.safetensors", "no tensor 'model.decoder.layers.1.encoder_attn");
  hf_ = {};
  hf_.tensors["model.encoder.layernorm_embedding.weight"] = {8};
  expect_refused_as_written("model.safetensors", "layernorm_embedding");
  hf_ = {};
  hf_.tensors["model.encoder.embed_positions.weight"] = {16, 8};
  expect_refused_as_written("model.safetensors", "sinusoidal");
}

TEST_F(MarianImportTest, VocabulariesThatDontFit) {
  hf_.vocabulary["x"] = 8;
  expect_refused_as_written("vocab.json", "\"x\" has the id 8");
  hf_ = {};
  hf_.vocabulary["x"] = 3;
  expect_refused_as_written("vocab.json", "both have the id 3");
  hf_ = {};
  hf_.vocabulary["<pad>"] = 6;
  hf_.vocabulary["ß"] = 7;
  expect_refused_as_written("vocab.json", "<pad> has the id 6");
  hf_ = {};
  hf_.vocabulary.erase("<unk>");
  expect_refused_as_written("vocab.json", "has no <unk>");
  hf_ = {};
  hf_.target_spm = MarianFolder::spm({"▁c", "d"}, /*model_type=*/2);
  expect_refused_as_written("target.spm", "not a unigram model");
  hf_.target_spm = "damaged";
  expect_refused_as_written("target.spm", "no SentencePiece model");
}

TEST_F(MarianImportTest, SizesAreCheckedBeforeMemoryIsAskedFor) {
  const std::int64_t huge = 1'000'000'000'000;
  for (const char* name : {"vocab_size", "d_model", "encoder_layers"}) {
    hf_ = {};
    hf_.config[name] = huge;
    expect_refused_as_written("model.safetensors", "too few for the configuration's model");
  }
  hf_ = {};
  hf_.config["vocab_size"] = std::uint64_t{1} << 63;
  expect_refused_as_written("config.json", "vocab_size is 9223372036854775808, not");
}

TEST_F(MarianImportTest, NestedEntriesAndPipesAreRefused) {
  hf_.write(source_);
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  source_.write("config.json", "{\"model_type\": " + deep + "}");
  expect_refused("config.json", "model_type is an array");
  source_.write("config.json", hf_.config.dump());
  source_.write("vocab.json", "{\"a\": " + deep + "}");
  expect_refused("vocab.json", "\"a\" is not a whole number");
  std::filesystem::remove(source_ / "vocab.json");
  ASSERT_EQ(mkfifo((source_ / "vocab.json").c_str(), 0600), 0);
  expect_refused("vocab.json", "not a regular file");
}

TEST_F(MarianImportTest, AFolderThatExistsIsLeftAlone) {
  hf_.write(source_);
  EXPECT_THROW(import_marian(source_.path(), source_.path()), UsageError);
  EXPECT_TRUE(std::filesystem::exists(source_ / "config.json"));
}

}  // namespace
}  // namespace heed
