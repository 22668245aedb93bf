#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "data/tokenizer.h"
#include "data/utf8.h"
#include "tests/fuzz/fuzz_target.h"

namespace heed {
namespace {

// Letters, spaces, a tag, what normalization changes, what is no UTF-8.
const std::vector<std::string> kLines = {
    "",        "a", " hello  world ", ">>deu<< abc", "ﬁ Ｋyoto 京都 e\u0301", "\xFF z \xF0\x9F",
    "<s> </s>"};

void check_encoding(const Tokenizer& tokenizer, const std::string& line) {
  const std::vector<TokenId> ids = tokenizer.encode(line);
  const std::vector<Piece> pieces = tokenizer.encode_pieces(line);
  require_property(ids.size() == pieces.size(), "encode and encode_pieces agree");
  std::size_t end = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    require_property(ids[i] == pieces[i].id, "encode and encode_pieces agree");
    require_property(ids[i] >= 0 && ids[i] < tokenizer.vocab_size(), "ids are in the vocabulary");
    require_property(
        pieces[i].begin <= pieces[i].end && pieces[i].end <= line.size() && pieces[i].begin >= end,
        "pieces are ranges of the line, in order");
    end = pieces[i].end;
  }
  require_property(is_valid_utf8(tokenizer.decode(ids)), "decoded text is valid UTF-8");
}

void check_decoding(const Tokenizer& tokenizer) {
  std::vector<TokenId> ids;
  for (TokenId id = 0; id < std::min(tokenizer.vocab_size(), 300); ++id) ids.push_back(id);
  std::string text;
  const std::vector<Piece> pieces = tokenizer.decode_pieces(ids, text);
  require_property(pieces.size() == ids.size() && text == tokenizer.decode(ids),
                   "decode_pieces gives a piece an id");
  for (const Piece& piece : pieces)
    require_property(piece.begin <= piece.end && piece.end <= text.size(),
                     "pieces are ranges of the text");
}

void run(std::string_view input) {
  const std::filesystem::path path = file_of(input);
  std::optional<Tokenizer> tokenizer;
  if (!reads(path, [&] { tokenizer = Tokenizer::load(path); })) return;
  // Some strange vocabularies take no text, which SentencePiece finds out late, but tells.
  reads("SentencePiece could not", [&] {
    for (const std::string& line : kLines) check_encoding(*tokenizer, line);
  });
  reads("SentencePiece could not", [&] { check_decoding(*tokenizer); });
  for (const std::string& tag : tokenizer->language_tags())
    require_property(tag.starts_with(">>"), "tags are tags");
}

const FuzzRegistration kRegistration("tokenizer", run);

}  // namespace
}  // namespace heed
