# The kernels below model/kernels are compiled once an instruction set, each time into the namespace
# heed::isa::<name>; model/kernel_dispatch.cpp picks one set when the program runs.

function(heed_add_kernel_set target name)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/model/kernels/*.cpp")
  set(kernels heed_kernels_${name})
  add_library(${kernels} OBJECT ${sources})
  heed_configure_target(${kernels})
  target_compile_definitions(${kernels} PRIVATE HEED_ISA=${name})
  # Words are read from memory that holds floats; vectors are passed only where calls are inlined.
  target_compile_options(${kernels} PRIVATE -O3 -fno-strict-aliasing -Wno-psabi ${ARGN})
  if(HEED_SANITIZE MATCHES "address" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # On AddressSanitizer's second stack g++ takes vectors of 64 bytes for aligned (its bug 110027).
    target_compile_options(${kernels} PRIVATE --param=asan-use-after-return=0)
  endif()
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:${kernels}>)
endfunction()

function(heed_add_kernels target)
  heed_add_kernel_set(${target} portable)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    heed_add_kernel_set(${target} avx2 -march=x86-64-v3)
    heed_add_kernel_set(${target} avx2_vnni -march=x86-64-v3 -mavxvnni)
    set(avx512 -march=x86-64-v4 -mprefer-vector-width=512)
    heed_add_kernel_set(${target} avx512 ${avx512})
    heed_add_kernel_set(${target} avx512_vnni ${avx512} -mavx512vnni)
    heed_add_kernel_set(${target} avx512_bf16 ${avx512} -mavx512vnni -mavx512bf16)
    target_compile_definitions(${target} PRIVATE HEED_X86_KERNELS=1)
  endif()
endfunction()
