#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include "app/align/attention_record.h"
#include "app/report/head_roles.h"

namespace heed {

struct PageOptions {
  std::string title = "Attention";
  /// One line under the title: which model this is, e.g. "runs/quickstart, 3 + 3 layers, d 128".
  std::string description;
  /// What each head does (see `HeadRoleMeter`), over how many sentences; none is fine.
  std::vector<HeadRole> roles = {};
  std::size_t role_sentences = 0;
};

/// Writes one HTML file that needs nothing else: styles, script and data are inside, and its
/// content security policy lets a browser fetch nothing. All text is data, never markup, whatever
/// it holds: it lies in a JSON block without `<`, `>` and `&`, and the script sets it as text only.
/// The page shows the kinds, layers and heads that the records have. Where a record has pieces it
/// holds their weights, and merges them to units as `merge_to_units` does. A weight is a 16-bit
/// integer, 65535 being 1, in base64, lowest byte first; one that is not finite counts as 0. Where
/// a record has gold its scores are those of `count_alignment`. Records need not have the same
/// layers or heads. Throws std::invalid_argument when a record is inconsistent (see
/// `check_record`).
void write_attention_page(std::ostream& out, std::span<const AttentionRecord> records,
                          const PageOptions& options = {});

}  // namespace heed
