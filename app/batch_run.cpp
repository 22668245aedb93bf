#include "app/batch_run.h"

#include <mutex>
#include <new>

namespace heed {
namespace {

void run_in_halves(const Batch& batch, const std::function<void(const Batch&)>& body,
                   const std::function<void(std::uint32_t)>& on_too_large) {
  try {
    return body(batch);
  } catch (const std::bad_alloc&) {
    if (batch.size() == 1 && !on_too_large) throw;
  }
  if (batch.size() == 1) return on_too_large(batch.front());
  const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
  run_in_halves({batch.begin(), middle}, body, on_too_large);
  run_in_halves({middle, batch.end()}, body, on_too_large);
}

}  // namespace

void for_each_batch(std::span<const Batch> batches, WorkerPool& pool,
                    const std::function<void(const Batch&, std::size_t worker)>& body,
                    const std::function<void(std::size_t)>& on_progress,
                    const std::function<void(std::uint32_t)>& on_too_large) {
  std::mutex mutex;
  std::function<void(std::uint32_t)> tell;
  if (on_too_large)
    tell = [&](std::uint32_t index) {
      const std::lock_guard lock(mutex);
      on_too_large(index);
    };
  std::size_t done = 0;
  pool.run(batches.size(), [&](std::size_t task, std::size_t worker) {
    run_in_halves(
        batches[task], [&](const Batch& batch) { body(batch, worker); }, tell);
    const std::lock_guard lock(mutex);
    done += batches[task].size();
    if (on_progress) on_progress(done);
  });
}

}  // namespace heed
