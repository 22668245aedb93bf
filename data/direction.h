#pragma once

#include "data/special_tokens.h"

namespace heed {

/// Which way a pair is read: from its source to its target, or the other way round.
enum class Direction { kForward, kReverse };

constexpr Direction opposite(Direction direction) {
  return direction == Direction::kForward ? Direction::kReverse : Direction::kForward;
}

/// What closes a source sentence. A model of both directions is told by it which language to
/// produce, as by the tag of Johnson et al., "Google's Multilingual Neural Machine Translation
/// System" (2017): no token, and no place in the sentence, is spent on it.
constexpr TokenId source_end(Direction direction) {
  return direction == Direction::kForward ? kEosId : kBosId;
}

}  // namespace heed
