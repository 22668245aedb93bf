// The page in a browser: what scripts/check_page.py, which needs Python and Chromium, finds there.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <numeric>

#include "app/align/attention_json.h"
#include "app/align/pharaoh.h"
#include "app/align/unit_merge.h"
#include "app/report/attention_page.h"
#include "tests/support/run_heed.h"
#include "tests/support/temporary_folder.h"

namespace heed {
namespace {

using Units = std::vector<std::string>;

/// Rows that look like attention: all positive, each with a sum of 1.
AttentionMatrix make_matrix(AttentionKind kind, int layer, int head, std::size_t rows,
                            std::size_t columns) {
  AttentionMatrix matrix{kind, layer, head, static_cast<int>(rows), static_cast<int>(columns), {}};
  for (std::size_t row = 0; row < rows; ++row) {
    std::vector<float> weights;
    for (std::size_t column = 0; column < columns; ++column)
      weights.push_back(std::exp(
          3 * std::sin(static_cast<float>(7 * row + 3 * column +
                                          11 * static_cast<std::size_t>(head) + row * column))));
    const float sum = std::accumulate(weights.begin(), weights.end(), 0.0F);
    for (const float weight : weights) matrix.weights.push_back(weight / sum);
  }
  return matrix;
}

std::vector<AttentionMatrix> make_matrices(std::size_t src, std::size_t tgt) {
  std::vector<AttentionMatrix> matrices;
  for (int layer = 0; layer < 2; ++layer)
    for (int head = 0; head < 2; ++head) {
      matrices.push_back(make_matrix(AttentionKind::kEncoderSelf, layer, head, src, src));
      matrices.push_back(make_matrix(AttentionKind::kDecoderSelf, layer, head, tgt, tgt));
      matrices.push_back(make_matrix(AttentionKind::kCross, layer, head, tgt, src));
    }
  return matrices;
}

/// A record of the same words on both sides.
AttentionRecord make_record(std::size_t line, Units words) {
  AttentionRecord record;
  record.line = line;
  for (const std::string& word : words) record.src_text += word + " ";
  record.tgt_text = record.src_text;
  for (std::size_t i = 0; i < words.size(); i += 2)
    record.links.push_back({static_cast<int>(i), static_cast<int>(words.size() - 1 - i), 0.5});
  record.links = to_link_set(record.links);
  record.link_source = "alignment <b>head</b>";
  words.emplace_back("</s>");
  record.src_units = record.tgt_units = words;
  record.matrices = make_matrices(words.size(), words.size());
  return record;
}

/// Every word is two pieces, but for the last, which shares one with the word before it.
void add_pieces(AttentionRecord& record) {
  PieceDetail detail;
  const std::size_t words = record.src_units.size() - 1;
  for (std::size_t i = 0; i < words; ++i) {
    detail.src_pieces.push_back("\u2581" + record.src_units[i]);
    detail.src_units_of_piece.push_back({static_cast<int>(i)});
    detail.src_pieces.push_back("+" + std::to_string(i));
    detail.src_units_of_piece.push_back({static_cast<int>(i)});
  }
  if (words > 1) detail.src_units_of_piece[2 * words - 3].push_back(static_cast<int>(words - 1));
  detail.src_pieces.emplace_back("</s>");
  detail.src_units_of_piece.push_back({static_cast<int>(words)});
  detail.tgt_pieces = detail.src_pieces;
  detail.tgt_units_of_piece = detail.src_units_of_piece;
  detail.matrices = make_matrices(detail.src_pieces.size(), detail.src_pieces.size());
  const int units = static_cast<int>(words) + 1;
  const UnitMap map{units, detail.src_units_of_piece};
  UnitMap input{units, {{0}}};
  for (std::size_t i = 0; i + 1 < map.units_of_piece.size(); ++i) {
    input.units_of_piece.push_back(map.units_of_piece[i]);
    for (int& unit : input.units_of_piece.back()) ++unit;
  }
  record.matrices.clear();
  for (const AttentionMatrix& matrix : detail.matrices)
    record.matrices.push_back(
        merge_to_units(matrix, map, matrix.kind == AttentionKind::kDecoderSelf ? input : map));
  for (const std::string& piece : detail.tgt_pieces) {
    auto& step = record.decoding.steps.emplace_back();
    const bool is_last = piece == "</s>";
    step.push_back({piece, -0.1, -0.1, 1, 0,
                    is_last ? StepCandidate::Fate::kFinished : StepCandidate::Fate::kKept,
                    is_last ? -1 : 0, true});
    step.push_back({"<b>other</b>", -2.5, -2.5, 2, 0, StepCandidate::Fate::kDropped});
  }
  record.decoding.beam_size = 1;
  record.decoding.length_penalty = 1.0;
  record.pieces = std::move(detail);
}

void add_attributions(AttentionRecord& record) {
  const int rows = static_cast<int>(record.tgt_units.size());
  const int columns = static_cast<int>(record.src_units.size()) - 1;
  for (const auto method : {AttributionMethod::kAttention, AttributionMethod::kOcclusion,
                            AttributionMethod::kGradient}) {
    AttributionMatrix matrix{method, rows, columns, {}};
    for (int i = 0; i < rows * columns; ++i)
      matrix.scores.push_back(
          std::round(
              4 * std::sin(static_cast<float>(i * (2 + static_cast<int>(method)) + i / columns))) /
          4);  // with ties
    record.attributions.push_back(std::move(matrix));
  }
}

/// Writes the page and, for comparison, JSON and Pharaoh; then looks at it in a browser.
void expect_sound(const std::vector<AttentionRecord>& records) {
  const TemporaryFolder folder;
  PageOptions options{"</title><script>alert(1)</script>", "<img src=x onerror=alert(2)>", {}, 0};
  HeadRoleMeter meter;
  for (const AttentionRecord& record : records) meter.add(record);
  options.roles = meter.roles();
  options.role_sentences = meter.sentences();
  std::ofstream page(folder / "page.html"), json(folder / "page.json"),
      links(folder / "page.links");
  write_attention_page(page, records, options);
  for (const AttentionRecord& record : records) {
    write_attention_json(json, record);
    links << format_pharaoh(record.links, {}) << '\n';
  }
  page.close();
  json.close();
  links.close();
  const auto script = std::filesystem::path(HEED_SOURCE_DIR) / "scripts" / "check_page.py";
  const std::string command =
      fmt::format("cd {} && python3 {} page.html --json page.json --pharaoh page.links >out 2>&1",
                  shell_quoted(folder.path().string()), shell_quoted(script.string()));
  const int status = std::system(command.c_str());
  const std::string said = read_file(folder / "out");
  EXPECT_EQ(status, 0) << said;
  if (said.starts_with("skipped")) GTEST_SKIP() << said;
}

TEST(AttentionPageBrowserTest, ShowsWhatTheRecordsSay) {
  AttentionRecord pieces = make_record(1, {"the", "cat", "sat", "here", "."});
  add_pieces(pieces);
  add_attributions(pieces);
  AttentionRecord gold = make_record(2, {"猫", "は", "座り", "ました"});
  gold.gold_sure = {{0, 3}, {1, 1}};
  gold.gold_possible = {{0, 3}, {1, 1}, {3, 3}};
  AttentionRecord bare = make_record(3, {"no", "attention"});
  bare.matrices.clear();
  expect_sound({pieces, gold, bare, make_record(4, {})});
}

TEST(AttentionPageBrowserTest, HostileAndLongTextIsTextAllTheSame) {
  AttentionRecord markup =
      make_record(1, {"</script><img", "src=x", "onerror=alert(1)>", "<!--<script>", "&amp;",
                      "\u2028\u2029", "__proto__", "constructor", "\"'`${alert(1)}"});
  add_pieces(markup);
  Units many;
  for (int i = 0; i < 200; ++i) many.push_back(i % 9 == 0 ? "<b>" : "word" + std::to_string(i));
  expect_sound({markup,
                make_record(2, {"שלום", "עולם", "\u202Eمرحبا", "e\u0301\u0323z\u0351\u036B",
                                "👩\u200D👩\u200D👧", "🏳\uFE0F\u200D🌈", "\x01\x7F"}),
                make_record(3, many)});
}

}  // namespace
}  // namespace heed
