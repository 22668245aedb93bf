# The libraries heed needs, all from Debian (scripts/setup.sh lists the packages) but for LibTorch.
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(ZLIB REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)
find_package(Threads REQUIRED)

# Defines `heed::<name>` for a library that brings no CMake configuration.
function(heed_import_library name header)
  find_path(HEED_${name}_INCLUDE ${header})
  set(libraries "")
  foreach(library IN LISTS ARGN)
    find_library(HEED_${library}_LIBRARY ${library})
    list(APPEND libraries "${HEED_${library}_LIBRARY}")
  endforeach()
  if(NOT HEED_${name}_INCLUDE OR libraries MATCHES "NOTFOUND")
    message(FATAL_ERROR "lib${name} not found. Debian: apt-get install lib${name}-dev")
  endif()
  add_library(heed_${name} INTERFACE)
  add_library(heed::${name} ALIAS heed_${name})
  target_include_directories(heed_${name} SYSTEM INTERFACE "${HEED_${name}_INCLUDE}")
  target_link_libraries(heed_${name} INTERFACE ${libraries})
endfunction()

heed_import_library(sentencepiece sentencepiece_trainer.h sentencepiece sentencepiece_train)
heed_import_library(edit histedit.h edit)

# SentencePiece has no call that tells its version; its pkg-config file does.
find_file(HEED_SENTENCEPIECE_PC sentencepiece.pc PATH_SUFFIXES
  lib/pkgconfig lib/${CMAKE_LIBRARY_ARCHITECTURE}/pkgconfig lib64/pkgconfig)
set(HEED_SENTENCEPIECE_VERSION "unknown")
if(HEED_SENTENCEPIECE_PC)
  file(STRINGS "${HEED_SENTENCEPIECE_PC}" HEED_SENTENCEPIECE_VERSION REGEX "^Version:")
  string(REGEX REPLACE "^Version: *" "" HEED_SENTENCEPIECE_VERSION "${HEED_SENTENCEPIECE_VERSION}")
endif()

# Figures as PNG: Pango shapes the text and Cairo draws it.
find_package(PkgConfig QUIET)
if(HEED_PNG AND PKG_CONFIG_FOUND)
  pkg_check_modules(PANGO QUIET pangocairo)
endif()
if(HEED_PNG AND NOT PANGO_FOUND)
  message(STATUS "Pango not found: heed align --format png will not work (svg will). "
                 "Debian: apt-get install libpango1.0-dev pkg-config")
endif()

if(HEED_TCMALLOC AND NOT HEED_SANITIZE)
  find_library(HEED_TCMALLOC_LIBRARY tcmalloc_minimal)
  if(NOT HEED_TCMALLOC_LIBRARY)
    message(STATUS "tcmalloc not found: training will be about a third slower. "
                   "Debian: apt-get install libgoogle-perftools-dev")
  endif()
else()
  unset(HEED_TCMALLOC_LIBRARY CACHE)
endif()
