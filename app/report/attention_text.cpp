#include "app/report/attention_text.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <ostream>
#include <string>
#include <string_view>

#include "app/align/alignment_error_rate.h"
#include "app/report/colour_ramp.h"
#include "app/report/text_width.h"

namespace heed {
namespace {

constexpr std::size_t kCell = 2;            // columns of a cell: about a square
constexpr std::size_t kLabelRoom = 20;      // columns of the longest row label
constexpr std::size_t kStrongestRoom = 18;  // columns behind a row for its strongest weight
constexpr std::array<std::pair<float, std::string_view>, 4> kBlocks{
    {{0.75F, "█"}, {0.5F, "▓"}, {0.25F, "▒"}, {0.1F, "░"}}};

std::string_view block_of(float weight) {
  for (const auto& [least, block] : kBlocks)
    if (weight >= least) return block;
  return " ";
}

/// The nearest place of the 6 x 6 x 6 cube of the 256-colour palette.
int palette_index(const Colour& colour) {
  constexpr std::array<int, 6> kLevels{0, 95, 135, 175, 215, 255};
  const auto nearest = [&](int value) {
    const auto* const best = std::min_element(kLevels.begin(), kLevels.end(), [&](int a, int b) {
      return std::abs(a - value) < std::abs(b - value);
    });
    return static_cast<int>(best - kLevels.begin());
  };
  return 16 + 36 * nearest(colour.red) + 6 * nearest(colour.green) + nearest(colour.blue);
}

std::string paint(const std::string& text, float weight, TextShading shading) {
  const Colour colour = ramp_colour(static_cast<double>(weight));
  const int ink = is_dark(colour) ? 231 : 16;
  if (shading == TextShading::k256)
    return fmt::format("\x1b[48;5;{};38;5;{}m{}\x1b[0m", palette_index(colour), ink, text);
  return fmt::format("\x1b[48;2;{};{};{};38;5;{}m{}\x1b[0m", colour.red, colour.green, colour.blue,
                     ink, text);
}

/// Draws the map in parts of as many columns as fit.
class TextMap {
 public:
  TextMap(std::ostream& out, const AttentionRecord& record, const PictureSelection& selection,
          const TextOptions& options)
      : out_(out),
        record_(record),
        options_(options),
        matrix_(mean_of_heads(record, selection)),
        rows_(row_units(record, selection.kind)),
        columns_(column_units(record, selection.kind)) {
    for (std::string& unit : rows_) {
      unit = fit_to_columns(unit, kLabelRoom);
      label_width_ = std::max(label_width_, text_columns(unit));
    }
    for (std::string& unit : columns_) unit = fit_to_columns(unit, kLabelRoom);
    mark_links();
  }

  void write() {
    const std::size_t left = label_width_ + 1;
    const std::size_t room = options_.columns > left + kStrongestRoom + kCell
                                 ? options_.columns - left - kStrongestRoom
                                 : kCell;
    const std::size_t part = std::max<std::size_t>(1, room / kCell);
    for (std::size_t begin = 0; begin < columns_.size(); begin += part) {
      if (begin > 0) out_ << '\n';
      write_part(begin, std::min(begin + part, columns_.size()));
    }
  }

 private:
  void mark_links() {
    marks_.assign(matrix_.weights.size(), ' ');
    if (matrix_.kind != AttentionKind::kCross) return;
    const auto mark = [this](const Link& link, char sign) {
      marks_[static_cast<std::size_t>(link.tgt) * columns_.size() +
             static_cast<std::size_t>(link.src)] = sign;
    };
    const auto& gold = record_.gold_possible;
    for (const Link& link : record_.gold_sure) mark(link, 'o');
    for (const Link& link : record_.links) {
      const bool is_false =
          !gold.empty() && std::find(gold.begin(), gold.end(), link) == gold.end();
      mark(link, is_false ? 'x' : '*');
    }
  }

  /// A staircase of labels: each stands above its column, on a line of its own. ASCII, since box
  /// characters are wide in some East Asian terminals.
  void write_labels(std::size_t begin, std::size_t end) {
    for (std::size_t column = begin; column < end; ++column) {
      out_ << std::string(label_width_ + 1, ' ');
      for (std::size_t before = begin; before < column; ++before) out_ << "| ";
      out_ << columns_[column] << '\n';
    }
  }

  void write_part(std::size_t begin, std::size_t end) {
    write_labels(begin, end);
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      out_ << std::string(label_width_ - text_columns(rows_[row]), ' ') << rows_[row] << ' ';
      for (std::size_t column = begin; column < end; ++column) write_cell(row, column);
      if (end == columns_.size()) write_strongest(row);
      out_ << '\n';
    }
  }

  void write_cell(std::size_t row, std::size_t column) {
    const std::size_t place = row * columns_.size() + column;
    const float weight = matrix_.weights[place];
    if (options_.shading != TextShading::kBlocks) {
      out_ << paint({marks_[place], ' '}, weight, options_.shading);
      return;
    }
    const std::string_view block = block_of(weight);
    out_ << block;
    if (marks_[place] == ' ')
      out_ << block;
    else
      out_ << marks_[place];
  }

  void write_strongest(std::size_t row) {
    const auto begin = matrix_.weights.begin() + static_cast<std::ptrdiff_t>(row * columns_.size());
    const auto best = std::max_element(begin, begin + static_cast<std::ptrdiff_t>(columns_.size()));
    out_ << fmt::format(
        "  {:.2f} {}", *best,
        fit_to_columns(columns_[static_cast<std::size_t>(best - begin)], kStrongestRoom - 7));
  }

  std::ostream& out_;
  const AttentionRecord& record_;
  const TextOptions& options_;
  AttentionMatrix matrix_;
  std::vector<std::string> rows_;
  std::vector<std::string> columns_;
  std::size_t label_width_ = 0;
  std::vector<char> marks_;  // [rows, columns]
};

bool is_set(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool mentions(const char* name, std::string_view text) {
  const char* const value = std::getenv(name);
  return value != nullptr && std::string_view(value).find(text) != std::string_view::npos;
}

std::string describe(const AttentionRecord& record) {
  std::string text = fmt::format("line {}", record.line);
  if (record.log_probability)
    text += fmt::format(": log-probability {:.2f}", *record.log_probability);
  if (!record.gold_possible.empty()) {
    const AlignmentCounts counts =
        count_alignment(record.links, {record.gold_sure, record.gold_possible});
    text += fmt::format(", AER {:.1f} % (* hit, o missed, x false)",
                        100 * counts.alignment_error_rate());
  }
  return text;
}

}  // namespace

TextOptions terminal_text_options() {
  TextOptions options;
  const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  if (is_terminal && !is_set("NO_COLOR")) {
    if (mentions("COLORTERM", "truecolor") || mentions("COLORTERM", "24bit"))
      options.shading = TextShading::kTrueColour;
    else if (mentions("TERM", "256color"))
      options.shading = TextShading::k256;
  }
  winsize size{};
  if (is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    options.columns = size.ws_col;
  } else if (is_set("COLUMNS")) {
    const std::string_view given = std::getenv("COLUMNS");
    std::size_t columns = 0;
    const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), columns);
    if (error == std::errc() && end == given.data() + given.size() && columns > 0)
      options.columns = columns;
  }
  return options;
}

void write_attention_text(std::ostream& out, const AttentionRecord& record,
                          const PictureSelection& selection, const TextOptions& options) {
  out << describe(record) << '\n';
  TextMap(out, record, selection, options).write();
}

}  // namespace heed
