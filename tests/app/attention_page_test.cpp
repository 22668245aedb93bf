#include "app/report/attention_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace heed {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kHostile =
    "</script><img src=x onerror=alert(1)><!--<script> & ]]> \xE2\x80\xA8\xE2\x80\xA9 @@DATA@@ "
    "@@TITLE@@";

AttentionRecord make_record(const std::string& text) {
  AttentionRecord record;
  record.line = 1;
  record.src_text = text;
  record.tgt_text = text;
  record.src_units = {text, "</s>"};
  record.tgt_units = {text, "</s>"};
  record.matrices.push_back({AttentionKind::kCross, 0, 0, 2, 2, {0.25F, 0.75F, 1.0F, NAN}});
  record.links = {{0, 0, 0.25}};
  return record;
}

std::string write(const std::vector<AttentionRecord>& records, const PageOptions& options = {}) {
  std::ostringstream out;
  write_attention_page(out, records, options);
  return out.str();
}

// What lies between the tags of the data block, as a browser would find it.
std::string data_block(const std::string& page) {
  const std::string open = "<script type=\"application/json\" id=\"heed-data\">";
  const std::size_t begin = page.find(open) + open.size();
  return page.substr(begin, page.find("</script", begin) - begin);
}

TEST(AttentionPageTest, HoldsTheRecordsAsJson) {
  const auto data = nlohmann::json::parse(
      data_block(write({make_record("one"), make_record("two")}, {"Title", "a model"})));
  EXPECT_EQ(data["title"], "Title");
  EXPECT_EQ(data["description"], "a model");
  ASSERT_EQ(data["records"].size(), 2U);
  EXPECT_EQ(data["records"][1]["source"], "two");
  // 0x4000, 0xBFFF, 0xFFFF and 0 (not a number), lowest byte first.
  EXPECT_EQ(data["records"][0]["attention"][0]["weights"], "AED/v///AAA=");
  EXPECT_EQ(data["weight_scale"], 65535);
}

TEST(AttentionPageTest, HoldsTheWeightsOfPiecesWhereThereAreSuch) {
  AttentionRecord record = make_record("ab");
  record.pieces = PieceDetail{{"a", "b", "</s>"},
                              {"ab", "</s>"},
                              {{0}, {0}, {1}},
                              {{0}, {1}},
                              {{AttentionKind::kCross, 0, 0, 2, 3, {0, 0, 1, 1, 0, 0}}}};
  const auto data = nlohmann::json::parse(data_block(write({record})));
  EXPECT_EQ(data["records"][0]["attention"].size(), 1U);
  EXPECT_EQ(data["records"][0]["attention"][0]["weights"], "AAAAAP////8AAAAA");
  EXPECT_EQ(data["records"][0]["pieces"]["source_units"].dump(), "[[0],[0],[1]]");
  record.pieces->matrices[0].columns = 2;
  EXPECT_THROW(write({record}), std::invalid_argument);
}

TEST(AttentionPageTest, HoldsTheScoresAgainstGold) {
  AttentionRecord record = make_record("a");
  EXPECT_FALSE(nlohmann::json::parse(data_block(write({record})))["records"][0].contains("scores"));
  record.gold_sure = record.gold_possible = {{0, 0}};
  const auto data = nlohmann::json::parse(data_block(write({record})));
  EXPECT_EQ(data["records"][0]["scores"]["aer"], 0.0);
  EXPECT_EQ(data["records"][0]["scores"]["recall"], 1.0);
}

TEST(AttentionPageTest, HostileTextStaysText) {
  const std::string page = write({make_record(kHostile)}, {kHostile, kHostile});
  const std::string block = data_block(page);
  EXPECT_EQ(block.find_first_of("<>&"), std::string::npos);
  EXPECT_THAT(block, Not(HasSubstr("\xE2\x80\xA8")));
  const auto data = nlohmann::json::parse(block);
  EXPECT_EQ(data["title"], kHostile);
  EXPECT_EQ(data["records"][0]["source_units"][0], kHostile);
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, HasSubstr("<title>&lt;/script&gt;&lt;img"));
}

TEST(AttentionPageTest, ItsMarkupDoesNotDependOnTheText) {
  const auto without_text = [](std::string page) {
    page.erase(page.find("<title>"), page.find("</title>") - page.find("<title>"));
    return page.erase(page.find(data_block(page)), data_block(page).size());
  };
  EXPECT_EQ(without_text(write({make_record(kHostile)}, {kHostile, kHostile})),
            without_text(write({make_record("a")}, {"b", "c"})));
}

TEST(AttentionPageTest, AsksNothingOfTheNetwork) {
  const std::string page = write({make_record("a")});
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  // The name of the SVG namespace is the one address, and nothing is fetched from a namespace.
  const std::string shown = std::regex_replace(page, std::regex("http://www.w3.org/2000/svg"), "");
  EXPECT_FALSE(std::regex_search(shown, std::regex("https?:|url\\(|@import|\\bfetch\\(")));
  EXPECT_THAT(page, Not(HasSubstr("innerHTML")));
}

TEST(AttentionPageTest, TakesNoRecordsAndBytesThatAreNotUtf8) {
  EXPECT_TRUE(nlohmann::json::parse(data_block(write({})))["records"].empty());
  const auto data = nlohmann::json::parse(data_block(write({make_record("\xFF\xC0\x80")})));
  EXPECT_THAT(data["records"][0]["source"].get<std::string>(), HasSubstr("\xEF\xBF\xBD"));
}

TEST(AttentionPageTest, RefusesAnInconsistentRecord) {
  AttentionRecord record = make_record("a");
  record.matrices[0].columns = 3;
  EXPECT_THROW(write({record}), std::invalid_argument);
}

}  // namespace
}  // namespace heed
