#pragma once

namespace heed {

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.98;
  double epsilon = 1e-9;
  /// What share of a value an update takes off, times the learning rate: apart from the moments, as
  /// in AdamW (Loshchilov & Hutter 2019).
  double weight_decay = 0.0;
  /// Of the exponential moving average of the values; 0: none is kept.
  double average_decay = 0.0;
};

}  // namespace heed
