#include "app/worker_pool.h"

#if defined(__linux__)
#include <sched.h>
#endif

#include <algorithm>
#include <utility>

namespace heed {

std::size_t available_cores() {
#if defined(__linux__)
  cpu_set_t allowed;  // a starter such as mpirun may have bound this process to some cores
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0)
    return static_cast<std::size_t>(std::max(1, CPU_COUNT(&allowed)));
#endif
  return std::max(1U, std::thread::hardware_concurrency());
}

WorkerPool::WorkerPool(std::size_t threads) {
  if (threads == 0) threads = available_cores();
  for (std::size_t worker = 0; worker < threads; ++worker)
    threads_.emplace_back([this, worker] { work(worker); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::run(std::size_t tasks, const std::function<void(std::size_t, std::size_t)>& body) {
  std::unique_lock lock(mutex_);
  body_ = &body;
  tasks_ = tasks;
  next_ = 0;
  wake_.notify_all();
  idle_.wait(lock, [this] { return next_ >= tasks_ && running_ == 0; });
  body_ = nullptr;
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void WorkerPool::work(std::size_t worker) {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || (body_ != nullptr && next_ < tasks_); });
    if (stopping_) return;
    const std::size_t task = next_++;
    const auto* body = body_;
    ++running_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      (*body)(task, worker);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure && !failure_) failure_ = failure;
    if (failure) next_ = tasks_;
    --running_;
    if (next_ >= tasks_ && running_ == 0) idle_.notify_all();
  }
}

}  // namespace heed
