#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "app/config/run_config.h"

namespace heed {

/// The device to work on. Throws UsageError when CUDA is asked for and this build or this machine
/// has none.
at::Device choose_device(Device device);

/// Describes the processor's vector instructions or the GPU, for `heed --version` and logs.
std::string describe_device(at::Device device);

}  // namespace heed
