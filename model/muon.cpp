#include "model/muon.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "model/aten_ops.h"
#include "model/kernel_calls.h"

namespace heed {
namespace {

/// X becomes first X + third (X X^T) X + fifth (X X^T)^2 X.
struct NewtonSchulzStep {
  double first;
  double third;
  double fifth;
};

constexpr std::array kSteps{
    NewtonSchulzStep{4.0848, -6.8946, 2.9270}, NewtonSchulzStep{3.9505, -6.3029, 2.6377},
    NewtonSchulzStep{3.7418, -5.5913, 2.3037}, NewtonSchulzStep{2.8769, -3.1427, 1.2046},
    NewtonSchulzStep{2.8366, -3.0525, 1.2012}};

// The root mean square of an update of Adam, divided by the learning rate (Liu et al. 2025).
constexpr double kAdamSize = 0.2;

/// What a matrix of that shape is moved by, times the orthogonalized momentum: its root mean square
/// is 1 / sqrt(longer side).
double step_size(const MuonMatrix& matrix, double learning_rate) {
  return learning_rate * kAdamSize *
         std::sqrt(static_cast<double>(std::max(matrix.rows, matrix.columns)));
}

/// Memory of one call of orthogonalize.
struct Workspace {
  float* product;  // [rows, columns]
  float* gram;     // [side, side], the shorter side
  float* square;   // the same
  std::int64_t side;

