#include "app/report/attention_figure.h"

#include <algorithm>

namespace heed {
namespace {

constexpr Colour kInk{27, 35, 48};
constexpr Colour kMuted{92, 104, 120};
constexpr Colour kPaper{255, 255, 255};
constexpr Colour kLinkColour{31, 95, 174};
constexpr Colour kFalseColour{179, 38, 30};
constexpr Colour kMissedColour{122, 92, 0};

constexpr double kCell = 26.0;
constexpr double kMargin = 12.0;
constexpr double kTextSize = 13.0;
constexpr double kLinkedTextSize = 15.0;
constexpr double kSlant = 50.0;         // degrees that column labels are turned by
constexpr double kSlantAcross = 0.643;  // cosine of it
constexpr double kSlantUp = 0.766;      // sine of it

double widest(const std::vector<std::string>& units) {
  double most = 0.0;
  for (const std::string& unit : units) most = std::max(most, estimated_width(unit, kTextSize));
  return most;
}

bool holds(const std::vector<Link>& links, const Link& link) {
  return std::find(links.begin(), links.end(), link) != links.end();
}

enum class Verdict { kChosen, kHit, kFalse };

Verdict judge(const AttentionRecord& record, const Link& link) {
  if (record.gold_possible.empty()) return Verdict::kChosen;
  return holds(record.gold_possible, link) ? Verdict::kHit : Verdict::kFalse;
}

void add_cross(Figure& figure, FigurePoint at, double arm) {
  // White below red stays visible on every shade.
  for (const auto& [colour, width] : {std::pair{kPaper, 4.0}, std::pair{kFalseColour, 2.0}}) {
    figure.shapes.push_back(FigureStroke{
        {{at.x - arm, at.y - arm}, {at.x + arm, at.y + arm}}, colour, width, 1.0, false});
    figure.shapes.push_back(FigureStroke{
        {{at.x - arm, at.y + arm}, {at.x + arm, at.y - arm}}, colour, width, 1.0, false});
  }
}

void add_square(Figure& figure, FigurePoint corner, double side, bool is_sure) {
  figure.shapes.push_back(
      FigureBox{{corner.x + 2, corner.y + 2}, side - 5, side - 5, {}, kPaper, 3.5, false});
  figure.shapes.push_back(
      FigureBox{{corner.x + 2, corner.y + 2}, side - 5, side - 5, {}, kInk, 1.5, !is_sure});
}

/// The parts of a heat map in one coordinate system.
class HeatMap {
 public:
  HeatMap(const AttentionRecord& record, const PictureSelection& selection)
      : record_(record),
        matrix_(mean_of_heads(record, selection)),
        rows_(row_units(record, selection.kind)),
        columns_(column_units(record, selection.kind)) {
    const double column_width = widest(columns_);
    is_level_ = column_width <= kCell - 4;
    left_ = kMargin + widest(rows_) + 8;
    top_ = kMargin + (is_level_ ? kTextSize + 6 : column_width * kSlantUp + kTextSize);
    figure_.width = left_ + kCell * static_cast<double>(columns_.size()) + kMargin +
                    (is_level_ ? 0.0 : column_width * kSlantAcross);
    figure_.width = std::max(figure_.width, left_ + 250);
    bottom_ = top_ + kCell * static_cast<double>(rows_.size());
  }

  Figure draw() {
    add_cells();
    add_labels();
    if (matrix_.kind == AttentionKind::kCross) add_marks();
    double y = bottom_ + 22;
    add_key(y);
    if (matrix_.kind == AttentionKind::kCross && !record_.gold_possible.empty())
      add_mark_key(y += 24);
    figure_.height = y + 14 + kMargin;
    return std::move(figure_);
  }

 private:
  FigurePoint corner(int row, int column) const {
    return {left_ + kCell * column, top_ + kCell * row};
  }
  FigurePoint center(const Link& link) const {
    const FigurePoint at = corner(link.tgt, link.src);
    return {at.x + (kCell - 1) / 2, at.y + (kCell - 1) / 2};
  }

  void add_cells() {
    for (int row = 0; row < matrix_.rows; ++row)
      for (int column = 0; column < matrix_.columns; ++column)
        figure_.shapes.push_back(
            FigureBox{corner(row, column),
                      kCell - 1,
                      kCell - 1,
                      ramp_colour(static_cast<double>(matrix_.at(row, column))),
                      {},
                      1.0,
                      false});
  }

  void add_labels() {
    for (std::size_t i = 0; i < rows_.size(); ++i)
      figure_.shapes.push_back(
          FigureText{{left_ - 8, top_ + (static_cast<double>(i) + 0.5) * kCell + 0.35 * kTextSize},
                     kTextSize,
                     rows_[i],
                     TextAnchor::kEnd,
                     0.0,
                     kInk});
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const double x = left_ + (static_cast<double>(i) + 0.5) * kCell;
      figure_.shapes.push_back(
          is_level_
              ? FigureText{{x, top_ - 8}, kTextSize, columns_[i], TextAnchor::kMiddle, 0.0, kInk}
              : FigureText{
                    {x + 4, top_ - 6}, kTextSize, columns_[i], TextAnchor::kStart, -kSlant, kInk});
    }
  }

