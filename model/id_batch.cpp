#include "model/id_batch.h"

#include <algorithm>

#include "model/aten_ops.h"

namespace heed {

IdMatrix pad_ids(std::span<const std::span<const std::int32_t>> rows, std::int32_t before,
                 std::int32_t after, std::int32_t pad_id) {
  std::size_t longest = 0;
  for (const auto& row : rows) longest = std::max(longest, row.size());
  const std::int64_t len = static_cast<std::int64_t>(longest) + (before >= 0) + (after >= 0);
  const auto batch = static_cast<std::int64_t>(rows.size());
  IdMatrix matrix{at::full({batch, len}, pad_id, at::kLong), at::zeros({batch, len}, at::kBool)};
  auto* ids = matrix.ids.mutable_data_ptr<std::int64_t>();
  auto* is_token = matrix.is_token.mutable_data_ptr<bool>();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::int64_t* place = ids + static_cast<std::int64_t>(r) * len;
    if (before >= 0) *place++ = before;
    place = std::copy(rows[r].begin(), rows[r].end(), place);
    if (after >= 0) *place++ = after;
    bool* flags = is_token + static_cast<std::int64_t>(r) * len;
    std::fill(flags, flags + (place - (ids + static_cast<std::int64_t>(r) * len)), true);
  }
  return matrix;
}

}  // namespace heed
