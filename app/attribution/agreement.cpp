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

constexpr float kDecides = 1.0F;  // nats

const AttributionMatrix* find_occlusion(const AttentionRecord& record) {
  const auto& matrices = record.attributions;
  const auto found = std::find_if(matrices.begin(), matrices.end(), [](const auto& matrix) {
    return matrix.method == AttributionMethod::kOcclusion;
  });
  return found == matrices.end() ? nullptr : &*found;
}

std::ptrdiff_t strongest(std::span<const float> row) {
  return std::max_element(row.begin(), row.end()) - row.begin();
}

/// `occlusion` may be null: then nothing is known to be decided.
Agreement compare(const AttributionMatrix& a, const AttributionMatrix& b,
                  const AttributionMatrix* occlusion) {
  Agreement result{a.method, b.method};
  if (a.columns < 2) return result;
  for (int row = 0; row + 1 < a.rows; ++row) {  // the last is the end of the sentence
    const auto first = row_of(a, row);
    const auto second = row_of(b, row);
    ++result.units;
    result.by_chance += 1.0 / a.columns;
    const bool is_same = strongest(first) == strongest(second);
    if (is_same) ++result.same_strongest;
    if (occlusion != nullptr && std::ranges::max(row_of(*occlusion, row)) >= kDecides) {
      ++result.decided;
      if (is_same) ++result.same_of_decided;
    }
    if (const auto correlation = rank_correlation(first, second)) {
      ++result.ranked;
      result.correlations += *correlation;
    }
  }
  return result;
}

std::string share(std::size_t part, std::size_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

Agreement& Agreement::operator+=(const Agreement& other) {
  units += other.units;
  same_strongest += other.same_strongest;
  decided += other.decided;
  same_of_decided += other.same_of_decided;
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
      result.push_back(compare(*first, *second, find_occlusion(record)));
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
  const Agreement& any = totals_.front();
  std::string text = fmt::format(
      "The source {0} that matters most to each of {1} target {0}s:\n"
      "{2:<22}{3:>16}{4:>20}{5:>20}",
      unit_kind_name(kind), any.units, "by two methods", "the same one", "where one decides",
      "rank correlation");
  for (const Agreement& total : totals_) {
    const auto correlation = total.mean_correlation();
    fmt::format_to(std::back_inserter(text), "\n{:<22}{:>16}{:>20}{:>20}",
                   fmt::format("{}, {}", attribution_method_name(total.first),
                               attribution_method_name(total.second)),
                   share(total.same_strongest, total.units),
                   share(total.same_of_decided, total.decided),
                   correlation ? fmt::format("{:.3f}", *correlation) : "undefined");
  }
  fmt::format_to(std::back_inserter(text), "\nTwo blind choices would be the same for {:.1f} %.",
                 100.0 * any.by_chance / static_cast<double>(any.units));
  if (any.decided > 0)
    fmt::format_to(std::back_inserter(text),
                   " One decides for {} of the target {}s, which are at most 37 % as probable "
                   "without it.",
                   share(any.decided, any.units), unit_kind_name(kind));
  return text;
}

}  // namespace heed
