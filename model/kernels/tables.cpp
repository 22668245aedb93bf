#include "model/kernels/isa_kernels.h"

#define HEED_NAME_OF(isa) #isa
#define HEED_NAME(isa) HEED_NAME_OF(isa)

namespace heed::isa::HEED_ISA {
namespace {

template <typename T>
void fill(Kernels<T>& table) {
  add_product_kernels(table);
  add_attention_kernels(table);
  add_layer_kernels(table);
  add_loss_kernels(table);
}

}  // namespace

KernelSet make_kernel_set() {
  KernelSet set{};
  set.name = HEED_NAME(HEED_ISA);
#if defined(__AVX512BF16__)
  set.has_bf16_products = true;
#endif
  fill(set.fp32);
  fill(set.bf16);
  add_flat_kernels(set.flat);
#if defined(__AVX512VNNI__) || defined(__AVXVNNI__)
  set.inference.has_int8_products = true;
#endif
  add_inference_products(set.inference);
  add_step_attention(set.inference);
  add_row_kernels(set.inference.rows);
  return set;
}

}  // namespace heed::isa::HEED_ISA
