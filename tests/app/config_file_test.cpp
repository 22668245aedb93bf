#include "app/config/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config/fields.h"
#include "app/errors.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

class ConfigFile : public ::testing::Test {
 protected:
  RunConfig read(std::string_view text, std::vector<std::string> settings = {}) const {
    return read_config(folder_.write("c.toml", text), settings);
  }

  std::string error_of(std::string_view text, std::vector<std::string> settings = {}) const {
    try {
      read(text, std::move(settings));
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }

  TemporaryFolder folder_;
};

TEST_F(ConfigFile, WhatIsFormattedIsReadBack) {
  RunConfig config;
  config.data.train_src = {"a \"quoted\" name", "b\\c"};
  config.model.norm = NormPosition::kPost;
  config.model.tying = Tying::kDecoder;
  config.optimizer.schedule.schedule = Schedule::kCosine;
  config.training.max_minutes = 2.5;
  config.model.ffn_dropout = 0.25;
  config.tokenizer.byte_fallback = false;
  config.optimizer.update.adam.epsilon = 1e-9;
  config.alignment.reverse = {{{1, 0}, {3}}, LinkStep::kConsume};
  const std::string text = format_config(config);
  const RunConfig again = read(text);
  EXPECT_EQ(format_config(again), text);
  EXPECT_EQ(again.data.train_src, config.data.train_src);
  EXPECT_EQ(again.model.norm, NormPosition::kPost);
  EXPECT_EQ(again.optimizer.update.adam.epsilon, 1e-9);
  EXPECT_EQ(again.alignment.reverse, config.alignment.reverse);
  EXPECT_EQ(again.alignment.forward, AttentionReading{});
}

TEST_F(ConfigFile, EveryFieldIsWrittenUnderItsNameOnce) {
  RunConfig config;
  std::set<std::string> names;
  for (const Field& field : fields_of(config))
    EXPECT_TRUE(names.insert(field.name()).second) << field.name();
}

TEST_F(ConfigFile, SettingsWinOverTheFile) {
  const RunConfig config =
      read("[training]\nseed = 1\n",
           {"training.seed=7", "data.src_lang=Old English", "model.dropout=0.3"});
  EXPECT_EQ(config.training.seed, 7);
  EXPECT_EQ(config.data.src_lang, "Old English");
  EXPECT_EQ(config.model.attention_dropout, 0.3);
}

TEST_F(ConfigFile, AKeyOfItsOwnWinsOverTheShorthand) {
  const RunConfig config = read("[model]\nffn_dropout = 0.5\ndropout = 0.1\n");
  EXPECT_EQ(config.model.ffn_dropout, 0.5);
  EXPECT_EQ(config.model.residual_dropout, 0.1);
}

TEST_F(ConfigFile, ALengthPenaltyThatIsGivenIsNotToBeChosen) {
  EXPECT_TRUE(read("").validation.choose_length_penalty);
  EXPECT_FALSE(read("[search]\nlength_penalty = 1.0\n").validation.choose_length_penalty);
  EXPECT_FALSE(read("", {"search.length_penalty=1"}).validation.choose_length_penalty);
  EXPECT_TRUE(read("", {"search.length_penalty=1", "validation.choose_length_penalty=true"})
                  .validation.choose_length_penalty);
}

TEST_F(ConfigFile, OneFileNeedsNoList) {
  EXPECT_EQ(read("[data]\ntrain_src = 'x'\n").data.train_src, std::vector<std::string>{"x"});
}

TEST_F(ConfigFile, ErrorsNameFileLineValueAndTheWayOut) {
  EXPECT_THAT(error_of("[model]\nd_modell = 8\n"),
              HasSubstr("c.toml:2: unknown key model.d_modell; did you mean model.d_model?"));
  EXPECT_THAT(error_of("\n[trainign]\nseed = 1\n"), HasSubstr("did you mean [training]?"));
  EXPECT_THAT(error_of("[model]\n\nnorm = 'middle'\n"),
              HasSubstr("c.toml:3: model.norm = 'middle' is not one of pre, post"));
  EXPECT_THAT(error_of("[model]\nd_model = '8'\n"), HasSubstr("is not a whole number"));
  EXPECT_THAT(error_of("[model]\ndropout = 1.5\n"), HasSubstr("valid is 0 to 0.95"));
  EXPECT_THAT(error_of("[model]\nd_model = 0\n"), HasSubstr("the least is 2"));
  EXPECT_THAT(error_of("[data]\ntrain_src = [1]\n"), HasSubstr("list of strings"));
  EXPECT_THAT(error_of("[model\n"), HasSubstr("c.toml:1"));
  EXPECT_THAT(error_of("model = 3\n"), HasSubstr("must be a section"));
  EXPECT_THAT(error_of("", {"seed=1"}), HasSubstr("section.key=value"));
  EXPECT_THAT(error_of("", {"training.seed=soon"}), HasSubstr("is not a whole number"));
}

TEST_F(ConfigFile, ACosineNeedsUpdatesAfterItsWarmUp) {
  const std::string text =
      "[optimizer]\nschedule = \"cosine\"\nwarmup_updates = 500\n[training]\nmax_updates = 500\n";
  EXPECT_THAT(error_of(text), HasSubstr("optimizer.warmup_updates = 500"));
  EXPECT_EQ(error_of(text, {"training.max_updates=501"}), "");
  EXPECT_EQ(error_of(text, {"optimizer.schedule=inverse_sqrt"}), "");
}

TEST_F(ConfigFile, AMissingFileIsNamed) {
  try {
    read_config(folder_ / "none.toml");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("none.toml"));
  }
}

}  // namespace
}  // namespace heed
