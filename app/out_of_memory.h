#pragma once

#include <exception>

namespace heed {

/// Whether `error` says that memory was asked for and not given: std::bad_alloc, or what LibTorch
/// makes of it, on a CPU or a GPU.
bool is_out_of_memory(const std::exception& error);

}  // namespace heed
