#pragma once

#include <exception>
#include <string>

namespace heed {

/// What the exception that `function` throws says; "" when it throws none.
template <typename Function>
std::string error_message(const Function& function) {
  try {
    function();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

}  // namespace heed
