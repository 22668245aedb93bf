#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "app/config/config_file.h"
#include "app/model_bundle.h"
#include "model/beam_search.h"
#include "model/inference/inference_scorer.h"
#include "model/inference/model_file.h"
#include "tests/support/error_message.h"
#include "tests/support/spm_bytes.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// A model folder that somebody may have made up: loading it ends, and asks for no more memory than
/// its files are large.
class HostileModel : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("joint.spm", spm_letters());
    config_.model = tiny_config();
    config_.model.src_vocab_size = config_.model.tgt_vocab_size = 57;
    config_.model.tying = Tying::kAll;
    write_config();
    write_weights([](at::Tensor&) {});
  }

  void write_config() const { folder_.write("config.toml", format_config(config_)); }

  void write_weights(const std::function<void(at::Tensor&)>& change) const {
    TinyModel tiny(config_.model);
    at::Tensor values = tiny.model.values();
    change(values);
    tiny.model.save(folder_ / "model.safetensors");
  }

  /// As `heed translate` loads it.
  std::string light_error() const {
    return error_message([&] {
      const ModelFolder model = ModelFolder::load(folder_.path());
      load_inference_model(model.weights(), model.config.model, WeightPrecision::kFp32);
    });
  }
  /// As all other commands do.
  std::string network_error() const {
    return error_message([&] { ModelBundle::load(folder_.path()); });
  }

  void expect_refused(const testing::Matcher<std::string>& message) const {
    EXPECT_THAT(light_error(), message);
    EXPECT_THAT(network_error(), message);
  }

  TemporaryFolder folder_;
  RunConfig config_;
};

TEST_F(HostileModel, IsOtherwiseAWholeOne) {
  EXPECT_EQ(light_error(), "");
  EXPECT_EQ(network_error(), "");
}

TEST_F(HostileModel, SizesAreCheckedBeforeMemoryIsAskedFor) {
  const std::int64_t huge = 1'000'000'000'000;
  const std::vector<std::pair<std::string, std::int64_t TransformerConfig::*>> sizes = {
      {"encoder_layers", &TransformerConfig::encoder_layers},
      {"decoder_layers", &TransformerConfig::decoder_layers},
      {"ffn_size", &TransformerConfig::ffn_size}};
  for (const auto& [name, size] : sizes) {
    SCOPED_TRACE(name);
    const TransformerConfig original = config_.model;
    config_.model.*size = huge;
    write_config();
    expect_refused(AllOf(HasSubstr("model.safetensors"), HasSubstr(name + " = 1000000000000")));
    config_.model = original;
  }
  config_.model.d_model = huge;
  write_config();
  expect_refused(HasSubstr("shape [57, 16], expected [57, 1000000000000]"));
}

TEST_F(HostileModel, LearnedPositionsAreCheckedToo) {
  config_.model.positions = PositionEncoding::kLearned;
  write_weights([](at::Tensor&) {});
  config_.model.max_positions = 1'000'000'000'000;
  write_config();
  expect_refused(HasSubstr("shape [32, 16], expected [1000000000000, 16]"));
}

TEST_F(HostileModel, VocabulariesAreThoseOfTheTokenizer) {
  config_.model.src_vocab_size = config_.model.tgt_vocab_size = 1'000'000'000'000;
  write_config();
  expect_refused(HasSubstr("has 57 pieces, the model was trained with 1000000000000"));
}

TEST_F(HostileModel, SearchLimitsAreLimited) {
  for (const char* key : {"max_length", "max_length_offset"}) {
    folder_.write("config.toml", fmt::format("[search]\n{} = 9223372036854775807\n", key));
    expect_refused(HasSubstr(fmt::format("search.{} = ", key)));
  }
}

// Reading these would wait for ever, or never end.
TEST_F(HostileModel, PipesAndDevicesAreNotRead) {
  for (const char* name : {"config.toml", "joint.spm", "model.safetensors"}) {
    SCOPED_TRACE(name);
    const fs::path file = folder_ / name;
    const fs::path kept = folder_ / "kept";
    fs::rename(file, kept);
    ASSERT_EQ(mkfifo(file.c_str(), 0600), 0);
    expect_refused(AllOf(HasSubstr(name), HasSubstr("regular file")));
    fs::remove(file);
    fs::create_symlink("/dev/zero", file);
    expect_refused(AllOf(HasSubstr(name), HasSubstr("regular file")));
    fs::remove(file);
    fs::rename(kept, file);
  }
  EXPECT_EQ(light_error(), "");
}

TEST_F(HostileModel, DeepConfigurationsAreRefused) {
  std::string deep = "a";
  for (int i = 0; i < 200'000; ++i) deep += ".a";
  folder_.write("config.toml", "[model]\n" + deep + " = 1\n");
  expect_refused(HasSubstr("config.toml:2: too many dots"));
  folder_.write("config.toml", "[" + deep + "]\n");
  expect_refused(HasSubstr("config.toml:1: too many dots"));
  folder_.write("config.toml", "x = {\"a\" = '''\n''', " + deep + " = 1}\n");
  expect_refused(HasSubstr("config.toml:2: too many dots"));
  folder_.write("config.toml", std::string(2'000'000, '#'));
  expect_refused(HasSubstr("longer than"));
}

TEST_F(HostileModel, DotsInStringsAndCommentsAreNoKeys) {
  const std::string dots(1000, '.');
  config_.data.src_lang = dots + "\"'#";
  folder_.write("config.toml", format_config(config_) + "# " + dots + "\n");
  EXPECT_EQ(light_error(), "");
}

// Search must end, and give nothing rather than something that is no translation.
TEST_F(HostileModel, WeightsThatAreNoNumbersGiveNoTranslation) {
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  const auto infinity = std::numeric_limits<float>::infinity();
  for (const float value : {nan, infinity, -infinity, std::numeric_limits<float>::max()}) {
    SCOPED_TRACE(value);
    write_weights([&](at::Tensor& values) { values.fill_(value); });
    for (const WeightPrecision precision :
         {WeightPrecision::kFp32, WeightPrecision::kBf16, WeightPrecision::kInt8}) {
      const auto scorer = make_inference_scorer(
          load_inference_model(folder_ / "model.safetensors", config_.model, precision), kTestEos);
      SearchOptions options;
      options.beam_size = 4;
      options.max_length = 20;
      const std::vector<std::vector<std::int32_t>> sources = {{5, 6, 7}, {8}};
      const auto results = beam_search(*scorer, sources, options);
      ASSERT_EQ(results.size(), 2U);
      for (const auto& hypotheses : results) EXPECT_TRUE(hypotheses.empty());
    }
  }
}

}  // namespace
}  // namespace heed
