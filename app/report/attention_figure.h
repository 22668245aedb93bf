#pragma once

#include "app/align/attention_record.h"
#include "app/report/figure.h"
#include "app/report/head_mean.h"

namespace heed {

/// A heat map for a paper: rows ask, columns are looked at, a colour key below. In cross-attention
/// chosen links are discs; with gold, hits are discs in squares, missed links empty squares
/// (dashed: only possible), and false ones crosses, with a key to these. Throws UsageError as
/// `mean_of_heads` does.
Figure draw_heat_map(const AttentionRecord& record, const PictureSelection& selection);

/// Source words above, target words below, links as curves: false ones are dotted with a cross,
/// missed sure ones dashed with a ring.
Figure draw_link_figure(const AttentionRecord& record);

}  // namespace heed
