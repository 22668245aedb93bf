#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "app/align/attention_record.h"
#include "app/report/head_mean.h"

namespace heed {

struct ModelBundle;

enum class RecordFormat { kPharaoh, kSoft, kJson, kNpz, kHtml, kSvg, kPng, kText };

/// What svg and png show.
enum class FigureKind { kMap, kLinks };

/// Writes aligned pairs one after the other in some format.
class RecordWriter {
 public:
  virtual ~RecordWriter() = default;
  virtual void write(const AttentionRecord& record) = 0;
  /// Writes what comes after the last record, and puts the file in place; to be called once.
  virtual void finish() = 0;
};

struct RecordWriterOptions {
  bool one_based = false;  // of Pharaoh formats
  std::size_t page_pairs =
      200;  // a page shows the first so many records; so many figures are drawn
  FigureKind figure = FigureKind::kMap;
  PictureSelection picture = {};  // of svg, png and text
  bool number_figures = false;    // a figure that is alone, too
};

/// Writes to `path`, "-" being standard output. A page says what `bundle` is; null: there is no
/// model, and no page. Of figures the first
/// stays at `path` when there is one only; of several, or of numbered ones, that of line N of the
/// input goes to PATH-N.EXTENSION.
std::unique_ptr<RecordWriter> make_record_writer(const std::string& path, RecordFormat format,
                                                 const RecordWriterOptions& options,
                                                 const ModelBundle* bundle);

}  // namespace heed
