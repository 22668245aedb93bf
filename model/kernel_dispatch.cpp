#include <vector>

#include "model/kernels/kernels.h"

namespace heed {
namespace isa {

// Each is compiled from the same files below model/kernels, for one instruction set.
namespace portable {
KernelSet make_kernel_set();
}
#if HEED_X86_KERNELS
namespace avx2 {
KernelSet make_kernel_set();
}
namespace avx512 {
KernelSet make_kernel_set();
}
namespace avx512_bf16 {
KernelSet make_kernel_set();
}
#endif

}  // namespace isa

namespace {

std::vector<KernelSet> make_kernel_sets() {
  std::vector<KernelSet> sets;
#if HEED_X86_KERNELS
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") &&
                          __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd");
  if (has_avx512 && __builtin_cpu_supports("avx512bf16"))
    sets.push_back(isa::avx512_bf16::make_kernel_set());
  if (has_avx512) sets.push_back(isa::avx512::make_kernel_set());
  if (has_avx2) sets.push_back(isa::avx2::make_kernel_set());
#endif
  sets.push_back(isa::portable::make_kernel_set());
  return sets;
}

}  // namespace

std::span<const KernelSet> kernel_sets() {
  static const std::vector<KernelSet> sets = make_kernel_sets();
  return sets;
}

template <>
const Kernels<float>& kernels<float>() {
  static const Kernels<float>& best = kernel_sets().front().fp32;
  return best;
}

template <>
const Kernels<BFloat16>& kernels<BFloat16>() {
  static const Kernels<BFloat16>& best = kernel_sets().front().bf16;
  return best;
}

const FlatKernels& flat_kernels() {
  static const FlatKernels& best = kernel_sets().front().flat;
  return best;
}

}  // namespace heed
