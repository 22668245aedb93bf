# Training with several processes: MPI carries what they say to each other, NCCL what lies on GPUs.

function(heed_use_mpi target)
  string(TOUPPER "${HEED_MPI}" wanted)
  if(NOT wanted STREQUAL "AUTO" AND NOT wanted)
    return()
  endif()
  find_package(MPI QUIET COMPONENTS CXX)
  if(NOT MPI_CXX_FOUND)
    if(NOT wanted STREQUAL "AUTO")
      message(FATAL_ERROR "HEED_MPI is ON, but no MPI was found. Debian: apt-get install "
                          "libopenmpi-dev openmpi-bin")
    endif()
    message(STATUS "MPI not found: heed train will be one process. Debian: apt-get install "
                   "libopenmpi-dev openmpi-bin")
    return()
  endif()
  target_compile_definitions(${target} PRIVATE HEED_MPI=1)
  target_link_libraries(${target} PRIVATE MPI::MPI_CXX)
  set(HEED_MPIRUN "${MPIEXEC_EXECUTABLE}" PARENT_SCOPE)  # for the tests
  if(HEED_CUDA)
    heed_use_nccl(${target})
  endif()
endfunction()

# PyPI's LibTorch brings the NCCL that it is linked to, and CUDA's headers, in folders beside its own:
# another version of NCCL on the machine may lack what LibTorch calls.
function(heed_use_nccl target)
  file(GLOB beside_torch "${HEED_TORCH_ROOT}/../nvidia/nccl" "${HEED_TORCH_ROOT}/../nvidia/cu[0-9]*")
  set(places HINTS ${beside_torch} PATHS /usr/local/cuda ENV CUDA_HOME)
  find_path(HEED_NCCL_INCLUDE nccl.h ${places} PATH_SUFFIXES include)
  find_path(HEED_CUDA_INCLUDE cuda_runtime_api.h ${places} PATH_SUFFIXES include)
  find_library(HEED_NCCL_LIBRARY NAMES libnccl.so.2 nccl ${places} PATH_SUFFIXES lib lib64)
  if(NOT HEED_NCCL_INCLUDE OR NOT HEED_CUDA_INCLUDE OR NOT HEED_NCCL_LIBRARY)
    message(STATUS "NCCL or CUDA's headers not found: GPUs of several processes will exchange "
                   "gradients through the CPU's memory")
    return()
  endif()
  message(STATUS "NCCL: ${HEED_NCCL_LIBRARY}")
  target_compile_definitions(${target} PRIVATE HEED_NCCL=1)
  target_include_directories(${target} SYSTEM PRIVATE
    "${HEED_NCCL_INCLUDE}" "${HEED_CUDA_INCLUDE}")
  target_link_libraries(${target} PRIVATE "${HEED_NCCL_LIBRARY}")
endfunction()
