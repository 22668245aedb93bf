#include "app/report/head_roles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace heed {
namespace {

/// Columns that a row is compared with; empty where there are none.
struct Anchors {
  std::set<int> previous;
  std::set<int> same;
  std::set<int> next;
};

/// For each target unit the source units linked to it.
std::vector<std::set<int>> links_by_target(const AttentionRecord& record) {
  std::vector<std::set<int>> linked(record.tgt_units.size());
  const auto& links = record.gold_possible.empty() ? record.links : record.gold_possible;
  for (const Link& link : links) linked[static_cast<std::size_t>(link.tgt)].insert(link.src);
  return linked;
}

Anchors anchors_of(AttentionKind kind, int row, int columns,
                   const std::vector<std::set<int>>& linked) {
  const auto column = [columns](int index) {
    return index >= 0 && index < columns ? std::set<int>{index} : std::set<int>{};
  };
  if (kind != AttentionKind::kCross) return {column(row - 1), column(row), column(row + 1)};
  const auto at = [&linked](int index) {
    const auto place = static_cast<std::size_t>(index);
    return index >= 0 && place < linked.size() ? linked[place] : std::set<int>{};
  };
  Anchors anchors{at(row - 1), at(row), at(row + 1)};
  // What a neighbour shares with the unit itself is the unit's own.
  for (const int index : anchors.same) {
    anchors.previous.erase(index);
    anchors.next.erase(index);
  }
  return anchors;
}

double weight_on(const AttentionMatrix& matrix, int row, const std::set<int>& columns) {
  double sum = 0.0;
  for (const int column : columns) sum += static_cast<double>(matrix.at(row, column));
  return sum;
}

int strongest_column(const AttentionMatrix& matrix, int row) {
  int best = 0;
  for (int column = 1; column < matrix.columns; ++column)
    if (matrix.at(row, column) > matrix.at(row, best)) best = column;
  return best;
}

double entropy_of(const AttentionMatrix& matrix, int row) {
  double entropy = 0.0;
  for (int column = 0; column < matrix.columns; ++column) {
    const auto weight = static_cast<double>(matrix.at(row, column));
    if (weight > 0.0) entropy -= weight * std::log(weight);
  }
  return entropy;
}

double distance_of(const AttentionMatrix& matrix, int row) {
  const double slope = matrix.kind == AttentionKind::kCross && matrix.rows > 1
                           ? (matrix.columns - 1.0) / (matrix.rows - 1.0)
                           : 1.0;
  double distance = 0.0;
  for (int column = 0; column < matrix.columns; ++column)
    distance += static_cast<double>(matrix.at(row, column)) * std::abs(column - slope * row);
  return distance;
}

std::vector<bool> punctuation_columns(const AttentionRecord& record, AttentionKind kind) {
  std::vector<bool> is_mark;
  for (const std::string& unit : column_units(record, kind))
    is_mark.push_back(is_punctuation({unit, 0, unit.size()}));
  // <s> and </s> are spelt with marks but are none.
  is_mark[kind == AttentionKind::kDecoderSelf ? 0 : is_mark.size() - 1] = false;
  return is_mark;
}

double ratio(double sum, double count) {
  return count > 0.0 ? sum / count : 0.0;
}

}  // namespace

RoleShare strongest_role(const HeadRole& role) {
  const std::array<RoleShare, 6> shares{{{"previous", role.previous},
                                         {"same", role.same},
                                         {"next", role.next},
                                         {"first", role.first},
                                         {"end", role.end},
                                         {"punctuation", role.punctuation}}};
  return *std::max_element(shares.begin(), shares.end(),
                           [](const auto& a, const auto& b) { return a.share < b.share; });
}

void HeadRoleMeter::add(const AttentionRecord& record) {
  ++sentences_;
  const std::vector<std::set<int>> linked = links_by_target(record);
  std::map<AttentionKind, std::vector<bool>> is_mark;
  for (const AttentionMatrix& matrix : record.matrices) {
    if (matrix.columns == 0) continue;
    if (!is_mark.contains(matrix.kind))
      is_mark[matrix.kind] = punctuation_columns(record, matrix.kind);
    add_matrix(matrix, linked, is_mark[matrix.kind]);
  }
}

void HeadRoleMeter::add_matrix(const AttentionMatrix& matrix,
                               const std::vector<std::set<int>>& linked,
                               const std::vector<bool>& is_mark) {
  Sums& sums = sums_[{matrix.kind, matrix.layer, matrix.head}];
  for (int row = 0; row + 1 < matrix.rows; ++row) {
    const Anchors anchors = anchors_of(matrix.kind, row, matrix.columns, linked);
    HeadRole& sum = sums.sum;
    sum.previous += weight_on(matrix, row, anchors.previous);
    sum.same += weight_on(matrix, row, anchors.same);
    sum.next += weight_on(matrix, row, anchors.next);
    sum.first += static_cast<double>(matrix.at(row, 0));
    if (matrix.kind != AttentionKind::kDecoderSelf)
      sum.end += static_cast<double>(matrix.at(row, matrix.columns - 1));
    for (int column = 0; column < matrix.columns; ++column)
      if (is_mark[static_cast<std::size_t>(column)])
        sum.punctuation += static_cast<double>(matrix.at(row, column));
    sum.entropy += entropy_of(matrix, row);
    sum.distance += distance_of(matrix, row);
    if (anchors.same.contains(strongest_column(matrix, row))) sum.hits += 1;
    sums.rows += 1;
    sums.anchored_rows += anchors.same.empty() ? 0 : 1;
    sums.previous_rows += anchors.previous.empty() ? 0 : 1;
    sums.next_rows += anchors.next.empty() ? 0 : 1;
  }
}

std::vector<HeadRole> HeadRoleMeter::roles() const {
  std::vector<HeadRole> roles;
  for (const auto& [place, sums] : sums_) {
    HeadRole role = sums.sum;
    std::tie(role.kind, role.layer, role.head) = place;
    role.previous = ratio(role.previous, sums.previous_rows);
    role.same = ratio(role.same, sums.anchored_rows);
    role.next = ratio(role.next, sums.next_rows);
    role.hits = ratio(role.hits, sums.anchored_rows);
    for (double* mean : {&role.first, &role.end, &role.punctuation, &role.entropy, &role.distance})
      *mean = ratio(*mean, sums.rows);
    roles.push_back(role);
  }
  return roles;
}

nlohmann::ordered_json head_roles_to_json(const std::vector<HeadRole>& roles) {
  const auto rounded = [](double value) { return std::round(value * 1e4) / 1e4; };
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const HeadRole& role : roles) {
    const RoleShare strongest = strongest_role(role);
    list.push_back({{"kind", attention_kind_name(role.kind)},
                    {"layer", role.layer},
                    {"head", role.head},
                    {"role", strongest.name},
                    {"share", rounded(strongest.share)},
                    {"previous", rounded(role.previous)},
                    {"same", rounded(role.same)},
                    {"next", rounded(role.next)},
                    {"first", rounded(role.first)},
                    {"end", rounded(role.end)},
                    {"punctuation", rounded(role.punctuation)},
                    {"entropy", rounded(role.entropy)},
                    {"distance", rounded(role.distance)},
                    {"hits", rounded(role.hits)}});
  }
  return list;
}

}  // namespace heed
