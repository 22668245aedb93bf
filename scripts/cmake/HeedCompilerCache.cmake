# Compiles through ccache where it is installed; the base folder lets clones share results.
# There is no precompiled header on purpose: with one, g++ instantiates all of its pending templates
# again in every file, which costs more than parsing the narrow headers that heed includes.
find_program(HEED_CCACHE_PROGRAM ccache)
if(HEED_CCACHE AND HEED_CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1 CCACHE_ABSSTDERR=1
    "${HEED_CCACHE_PROGRAM}")
endif()
