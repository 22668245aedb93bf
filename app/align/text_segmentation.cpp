#include "app/align/text_segmentation.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "app/scratch_folder.h"
#include "data/case_folding.h"
#include "data/tokenizer_training.h"
#include "data/utf8.h"

namespace heed {
namespace {

constexpr int kPieceVocabulary = 8000;
constexpr int kFineVocabulary = 4000;
constexpr std::size_t kLinesToLearnFrom = 200'000;
constexpr std::string_view kSpaceMark = "\u2581";  // what SentencePiece begins a word with

/// Whether words of the character's script consist of parts about a character long: scripts that
/// are written without spaces, with a character a syllable or a meaning.
bool is_dense_script(char32_t character) {
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(static_cast<UChar32>(character), &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_BOPOMOFO:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
    case USCRIPT_TIBETAN:
      return U_SUCCESS(status) != 0;
    default:
      return false;
  }
}

std::set<char32_t> characters_of(const std::vector<std::string>& words) {
  std::set<char32_t> characters;
  for (const std::string& word : words)
    for (std::size_t i = 0; i < word.size();) characters.insert(decode_code_point(word, i));
  return characters;
}

std::vector<std::string> lines_of(const NumberedText& text, const std::vector<bool>& is_left_out) {
  const std::size_t step = text.lines().size() / kLinesToLearnFrom + 1;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < text.lines().size(); i += step) {
    std::string& line = lines.emplace_back();
    for (const std::int32_t word : text.lines()[i]) {
      const auto number = static_cast<std::size_t>(word);
      if (is_left_out[number]) continue;
      line += text.words()[number];
      line += ' ';
    }
  }
  return lines;
}

void append_word(SegmentedSentence& sentence, const WordIds& units) {
  const auto word = static_cast<std::int32_t>(sentence.num_words());
  sentence.ids.insert(sentence.ids.end(), units.begin(), units.end());
  sentence.word_of.insert(sentence.word_of.end(), units.size(), word);
}

}  // namespace

void NumberedText::add(std::span<const TextUnit> units) {
  WordIds& line = lines_.emplace_back();
  for (const TextUnit& unit : units) {
    const auto [entry, is_new] =
        numbers_.emplace(fold_case(unit.text), static_cast<std::int32_t>(words_.size()));
    if (is_new) words_.push_back(entry->first);
    line.push_back(entry->second);
  }
}

std::int32_t NumberedText::find(const std::string& folded) const {
  const auto entry = numbers_.find(folded);
  return entry == numbers_.end() ? -1 : entry->second;
}

WordSegmenter::WordSegmenter(Segmentation segmentation, const NumberedText& text)
    : segmentation_(segmentation), text_(text) {
  if (segmentation == Segmentation::kPieces) learn_pieces(kPieceVocabulary);
  if (segmentation == Segmentation::kFinePieces) learn_pieces(kFineVocabulary);
  if (segmentation == Segmentation::kWords) {
    for (std::size_t number = 0; number < text.words().size(); ++number)
      units_of_word_.push_back({static_cast<std::int32_t>(number)});
    return;
  }
  const auto base = static_cast<std::int32_t>(tokenizer_ ? tokenizer_->vocab_size() : 0);
  for (const std::string& word : text.words())
    if (is_spelt_in_characters(word))
      for (std::size_t i = 0; i < word.size();)
        characters_.emplace(decode_code_point(word, i),
                            base + static_cast<std::int32_t>(characters_.size()));
  for (const std::string& word : text.words()) units_of_word_.push_back(spell(word));
}

void WordSegmenter::learn_pieces(int vocab_size) {
  std::vector<bool> is_left_out;
  std::vector<std::string> words;
  for (const std::string& word : text_.words()) {
    is_left_out.push_back(is_spelt_in_characters(word));
    if (!is_left_out.back()) words.push_back(word);
  }
  const auto characters = static_cast<int>(characters_of(words).size());
  if (characters == 0) return;
  TokenizerTrainingOptions options;
  options.vocab_size = std::max(vocab_size, characters + characters / 2 + 8);
  options.exact_vocab_size = false;
  options.character_coverage = 1.0;
  options.byte_fallback = false;
  options.normalization = "identity";
  const ScratchFolder folder;
  const std::filesystem::path path = folder.path() / "pieces.spm";
  const std::vector<std::string> lines = lines_of(text_, is_left_out);
  train_tokenizer(std::span<const std::string>(lines), options, path);
  tokenizer_ = Tokenizer::load(path);
}

bool WordSegmenter::is_spelt_in_characters(const std::string& word) const {
  if (segmentation_ != Segmentation::kFinePieces) return false;
  std::size_t begin = 0;
  return !word.empty() && is_dense_script(decode_code_point(word, begin));
}

WordIds WordSegmenter::spell(const std::string& word) const {
  WordIds ids;
  if (is_spelt_in_characters(word)) {
    for (std::size_t i = 0; i < word.size();) {
      const auto entry = characters_.find(decode_code_point(word, i));
      ids.push_back(entry == characters_.end() ? static_cast<std::int32_t>(vocab_size())
                                               : entry->second);
    }
  } else if (tokenizer_) {
    for (const Piece& piece : tokenizer_->encode_pieces(word))
      if (piece.text != kSpaceMark) ids.push_back(piece.id);
  }
  if (ids.empty()) ids.push_back(static_cast<std::int32_t>(vocab_size()));
  return ids;
}

std::size_t WordSegmenter::vocab_size() const {
  if (segmentation_ == Segmentation::kWords) return text_.words().size();
  // One more for what has no spelling, such as a lone mark of SentencePiece's own.
  return static_cast<std::size_t>(tokenizer_ ? tokenizer_->vocab_size() : 0) + characters_.size();
}

SegmentedSentence WordSegmenter::segment(const WordIds& line) const {
  SegmentedSentence sentence;
  for (const std::int32_t number : line)
    append_word(sentence, units_of_word_[static_cast<std::size_t>(number)]);
  return sentence;
}

SegmentedSentence WordSegmenter::segment(std::span<const TextUnit> units) const {
  SegmentedSentence sentence;
  for (const TextUnit& unit : units) {
    const std::string word = fold_case(unit.text);
    const std::int32_t number = text_.find(word);
    append_word(sentence,
                number >= 0 ? units_of_word_[static_cast<std::size_t>(number)] : spell(word));
  }
  return sentence;
}

}  // namespace heed
