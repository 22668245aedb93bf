#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/align/aligner.h"
#include "app/align/gold_comparison.h"
#include "app/align/record_writer.h"
#include "app/attribution/attributor.h"
#include "app/model_options.h"
#include "app/shard.h"

namespace heed {

/// Where `heed align` takes its links from.
enum class AlignMethod { kAuto, kHead, kAttention, kHmm };

/// The command line of `heed align`.
struct AlignOptions {
  ModelOptions model;
  LinkSelectionOptions selection;
  LinkOptions links = AlignerOptions{}.links;
  std::optional<LinkStep> step;
  bool one_direction = false;
  AlignMethod method = AlignMethod::kAuto;
  std::optional<Symmetrization> symmetrization;
  std::optional<double> threshold;
  std::vector<std::string> train_src, train_tgt;  // more text for statistics
  std::vector<std::string> files;
  std::optional<Shard> shard;
  std::string output = "-";
  RecordFormat format = RecordFormat::kPharaoh;
  bool one_based = false;
  std::vector<std::string> attention;    // names of kinds
  std::vector<std::string> attribution;  // names of methods
  UnitKind units = UnitKind::kWord;
  std::optional<std::string> join, src_join, tgt_join;
  std::string gold;
  IndexConvention gold_convention;
  std::size_t page_pairs = RecordWriterOptions{}.page_pairs;
  FigureKind figure = FigureKind::kMap;

  /// Adds all options but the files.
  void add_to(CLI::App& command);

  /// Throws UsageError when links are to be chosen in two ways.
  void check_link_choice() const;
  // Each throws UsageError where options contradict each other.
  AttributorOptions attributor_options() const;
  UnitOptions unit_options() const;
  RecordWriterOptions writer_options() const;
  AlignerOptions aligner_options() const;
  /// Without what only a page shows.
  AlignerOptions aligner_options_beyond_page() const;
  /// How many pairs have what `aligner_options` asks for.
  std::size_t detailed_pairs() const;

 private:
  bool wants_matrices() const;
  bool is_picture() const;
  void add_output_to(CLI::App& command);
  void add_units_to(CLI::App& command);
  void add_links_to(CLI::App& command);
};

}  // namespace heed
