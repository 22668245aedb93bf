#pragma once

namespace heed {

/// What a feed-forward layer does between its two products.
enum class Activation { kRelu, kGelu, kSwish };

}  // namespace heed
