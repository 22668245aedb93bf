#include "app/batch_run.h"

#include <mutex>

namespace heed {

void for_each_batch(std::span<const Batch> batches, WorkerPool& pool,
                    const std::function<void(const Batch&, std::size_t worker)>& body,
                    const std::function<void(std::size_t)>& on_progress) {
  std::mutex mutex;
  std::size_t done = 0;
  pool.run(batches.size(), [&](std::size_t task, std::size_t worker) {
    body(batches[task], worker);
    const std::lock_guard lock(mutex);
    done += batches[task].size();
    if (on_progress) on_progress(done);
  });
}

}  // namespace heed
