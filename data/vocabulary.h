#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/tokenizer_training.h"

namespace heed {

/// A piece as its SentencePiece model has it; its id is its place.
struct VocabularyPiece {
  std::string text;
  float score = 0.0F;    // unigram: log-probability; BPE: the greater the earlier it is merged
  bool is_text = false;  // neither a control symbol, nor unk, nor a byte, nor never used
};

struct Vocabulary {
  SubwordModel model = SubwordModel::kUnigram;
  std::vector<VocabularyPiece> pieces;
};

/// The pieces of a SentencePiece model (its bytes, already checked), in the order of their ids.
Vocabulary read_vocabulary(std::string_view model);

}  // namespace heed
