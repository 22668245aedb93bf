#include "app/translate/interactive.h"

#include <editline/readline.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

namespace heed {

bool stdin_is_terminal() {
  return ::isatty(STDIN_FILENO) == 1;
}

void converse(const std::function<void(std::string, std::size_t)>& answer) {
  using_history();
  std::size_t line_number = 0;
  while (true) {
    const std::unique_ptr<char, decltype(&std::free)> line(readline("> "), &std::free);
    if (line == nullptr) return;
    if (line.get()[0] != '\0') add_history(line.get());
    answer(line.get(), ++line_number);
  }
}

}  // namespace heed
