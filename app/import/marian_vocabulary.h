#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace heed {

/// A vocabulary in heed's order: pad, unk, bos, eos, then the others as they were. The decoder of a
/// MarianMTModel starts from its pad, which is thus heed's bos; heed's own pad is new.
struct MarianVocabulary {
  static constexpr std::int64_t kNoRow = -1;

  std::vector<std::string> pieces;  // by heed's id; empty: a row without a piece
  std::vector<std::int64_t> rows;   // by heed's id: the Hugging Face id; kNoRow for heed's pad
  std::size_t unnamed_rows = 0;     // rows that no piece has

  std::int64_t size() const { return static_cast<std::int64_t>(rows.size()); }
};

/// Which ids the special tokens must have.
struct MarianSpecialIds {
  std::int64_t pad = 0;
  std::int64_t eos = 0;
};

/// Reads a vocab.json, {"piece": id}, of a table of `rows` embeddings. Throws std::runtime_error
/// naming the file where it is damaged, has an id outside of the table or one id twice, lacks
/// <unk>, <pad> or </s>, or has the last two at other ids than `expected`.
MarianVocabulary read_marian_vocabulary(const std::filesystem::path& path, std::int64_t rows,
                                        const std::optional<MarianSpecialIds>& expected);

}  // namespace heed
