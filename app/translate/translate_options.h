#pragma once

#include <CLI/App.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/align/record_writer.h"
#include "app/config/run_config.h"
#include "app/model_options.h"
#include "app/shard.h"
#include "app/translate/translation_writer.h"
#include "app/translate/translator.h"

namespace heed {

/// The command line of `heed translate`.
struct TranslateOptions {
  ModelOptions model;
  PrecisionOption precision;
  LinkSelectionOptions links;
  std::string input = "-";
  std::string prefix, prefix_file;
  std::optional<Shard> shard;
  std::string output = "-";
  std::optional<std::int64_t> beam_size, max_length, max_length_offset;
  std::optional<double> length_penalty, max_length_ratio;
  double coverage_penalty = 0.0;
  bool sample = false;
  DrawOptions draw;
  std::uint64_t seed = Drawing{}.seed;
  std::optional<Stopping> stopping;
  std::int64_t min_length = 0;
  std::int64_t no_repeat_ngram = 0;
  std::int64_t n_best = 1;
  AlignmentOutput alignments = AlignmentOutput::kNone;
  bool json = false;
  bool markup = false;
  std::string placeholder_word;
  bool split_sentences = false;
  std::optional<std::size_t> split_length;
  std::string view;  // empty: no page
  std::size_t view_lines = RecordWriterOptions{}.page_pairs;

  void add_to(CLI::App& command);

  /// Throws UsageError where options contradict each other.
  void check() const;
  /// Whether it takes more than an InferenceModel: links, a page, or a GPU.
  bool needs_network() const;
  bool wants_links() const { return json || alignments != AlignmentOutput::kNone; }

  /// The input, and the file of prefixes where there is one.
  std::vector<std::string> files() const;
  /// What the model was trained with, where the command line says nothing else.
  SearchOptions search(const RunConfig& config) const;
  TranslatorOptions translator_options(const RunConfig& config) const;
  WriterOptions writer_options() const { return {json, n_best > 1, alignments}; }

 private:
  void add_output_to(CLI::App& command);
  void add_view_to(CLI::App& command);
  void add_search_to(CLI::App& command);
  void add_sampling_to(CLI::App& command);
  void add_long_text_to(CLI::App& command);
  void add_markup_to(CLI::App& command);
};

}  // namespace heed
