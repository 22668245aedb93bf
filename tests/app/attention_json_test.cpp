#include "app/align/attention_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

namespace heed {
namespace {

using namespace std::string_literals;

AttentionRecord make_record() {
  AttentionRecord record;
  record.line = 4;
  record.src_text = "ねこ が";
  record.tgt_text = "cat";
  record.unit_kind = UnitKind::kWord;
  record.src_units = {"ねこ", "が", "</s>"};
  record.tgt_units = {"cat", "</s>"};
  record.matrices.push_back({AttentionKind::kCross,
                             0,
                             1,
                             2,
                             3,
                             {0.123456789F, 0.876543211F, 0.0F, 1.0F / 3, 1.0F / 3, 1.0F / 3}});
  record.links = {{0, 0, 0.75}};
  record.log_probability = -1.25;
  record.link_source = "alignment head";
  return record;
}

std::string write(const AttentionRecord& record) {
  std::ostringstream out;
  write_attention_json(out, record);
  return out.str();
}

TEST(AttentionJsonTest, IsOneLineWithAllThatTheRecordHas) {
  EXPECT_EQ(
      write(make_record()),
      R"({"line":4,"source":"ねこ が","target":"cat","unit":"word",)"
      R"("source_units":["ねこ","が","</s>"],"target_units":["cat","</s>"],)"
      R"("target_input_units":["<s>","cat"],"log_probability":-1.25,"link_source":"alignment head",)"
      R"("links":[[0,0,0.75]],)"
      R"("attention":[{"kind":"cross","layer":0,"head":1,)"
      R"("weights":[[0.123457,0.876543,0.0],[0.333333,0.333333,0.333333]]}]})"
      "\n");
}

TEST(AttentionJsonTest, WritesAttributionsAndHowFarTheyAgree) {
  AttentionRecord record = make_record();
  record.attributions = {{AttributionMethod::kAttention, 2, 2, {0.25F, 0.5F, 0.1F, 0.2F}},
                         {AttributionMethod::kOcclusion, 2, 2, {3.5F, -0.25F, 0, 1}}};
  const auto json = nlohmann::json::parse(write(record));
  EXPECT_EQ(json["attribution"].dump(),
            R"([{"method":"attention","scores":[[0.25,0.5],[0.1,0.2]]},)"
            R"({"method":"occlusion","scores":[[3.5,-0.25],[0.0,1.0]]}])");
  EXPECT_EQ(json["attribution_agreement"].dump(),
            R"([{"methods":["attention","occlusion"],"rank_correlation":-1.0,)"
            R"("same_strongest":0,"target_units":1}])");
  record.attributions[0].scores = {0.5F, 0.5F, 0, 0};
  EXPECT_TRUE(nlohmann::json::parse(write(record))["attribution_agreement"][0]["rank_correlation"]
                  .is_null());
  record.attributions.pop_back();
  EXPECT_FALSE(nlohmann::json::parse(write(record)).contains("attribution_agreement"));
}

TEST(AttentionJsonTest, WritesGoldWhereThereIsSome) {
  AttentionRecord record = make_record();
  record.gold_possible = {{0, 0}, {1, 0}};
  record.gold_sure = {{1, 0}};
  const auto json = nlohmann::json::parse(write(record));
  EXPECT_EQ(json["gold_sure"].dump(), "[[1,0]]");
  EXPECT_EQ(json["gold_possible"].dump(), "[[0,0],[1,0]]");
}

TEST(AttentionJsonTest, WritesHowTheOutputCameAboutAndWhatItDependsOn) {
  AttentionRecord record = make_record();
  record.decoding.beam_size = 2;
  record.decoding.length_penalty = 1.0;
  record.decoding.steps = {
      {{"cat", std::log(0.75), -0.3, 1, 0, StepCandidate::Fate::kKept, 0, true},
       {"dog", std::log(0.25), -1.4, 2, 0}}};
  record.attributions = {{AttributionMethod::kOcclusion, 2, 2, {0.5F, -1.0F, 0.0F, 2.0F}}};
  const auto json = nlohmann::json::parse(write(record));
  EXPECT_EQ(json["decoding"].dump(),
            R"({"beam_size":2,"length_penalty":1.0,"steps":[[)"
            R"({"fate":"kept","hypothesis":0,"log_probability":-0.3,"output":true,"piece":"cat",)"
            R"("place":0,"probability":0.75,"rank":1},)"
            R"({"fate":"dropped","hypothesis":0,"log_probability":-1.4,"piece":"dog",)"
            R"("probability":0.25,"rank":2}]]})");
  EXPECT_EQ(json["attribution"].dump(),
            R"([{"method":"occlusion","scores":[[0.5,-1.0],[0.0,2.0]]}])");
}

TEST(AttentionJsonTest, AnyTextAndAnyNumberStayValidJsonOnOneLine) {
  AttentionRecord record = make_record();
  const std::string hostile = "\"\\\n\r\t\0\x01\x7F\xFF\xC0\xAF\xED\xA0\x80 \xE2\x80\xA8</script>"s;
  record.src_text = hostile;
  record.src_units[0] = hostile;
  record.matrices[0].weights[0] = std::numeric_limits<float>::quiet_NaN();
  record.matrices[0].weights[1] = std::numeric_limits<float>::infinity();
  const std::string text = write(record);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["source"], json["source_units"][0]);
  EXPECT_NE(json["source"].get<std::string>().find("\xEF\xBF\xBD"), std::string::npos);
  EXPECT_TRUE(json["attention"][0]["weights"][0][0].is_null());
  EXPECT_TRUE(json["attention"][0]["weights"][0][1].is_null());
}

TEST(AttentionRecordTest, NamesRowsAndColumns) {
  const AttentionRecord record = make_record();
  using Units = std::vector<std::string>;
  EXPECT_EQ(row_units(record, AttentionKind::kCross), (Units{"cat", "</s>"}));
  EXPECT_EQ(column_units(record, AttentionKind::kCross), (Units{"ねこ", "が", "</s>"}));
  EXPECT_EQ(row_units(record, AttentionKind::kEncoderSelf), (Units{"ねこ", "が", "</s>"}));
  EXPECT_EQ(column_units(record, AttentionKind::kEncoderSelf), (Units{"ねこ", "が", "</s>"}));
  EXPECT_EQ(row_units(record, AttentionKind::kDecoderSelf), (Units{"cat", "</s>"}));
  EXPECT_EQ(column_units(record, AttentionKind::kDecoderSelf), (Units{"<s>", "cat"}));
}

TEST(AttentionRecordTest, RefusesWhatDoesNotFitTogether) {
  EXPECT_NO_THROW(check_record(make_record()));
  AttentionRecord record = make_record();
  record.matrices[0].weights.pop_back();
  EXPECT_THROW(write(record), std::invalid_argument);
  record = make_record();
  record.matrices[0].kind = AttentionKind::kEncoderSelf;
  EXPECT_THROW(write(record), std::invalid_argument);
  record = make_record();
  record.links = {{2, 0}};  // the end of the sentence
  EXPECT_THROW(write(record), std::invalid_argument);
  record = make_record();
  record.gold_possible = {{0, -1}};
  EXPECT_THROW(write(record), std::invalid_argument);
  record = make_record();
  record.attributions = {{AttributionMethod::kGradient, 2, 3, {1, 2, 3, 4, 5, 6}}};
  EXPECT_THROW(write(record), std::invalid_argument);
  record = make_record();
  record.decoding.steps = {{{"a"}, {"b"}}};  // none of them led to the output
  EXPECT_THROW(write(record), std::invalid_argument);
  record = make_record();
  record.pieces = PieceDetail{{"a", "</s>"}, {"b", "</s>"}, {{0}, {3}}, {{0}, {1}}, {}};
  EXPECT_THROW(write(record), std::invalid_argument);  // there is no unit 3
  EXPECT_THROW(check_record(AttentionRecord{}), std::invalid_argument);
}

}  // namespace
}  // namespace heed
