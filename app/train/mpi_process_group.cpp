#include "app/train/mpi_process_group.h"

#if HEED_MPI

#include <fmt/format.h>
#include <mpi.h>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <thread>

#include "app/interrupt.h"
#include "app/progress.h"
#include "app/train/nccl_communicator.h"

namespace heed {
namespace {

// A wait looks this often before it begins to sleep in between: an all-reduce between processes of
// one machine takes about as long.
constexpr int kEagerLooks = 2000;
constexpr std::chrono::microseconds kNap{50};

// How long to wait for others once this process was told to stop: they were too, or are gone.
constexpr double kGraceSeconds = 5.0;

/// Data on a device that MPI doesn't read pass through the CPU's memory.
class OnCpu {
 public:
  explicit OnCpu(const at::Tensor& buffer)
      : buffer_(buffer), host_(buffer.is_cpu() ? buffer : buffer.to(at::kCPU)) {
    TORCH_CHECK(host_.is_contiguous(), "a buffer for other processes has to be contiguous");
  }
  void* data() const { return host_.mutable_data_ptr(); }
  int count() const { return static_cast<int>(host_.numel()); }
  MPI_Datatype type() const { return host_.scalar_type() == at::kDouble ? MPI_DOUBLE : MPI_FLOAT; }
  void finish() const {
    if (!buffer_.is_cpu()) buffer_.copy_(host_);
  }

 private:
  at::Tensor buffer_;
  at::Tensor host_;
};

class MpiProcessGroup : public ProcessGroup {
 public:
  explicit MpiProcessGroup(double seconds) : seconds_(seconds) {
    int provided = 0;
    if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
      throw std::runtime_error("MPI could not be started");
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }

  ~MpiProcessGroup() override {
    // After an error the others would not come to the end of a finalisation. A process that ends
    // without one makes its starter end the others.
    if (!failed_ && std::uncaught_exceptions() == 0) MPI_Finalize();
  }

  std::size_t rank() const override { return static_cast<std::size_t>(rank_); }
  std::size_t size() const override { return static_cast<std::size_t>(size_); }

  void all_reduce(const at::Tensor& buffer) override {
    if (nccl_.all_reduce(buffer, *this)) return;
    const OnCpu host(buffer);
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Iallreduce(MPI_IN_PLACE, host.data(), host.count(), host.type(), MPI_SUM,
                         MPI_COMM_WORLD, &request));
    wait(request, seconds_);
    host.finish();
  }

  void broadcast(const at::Tensor& buffer) override {
    const OnCpu host(buffer);
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Ibcast(host.data(), host.count(), host.type(), /*root=*/0, MPI_COMM_WORLD, &request));
    wait(request, seconds_);
    host.finish();
  }

  void wait_for_all() override {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Ibarrier(MPI_COMM_WORLD, &request));
    wait(request, /*seconds=*/0.0);
  }

 private:
  void check(int error) {
    if (error == MPI_SUCCESS) return;
    char text[MPI_MAX_ERROR_STRING];
    int length = 0;
    MPI_Error_string(error, text, &length);
    fail(std::string(text, static_cast<std::size_t>(length)));
  }

  [[noreturn]] void fail(const std::string& what) {
    failed_ = true;
    throw std::runtime_error(
        fmt::format("process {} of {}: {}; the last checkpoint is whole, and the same command "
                    "goes on from it, with as many processes as you like",
                    rank_, size_, what));
  }

  /// `seconds` 0: without end.
  void wait(MPI_Request& request, double seconds) {
    const Stopwatch watch;
    for (int looks = 0;; ++looks) {
      int done = 0;
      check(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
      if (done != 0) return;
      if (looks < kEagerLooks) continue;
      const double limit = interrupt_requested() ? kGraceSeconds : seconds;
      if (limit > 0 && watch.seconds() > limit)
        fail(
            fmt::format("another process has not answered for {:.0f} seconds "
                        "(training.process_timeout is {:.0f}): it has died or hangs",
                        limit, seconds_));
      std::this_thread::sleep_for(kNap);
    }
  }

  double seconds_;
  int rank_ = 0;
  int size_ = 1;
  bool failed_ = false;
  NcclCommunicator nccl_;
};

}  // namespace

std::unique_ptr<ProcessGroup> make_mpi_process_group(double seconds) {
  return std::make_unique<MpiProcessGroup>(seconds);
}

}  // namespace heed

#endif
