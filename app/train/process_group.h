#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>

namespace heed {

/// The processes that train one model together, on one machine or several. Every process makes the
/// same calls in the same order; a call that another process never answers ends in an error.
class ProcessGroup {
 public:
  virtual ~ProcessGroup() = default;

  virtual std::size_t rank() const = 0;  // of this process, from 0
  virtual std::size_t size() const = 0;

  /// Each process's buffer becomes the sum of all, float or double, the same bits everywhere.
  virtual void all_reduce(const at::Tensor& buffer) = 0;
  /// Each process's buffer becomes the first one's.
  virtual void broadcast(const at::Tensor& buffer) = 0;
  /// Returns when every process has come here, however long that takes.
  virtual void wait_for_all() = 0;

  /// The same of numbers.
  void all_reduce(std::span<double> values);
  void broadcast(std::span<double> values);

  /// One process writes files and reports.
  bool is_first() const { return rank() == 0; }
};

/// How many processes of the group run on this machine, and which of them this one is.
std::size_t local_processes();
std::size_t local_rank();

/// The group that mpirun or srun started this process in, else a group of one. Processes other than
/// the first log only warnings from here on. `seconds` is how long a call waits for the others.
/// Throws UsageError when there are others and this build has no MPI.
std::unique_ptr<ProcessGroup> join_process_group(double seconds);

}  // namespace heed
