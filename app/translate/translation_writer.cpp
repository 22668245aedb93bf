#include "app/translate/translation_writer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "app/align/pharaoh.h"
#include "data/line_breaks.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

Json words_of(const std::string& text) {
  Json words = Json::array();
  for (const TextUnit& unit : split_words(text)) words.push_back(unit.text);
  return words;
}

Json describe(const Translation& translation) {
  Json pieces = Json::array();
  for (const Piece& piece : translation.pieces) pieces.push_back(piece.text);
  Json object{{"translation", translation.text},
              {"score", translation.hypothesis.score},
              {"log_probability", translation.hypothesis.log_prob},
              {"words", words_of(translation.text)},
              {"pieces", pieces},
              {"tokens", translation.hypothesis.tokens}};
  object["alignment"] = Json::array();
  for (const Link& link : translation.links)
    object["alignment"].push_back({link.src, link.tgt, link.probability});
  return object;
}

Json describe_with_markup(const MarkupTranslation& result, std::size_t index) {
  Json object = describe(result.translations[index]);
  object["translation_text"] = std::exchange(object["translation"], result.lines[index]);
  return object;
}

/// `text` is what the model read of `source`, in parts.
Json describe_source(std::size_t line, const std::string& source, const std::string& text,
                     const std::vector<TranslatedPart>& parts, const Tokenizer& tokenizer) {
  Json pieces = Json::array();
  for (const TranslatedPart& part : parts)
    for (const Piece& piece : tokenizer.encode_pieces(part.src.of(text)))
      pieces.push_back(piece.text);
  return {{"line", line},
          {"source", source},
          {"source_words", words_of(text)},
          {"source_pieces", pieces}};
}

void write_json(std::ostream& out, const Json& object) {
  out << json_on_one_line(object.dump(-1, ' ', false, Json::error_handler_t::replace)) << '\n';
}

}  // namespace

TranslationWriter::TranslationWriter(std::ostream& out, WriterOptions options,
                                     const Tokenizer& src_tokenizer)
    : out_(out), options_(options), src_tokenizer_(src_tokenizer) {}

void TranslationWriter::write(const LineBlock& block,
                              const std::vector<std::vector<Translation>>& results) {
  for (std::size_t i = 0; i < block.size(); ++i)
    write_line(block.first_line + i, block.lines[i], results[i]);
}

void TranslationWriter::write(const LineBlock& block,
                              const std::vector<MarkupTranslation>& results) {
  for (std::size_t i = 0; i < block.size(); ++i)
    write_line(block.first_line + i, block.lines[i], results[i]);
}

void TranslationWriter::write_line(std::size_t line, const std::string& source,
                                   const std::vector<Translation>& results) {
  write_views(results.front());
  std::vector<std::string> lines;
  for (const Translation& translation : results) lines.push_back(translation.text);
  if (!options_.json) return write_plain(line, results, lines);
  Json object = describe_source(line, source, source, results.front().parts, src_tokenizer_);
  object.update(describe(results.front()));
  if (options_.n_best) {
    object["n_best"] = Json::array();
    for (const Translation& translation : results)
      object["n_best"].push_back(describe(translation));
  }
  write_json(out_, object);
}

void TranslationWriter::write_line(std::size_t line, const std::string& source,
                                   const MarkupTranslation& result) {
  write_views(result.translations.front());
  if (!options_.json) return write_plain(line, result.translations, result.lines);
  Json object = describe_source(line, source, result.source_text, result.translations.front().parts,
                                src_tokenizer_);
  object["source_text"] = result.source_text;
  object.update(describe_with_markup(result, 0));
  if (options_.n_best) {
    object["n_best"] = Json::array();
    for (std::size_t i = 0; i < result.lines.size(); ++i)
      object["n_best"].push_back(describe_with_markup(result, i));
  }
  write_json(out_, object);
}

void TranslationWriter::write_views(const Translation& best) {
  if (page_ == nullptr) return;
  for (const AttentionRecord& record : best.views) page_->write(record);
}

void TranslationWriter::write_plain(std::size_t line, const std::vector<Translation>& results,
                                    const std::vector<std::string>& lines) {
  if (!options_.n_best) {
    out_ << on_one_line(lines.front()) << links(results.front()) << '\n';
    return;
  }
  for (std::size_t i = 0; i < results.size(); ++i)
    out_ << fmt::format("{} ||| {} ||| {:.4f}{}\n", line - 1, on_one_line(lines[i]),
                        results[i].hypothesis.score, links(results[i]));
}

std::string TranslationWriter::links(const Translation& translation) const {
  if (options_.alignments == AlignmentOutput::kNone) return "";
  PharaohFormat format;
  format.probabilities = options_.alignments == AlignmentOutput::kSoft;
  return " ||| " + format_pharaoh(translation.links, format);
}

}  // namespace heed
