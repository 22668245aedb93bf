#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "app/config/run_config.h"
#include "app/worker_pool.h"
#include "data/batcher.h"

namespace heed {

/// Floating-point operations of one forward and backward pass over pairs of these lengths: two for
/// each multiplication in a matrix product, those of attention included, forward once and backward
/// twice. What backward does again isn't counted twice.
double training_flops(const TransformerConfig& model, std::span<const PairLength> lengths);

/// Operations a second that all workers together reach on one large matrix product each, by the
/// faster of heed's kernel and LibTorch's: the peak that a share is a share of.
double measure_gemm_peak(WorkerPool& pool, Precision precision);

/// The middle one of `values`, of which there is one at least.
double median(std::vector<double> values);

/// The most memory that this process has held, in bytes; 0 where the system doesn't say.
std::int64_t peak_memory();

}  // namespace heed
