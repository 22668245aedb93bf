#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "app/align/index_options.h"
#include "app/align/pharaoh.h"
#include "app/align/reading_check.h"
#include "app/align/symmetrization_options.h"
#include "app/commands.h"
#include "app/errors.h"
#include "app/line_count.h"
#include "app/output.h"
#include "data/text_io.h"

namespace heed {
namespace {

struct SymmetrizeOptions {
  std::string forward, reverse;
  IndexConvention forward_convention, reverse_convention;
  Symmetrization method = Symmetrization::kGrowDiagFinalAnd;
  std::string output = "-";
  PharaohFormat format;
};

/// Both directions' files, gone through side by side.
class LinkFiles {
 public:
  explicit LinkFiles(const SymmetrizeOptions& options)
      : options_(options), forward_(options.forward), reverse_(options.reverse) {}

  /// The next line of each; false at the end. Throws std::runtime_error on anything but links, and
  /// when one file ends before the other.
  bool next(std::vector<Link>& forward, std::vector<Link>& reverse) {
    const bool has_forward = forward_.next(line_);
    if (has_forward) forward = parse(forward_, options_.forward_convention);
    const bool has_reverse = reverse_.next(line_);
    if (has_forward != has_reverse) fail_uneven();
    if (has_reverse) reverse = parse(reverse_, options_.reverse_convention);
    return has_forward;
  }

 private:
  std::vector<Link> parse(const LineReader& reader, const IndexConvention& convention) const {
    return parse_pharaoh(line_, {reader.name(), reader.line_number()}, convention);
  }

  void fail_uneven() {
    for (LineReader* reader : {&forward_, &reverse_})
      while (reader->next(line_)) continue;
    require_same_lines({forward_.name(), forward_.line_number()},
                       {reverse_.name(), reverse_.line_number()});
  }

  const SymmetrizeOptions& options_;
  LineReader forward_, reverse_;
  std::string line_;
};

void warn_of(const IndexChange& change, const SymmetrizeOptions& options) {
  const FileReading forward{options.forward_convention, "--forward-one-based",
                            "--forward-transposed"};
  const FileReading reverse{options.reverse_convention, "--reverse-one-based",
                            "--reverse-transposed"};
  spdlog::warn("the two directions would agree on more links {}", advice(change, forward, reverse));
}

void symmetrize_files(const SymmetrizeOptions& options) {
  if (options.forward == "-" && options.reverse == "-")
    throw UsageError("only one of the files can be - (standard input)");
  LinkFiles files(options);
  Output output(options.output, Output::OnFailure::kKeepPart);
  ReadingCheck check;
  std::size_t lines = 0, num_forward = 0, num_reverse = 0, num_written = 0;
  for (std::vector<Link> forward, reverse; files.next(forward, reverse); ++lines) {
    const std::vector<Link> links = symmetrize(forward, reverse, options.method);
    output.stream() << format_pharaoh(links, options.format) << '\n';
    check.add(forward, reverse);
    num_forward += forward.size();
    num_reverse += reverse.size();
    num_written += links.size();
  }
  output.finish();
  if (const auto change = check.better()) warn_of(*change, options);
  spdlog::info("{} pairs: {} links of {} forward and {} reverse", lines, num_written, num_forward,
               num_reverse);
}

void add_files(CLI::App& command, SymmetrizeOptions& options) {
  const std::string expected = ", `i-j` or `i-j:p`, one line a pair; - is standard input";
  command.add_option("forward", options.forward, "Links of one direction" + expected)
      ->required()
      ->type_name("FORWARD")
      ->group("Input");
  command.add_option("reverse", options.reverse, "Links of the other direction" + expected)
      ->required()
      ->type_name("REVERSE")
      ->group("Input");
  add_index_options(command, "forward", "FORWARD", options.forward_convention, "Input");
  add_index_options(command, "reverse", "REVERSE", options.reverse_convention, "Input");
}

void add_output(CLI::App& command, SymmetrizeOptions& options) {
  command.add_option("-o,--output", options.output, "Where to write; - is standard output")
      ->capture_default_str()
      ->type_name("FILE")
      ->group("Output");
  command
      .add_flag("--soft", options.format.probabilities,
                "Write `i-j:p`: of a link in both the mean of the two p, of one in a single "
                "direction half of its p; `i-j` alone has p 1")
      ->group("Output");
  command.add_flag("--one-based", options.format.one_based, "Write indices from 1")
      ->group("Output");
}

}  // namespace

void add_symmetrize_command(CLI::App& root, CommandAction& action) {
  CLI::App* command = root.add_subcommand(
      "symmetrize", "Makes one file of word alignments of those of the two directions");
  auto options = std::make_shared<SymmetrizeOptions>();
  add_files(*command, *options);
  add_choice(*command, "--method", options->method, symmetrizations(),
             "intersect: links in both; union: in either; grow-diag: from those in both to "
             "neighbours in either; the final ones: then links of words that have none")
      ->group("Links");
  add_output(*command, *options);
  command->footer(
      "Both files are read as source-target, as fast_align -r, eflomal and heed align write them. "
      "A "
      "file\nof a model that was trained the other way round has the target first: "
      "--reverse-transposed.");
  command->callback([options, &action] { action = [options] { symmetrize_files(*options); }; });
}

}  // namespace heed
