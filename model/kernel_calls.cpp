#include "model/kernel_calls.h"

#include <array>
#include <cstdlib>
#include <memory>
#include <new>

namespace heed {
namespace {

constexpr std::size_t kCacheLine = 64;

struct Free {
  void operator()(std::uint32_t* memory) const { std::free(memory); }
};

struct Room {
  std::unique_ptr<std::uint32_t, Free> memory;
  std::int64_t words = 0;
};

}  // namespace

std::uint32_t* scratch(Scratch slot, std::int64_t words) {
  thread_local std::array<Room, static_cast<std::size_t>(Scratch::kCount)> rooms;
  Room& room = rooms[static_cast<std::size_t>(slot)];
  if (room.words < words) {
    const std::size_t bytes =
        (static_cast<std::size_t>(words) * sizeof(std::uint32_t) + kCacheLine - 1) / kCacheLine *
        kCacheLine;
    room.memory.reset(static_cast<std::uint32_t*>(std::aligned_alloc(kCacheLine, bytes)));
    if (room.memory == nullptr) throw std::bad_alloc();
    room.words = words;
  }
  return room.memory.get();
}

DropoutMask make_mask(const Dropout& dropout) {
  DropoutMask mask;
  if (dropout.probability == 0.0) return mask;
  mask.key = static_cast<std::uint32_t>(dropout.seed);
  mask.drop_below = static_cast<std::uint32_t>(dropout.probability * 4294967296.0);
  mask.scale = static_cast<float>(1.0 / (1.0 - dropout.probability));
  return mask;
}

}  // namespace heed