  Workspace(std::int64_t rows, std::int64_t columns) : side(std::min(rows, columns)) {
    product = reinterpret_cast<float*>(scratch(Scratch::kMatrix, rows * columns + 2 * side * side));
    gram = product + rows * columns;
    square = gram + side * side;
  }
};

Packed packed(const float* matrix, std::int64_t k, std::int64_t columns) {
  std::uint32_t* room = scratch(Scratch::kPacked, kernels<float>().pack_size(k, columns));
  return kernels<float>().pack(matrix, columns, k, columns, room);
}

/// out = a b for a [rows, k], b [k, columns].
void multiply(const float* a, std::int64_t rows, const Packed& b, float* out) {
  kernels<float>().multiply(a, rows, b.k, b, nullptr, out, b.columns);
}

/// X X^T, or X^T X where that is smaller.
void multiply_by_itself(const float* x, std::int64_t rows, std::int64_t columns, float* gram) {
  if (rows > columns) {
    std::fill(gram, gram + columns * columns, 0.0F);
    return add_product(x, columns, columns, x, columns, rows, gram);
  }
  std::uint32_t* room = scratch(Scratch::kPacked, kernels<float>().pack_size(columns, rows));
  multiply(x, rows, kernels<float>().pack_transposed(x, columns, columns, rows, room), gram);
}

/// gram = first I + third gram + fifth gram^2.
void apply_polynomial(const NewtonSchulzStep& step, const Workspace& work) {
  const std::int64_t side = work.side;
  multiply(work.gram, side, packed(work.gram, side, side), work.square);
  const auto third = static_cast<float>(step.third);
  const auto fifth = static_cast<float>(step.fifth);
  for (std::int64_t i = 0; i < side * side; ++i)
    work.gram[i] = third * work.gram[i] + fifth * work.square[i];
  for (std::int64_t i = 0; i < side; ++i)
    work.gram[i * (side + 1)] += static_cast<float>(step.first);
}

}  // namespace

std::vector<MuonMatrix> layer_matrices(const ParameterLayout& layout) {
  std::vector<MuonMatrix> matrices;
  for (const ParameterSpec& spec : layout.specs()) {
    if (spec.shape.size() != 2 || spec.name.find("coder.layers.") == std::string::npos) continue;
    std::int64_t parts = 1;
    if (spec.name.ends_with("query_key_value.weight")) parts = 3;
    if (spec.name.ends_with(".key_value.weight")) parts = 2;
    const MuonMatrix first{spec.offset, spec.shape[0] / parts, spec.shape[1]};
    for (std::int64_t part = 0; part < parts; ++part)
      matrices.push_back({first.offset + part * first.numel(), first.rows, first.columns});
  }
  return matrices;
}

void orthogonalize(float* matrix, std::int64_t rows, std::int64_t columns) {
  const std::int64_t size = rows * columns;
  const double squares = flat_kernels().sum_of_squares(matrix, size);
  if (squares == 0.0) return;
  const auto scale = static_cast<float>(1.0 / std::sqrt(squares));
  for (std::int64_t i = 0; i < size; ++i) matrix[i] *= scale;
  const Workspace work(rows, columns);
  for (const NewtonSchulzStep& step : kSteps) {
    multiply_by_itself(matrix, rows, columns, work.gram);
    apply_polynomial(step, work);
    if (rows > columns)
      multiply(matrix, rows, packed(work.gram, columns, columns), work.product);
    else
      multiply(work.gram, rows, packed(matrix, rows, columns), work.product);
    std::copy(work.product, work.product + size, matrix);
  }
}

at::Tensor orthogonalized(const at::Tensor& batch) {
  const bool is_tall = batch.size(1) > batch.size(2);
  at::Tensor x = is_tall ? batch.transpose(1, 2) : batch;
  x = x / x.square().sum({1, 2}, true).sqrt().clamp_min(1e-30);  // zeros stay zeros
  for (const NewtonSchulzStep& step : kSteps) {
    const at::Tensor gram = at::matmul(x, x.transpose(1, 2));
    x = x * step.first + at::matmul(gram * step.third + at::matmul(gram, gram) * step.fifth, x);
  }
  return is_tall ? x.transpose(1, 2) : x;
}

void Muon::step(const MuonMatrix& matrix, const at::Tensor& values, const at::Tensor& grads,
                const at::Tensor& momentum, double grad_scale, double learning_rate) const {
  const std::int64_t size = matrix.numel();
  float* value = values.mutable_data_ptr<float>() + matrix.offset;
  float* mean = momentum.mutable_data_ptr<float>() + matrix.offset;
  const float* grad = grads.const_data_ptr<float>() + matrix.offset;
  auto* update = reinterpret_cast<float*>(scratch(Scratch::kMatrixUpdate, size));
  const auto keep = static_cast<float>(options_.momentum);
  const auto rest = static_cast<float>(1.0 - options_.momentum);
  for (std::int64_t i = 0; i < size; ++i) {
    const float fresh = rest * static_cast<float>(grad_scale) * grad[i];
    mean[i] = keep * mean[i] + fresh;
    update[i] = keep * mean[i] + fresh;  // Nesterov's: the mean as the next gradient will find it
  }
  orthogonalize(update, matrix.rows, matrix.columns);
  const auto stay = static_cast<float>(1.0 - learning_rate * options_.weight_decay);
  const auto move = static_cast<float>(step_size(matrix, learning_rate));
  for (std::int64_t i = 0; i < size; ++i) value[i] = stay * value[i] - move * update[i];
}

void Muon::step_on_device(const std::vector<MuonMatrix>& matrices, const at::Tensor& values,
                          const at::Tensor& grads, const at::Tensor& momentum, double grad_scale,
                          double learning_rate) const {
  // Of one shape all at once: a product of one small matrix leaves a GPU idle.
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<MuonMatrix>> of_shape;
  for (const MuonMatrix& matrix : matrices)
    of_shape[{matrix.rows, matrix.columns}].push_back(matrix);
  for (const auto& [shape, group] : of_shape) {
    const auto part = [&](const at::Tensor& flat, const MuonMatrix& matrix) {
      return flat.narrow(0, matrix.offset, matrix.numel()).view({1, matrix.rows, matrix.columns});
    };
    std::vector<at::Tensor> updates;
    for (const MuonMatrix& matrix : group) {
      const at::Tensor fresh = part(grads, matrix) * (grad_scale * (1.0 - options_.momentum));
      const at::Tensor mean = part(momentum, matrix).mul_(options_.momentum).add_(fresh);
      updates.push_back(mean * options_.momentum + fresh);
    }
    const at::Tensor directions = orthogonalized(at::cat(updates, 0));
    for (std::size_t i = 0; i < group.size(); ++i)
      part(values, group[i])
          .mul_(1.0 - learning_rate * options_.weight_decay)
          .sub_(directions.narrow(0, static_cast<std::int64_t>(i), 1),
                step_size(group[i], learning_rate));
  }
}

}  // namespace heed
