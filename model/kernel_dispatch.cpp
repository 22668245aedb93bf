#if HEED_X86_KERNELS
#include <cpuid.h>
#endif

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
namespace avx2_vnni {
KernelSet make_kernel_set();
}
namespace avx512 {
KernelSet make_kernel_set();
}
namespace avx512_vnni {
KernelSet make_kernel_set();
}
namespace avx512_bf16 {
KernelSet make_kernel_set();
}
#endif

}  // namespace isa

namespace {

#if HEED_X86_KERNELS
/// Leaf 7, subleaf 1 of cpuid; older compilers don't know the instruction set by name.
bool has_avx_vnni() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax & (1U << 4)) != 0;
}
#endif

std::vector<KernelSet> make_kernel_sets() {
  std::vector<KernelSet> sets;
#if HEED_X86_KERNELS
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") &&
                          __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd");
  const bool has_vnni = has_avx512 && __builtin_cpu_supports("avx512vnni");
  if (has_vnni && __builtin_cpu_supports("avx512bf16"))
    sets.push_back(isa::avx512_bf16::make_kernel_set());
  if (has_vnni) sets.push_back(isa::avx512_vnni::make_kernel_set());
  if (has_avx512) sets.push_back(isa::avx512::make_kernel_set());
  if (has_avx2 && has_avx_vnni()) sets.push_back(isa::avx2_vnni::make_kernel_set());
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

const InferenceKernels& inference_kernels() {
  static const InferenceKernels& best = kernel_sets().front().inference;
  return best;
}

}  // namespace heed
