#pragma once

#include <vector>

#include "app/align/attention_record.h"

namespace heed {

/// Which attention one picture shows: the mean over these heads.
struct PictureSelection {
  AttentionKind kind = AttentionKind::kCross;
  std::vector<int> layers;  // from 0, negative counts from the last; empty: all
  std::vector<int> heads;   // of each layer, from 0; empty: all
};

/// The mean of the record's matrices that `selection` names. Throws UsageError when there are none.
AttentionMatrix mean_of_heads(const AttentionRecord& record, const PictureSelection& selection);

}  // namespace heed
