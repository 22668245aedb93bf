#pragma once

#include <c10/util/Exception.h>

#include <new>
#include <string_view>

namespace heed {

/// What `body` gives; where LibTorch finds no memory, std::bad_alloc is thrown instead of its own.
template <typename Body>
auto with_bad_alloc(const Body& body) {
  try {
    return body();
  } catch (const c10::OutOfMemoryError&) {
    throw std::bad_alloc();
  } catch (const c10::Error& error) {
    // The allocator of the CPU has no type for it.
    const std::string_view message = error.what_without_backtrace();
    if (message.find("can't allocate memory") != std::string_view::npos) throw std::bad_alloc();
    throw;
  }
}

}  // namespace heed
