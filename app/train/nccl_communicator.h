#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "app/train/process_group.h"

namespace heed {

/// Sums buffers that lie on GPUs, by NCCL, where heed is built with it (HEED_CUDA).
class NcclCommunicator {
 public:
  NcclCommunicator();
  ~NcclCommunicator();

  /// False when this isn't NCCL's to do: no GPU's memory, or a build without. The first call joins
  /// the processes of `group`, which carries NCCL's identification. The sum is queued on the
  /// current stream; nobody waits for it.
  bool all_reduce(const at::Tensor& buffer, ProcessGroup& group);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace heed
