#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "model/parameters.h"

namespace heed {

struct MuonOptions {
  /// As in OptimizerOptions.
  double momentum = 0.0;
  /// As in AdamOptions.
  double weight_decay = 0.0;
};

/// A matrix that is moved as a whole: row by row in flat buffers, from element `offset` on.
struct MuonMatrix {
  std::int64_t offset = 0;
  std::int64_t rows = 0;
  std::int64_t columns = 0;

  std::int64_t numel() const { return rows * columns; }
};

/// The matrices of a Transformer's layers, in the order of the buffer. Queries, keys and values are
/// matrices of their own although they lie in one; embeddings, which only ever learn in the rows
/// of the words at hand, are none, and neither is the output projection.
std::vector<MuonMatrix> layer_matrices(const ParameterLayout& layout);

/// Replaces `matrix` by nearly the nearest one with orthonormal rows (columns, where it has fewer):
/// the same singular vectors, singular values between 0.85 and 1.15 if they were above 1/500 of the
/// matrix's Euclidean norm, else smaller. A matrix of zeros stays. Newton-Schulz iteration of fifth
/// order with coefficients chosen for each of its steps (Cesista, You & Jordan 2025).
void orthogonalize(float* matrix, std::int64_t rows, std::int64_t columns);

/// The same by ATen, on any device, for a batch: [matrices, rows, columns].
at::Tensor orthogonalized(const at::Tensor& batch);

/// Muon (Jordan et al. 2024) over flat buffers: a matrix moves along its orthogonalized momentum,
/// so that all of its directions move alike, however small their gradients are. Steps are scaled to
/// the size of Adam's, so both go by one learning rate (Liu et al. 2025).
class Muon {
 public:
  explicit Muon(const MuonOptions& options) : options_(options) {}

  /// One update of one matrix of `values` by `grads` * `grad_scale`, in the CPU's memory;
  /// `momentum` is the running mean of its gradients. Several threads may each do some.
  void step(const MuonMatrix& matrix, const at::Tensor& values, const at::Tensor& grads,
            const at::Tensor& momentum, double grad_scale, double learning_rate) const;

  /// The same of all `matrices`, by ATen, on any device.
  void step_on_device(const std::vector<MuonMatrix>& matrices, const at::Tensor& values,
                      const at::Tensor& grads, const at::Tensor& momentum, double grad_scale,
                      double learning_rate) const;

 private:
  MuonOptions options_;
};

}  // namespace heed
