#pragma once

#include <ATen/core/Tensor.h>

#include "app/config/run_config.h"

namespace heed {

/// What `training.precision` comes to on this machine. auto: whichever multiplies matrices faster,
/// tried out for a few milliseconds; on a GPU bf16. Throws UsageError when bf16 is asked for and
/// the model has an odd width, which pairs of bfloat16 can't hold.
Precision choose_precision(Precision precision, const TransformerConfig& model, at::Device device);

/// Seconds of one matrix product [rows, size] x [size, size] by heed's kernels in `precision` (not
/// auto), laying out the right matrix included: the best of a few. On the calling thread.
double time_product(Precision precision, std::int64_t rows, std::int64_t size);

const char* describe_precision(Precision precision);

}  // namespace heed
