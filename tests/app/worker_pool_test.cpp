#include "app/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace heed {
namespace {

TEST(WorkerPool, RunsEveryTaskOnce) {
  WorkerPool pool(3);
  for (const std::size_t tasks : {0u, 1u, 2u, 100u}) {
    std::vector<std::atomic<int>> runs(tasks);
    pool.run(tasks, [&](std::size_t task, std::size_t worker) {
      EXPECT_LT(worker, 3u);
      ++runs[task];
    });
    for (const auto& count : runs) EXPECT_EQ(count, 1);
  }
}

TEST(WorkerPool, RethrowsLeavesTheRestOutAndCanBeUsedAgain) {
  WorkerPool pool(1);  // with more, others may finish every task ahead of the exception
  std::atomic<int> runs = 0;
  EXPECT_THROW(pool.run(1000,
                        [&](std::size_t task, std::size_t) {
                          ++runs;
                          if (task == 3) throw std::runtime_error("three");
                        }),
               std::runtime_error);
  EXPECT_EQ(runs, 4);
  pool.run(5, [&](std::size_t, std::size_t) {});
}

}  // namespace
}  // namespace heed
