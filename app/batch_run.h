#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "app/worker_pool.h"
#include "data/batcher.h"

namespace heed {

/// Calls `body` with each of the batches and the worker's number, spread over the pool.
/// `on_progress`, if there is one, gets the number of sentences done, from any thread, one call at
/// a time. A batch whose body throws std::bad_alloc is done in halves; what is too large even alone
/// goes, one call at a time, to `on_too_large`, or without that the exception is passed on.
void for_each_batch(std::span<const Batch> batches, WorkerPool& pool,
                    const std::function<void(const Batch&, std::size_t worker)>& body,
                    const std::function<void(std::size_t)>& on_progress = {},
                    const std::function<void(std::uint32_t)>& on_too_large = {});

}  // namespace heed
