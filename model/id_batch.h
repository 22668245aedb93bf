#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace heed {

/// Token ids of several sentences as one matrix, padded on the right.
struct IdMatrix {
  at::Tensor ids;       // [batch, len] int64
  at::Tensor is_token;  // [batch, len] bool, false on padding
};

/// Row `r` is `before` (left out when negative), `rows[r]`, `after` (likewise), then padding.
IdMatrix pad_ids(std::span<const std::span<const std::int32_t>> rows, std::int32_t before,
                 std::int32_t after, std::int32_t pad_id);

}  // namespace heed
