#include "app/align/record_writer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <iostream>

#include "app/align/attention_json.h"
#include "app/align/attention_npz.h"
#include "app/align/pharaoh.h"
#include "app/errors.h"
#include "app/model_bundle.h"
#include "app/output.h"
#include "app/report/attention_figure.h"
#include "app/report/attention_page.h"
#include "app/report/attention_text.h"
#include "app/report/figure_png.h"

namespace heed {
namespace {

class PharaohWriter : public RecordWriter {
 public:
  PharaohWriter(const std::string& path, PharaohFormat format)
      : output_(path, Output::OnFailure::kKeepPart), format_(format) {}
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
  explicit JsonWriter(const std::string& path) : output_(path, Output::OnFailure::kKeepPart) {}
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

/// One figure a pair. Whether there are several is known at the second.
class FigureWriter : public RecordWriter {
 public:
  FigureWriter(std::string path, bool is_png, const RecordWriterOptions& options)
      : path_(std::move(path)), is_png_(is_png), options_(options) {
    if (is_png_ && !can_write_png()) write_png(std::cout, {});  // says what to do
  }

  void write(const AttentionRecord& record) override {
    if (++seen_ > options_.page_pairs) return;
    if (seen_ == 1) {
      first_ = record;
      return;
    }
    if (path_ == "-")
      throw UsageError(
          "there are several pairs, and standard output takes one figure; name a file "
          "by --output, FILE-1, FILE-2 and so on will be written");
    if (seen_ == 2) draw(first_, numbered_path(first_.line));
    draw(record, numbered_path(record.line));
  }
  void finish() override {
    if (seen_ == 1) draw(first_, options_.number_figures ? numbered_path(first_.line) : path_);
    if (seen_ > options_.page_pairs)
      spdlog::warn("figures of the first {} of {} pairs were drawn (--page-pairs)",
                   options_.page_pairs, seen_);
  }

 private:
  std::string numbered_path(std::size_t line) const {
    const std::filesystem::path path(path_);
    const std::string name =
        fmt::format("{}-{}{}", path.stem().string(), line, path.extension().string());
    return (path.parent_path() / name).string();
  }
  void draw(const AttentionRecord& record, const std::string& path) const {
    const Figure figure = options_.figure == FigureKind::kMap
                              ? draw_heat_map(record, options_.picture)
                              : draw_link_figure(record);
    Output output(path);
    if (is_png_)
      write_png(output.stream(), figure);
    else
      write_svg(output.stream(), figure);
    output.finish();
  }

  std::string path_;
  bool is_png_;
  RecordWriterOptions options_;
  std::size_t seen_ = 0;
  AttentionRecord first_;
};

class TextWriter : public RecordWriter {
 public:
  TextWriter(const std::string& path, const PictureSelection& selection)
      : output_(path), selection_(selection) {
    if (path == "-") options_ = terminal_text_options();
  }
  void write(const AttentionRecord& record) override {
    if (record.line > 1) output_.stream() << '\n';
    write_attention_text(output_.stream(), record, selection_, options_);
  }
  void finish() override { output_.finish(); }

 private:
  Output output_;
  PictureSelection selection_;
  TextOptions options_;
};

std::string describe_count(std::int64_t count) {
  if (count < 1'000'000) return std::to_string(count);
  return fmt::format("{:.1f} million", static_cast<double>(count) / 1e6);
}

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
                  config.model.d_model, describe_count(bundle.model->layout().num_parameters()));
  return options;
}

}  // namespace

std::unique_ptr<RecordWriter> make_record_writer(const std::string& path, RecordFormat format,
                                                 const RecordWriterOptions& options,
                                                 const ModelBundle* bundle) {
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
      return std::make_unique<PageWriter>(path, options.page_pairs,
                                          bundle == nullptr ? PageOptions{} : describe(*bundle));
    case RecordFormat::kSvg:
    case RecordFormat::kPng:
      return std::make_unique<FigureWriter>(path, format == RecordFormat::kPng, options);
    case RecordFormat::kText:
      return std::make_unique<TextWriter>(path, options.picture);
  }
  return nullptr;
}

}  // namespace heed
