#pragma once

#include <stdexcept>
#include <string>

namespace heed {

/// Wrong usage: an unknown option, an unknown configuration key, a value out of its range.
/// `main` prints it and exits with 2; every other exception exits with 1.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace heed
