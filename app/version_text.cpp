#include "app/version_text.h"

#include <ATen/Version.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <thread>

#include "app/device.h"
#include "model/dispatch.h"
#include "version.h"

namespace heed {
namespace {

/// The library's own words up to the first that is no name or number: they go on about builds.
std::string first_words(const std::string& text) { return text.substr(0, text.find_first_of("(\n")); }

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
      std::thread::hardware_concurrency(), kernel_instruction_set(),
      first_words(at::get_mkldnn_version()), kCompiler, kBuildType);
}

}  // namespace heed
