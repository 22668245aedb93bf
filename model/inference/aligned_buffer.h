#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace heed {

/// Room for numbers on a 64-byte boundary, not initialised. Grows, never shrinks.
template <typename T>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::int64_t size) { reserve(size); }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }

  /// Room for `size` numbers; what was in it is lost when it grows.
  T* reserve(std::int64_t size) {
    if (size > capacity_) {
      constexpr std::size_t kBoundary = 64;
      const auto bytes = static_cast<std::size_t>(size) * sizeof(T);
      data_.reset();
      capacity_ = 0;
      data_.reset(static_cast<T*>(
          std::aligned_alloc(kBoundary, (bytes + kBoundary - 1) / kBoundary * kBoundary)));
      if (data_ == nullptr) throw std::bad_alloc();
      capacity_ = size;
    }
    return data_.get();
  }

 private:
  struct Free {
    void operator()(T* memory) const { std::free(memory); }
  };

  std::unique_ptr<T, Free> data_;
  std::int64_t capacity_ = 0;
};

}  // namespace heed
