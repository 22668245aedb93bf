#include "app/align/record_writer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/align/attention_json.h"
#include "app/align/attention_npz.h"
#include "app/align/pharaoh.h"
#include "app/output.h"
#include "app/report/attention_page.h"

namespace heed {
namespace {

class PharaohWriter : public RecordWriter {
 public:
  PharaohWriter(const std::string& path, PharaohFormat format) : output_(path), format_(format) {}
  void write(const AttentionRecord& record) override {
    output_.stream() << format_pharaoh(record.links, format_) << '\n';
  }
  void finish() override { output_.finish(); }

 private:
  Output output_;
  PharaohFormat format_;
};

class JsonWriter : public RecordWriter {
 public:
  explicit JsonWriter(const std::string& path) : output_(path) {}
  void write(const AttentionRecord& record) override {
    write_attention_json(output_.stream(), record);
  }
  void finish() override { output_.finish(); }

 private:
  Output output_;
};

class ArrayWriter : public RecordWriter {
 public:
  explicit ArrayWriter(const std::string& path) : output_(path), writer_(output_.stream()) {}
  void write(const AttentionRecord& record) override { add_attention_npz(writer_, record); }
  void finish() override {
    writer_.finish();
    output_.finish();
  }

 private:
  Output output_;
  NpzWriter writer_;
};

/// Holds the records until the end: a page is one document. What heads do is measured on all.
class PageWriter : public RecordWriter {
 public:
  PageWriter(const std::string& path, std::size_t max_pairs, PageOptions options)
      : output_(path), max_pairs_(max_pairs), options_(std::move(options)) {}

  void write(const AttentionRecord& record) override {
    roles_.add(record);
    if (records_.size() == max_pairs_) return;
    records_.push_back(record);
    if (record.pieces) records_.back().matrices.clear();  // the page has those of the pieces
  }
  void finish() override {
    if (roles_.sentences() > records_.size())
      spdlog::warn("the page shows the first {} of {} pairs (--page-pairs)", records_.size(),
                   roles_.sentences());
    options_.roles = roles_.roles();
    options_.role_sentences = roles_.sentences();
    write_attention_page(output_.stream(), records_, options_);
    output_.finish();
  }

 private:
  Output output_;
  std::size_t max_pairs_;
  PageOptions options_;
  HeadRoleMeter roles_;
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

std::unique_ptr<RecordWriter> make_record_writer(const std::string& path, RecordFormat format,
                                                 const RecordWriterOptions& options,
                                                 const ModelBundle& bundle) {
  switch (format) {
    case RecordFormat::kPharaoh:
      return std::make_unique<PharaohWriter>(path, PharaohFormat{options.one_based, false});
    case RecordFormat::kSoft:
      return std::make_unique<PharaohWriter>(path, PharaohFormat{options.one_based, true});
    case RecordFormat::kJson:
      return std::make_unique<JsonWriter>(path);
    case RecordFormat::kNpz:
      return std::make_unique<ArrayWriter>(path);
    case RecordFormat::kHtml:
      return std::make_unique<PageWriter>(path, options.page_pairs, describe(bundle));
  }
  return nullptr;
}

}  // namespace heed
