#include "app/check/fix_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/errors.h"
#include "app/new_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

constexpr const char* kChangesFile = "changes.tsv";

std::string cleaned_name(const fs::path& input) {
  if (input == "-") return "stdin.tsv";
  return (input.extension() == ".gz" ? input.stem() : input.filename()).string();
}

/// The names of the files to write, as `sources` has those to read.
std::vector<std::vector<std::string>> output_names(
    const std::vector<std::vector<fs::path>>& sources) {
  std::vector<std::vector<std::string>> names;
  std::set<std::string> taken{kChangesFile};
  for (const auto& files : sources) {
    std::vector<std::string>& of_source = names.emplace_back();
    for (const fs::path& file : files) of_source.push_back(cleaned_name(file));
    if (of_source.front() == of_source.back() && of_source.size() == 2)
      of_source = {"src." + of_source.front(), "tgt." + of_source.back()};
    for (const std::string& name : of_source)
      if (!taken.insert(name).second)
        throw UsageError(fmt::format(
            "--fix would write two files named {}; check the files one after the other", name));
  }
  return names;
}

bool is_repair(const PairFinding& finding) {
  return traits_of(finding.kind).remedy == Remedy::kRepair;
}

}  // namespace

FixWriter::FixWriter(fs::path folder, const std::vector<std::vector<fs::path>>& sources)
    : folder_(std::move(folder)) {
  require_new(folder_);
  const auto names = output_names(sources);
  fs::create_directories(folder_);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    files_.emplace_back();
    input_names_.emplace_back();
    for (std::size_t side = 0; side < sources[i].size(); ++side) {
      files_[i].emplace_back(folder_ / names[i][side]);
      const fs::path& input = sources[i][side];
      input_names_[i].push_back(input == "-" ? "stdin" : input.string());
    }
  }
  changes_.emplace(folder_ / kChangesFile);
}

void FixWriter::write(std::size_t source, const PairOutcome& outcome) {
  note_changes(source, outcome);
  if (!outcome.is_kept) {
    ++dropped_;
    return;
  }
  ++written_;
  repaired_ += std::any_of(outcome.findings.begin(), outcome.findings.end(), is_repair) ? 1 : 0;
  std::vector<AtomicFile>& files = files_[source];
  files.front().stream() << outcome.pair.text(Side::kSrc) << (files.size() == 1 ? '\t' : '\n');
  files.back().stream() << outcome.pair.text(Side::kTgt) << '\n';
}

void FixWriter::note_changes(std::size_t source, const PairOutcome& outcome) {
  for (const PairFinding& finding : outcome.findings) {
    if (traits_of(finding.kind).remedy == Remedy::kNone) continue;
    const std::vector<std::string>& names = input_names_[source];
    changes_->stream() << (finding.side == Side::kSrc ? names.front() : names.back()) << ':'
                       << outcome.pair.raw.line << '\t'
                       << (outcome.is_kept ? "repaired" : "dropped") << '\t'
                       << traits_of(finding.kind).name << '\n';
  }
}

void FixWriter::finish() {
  for (auto& source : files_)
    for (AtomicFile& file : source) file.commit();
  changes_->commit();
}

}  // namespace heed
