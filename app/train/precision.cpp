#include "app/train/precision.h"

#include "app/errors.h"
#include "model/kernels/kernels.h"

namespace heed {
namespace {

bool can_be_bf16(const TransformerConfig& model) {
  return model.head_dim() % 2 == 0 && model.ffn_size % 2 == 0;
}

}  // namespace

Precision choose_precision(Precision precision, const TransformerConfig& model, at::Device device) {
  if (precision == Precision::kFp32) return precision;
  const bool is_possible = can_be_bf16(model);
  if (precision == Precision::kBf16 && !is_possible)
    throw UsageError(
        "precision bf16 needs an even model.ffn_size and d_model / num_heads; take fp32, or other "
        "sizes");
  if (precision == Precision::kBf16) return precision;
  if (!is_possible) return Precision::kFp32;
  if (!device.is_cpu()) return Precision::kBf16;
  // Without the instruction, bfloat16 costs conversions that nothing wins back. Not tried out by
  // the clock: the same command would give other bits now and then.
  return kernel_sets().front().has_bf16_products ? Precision::kBf16 : Precision::kFp32;
}

const char* describe_precision(Precision precision) {
  switch (precision) {
    case Precision::kAuto:
      return "auto";
    case Precision::kFp32:
      return "fp32";
    case Precision::kBf16:
      return "bf16";
  }
  return "";
}

}  // namespace heed
