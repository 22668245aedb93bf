# Defines `heed::torch`, the LibTorch that heed is built against: the first one among Torch_DIR,
# CMAKE_PREFIX_PATH (CMake or environment variables) and heed's own cache (scripts/install_libtorch.sh).
#
# LibTorch's own CMake configuration is not read: that of the PyPI wheel insists on a CUDA toolkit,
# which neither build needs. The CPU build links torch_cpu and c10 only; with HEED_CUDA, torch_cuda and
# c10_cuda come along, of which nothing is named: torch_cuda registers its kernels when it is loaded.

# The folder of the pinned LibTorch in heed's cache, as scripts/install_libtorch.sh names it.
function(heed_torch_cache_dir variant result)
  if(DEFINED ENV{HEED_CACHE})
    set(cache "$ENV{HEED_CACHE}")
  elseif(DEFINED ENV{XDG_CACHE_HOME})
    set(cache "$ENV{XDG_CACHE_HOME}/heed")
  else()
    set(cache "$ENV{HOME}/.cache/heed")
  endif()
  set(requirements "${PROJECT_SOURCE_DIR}/scripts/libtorch-requirements.txt")
  file(STRINGS "${requirements}" pin REGEX "^torch==")
  string(REGEX REPLACE "^torch==([^ ]+).*" "\\1" version "${pin}")
  set(${result} "${cache}/libtorch-${version}-${variant}/torch" PARENT_SCOPE)
endfunction()

function(heed_is_torch_root folder result)
  if(EXISTS "${folder}/include/ATen/ATen.h" AND EXISTS "${folder}/lib/libtorch_cpu.so")
    set(${result} TRUE PARENT_SCOPE)
  else()
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

# Torch_DIR and torch.utils.cmake_prefix_path name a folder inside LibTorch, share/cmake[/Torch].
function(heed_torch_root_of folder result)
  string(REGEX REPLACE "/share/cmake(/Torch)?/?$" "" root "${folder}")
  set(${result} "${root}" PARENT_SCOPE)
endfunction()

function(heed_find_torch_root variant result)
  foreach(named IN ITEMS "${Torch_DIR}" "$ENV{Torch_DIR}")
    if(named)
      heed_torch_root_of("${named}" root)
      heed_is_torch_root("${root}" found)
      if(NOT found)
        message(FATAL_ERROR "Torch_DIR is ${named}, but ${root} lacks include/ATen/ATen.h or "
                            "lib/libtorch_cpu.so. Name LibTorch's share/cmake/Torch, or unset Torch_DIR "
                            "and run scripts/install_libtorch.sh.")
      endif()
      set(${result} "${root}" PARENT_SCOPE)
      return()
    endif()
  endforeach()

  string(REPLACE ":" ";" environment_path "$ENV{CMAKE_PREFIX_PATH}")
  heed_torch_cache_dir("${variant}" cached)
  foreach(candidate IN LISTS CMAKE_PREFIX_PATH environment_path ITEMS "${cached}")
    heed_torch_root_of("${candidate}" root)
    heed_is_torch_root("${root}" found)
    if(found)
      set(${result} "${root}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "No LibTorch found: none in CMAKE_PREFIX_PATH and none at ${cached}. "
                      "Run scripts/install_libtorch.sh (for HEED_CUDA with --cuda), or pass -DTorch_DIR=<libtorch>/share/cmake/Torch.")
endfunction()

# LibTorch ships headers of its own {fmt}, newer than the library that heed and spdlog link. A folder
# that holds nothing but the system's fmt comes first in the search order.
function(heed_prefer_system_fmt target)
  get_target_property(fmt_include fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
  set(first "${PROJECT_BINARY_DIR}/system_fmt")
  file(MAKE_DIRECTORY "${first}")
  file(CREATE_LINK "${fmt_include}/fmt" "${first}/fmt" SYMBOLIC)
  target_include_directories(${target} SYSTEM BEFORE INTERFACE "${first}")
endfunction()

function(heed_require_torch_library root library)
  if(NOT EXISTS "${root}/lib/lib${library}.so")
    message(FATAL_ERROR "${root}/lib has no lib${library}.so: this LibTorch is built for the CPU only. "
                        "Run scripts/install_libtorch.sh --cuda, or leave HEED_CUDA off.")
  endif()
endfunction()

function(heed_import_torch_library root library)
  heed_require_torch_library("${root}" ${library})
  add_library(heed_import_${library} SHARED IMPORTED GLOBAL)
  set_target_properties(heed_import_${library} PROPERTIES
    IMPORTED_LOCATION "${root}/lib/lib${library}.so")
endfunction()

function(heed_import_torch root)
  target_include_directories(heed_torch SYSTEM INTERFACE
    "${root}/include" "${root}/include/torch/csrc/api/include")
  target_compile_definitions(heed_torch INTERFACE _GLIBCXX_USE_CXX11_ABI=1 AT_PER_OPERATOR_HEADERS)
  heed_import_torch_library("${root}" torch_cpu)
  heed_import_torch_library("${root}" c10)
  target_link_libraries(heed_torch INTERFACE heed_import_torch_cpu heed_import_c10)
  if(HEED_CUDA)
    heed_require_torch_library("${root}" torch_cuda)
    heed_require_torch_library("${root}" c10_cuda)
    target_compile_definitions(heed_torch INTERFACE HEED_CUDA)
    # One option, because CMake would move libraries out from between two.
    target_link_options(heed_torch INTERFACE
      "LINKER:--push-state,--no-as-needed,${root}/lib/libtorch_cuda.so,${root}/lib/libc10_cuda.so,--pop-state")
  endif()
endfunction()

add_library(heed_torch INTERFACE)
add_library(heed::torch ALIAS heed_torch)
heed_prefer_system_fmt(heed_torch)
if(HEED_CUDA)
  heed_find_torch_root(cuda HEED_TORCH_ROOT)
else()
  heed_find_torch_root(cpu HEED_TORCH_ROOT)
endif()
heed_import_torch("${HEED_TORCH_ROOT}")
message(STATUS "LibTorch: ${HEED_TORCH_ROOT}")
