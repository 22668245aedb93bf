#include "app/report/attention_page.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>
#include <stdexcept>
#include <string_view>

#include "app/align/attention_json.h"
#include "attention_page_template.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kTitleMark = "@@TITLE@@";
constexpr std::string_view kDataMark = "@@DATA@@";
constexpr float kWeightScale = 10000.0F;  // weights become integers: half the size of decimals

std::string escape_html(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// JSON that may stand inside a script element: no end tag, comment or entity can appear in it. The
// characters only occur inside of JSON strings, where \u escapes mean the same.
std::string dump_for_script(const Json& json) {
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  replace_all(text, "<", "\\u003c");
  replace_all(text, ">", "\\u003e");
  replace_all(text, "&", "\\u0026");
  replace_all(text, "\xE2\x80\xA8", "\\u2028");
  replace_all(text, "\xE2\x80\xA9", "\\u2029");
  return text;
}

int scaled(float weight) {
  if (!std::isfinite(weight)) return 0;
  return static_cast<int>(std::lround(std::clamp(weight, 0.0F, 1.0F) * kWeightScale));
}

Json record_to_json(const AttentionRecord& record) {
  check_record(record);
  Json json = describe_record(record);
  json["attention"] = Json::array();
  for (const AttentionMatrix& matrix : record.matrices) {
    Json weights = Json::array();
    for (const float weight : matrix.weights) weights.push_back(scaled(weight));
    json["attention"].push_back({{"kind", attention_kind_name(matrix.kind)},
                                 {"layer", matrix.layer},
                                 {"head", matrix.head},
                                 {"weights", std::move(weights)}});
  }
  return json;
}

// One record at a time, so that memory holds the text of one only.
void write_data(std::ostream& out, std::span<const AttentionRecord> records,
                const PageOptions& options) {
  const Json head = {{"title", options.title},
                     {"description", options.description},
                     {"weight_scale", static_cast<int>(kWeightScale)}};
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
  const std::string_view page = kAttentionPageTemplate;
  const std::size_t title = page.find(kTitleMark);
  const std::size_t data = page.find(kDataMark);
  if (title == page.npos || data == page.npos || data < title) {
    throw std::logic_error("the page template lacks its title or data mark");
  }
  const std::size_t after_title = title + kTitleMark.size();
  out << page.substr(0, title) << escape_html(options.title)
      << page.substr(after_title, data - after_title);
  write_data(out, records, options);
  out << page.substr(data + kDataMark.size());
}

}  // namespace heed
