# cmake -DINPUT=FILE[,FILE...] -DOUTPUT=HEADER -DNAME=kConstant -P embed_text.cmake
# Writes a header that holds the text of INPUT, one file after the other, as a string constant. Long text is cut after line ends
# into literals of about 8 kB: compilers limit the length of one, and none is cut inside a character.
set(chunk_length 8000)

string(REPLACE "," ";" inputs "${INPUT}")
set(rest "")
set(sources "")
foreach(input IN LISTS inputs)
  file(READ "${input}" text)
  string(APPEND rest "${text}")
  get_filename_component(source "${input}" NAME)
  string(APPEND sources " ${source}")
endforeach()
set(literals "")
string(LENGTH "${rest}" length)
while(length GREATER chunk_length)
  string(SUBSTRING "${rest}" ${chunk_length} -1 beyond)
  string(FIND "${beyond}" "\n" line_end)
  if(line_end EQUAL -1)
    break()
  endif()
  math(EXPR cut "${chunk_length} + ${line_end} + 1")
  string(SUBSTRING "${rest}" 0 ${cut} chunk)
  string(SUBSTRING "${rest}" ${cut} -1 rest)
  string(APPEND literals "    R\"heed_text(${chunk})heed_text\"\n")
  string(LENGTH "${rest}" length)
endwhile()
string(APPEND literals "    R\"heed_text(${rest})heed_text\"")

file(WRITE "${OUTPUT}" "// Made from${sources} by embed_text.cmake.
#pragma once

#include <string_view>

namespace heed {

inline constexpr std::string_view ${NAME} =
${literals};

}  // namespace heed
")
