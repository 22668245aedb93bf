#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace heed {

/// Cores that this process may run on; at least 1.
std::size_t available_cores();

/// A fixed number of threads, one a core, each with a state of its own in the caller's arrays.
/// Results must depend on the task alone, never on which worker ran it.
class WorkerPool {
 public:
  /// `threads` 0: one a core.
  explicit WorkerPool(std::size_t threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  std::size_t size() const { return threads_.size(); }

  /// Runs `body(task, worker)` for every task in [0, tasks) and waits; tasks are taken in order.
  /// Rethrows the first exception; tasks not yet begun are then left out.
  void run(std::size_t tasks,
           const std::function<void(std::size_t task, std::size_t worker)>& body);

 private:
  void work(std::size_t worker);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  const std::function<void(std::size_t, std::size_t)>* body_ = nullptr;
  std::size_t tasks_ = 0;
  std::size_t next_ = 0;
  std::size_t running_ = 0;
  bool stopping_ = false;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

}  // namespace heed
