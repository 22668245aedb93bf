#include "app/device.h"

#include <ATen/Context.h>
#include <ATen/Version.h>

#include "app/errors.h"

namespace heed {

at::Device choose_device(Device device, std::size_t index) {
  const bool has_cuda = at::hasCUDA();
  if (device == Device::kCpu || (device == Device::kAuto && !has_cuda)) return at::kCPU;
  if (!has_cuda)
    throw UsageError(
        "device cuda: this build or this machine has no CUDA; use --device cpu, or build with "
        "-DHEED_CUDA=ON on a machine with an NVIDIA GPU");
  const std::size_t gpus = at::getNumGPUs();
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index % gpus));
}

std::string describe_device(at::Device device) {
  return device.is_cpu() ? "cpu (" + at::get_cpu_capability() + ")" : device.str();
}

}  // namespace heed
