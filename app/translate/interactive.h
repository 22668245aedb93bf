#pragma once

#include <functional>
#include <string>

namespace heed {

/// Asks for lines at a prompt with line editing and history, and answers each on standard output,
/// until the end of input (Ctrl-D).
void converse(const std::function<void(std::string line, std::size_t line_number)>& answer);

/// Whether a person sits at standard input.
bool stdin_is_terminal();

}  // namespace heed
