#include "app/import/marian_vocabulary.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/import/json_file.h"

namespace heed {
namespace {

/// The pieces by their Hugging Face ids.
std::vector<std::string> pieces_by_id(const JsonFile& file, std::int64_t rows) {
  std::vector<std::string> pieces(static_cast<std::size_t>(rows));
  for (const auto& [piece, id] : file.root().items()) {
    if (!id.is_number_unsigned())
      file.fail(fmt::format("the id of \"{}\" is not a whole number", piece));
    const auto index = id.get<std::uint64_t>();
    if (index >= pieces.size())
      file.fail(
          fmt::format("\"{}\" has the id {}, but config.json says that there are {}; they don't "
                      "belong together",
                      piece, index, rows));
    if (!pieces[index].empty())
      file.fail(fmt::format("\"{}\" and \"{}\" both have the id {}", pieces[index], piece, index));
    pieces[index] = piece;
  }
  return pieces;
}

std::int64_t special_id(const JsonFile& file, const char* piece,
                        const std::optional<std::int64_t>& expected) {
  const auto found = file.root().find(piece);
  if (found == file.root().end()) file.fail(fmt::format("has no {}", piece));
  const auto id = found->get<std::int64_t>();
  if (id != expected.value_or(id))
    file.fail(fmt::format("{} has the id {}, but config.json says {}; they don't belong together",
                          piece, id, *expected));
  return id;
}

}  // namespace

MarianVocabulary read_marian_vocabulary(const std::filesystem::path& path, std::int64_t rows,
                                        const std::optional<MarianSpecialIds>& expected) {
  const JsonFile file(path);
  const std::vector<std::string> pieces = pieces_by_id(file, rows);
  const std::int64_t pad =
      special_id(file, "<pad>", expected ? std::optional(expected->pad) : std::nullopt);
  const std::int64_t eos =
      special_id(file, "</s>", expected ? std::optional(expected->eos) : std::nullopt);
  const std::int64_t unk = special_id(file, "<unk>", std::nullopt);
  MarianVocabulary vocabulary;
  vocabulary.rows = {MarianVocabulary::kNoRow, unk, pad, eos};
  for (std::int64_t row = 0; row < rows; ++row)
    if (row != unk && row != pad && row != eos) vocabulary.rows.push_back(row);
  for (const std::int64_t row : vocabulary.rows)
    vocabulary.pieces.push_back(row < 0 ? "" : pieces[static_cast<std::size_t>(row)]);
  vocabulary.unnamed_rows =
      static_cast<std::size_t>(std::count(pieces.begin(), pieces.end(), std::string()));
  return vocabulary;
}

}  // namespace heed
