#pragma once

/// Marks a function of which the compiler makes one version an instruction set; the loader picks
/// the best that the processor has. Elsewhere (ARM, sanitizers) there is the one portable version.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define HEED_HAS_CLONES 1
#define HEED_VECTORIZE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define HEED_HAS_CLONES 0
#define HEED_VECTORIZE
#endif

namespace heed {

/// The instruction set that functions marked HEED_VECTORIZE run with on this processor.
const char* kernel_instruction_set();

}  // namespace heed
