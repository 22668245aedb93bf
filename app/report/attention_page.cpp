#include "app/report/attention_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "app/align/alignment_error_rate.h"
#include "app/align/attention_json.h"
#include "attention_page_script.h"
#include "attention_page_style.h"
#include "attention_page_template.h"
#include "data/line_breaks.h"
#include "data/markup.h"
#include "data/replace_all.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kTitleMark = "@@TITLE@@";
constexpr std::string_view kStyleMark = "@@STYLE@@";
constexpr std::string_view kDataMark = "@@DATA@@";
constexpr std::string_view kScriptMark = "@@SCRIPT@@";
constexpr float kWeightScale = 65535.0F;

// JSON that may stand inside a script element: no end tag, comment or entity can appear in it. The
// characters only occur inside of JSON strings, where \u escapes mean the same.
std::string dump_for_script(const Json& json) {
  std::string text = json_on_one_line(json.dump(-1, ' ', false, Json::error_handler_t::replace));
  for (const auto& [character, escape] :
       {std::pair{"<", "\\u003c"}, std::pair{">", "\\u003e"}, std::pair{"&", "\\u0026"}})
    text = replace_all(text, character, escape);
  return text;
}

// Two bytes a weight, lowest first.
std::string to_bytes(const std::vector<float>& weights) {
  std::string bytes;
  bytes.reserve(2 * weights.size());
  for (const float weight : weights) {
    const float share = std::isfinite(weight) ? std::clamp(weight, 0.0F, 1.0F) : 0.0F;
    const auto scaled = static_cast<unsigned>(std::lround(share * kWeightScale));
    bytes += static_cast<char>(scaled & 0xFFU);
    bytes += static_cast<char>(scaled >> 8U);
  }
  return bytes;
}

// RFC 4648, section 4.
std::string to_base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    unsigned group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8U | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= count ? kDigits[group >> (18 - 6 * i) & 63U] : '=';
  }
  return text;
}

Json scores_to_json(const AttentionRecord& record) {
  const AlignmentCounts counts =
      count_alignment(record.links, {record.gold_sure, record.gold_possible});
  return {{"aer", counts.alignment_error_rate()},
          {"precision", counts.precision()},
          {"recall", counts.recall()}};
}

Json record_to_json(const AttentionRecord& record) {
  check_record(record);
  Json json = describe_record(record);
  if (!record.gold_possible.empty()) json["scores"] = scores_to_json(record);
  if (!record.attributions.empty()) json["attribution"] = attributions_to_json(record.attributions);
  json["attention"] = Json::array();
  for (const AttentionMatrix& matrix : record.pieces ? record.pieces->matrices : record.matrices) {
    json["attention"].push_back({{"kind", attention_kind_name(matrix.kind)},
                                 {"layer", matrix.layer},
                                 {"head", matrix.head},
                                 {"weights", to_base64(to_bytes(matrix.weights))}});
  }
  return json;
}

// One record at a time, so that memory holds the text of one only.
void write_data(std::ostream& out, std::span<const AttentionRecord> records,
                const PageOptions& options) {
  const Json head = {{"title", options.title},
                     {"description", options.description},
                     {"weight_scale", static_cast<int>(kWeightScale)},
                     {"role_sentences", options.role_sentences},
                     {"roles", head_roles_to_json(options.roles)}};
  std::string text = dump_for_script(head);
  text.pop_back();  // the closing brace: the records go inside
  out << text << ",\"records\":[";
  for (std::size_t i = 0; i < records.size(); ++i) {
    out << (i == 0 ? "\n" : ",\n") << dump_for_script(record_to_json(records[i]));
  }
  out << "\n]}";
}

}  // namespace

void write_attention_page(std::ostream& out, std::span<const AttentionRecord> records,
                          const PageOptions& options) {
  std::string_view rest = kAttentionPageTemplate;
  const auto write_up_to = [&](std::string_view mark) {
    const std::size_t place = rest.find(mark);
    if (place == rest.npos)
      throw std::logic_error(fmt::format("the page template lacks its mark {}", mark));
    out << rest.substr(0, place);
    rest.remove_prefix(place + mark.size());
  };
  write_up_to(kTitleMark);
  out << escape_markup(options.title);
  write_up_to(kStyleMark);
  out << kAttentionPageStyle;
  write_up_to(kDataMark);
  write_data(out, records, options);
  write_up_to(kScriptMark);
  out << kAttentionPageScript << rest;
}

}  // namespace heed
