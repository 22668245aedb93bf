#include "app/align/record_writer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/align/attention_json.h"
#include "app/align/attention_npz.h"
#include "app/align/pharaoh.h"
#include "app/report/attention_page.h"

namespace heed {
namespace {

class PharaohWriter : public RecordWriter {
 public:
  PharaohWriter(std::ostream& out, PharaohFormat format) : out_(out), format_(format) {}
  void write(const AttentionRecord& record) override {
    out_ << format_pharaoh(record.links, format_) << '\n';
  }

 private:
  std::ostream& out_;
  PharaohFormat format_;
};

class JsonWriter : public RecordWriter {
 public:
  explicit JsonWriter(std::ostream& out) : out_(out) {}
  void write(const AttentionRecord& record) override { write_attention_json(out_, record); }

 private:
  std::ostream& out_;
};

class ArrayWriter : public RecordWriter {
 public:
  explicit ArrayWriter(std::ostream& out) : writer_(out) {}
  void write(const AttentionRecord& record) override { add_attention_npz(writer_, record); }
  void finish() override { writer_.finish(); }

 private:
  NpzWriter writer_;
};

/// Holds the records until the end: a page is one document.
class PageWriter : public RecordWriter {
 public:
  PageWriter(std::ostream& out, std::size_t max_pairs, PageOptions options)
      : out_(out), max_pairs_(max_pairs), options_(std::move(options)) {}

  void write(const AttentionRecord& record) override {
    if (records_.size() < max_pairs_) records_.push_back(record);
    ++seen_;
  }
  void finish() override {
    if (seen_ > records_.size())
      spdlog::warn("the page shows the first {} of {} pairs (--page-pairs)", records_.size(),
                   seen_);
    write_attention_page(out_, records_, options_);
  }

 private:
  std::ostream& out_;
  std::size_t max_pairs_;
  PageOptions options_;
  std::size_t seen_ = 0;
  std::vector<AttentionRecord> records_;
};

PageOptions describe(const ModelBundle& bundle) {
  const RunConfig& config = bundle.config;
  PageOptions options;
  const std::string languages =
      config.data.src_lang.empty()
          ? ""
          : fmt::format("{} → {} · ", config.data.src_lang, config.data.tgt_lang);
  options.description =
      fmt::format("{}{} + {} layers · {} heads · d_model {} · {} parameters", languages,
                  config.model.encoder_layers, config.model.decoder_layers, config.model.num_heads,
                  config.model.d_model, bundle.model->layout().num_parameters());
  return options;
}

}  // namespace

std::unique_ptr<RecordWriter> make_record_writer(std::ostream& out, RecordFormat format,
                                                 bool one_based, std::size_t page_pairs,
                                                 const ModelBundle& bundle) {
  switch (format) {
    case RecordFormat::kPharaoh:
      return std::make_unique<PharaohWriter>(out, PharaohFormat{one_based, false});
    case RecordFormat::kSoft:
      return std::make_unique<PharaohWriter>(out, PharaohFormat{one_based, true});
    case RecordFormat::kJson:
      return std::make_unique<JsonWriter>(out);
    case RecordFormat::kNpz:
      return std::make_unique<ArrayWriter>(out);
    case RecordFormat::kHtml:
      return std::make_unique<PageWriter>(out, page_pairs, describe(bundle));
  }
  return nullptr;
}

}  // namespace heed
