#include "app/output.h"

#include <iostream>
#include <stdexcept>

namespace heed {

Output::Output(const std::string& path) {
  if (!path.empty() && path != "-") file_.emplace(path);
}

std::ostream& Output::stream() {
  return file_ ? file_->stream() : std::cout;
}

void Output::finish() {
  if (file_) return file_->commit();
  std::cout.flush();
  if (!std::cout) throw std::runtime_error("standard output can't be written");
}

}  // namespace heed
