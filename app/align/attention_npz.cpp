#include "app/align/attention_npz.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <utility>

#include "app/align/attention_json.h"

namespace heed {
namespace {

using HeadPlace = std::pair<int, int>;  // layer, head

struct Stack {
  std::set<int> layers;
  std::set<int> heads;
  std::vector<float> weights;  // [layers, heads, rows, columns]
};

Stack stack_heads(const std::map<HeadPlace, const AttentionMatrix*>& matrices) {
  Stack stack;
  for (const auto& [place, matrix] : matrices) {
    stack.layers.insert(place.first);
    stack.heads.insert(place.second);
    stack.weights.insert(stack.weights.end(), matrix->weights.begin(), matrix->weights.end());
  }
  if (matrices.size() != stack.layers.size() * stack.heads.size()) {
    throw std::invalid_argument(
        fmt::format("{} matrices cannot be stacked as {} layers of {} heads", matrices.size(),
                    stack.layers.size(), stack.heads.size()));
  }
  return stack;
}

// Ordered by layer, then head: the order of the array's first two axes.
std::map<AttentionKind, std::map<HeadPlace, const AttentionMatrix*>> by_kind(
    const AttentionRecord& record) {
  std::map<AttentionKind, std::map<HeadPlace, const AttentionMatrix*>> kinds;
  for (const AttentionMatrix& matrix : record.matrices) {
    kinds[matrix.kind][{matrix.layer, matrix.head}] = &matrix;
  }
  return kinds;
}

}  // namespace

void add_attention_npz(NpzWriter& writer, const AttentionRecord& record) {
  check_record(record);
  const std::string folder = fmt::format("sentence_{:06}/", record.line);
  nlohmann::ordered_json description = describe_record(record);
  description["attention"] = nlohmann::ordered_json::object();
  for (const auto& [kind, matrices] : by_kind(record)) {
    const Stack stack = stack_heads(matrices);
    const AttentionMatrix& any = *matrices.begin()->second;
    const std::array<std::size_t, 4> shape{stack.layers.size(), stack.heads.size(),
                                           static_cast<std::size_t>(any.rows),
                                           static_cast<std::size_t>(any.columns)};
    const std::string name(attention_kind_name(kind));
    writer.add_array(folder + name, shape, stack.weights);
    description["attention"][name] = {{"layers", stack.layers}, {"heads", stack.heads}};
  }
  for (const AttributionMatrix& matrix : record.attributions) {
    const std::array<std::size_t, 2> shape{static_cast<std::size_t>(matrix.rows),
                                           static_cast<std::size_t>(matrix.columns)};
    writer.add_array(
        fmt::format("{}attribution_{}", folder, attribution_method_name(matrix.method)), shape,
        matrix.scores);
  }
  writer.add_bytes(
      folder + "record.json",
      description.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace heed
