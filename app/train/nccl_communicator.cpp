#include "app/train/nccl_communicator.h"

#if HEED_NCCL
#include <ATen/cuda/CUDAContext.h>
#include <fmt/format.h>
#include <nccl.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>

#include "model/aten_ops.h"
#endif

namespace heed {

#if HEED_NCCL

namespace {

void check(ncclResult_t result) {
  if (result == ncclSuccess) return;
  throw std::runtime_error(fmt::format("NCCL: {}", ncclGetErrorString(result)));
}

}  // namespace

struct NcclCommunicator::State {
  ncclComm_t communicator = nullptr;

  /// The first process draws an identification, all join under it. Bytes travel as doubles.
  void join(ProcessGroup& group) {
    ncclUniqueId id{};
    if (group.is_first()) check(ncclGetUniqueId(&id));
    std::array<double, NCCL_UNIQUE_ID_BYTES> bytes;
    std::copy(std::begin(id.internal), std::end(id.internal), bytes.begin());
    group.broadcast(bytes);
    for (std::size_t i = 0; i < bytes.size(); ++i) id.internal[i] = static_cast<char>(bytes[i]);
    check(ncclCommInitRank(&communicator, static_cast<int>(group.size()), id,
                           static_cast<int>(group.rank())));
  }

  ~State() {
    if (communicator != nullptr) ncclCommDestroy(communicator);
  }
};

NcclCommunicator::NcclCommunicator() : state_(std::make_unique<State>()) {}
NcclCommunicator::~NcclCommunicator() = default;

bool NcclCommunicator::all_reduce(const at::Tensor& buffer, ProcessGroup& group) {
  if (!buffer.is_cuda()) return false;
  if (state_->communicator == nullptr) state_->join(group);
  const ncclDataType_t type = buffer.scalar_type() == at::kDouble ? ncclDouble : ncclFloat;
  check(ncclAllReduce(buffer.const_data_ptr(), buffer.mutable_data_ptr(),
                      static_cast<std::size_t>(buffer.numel()), type, ncclSum, state_->communicator,
                      at::cuda::getCurrentCUDAStream(buffer.get_device()).stream()));
  return true;
}

#else

struct NcclCommunicator::State {};
NcclCommunicator::NcclCommunicator() = default;
NcclCommunicator::~NcclCommunicator() = default;

bool NcclCommunicator::all_reduce(const at::Tensor&, ProcessGroup&) {
  return false;
}

#endif

}  // namespace heed
