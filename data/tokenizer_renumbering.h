#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace heed {

/// Gives the pieces of a SentencePiece model (its bytes, already checked) the ids of a vocabulary
/// that was made apart from it: `vocabulary[id]` spells id. The first four are heed's special ids,
/// whatever stands there. Text is split as before, and
/// - a piece that the vocabulary lacks counts as unk;
/// - a spelling that the model lacks is never split off, but can be decoded, and an unknown stretch
///   of text that is spelt so gets its id;
/// - a language tag (see is_language_tag) is a control symbol: see Tokenizer::encode;
/// - a spelling that no piece can have (empty, with NUL, a second "<s>") becomes "<id N>".
/// Throws std::runtime_error when the model is not a unigram model (of others a piece that is never
/// used would change how text is split) or the vocabulary has fewer than four pieces.
std::string renumber_tokenizer(std::string_view model, std::span<const std::string> vocabulary);

/// The size of the vocabulary of a model that `renumber_tokenizer` made; none of others.
std::optional<std::size_t> renumbered_size(std::string_view model);

/// ">>deu<<" and the like: which language a multilingual model is to translate to.
bool is_language_tag(std::string_view piece);

}  // namespace heed
