#pragma once

#include "model/kernels/kernels.h"
#include "model/kernels/simd.h"

/// What each of the files beside this one contributes to the tables of one instruction set.
namespace heed::isa::HEED_ISA {

template <typename T>
void add_product_kernels(Kernels<T>& table);
template <typename T>
void add_attention_kernels(Kernels<T>& table);
template <typename T>
void add_layer_kernels(Kernels<T>& table);
template <typename T>
void add_loss_kernels(Kernels<T>& table);
void add_flat_kernels(FlatKernels& table);
void add_inference_products(InferenceKernels& table);
void add_step_attention(InferenceKernels& table);
void add_row_kernels(RowKernels& table);

/// Dropout decides by a row's key and the column.
HEED_INLINE std::uint32_t row_key(const DropoutMask& mask, std::int64_t row) {
  return hash32(static_cast<std::uint32_t>(row) * 0x9e3779b9U + mask.key);
}

/// Factors of the mask for columns `column` to `column + kLanes - 1` of the row that `row_key`
/// belongs to: ones without dropout.
HEED_INLINE Floats mask_factors(const DropoutMask& mask, std::uint32_t row_key,
                                std::int64_t column) {
  if (mask.drop_below == 0) return broadcast(1.0F);
  const Words index = bits<Words>(kLaneNumbers) + static_cast<std::uint32_t>(column);
  const Words hash = hash32(index * 0x9e3779b9U + row_key);
  return hash < mask.drop_below ? Floats{} : broadcast(mask.scale);
}

}  // namespace heed::isa::HEED_ISA
