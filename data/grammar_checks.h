#pragma once

#include "data/grammar_expand.h"
#include "data/grammar_syntax.h"

namespace heed::grammar {

/// Removes from a fresh expansion what derives nothing, fills in the weights, and throws
/// (FILE:LINE) for what `expand` promises to refuse. Afterwards no symbol reaches itself, a
/// derivation has at most 200 levels and a sentence at most 10,000 words.
void reduce_and_check(const Syntax& syntax, Expansion& expansion);

}  // namespace heed::grammar