  void add_marks() {
    for (const Link& link : record_.gold_possible)
      add_square(figure_, corner(link.tgt, link.src), kCell, holds(record_.gold_sure, link));
    for (const Link& link : record_.links) {
      if (judge(record_, link) == Verdict::kFalse)
        add_cross(figure_, center(link), 4.5);
      else
        figure_.shapes.push_back(FigureDisc{center(link), 3.2, kPaper, kInk});
    }
  }

  void add_key(double y) {
    constexpr int kSteps = 40;
    figure_.shapes.push_back(
        FigureText{{left_, y + 9}, 11.0, "0", TextAnchor::kStart, 0.0, kMuted});
    for (int i = 0; i < kSteps; ++i)
      figure_.shapes.push_back(FigureBox{
          {left_ + 14 + 3 * i, y}, 3.2, 10, ramp_colour(i / (kSteps - 1.0)), {}, 1.0, false});
    figure_.shapes.push_back(FigureText{
        {left_ + 14 + 3 * kSteps + 7, y + 9}, 11.0, "1", TextAnchor::kStart, 0.0, kMuted});
  }

  void add_mark_key(double y) {
    double x = left_;
    const auto add_text = [&](const std::string& text) {
      figure_.shapes.push_back(
          FigureText{{x + 20, y + 11}, 11.0, text, TextAnchor::kStart, 0.0, kMuted});
      x += 20 + estimated_width(text, 11.0) + 14;
    };
    add_square(figure_, {x, y - 1}, 17, true);
    figure_.shapes.push_back(FigureDisc{{x + 8, y + 7}, 2.4, kPaper, kInk});
    add_text("hit");
    add_square(figure_, {x, y - 1}, 17, true);
    add_text("missed");
    add_square(figure_, {x, y - 1}, 17, false);
    add_text("possible");
    add_cross(figure_, {x + 8, y + 7}, 4);
    add_text("false");
    figure_.width = std::max(figure_.width, x);
  }

  const AttentionRecord& record_;
  AttentionMatrix matrix_;
  std::vector<std::string> rows_;
  std::vector<std::string> columns_;
  bool is_level_ = false;  // column labels fit without being turned
  double left_ = 0.0;
  double top_ = 0.0;
  double bottom_ = 0.0;
  Figure figure_;
};

/// The middles of words on one line, with equal gaps, and how wide that is.
struct WordLine {
  std::vector<double> middles;
  double width = 0.0;
};

WordLine set_line(const std::vector<std::string>& units) {
  WordLine line;
  for (std::size_t i = 0; i + 1 < units.size(); ++i) {  // without the end of the sentence
    const double width = estimated_width(units[i], kLinkedTextSize);
    line.middles.push_back(line.width + width / 2);
    line.width += width + 18;
  }
  line.width = std::max(0.0, line.width - 18);
  return line;
}

void add_words(Figure& figure, const WordLine& line, FigurePoint left,
               const std::vector<std::string>& units) {
  for (std::size_t i = 0; i < line.middles.size(); ++i)
    figure.shapes.push_back(FigureText{{left.x + line.middles[i], left.y},
                                       kLinkedTextSize,
                                       units[i],
                                       TextAnchor::kMiddle,
                                       0.0,
                                       kInk});
}

}  // namespace

Figure draw_heat_map(const AttentionRecord& record, const PictureSelection& selection) {
  return HeatMap(record, selection).draw();
}

Figure draw_link_figure(const AttentionRecord& record) {
  const WordLine src = set_line(record.src_units);
  const WordLine tgt = set_line(record.tgt_units);
  Figure figure;
  figure.width = std::max(src.width, tgt.width) + 2 * kMargin;
  figure.height = 150;
  const double src_left = (figure.width - src.width) / 2;
  const double tgt_left = (figure.width - tgt.width) / 2;
  const auto add = [&](const Link& link, const Colour& colour, double weight, bool is_dashed) {
    const double from = src_left + src.middles[static_cast<std::size_t>(link.src)];
    const double to = tgt_left + tgt.middles[static_cast<std::size_t>(link.tgt)];
    figure.shapes.push_back(FigureStroke{{{from, 34}, {from, 66}, {to, 84}, {to, 116}},
                                         colour,
                                         1.0 + weight,
                                         0.35 + 0.65 * weight,
                                         is_dashed});
    return FigurePoint{(from + to) / 2, 75};
  };
  for (const Link& link : record.links) {
    const bool is_false = judge(record, link) == Verdict::kFalse;
    const FigurePoint middle =
        add(link, is_false ? kFalseColour : kLinkColour, link.probability, is_false);
    if (is_false) add_cross(figure, middle, 4);
  }
  for (const Link& link : record.gold_sure) {
    if (holds(record.links, link)) continue;
    figure.shapes.push_back(
        FigureDisc{add(link, kMissedColour, 1.0, true), 4, kPaper, kMissedColour});
  }
  add_words(figure, src, {src_left, 26}, record.src_units);
  add_words(figure, tgt, {tgt_left, 134}, record.tgt_units);
  return figure;
}

}  // namespace heed
