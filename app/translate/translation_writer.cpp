#include "app/translate/translation_writer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/align/pharaoh.h"

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
  for (const Link& link : translation.alignment.links)
    object["alignment"].push_back({link.src, link.tgt, link.probability});
  return object;
}

}  // namespace

TranslationWriter::TranslationWriter(std::ostream& out, WriterOptions options,
                                     const Tokenizer& src_tokenizer)
    : out_(out), options_(options), src_tokenizer_(src_tokenizer) {}

void TranslationWriter::add_page(RecordWriter& page, std::size_t lines) {
  page_ = &page;
  page_lines_ = lines;
}

void TranslationWriter::write(std::size_t line, const std::string& source,
                              const std::vector<Translation>& results) {
  if (line <= page_lines_) page_->write(results.front().alignment);
  if (options_.json) return write_json(line, source, results);
  if (!options_.n_best) {
    out_ << results.front().text << links(results.front()) << '\n';
    return;
  }
  for (const Translation& translation : results)
    out_ << fmt::format("{} ||| {} ||| {:.4f}{}\n", line - 1, translation.text,
                        translation.hypothesis.score, links(translation));
}

std::string TranslationWriter::links(const Translation& translation) const {
  if (options_.alignments == AlignmentOutput::kNone) return "";
  PharaohFormat format;
  format.probabilities = options_.alignments == AlignmentOutput::kSoft;
  return " ||| " + format_pharaoh(translation.alignment.links, format);
}

void TranslationWriter::write_json(std::size_t line, const std::string& source,
                                   const std::vector<Translation>& results) {
  Json source_pieces = Json::array();
  for (const Piece& piece : src_tokenizer_.encode_pieces(source))
    source_pieces.push_back(piece.text);
  Json object{{"line", line},
              {"source", source},
              {"source_words", words_of(source)},
              {"source_pieces", source_pieces}};
  object.update(describe(results.front()));
  if (options_.n_best) {
    object["n_best"] = Json::array();
    for (const Translation& translation : results)
      object["n_best"].push_back(describe(translation));
  }
  out_ << object.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace heed
