#include "app/attribution/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "app/attribution/rank_correlation.h"

namespace heed {
namespace {

std::span<const float> row_of(const AttributionMatrix& matrix, int row) {
  const auto width = static_cast<std::size_t>(matrix.columns);
  return std::span(matrix.scores).subspan(static_cast<std::size_t>(row) * width, width);
}

std::ptrdiff_t strongest(std::span<const float> row) {
  return std::max_element(row.begin(), row.end()) - row.begin();
}

Agreement compare(const AttributionMatrix& a, const AttributionMatrix& b) {
  Agreement result{a.method, b.method};
  if (a.columns < 2) return result;
  for (int row = 0; row + 1 < a.rows; ++row) {  // the last is the end of the sentence
    const auto first = row_of(a, row);
    const auto second = row_of(b, row);
    ++result.units;
    result.by_chance += 1.0 / a.columns;
    if (strongest(first) == strongest(second)) ++result.same_strongest;
    if (const auto correlation = rank_correlation(first, second)) {
      ++result.ranked;
      result.correlations += *correlation;
    }
  }
  return result;
}

}  // namespace

Agreement& Agreement::operator+=(const Agreement& other) {
  units += other.units;
  same_strongest += other.same_strongest;
  by_chance += other.by_chance;
  ranked += other.ranked;
  correlations += other.correlations;
  return *this;
}

std::optional<double> Agreement::mean_correlation() const {
  if (ranked == 0) return std::nullopt;
  return correlations / static_cast<double>(ranked);
}

std::vector<Agreement> compare_attributions(const AttentionRecord& record) {
  std::vector<Agreement> result;
  const auto& matrices = record.attributions;
  for (auto first = matrices.begin(); first != matrices.end(); ++first)
    for (auto second = std::next(first); second != matrices.end(); ++second)
      result.push_back(compare(*first, *second));
  return result;
}

void AgreementSummary::add(const AttentionRecord& record) {
  const std::vector<Agreement> agreements = compare_attributions(record);
  if (totals_.empty()) {
    totals_ = agreements;
    return;
  }
  for (std::size_t i = 0; i < totals_.size(); ++i) totals_[i] += agreements[i];
}

std::string AgreementSummary::table(UnitKind kind) const {
  if (totals_.empty() || totals_.front().units == 0) return {};
  const auto units = static_cast<double>(totals_.front().units);
  std::string text = fmt::format(
      "The source {0} that matters most to each of {1} target {0}s (two blind choices are the same "
      "for {2:.1f} %)\n{3:<22}{4:>16}{5:>20}",
      unit_kind_name(kind), totals_.front().units, 100.0 * totals_.front().by_chance / units,
      "by two methods", "the same one", "rank correlation");
  for (const Agreement& total : totals_) {
    const auto correlation = total.mean_correlation();
    fmt::format_to(std::back_inserter(text), "\n{:<22}{:>14.1f} %{:>20}",
                   fmt::format("{}, {}", attribution_method_name(total.first),
                               attribution_method_name(total.second)),
                   100.0 * static_cast<double>(total.same_strongest) / units,
                   correlation ? fmt::format("{:.3f}", *correlation) : "undefined");
  }
  return text;
}

}  // namespace heed
