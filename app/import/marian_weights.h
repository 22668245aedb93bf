#pragma once

#include "app/import/marian_settings.h"
#include "app/import/marian_vocabulary.h"
#include "model/transformer_model.h"

namespace heed {

/// Fills `model`, made for `settings` and the two vocabularies, from a MarianMTModel's tensors so
/// that it gives the same logits, to rounding. Rows of tables are put in the vocabularies' order.
/// Columns, and with them all that reads or writes the residual stream, are put in the order in
/// which heed lays out sinusoidal positions: there sine and cosine of a frequency are neighbours,
/// in Marian's the sines are the first half. heed's pad, which Marian has not, gets a logit that
/// leaves it no probability.
/// Throws std::runtime_error naming the file and the tensor that is missing, of another shape or
/// has no place in such a model.
void import_marian_weights(const SafetensorsFile& file, const MarianSettings& settings,
                           const MarianVocabulary& src, const MarianVocabulary& tgt,
                           TransformerModel& model);

}  // namespace heed
