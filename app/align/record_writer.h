#pragma once

#include <cstddef>
#include <memory>
#include <ostream>

#include "app/align/attention_record.h"
#include "app/model_bundle.h"

namespace heed {

enum class RecordFormat { kPharaoh, kSoft, kJson, kNpz, kHtml };

/// Writes aligned pairs one after the other in some format.
class RecordWriter {
 public:
  virtual ~RecordWriter() = default;
  virtual void write(const AttentionRecord& record) = 0;
  /// Writes what comes after the last record; to be called once.
  virtual void finish() {}
};

/// `out` must outlive the writer; `one_based` is for Pharaoh formats; a page shows the first
/// `page_pairs` records and what `bundle` is.
std::unique_ptr<RecordWriter> make_record_writer(std::ostream& out, RecordFormat format,
                                                 bool one_based, std::size_t page_pairs,
                                                 const ModelBundle& bundle);

}  // namespace heed
