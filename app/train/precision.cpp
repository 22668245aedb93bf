#include "app/train/precision.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "app/errors.h"
#include "model/aten_ops.h"
#include "model/kernel_calls.h"

namespace heed {
namespace {

/// Seconds of a product the size of a layer's, the best of a few.
template <typename T>
double time_product(at::ScalarType type) {
  constexpr std::int64_t kRows = 240;
  constexpr std::int64_t kSize = 256;
  const at::Tensor x = at::full({kRows, kSize}, 0.5, type);
  const at::Tensor weight = at::full({kSize, kSize}, 0.5, type);
  at::Tensor out = at::empty({kRows, kSize}, type);
  const Packed packed = pack_transposed<T>(weight);
  double best = std::numeric_limits<double>::max();
  for (int attempt = 0; attempt < 8; ++attempt) {
    const auto start = std::chrono::steady_clock::now();
    kernels<T>().multiply(read<T>(x), kRows, kSize, packed, nullptr, write<T>(out), kSize);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    best = std::min(best, elapsed.count());
  }
  return best;
}

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
  // What bfloat16 costs in conversions has to be won back.
  constexpr double kWorthwhile = 1.2;
  const bool is_faster =
      time_product<float>(at::kFloat) > kWorthwhile * time_product<BFloat16>(at::kBFloat16);
  return is_faster ? Precision::kBf16 : Precision::kFp32;
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
