#pragma once

#include <string>

namespace heed {

/// Versions of heed, LibTorch and SentencePiece, the device, and the kernels in use.
std::string version_text();

}  // namespace heed
