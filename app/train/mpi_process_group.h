#pragma once

#include <memory>

#include "app/train/process_group.h"

namespace heed {

/// Joins MPI's world; only where heed is built with it. Between GPUs NCCL carries the buffers.
std::unique_ptr<ProcessGroup> make_mpi_process_group(double seconds);

}  // namespace heed
