#include "app/batch_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <new>
#include <stdexcept>

namespace heed {
namespace {

struct Outcome {
  std::vector<std::uint32_t> done, too_large;
  std::size_t progress = 0;
};

/// Batches of which none of more than `room` pairs fits, nor any with pair 3.
Outcome run_with_room(std::size_t room) {
  const std::vector<Batch> batches{{0, 1, 2, 3, 4}, {5}, {}, {6, 7, 8}};
  WorkerPool pool(3);
  Outcome run;
  std::mutex mutex;
  for_each_batch(
      batches, pool,
      [&](const Batch& batch, std::size_t) {
        if (batch.size() > room || std::ranges::count(batch, 3U) > 0) throw std::bad_alloc();
        const std::lock_guard lock(mutex);
        run.done.insert(run.done.end(), batch.begin(), batch.end());
      },
      [&](std::size_t done) { run.progress = done; },
      [&](std::uint32_t index) { run.too_large.push_back(index); });
  std::ranges::sort(run.done);
  return run;
}

TEST(ForEachBatch, WithoutMemoryHalvesAreTried) {
  for (const std::size_t room : {1U, 2U, 3U, 10U}) {
    const Outcome run = run_with_room(room);
    EXPECT_EQ(run.done, (std::vector<std::uint32_t>{0, 1, 2, 4, 5, 6, 7, 8})) << room;
    EXPECT_EQ(run.too_large, std::vector<std::uint32_t>{3}) << room;
    EXPECT_EQ(run.progress, 9U);
  }
}

TEST(ForEachBatch, OtherErrorsAreNotTriedAgain) {
  WorkerPool pool(1);
  std::size_t calls = 0;
  const auto fail = [&](const Batch&, std::size_t) {
    ++calls;
    throw std::runtime_error("no");
  };
  EXPECT_THROW(for_each_batch(std::vector<Batch>{{0, 1}}, pool, fail), std::runtime_error);
  EXPECT_EQ(calls, 1U);
  const auto no_memory = [](const Batch&, std::size_t) { throw std::bad_alloc(); };
  EXPECT_THROW(for_each_batch(std::vector<Batch>{{0, 1}}, pool, no_memory), std::bad_alloc);
}

}  // namespace
}  // namespace heed
