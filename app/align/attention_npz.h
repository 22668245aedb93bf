#pragma once

#include "app/align/attention_record.h"
#include "app/align/npz_writer.h"

namespace heed {

/// Adds one sentence pair: `sentence_000001/cross` (the number is the line's, so gaps may occur),
/// `.../encoder_self` and `.../decoder_self` as float32 [layers, heads, rows, columns], as far as
/// the record has them, `.../attribution_occlusion` and so on as float32 [rows, columns], and
/// `.../record.json` with what `describe_record` gives and, under
/// `attention`, which layers and heads (from 0) the first two axes hold. Throws
/// std::invalid_argument when the record is inconsistent or a kind lacks some of its layers' heads.
void add_attention_npz(NpzWriter& writer, const AttentionRecord& record);

}  // namespace heed
