#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace heed {

enum class Initializer {
  kXavierUniform,  // U(-a, a), a = sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010)
  kEmbedding,      // N(0, d_model^-1/2), so that embeddings scaled by sqrt(d_model) have variance 1
  kPositions,      // the same, for what is only ever added
  kZeros,
  kOnes,
};

/// Called with every parameter of a module: its full name (the checkpoint key), the tensor member
/// that will hold it, its shape and how it starts.
using ParameterVisitor = std::function<void(const std::string& name, at::Tensor& parameter,
                                            at::IntArrayRef shape, Initializer initializer)>;
/// Anything that shows its parameters to a visitor, always in the same order.
using VisitParameters = std::function<void(const ParameterVisitor&)>;

/// Elements of flat buffers that one task works on: 256 KiB of each buffer.
inline constexpr std::int64_t kStretch = 65536;

struct ParameterSpec {
  std::string name;
  std::vector<std::int64_t> shape;
  Initializer initializer = Initializer::kZeros;
  std::int64_t offset = 0;  // in elements, from the start of the flat buffer
  std::int64_t numel = 0;
};

/// Where each parameter lies in one flat buffer. Values, gradients and optimizer moments are such
/// buffers, so that an update, an all-reduce and a write to disk are each one call.
class ParameterLayout {
 public:
  explicit ParameterLayout(const VisitParameters& visit);

  const std::vector<ParameterSpec>& specs() const { return specs_; }
  /// Length of a flat buffer in elements; parameters start on 64-byte boundaries, gaps are zero.
  std::int64_t size() const { return size_; }
  /// Number of trained values, gaps not counted.
  std::int64_t num_parameters() const;
  /// The part of `flat` that belongs to `spec`, in the parameter's shape; shares its memory.
  static at::Tensor view(const at::Tensor& flat, const ParameterSpec& spec);
  /// A zeroed flat buffer, 32-bit float.
  at::Tensor make_buffer(at::Device device = at::kCPU) const;
  /// Fills `values` by each parameter's initializer; the same seed gives the same values.
  void initialize(const at::Tensor& values, std::uint64_t seed) const;

 private:
  std::vector<ParameterSpec> specs_;
  std::int64_t size_ = 0;
};

/// What a module's parameters are bound to: flat buffers of one layout.
struct ParameterBuffers {
  at::Tensor values;  // float
  at::Tensor grads;   // float; backward adds to it, the caller zeroes it. Undefined: no gradients
  /// bfloat16 copy of `values`. Where defined, the matrices that take part in products and the
  /// embeddings are bound to it; norms, biases and positions stay in float.
  at::Tensor low_precision;
};

/// Points every parameter of a module at its part of the buffers. Several modules may share values.
void bind_parameters(const VisitParameters& visit, const ParameterLayout& layout,
                     const ParameterBuffers& buffers);

}  // namespace heed
