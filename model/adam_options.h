#pragma once

namespace heed {

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.98;
  double epsilon = 1e-9;
  double weight_decay = 0.0;
  /// true: AdamW (Loshchilov & Hutter 2019), the decay taken off the value apart from the moments;
  /// false: added to the gradient.
  bool decoupled_weight_decay = false;
  /// Of the exponential moving average of the values; 0: none is kept.
  double average_decay = 0.0;
};

}  // namespace heed
