#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <string>

#include "model/inference/inference_model.h"
#include "model/parameters.h"
#include "model/safetensors.h"
#include "model/transformer.h"

namespace heed {

/// A Transformer with its parameters in one flat buffer.
class TransformerModel {
 public:
  /// A model with zeroed parameters, not yet trained. Throws when `config` is not valid.
  explicit TransformerModel(const TransformerConfig& config, at::Device device = at::kCPU);

  Transformer& transformer() { return *transformer_; }
  const Transformer& transformer() const { return *transformer_; }
  const ParameterLayout& layout() const { return layout_; }
  const at::Tensor& values() const { return values_; }
  at::Device device() const { return values_.device(); }

  /// Copies every parameter from `file`, by name. Throws std::runtime_error naming the file and the
  /// parameter that is missing, left over, or of another shape.
  void load(const SafetensorsFile& file);
  /// Writes every parameter under its name.
  void save(const std::filesystem::path& path) const;

  /// Its values by name, for packing; the model must outlive the function, not what it gave.
  FindWeights find_weights() const;

  /// A second module over the same values, with gradients of its own in `grads` (a layout-sized
  /// buffer): what one data-parallel replica works with. With `low_precision`, a bfloat16 copy of
  /// the values, it computes in that.
  std::unique_ptr<Transformer> make_replica(const at::Tensor& grads,
                                            const at::Tensor& low_precision = {}) const;

 private:
  std::unique_ptr<Transformer> transformer_;
  ParameterLayout layout_;
  at::Tensor values_;
};

}  // namespace heed
