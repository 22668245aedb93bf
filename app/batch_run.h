#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "app/worker_pool.h"
#include "data/batcher.h"

namespace heed {

/// Calls `body` with each of the batches and the worker's number, spread over the pool.
/// `on_progress`, if there is one, gets the number of sentences done, from any thread, one call at
/// a time.
void for_each_batch(std::span<const Batch> batches, WorkerPool& pool,
                    const std::function<void(const Batch&, std::size_t worker)>& body,
                    const std::function<void(std::size_t)>& on_progress = {});

}  // namespace heed
