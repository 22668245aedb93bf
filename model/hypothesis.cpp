#include "model/hypothesis.h"

#include <cmath>

namespace heed {

double length_penalty(std::int64_t length, double alpha) {
  return std::pow(static_cast<double>(length), alpha);
}

}  // namespace heed
