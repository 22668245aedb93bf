#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace heed {

/// Checks the bytes of a SentencePiece model before SentencePiece reads them: it aborts the process
/// on some damage and reads outside of its buffers on other. The protocol buffer must be complete,
/// with pieces (no empty ones, no NUL, finite scores, valid UTF-8), a trainer and a normalizer;
/// every path through the normalizer's double-array trie must stay inside of it and of the table of
/// replacements.
///
/// Throws std::runtime_error with the reason alone; the caller adds the file's name.
void check_tokenizer_model(std::string_view bytes);

/// The bytes of a model file, not yet checked. Throws std::runtime_error naming the file when it
/// can't be read.
std::string read_tokenizer_model(const std::filesystem::path& path);

}  // namespace heed
