#pragma once

#include <iosfwd>
#include <span>
#include <string>

#include "app/align/attention_record.h"

namespace heed {

struct PageOptions {
  std::string title = "Attention";
  /// One line under the title: which model this is, e.g. "runs/quickstart, 3 + 3 layers, d 128".
  std::string description;
};

/// Writes one HTML file that needs nothing else: styles, script and data are inside, and its
/// content security policy lets a browser fetch nothing. All text is data, never markup, whatever
/// it holds: it lies in a JSON block without `<`, `>` and `&`, and the script sets it as text only.
/// The page shows the kinds, layers and heads that the records have; weights are kept to 1e-4, and
/// a weight that is not finite counts as 0. Records need not have the same layers or heads. Throws
/// std::invalid_argument when a record is inconsistent (see `check_record`).
void write_attention_page(std::ostream& out, std::span<const AttentionRecord> records,
                          const PageOptions& options = {});

}  // namespace heed
