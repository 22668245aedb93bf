#include "app/train/process_group.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <initializer_list>

#include "app/errors.h"
#include "app/train/mpi_process_group.h"
#include "model/aten_ops.h"

namespace heed {
namespace {

class SingleProcess : public ProcessGroup {
 public:
  std::size_t rank() const override { return 0; }
  std::size_t size() const override { return 1; }
  void all_reduce(const at::Tensor&) override {}
  void broadcast(const at::Tensor&) override {}
  void wait_for_all() override {}
};

/// The first of these environment variables that is set, as starters do: OpenMPI's mpirun, others
/// by PMI, Slurm's srun.
std::size_t number_from(std::initializer_list<const char*> names, std::size_t otherwise) {
  for (const char* name : names)
    if (const char* value = std::getenv(name); value != nullptr)
      return static_cast<std::size_t>(std::strtoul(value, nullptr, 10));
  return otherwise;
}

at::Tensor view_of(std::span<double> values) {
  return at::from_blob(values.data(), {static_cast<std::int64_t>(values.size())}, at::kDouble);
}

}  // namespace

void ProcessGroup::all_reduce(std::span<double> values) {
  all_reduce(view_of(values));
}

void ProcessGroup::broadcast(std::span<double> values) {
  broadcast(view_of(values));
}

std::size_t local_processes() {
  // Slurm says it for each machine, "2(x3),1": the first number is near enough.
  return std::max<std::size_t>(
      1, number_from({"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "SLURM_TASKS_PER_NODE"}, 1));
}

std::size_t local_rank() {
  return number_from({"OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"}, 0);
}

std::unique_ptr<ProcessGroup> join_process_group(double seconds) {
  const std::size_t processes =
      number_from({"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}, 1);
  if (processes <= 1) return std::make_unique<SingleProcess>();
#if HEED_MPI
  auto group = make_mpi_process_group(seconds);
  if (!group->is_first()) spdlog::set_level(spdlog::level::warn);
  return group;
#else
  throw UsageError(
      fmt::format("started as one of {} processes, but this build has no MPI: build with "
                  "-DHEED_MPI=ON (Debian: libopenmpi-dev, openmpi-bin), or start one process",
                  processes));
#endif
}

}  // namespace heed
