#include "model/dispatch.h"

namespace heed {

const char* kernel_instruction_set() {
#if HEED_HAS_CLONES
  if (__builtin_cpu_supports("x86-64-v4")) return "AVX-512";
  if (__builtin_cpu_supports("x86-64-v3")) return "AVX2";
#endif
  return "baseline";
}

}  // namespace heed
