#pragma once

#include <ATen/core/Tensor.h>

#include "app/config/run_config.h"

namespace heed {

/// What `training.precision` comes to on this machine. auto: bf16 where the processor multiplies
/// pairs of bfloat16 in one instruction, and on a GPU. Throws UsageError when bf16 is asked for and
/// the model has an odd width, which pairs of bfloat16 can't hold.
Precision choose_precision(Precision precision, const TransformerConfig& model, at::Device device);

const char* describe_precision(Precision precision);

}  // namespace heed
