#include "app/out_of_memory.h"

#include <c10/util/Exception.h>

#include <new>
#include <string>

namespace heed {

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  // LibTorch's allocator for the CPU has no type of its own for it.
  const auto* of_torch = dynamic_cast<const c10::Error*>(&error);
  return of_torch != nullptr && of_torch->msg().find("can't allocate memory") != std::string::npos;
}

}  // namespace heed
