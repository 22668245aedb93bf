#include "app/report/head_mean.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/errors.h"

namespace heed {
namespace {

bool names(const std::vector<int>& list, int index, int count) {
  if (list.empty()) return true;
  return std::any_of(list.begin(), list.end(),
                     [&](int item) { return (item < 0 ? item + count : item) == index; });
}

}  // namespace

AttentionMatrix mean_of_heads(const AttentionRecord& record, const PictureSelection& selection) {
  int layers = 0;
  for (const AttentionMatrix& matrix : record.matrices)
    if (matrix.kind == selection.kind) layers = std::max(layers, matrix.layer + 1);
  AttentionMatrix mean;
  int count = 0;
  for (const AttentionMatrix& matrix : record.matrices) {
    if (matrix.kind != selection.kind || !names(selection.layers, matrix.layer, layers) ||
        !names(selection.heads, matrix.head, 0))
      continue;
    if (count++ == 0) {
      mean = matrix;
      continue;
    }
    for (std::size_t i = 0; i < mean.weights.size(); ++i) mean.weights[i] += matrix.weights[i];
  }
  if (count == 0)
    throw UsageError(fmt::format(
        "no {} attention of layers [{}], heads [{}] to draw", attention_kind_name(selection.kind),
        fmt::join(selection.layers, ", "), fmt::join(selection.heads, ", ")));
  for (float& weight : mean.weights) weight /= static_cast<float>(count);
  return mean;
}

}  // namespace heed
