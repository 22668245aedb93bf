#include "model/parameters.h"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

#include "model/aten_ops.h"

namespace heed {
namespace {

constexpr std::int64_t kAlignment = 16;  // elements of 4 bytes: one cache line, one AVX-512 load

std::int64_t round_up(std::int64_t value) {
  return (value + kAlignment - 1) / kAlignment * kAlignment;
}

std::int64_t product(at::IntArrayRef shape) {
  std::int64_t result = 1;
  for (const std::int64_t size : shape) result *= size;
  return result;
}

void fill(at::Tensor values, Initializer initializer, at::Generator& generator) {
  switch (initializer) {
    case Initializer::kXavierUniform: {
      const auto fan_sum = static_cast<double>(values.size(0) + values.size(1));
      const double bound = std::sqrt(6.0 / fan_sum);
      values.uniform_(-bound, bound, generator);
      return;
    }
    case Initializer::kEmbedding:
    case Initializer::kPositions:
      values.normal_(0.0, 1.0 / std::sqrt(static_cast<double>(values.size(1))), generator);
      return;
    case Initializer::kZeros:
      values.zero_();
      return;
    case Initializer::kOnes:
      values.fill_(1.0);
      return;
  }
}

}  // namespace

ParameterLayout::ParameterLayout(const VisitParameters& visit) {
  visit(
      [this](const std::string& name, at::Tensor&, at::IntArrayRef shape, Initializer initializer) {
        specs_.push_back({name, shape.vec(), initializer, size_, product(shape)});
        size_ += round_up(specs_.back().numel);
      });
}

std::int64_t ParameterLayout::num_parameters() const {
  std::int64_t total = 0;
  for (const ParameterSpec& spec : specs_) total += spec.numel;
  return total;
}

at::Tensor ParameterLayout::view(const at::Tensor& flat, const ParameterSpec& spec) {
  return flat.narrow(0, spec.offset, spec.numel).view(spec.shape);
}

at::Tensor ParameterLayout::make_buffer(at::Device device) const {
  return at::zeros({size_}, at::TensorOptions().dtype(at::kFloat).device(device));
}

void ParameterLayout::initialize(const at::Tensor& values, std::uint64_t seed) const {
  // Drawn on the CPU whatever the device, so that a seed means the same start everywhere.
  at::Tensor host = at::zeros({size_}, at::kFloat);
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  for (const ParameterSpec& spec : specs_) fill(view(host, spec), spec.initializer, generator);
  values.copy_(host);
}

void bind_parameters(const VisitParameters& visit, const ParameterLayout& layout,
                     const ParameterBuffers& buffers) {
  auto spec = layout.specs().begin();
  visit([&](const std::string& name, at::Tensor& parameter, at::IntArrayRef, Initializer) {
    TORCH_CHECK(spec != layout.specs().end() && spec->name == name, "layout of another module at ",
                name);
    const bool is_matrix = spec->initializer == Initializer::kXavierUniform ||
                           spec->initializer == Initializer::kEmbedding;
    const at::Tensor& values =
        is_matrix && buffers.low_precision.defined() ? buffers.low_precision : buffers.values;
    // detach() makes each view a leaf of its own: replicas share values, never gradients.
    parameter = ParameterLayout::view(values, *spec).detach();
    if (buffers.grads.defined()) {
      parameter.requires_grad_(true);
      parameter.mutable_grad() = ParameterLayout::view(buffers.grads, *spec);
    }
    ++spec;
  });
}

}  // namespace heed
