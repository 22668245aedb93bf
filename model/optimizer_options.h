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

enum class OptimizerKind { kAdam, kMuon };

struct OptimizerOptions {
  /// With kMuon the layers' matrices are Muon's, and everything else is Adam's.
  OptimizerKind kind = OptimizerKind::kAdam;
  AdamOptions adam;
  /// The share of the running mean of a matrix's gradients that stays at an update.
  double muon_momentum = 0.95;
};

}  // namespace heed
