#pragma once

#include <cstddef>
#include <string>

namespace heed {

/// Makes a line of input fit for the model: ill-formed UTF-8 becomes U+FFFD, with a warning that
/// names input and line.
void clean_line(std::string& line, const std::string& input_name, std::size_t line_number);

}  // namespace heed
