#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <string>

#include "app/config/run_config.h"

namespace heed {

/// The device to work on. Throws UsageError when CUDA is asked for and this build or this machine
/// has none. `index` counts the processes of this machine: each takes a GPU of its own as long as
/// there are.
at::Device choose_device(Device device, std::size_t index = 0);

/// Describes the processor's vector instructions or the GPU, for `heed --version` and logs.
std::string describe_device(at::Device device);

}  // namespace heed
