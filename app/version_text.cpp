#include "app/version_text.h"

#include <ATen/Version.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <thread>

#include "app/device.h"
#include "model/kernels/kernels.h"
#include "version.h"

namespace heed {
namespace {

/// "... v3.11 (Git Hash ...)" without what is in parentheses at the end.
std::string without_hash(const std::string& text) {
  return text.substr(0, text.find(" (Git"));
}

}  // namespace

std::string version_text() {
  const std::string device = describe_device(choose_device(Device::kAuto));
  return fmt::format(
      "heed {}\n"
      "LibTorch {}\n"
      "SentencePiece {}\n"
      "device: {}, {} cores\n"
      "kernels: {} in heed's own loops; {}\n"
      "compiled by {}, {}",
      kHeedVersion, TORCH_VERSION, kSentencePieceVersion, device,
      std::thread::hardware_concurrency(), kernel_sets().front().name,
      without_hash(at::get_mkldnn_version()), kCompiler, kBuildType);
}

}  // namespace heed
