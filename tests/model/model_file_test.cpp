#include "model/inference/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/inference/inference_scorer.h"
#include "tests/support/error_message.h"
#include "tests/support/table_scorer.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

using testing::HasSubstr;

/// What may follow the first token of each source.
std::vector<std::vector<float>> first_scores(const std::shared_ptr<const InferenceModel>& model,
                                             const Sentences& sources) {
  const auto scorer = make_inference_scorer(model, kTestEos);
  scorer->start(sources);
  Ids origins(sources.size());
  std::iota(origins.begin(), origins.end(), 0);
  return scores_of(*scorer, Ids(sources.size(), kTestBos), origins);
}

class LoadInferenceModel : public testing::Test {
 protected:
  std::filesystem::path save(const TransformerConfig& config) const {
    TinyModel(config).model.save(folder_ / "model.safetensors");
    return folder_ / "model.safetensors";
  }

  TemporaryFolder folder_;
};

TEST_F(LoadInferenceModel, GivesTheModelThatWasSaved) {
  std::vector<TransformerConfig> variants = every_variant();
  variants.front().output_bias = true;
  variants.back().alignment_head = true;
  for (const TransformerConfig& config : variants) {
    SCOPED_TRACE(describe(config));
    const TinyModel tiny(config);
    const Sentences sources = random_sentences({5, 1, 9}, config.src_vocab_size, 1);
    for (const WeightPrecision precision : {WeightPrecision::kFp32, WeightPrecision::kInt8}) {
      const auto packed =
          std::make_shared<InferenceModel>(config, precision, tiny.model.find_weights());
      const auto loaded = load_inference_model(save(config), config, precision);
      EXPECT_EQ(first_scores(loaded, sources), first_scores(packed, sources));
    }
  }
}

TEST_F(LoadInferenceModel, NamesWhatIsMissingLeftOverOrOfAnotherShape) {
  const auto path = save(tiny_config());
  const auto message = [&](const std::function<void(TransformerConfig&)>& change) {
    TransformerConfig other = tiny_config();
    change(other);
    return error_message([&] { load_inference_model(path, other, WeightPrecision::kFp32); });
  };
  EXPECT_THAT(message([](TransformerConfig& c) { c.encoder_layers = 3; }),
              HasSubstr("'encoder.layers.2."));
  EXPECT_THAT(message([](TransformerConfig& c) { c.decoder_layers = 1; }),
              HasSubstr("'decoder.layers.1."));
  EXPECT_THAT(message([](TransformerConfig& c) { c.ffn_size = 20; }),
              HasSubstr("shape [24, 16], expected [20, 16]"));
}

}  // namespace
}  // namespace heed
