# How heed's own targets are compiled.

# The sources below `folder`, without main.
function(heed_glob result folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "/app/(network_)?main\\.cpp$|/model/kernels/")
  set(${result} ${sources} PARENT_SCOPE)
endfunction()

# Include paths from the repository's root, warnings, sanitizers.
function(heed_configure_target target)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}" "${HEED_GENERATED_DIR}")
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion $<$<BOOL:${HEED_WERROR}>:-Werror>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # These two misfire on std::string once GCC 12 has inlined it (GCC bugs 105329, 105651).
    target_compile_options(${target} PRIVATE -Wno-restrict -Wno-stringop-overflow)
  endif()
  if(HEED_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${HEED_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
      # misfires in the instrumented <regex> and <functional>
      $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(${target} PRIVATE -fsanitize=${HEED_SANITIZE})
  endif()
endfunction()

# A static library of every .cpp below `folder`; with ONLY or EXCEPT, of those whose paths match, or
# don't match, that expression.
function(heed_add_library target folder)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "ONLY;EXCEPT" "")
  heed_glob(sources ${folder})
  if(arg_ONLY)
    list(FILTER sources INCLUDE REGEX "${arg_ONLY}")
  endif()
  if(arg_EXCEPT)
    list(FILTER sources EXCLUDE REGEX "${arg_EXCEPT}")
  endif()
  add_library(${target} STATIC ${sources})
  heed_configure_target(${target})
endfunction()

# Those of a target's sources that match `regex` become one translation unit (unless HEED_UNITY is
# off): for files whose headers cost more than they do. Their names must not collide.
function(heed_compile_together target group REGEX regex)
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "${regex}")
  set_source_files_properties(${sources} PROPERTIES UNITY_GROUP ${group})
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ${HEED_UNITY} UNITY_BUILD_MODE GROUP)
endfunction()

# glibc's malloc costs a third of a training step, so tcmalloc replaces it in whatever runs the
# network. Nothing refers to it by name, hence --no-as-needed.
function(heed_link_allocator target)
  if(HEED_TCMALLOC_LIBRARY)
    target_link_libraries(${target} PRIVATE
      -Wl,--push-state,--no-as-needed "${HEED_TCMALLOC_LIBRARY}" -Wl,--pop-state)
  endif()
endfunction()

# A header `output` with the text of the files that follow as `inline constexpr std::string_view name`.
function(heed_embed_text output name)
  set(script "${PROJECT_SOURCE_DIR}/scripts/cmake/embed_text.cmake")
  list(TRANSFORM ARGN PREPEND "${PROJECT_SOURCE_DIR}/" OUTPUT_VARIABLE inputs)
  list(JOIN inputs "," joined)
  add_custom_command(
    OUTPUT "${HEED_GENERATED_DIR}/${output}"
    COMMAND ${CMAKE_COMMAND} "-DINPUT=${joined}"
      "-DOUTPUT=${HEED_GENERATED_DIR}/${output}" -DNAME=${name} -P "${script}"
    DEPENDS ${inputs} "${script}"
    COMMENT "Embedding ${output}"
    VERBATIM)
endfunction()
