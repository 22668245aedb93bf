#include "app/train/precision.h"

#include <algorithm>
#include <limits>

#include "app/errors.h"
#include "app/progress.h"
#include "model/aten_ops.h"
#include "model/kernel_calls.h"

namespace heed {
namespace {

template <typename T>
double time_product_of(at::ScalarType type, std::int64_t rows, std::int64_t size) {
  const at::Tensor x = at::full({rows, size}, 0.5, type);
  const at::Tensor weight = at::full({size, size}, 0.5, type);
  at::Tensor out = at::empty({rows, size}, type);
  double best = std::numeric_limits<double>::max();
  for (int attempt = 0; attempt < 8; ++attempt) {
    const Stopwatch watch;
    kernels<T>().multiply(read<T>(x), rows, size, pack_transposed<T>(weight), nullptr,
                          write<T>(out), size);
    best = std::min(best, watch.seconds());
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
  // Of the size of a layer's.
  constexpr std::int64_t kRows = 240;
  constexpr std::int64_t kSize = 256;
  const bool is_faster = time_product(Precision::kFp32, kRows, kSize) >
                         kWorthwhile * time_product(Precision::kBf16, kRows, kSize);
  return is_faster ? Precision::kBf16 : Precision::kFp32;
}

double time_product(Precision precision, std::int64_t rows, std::int64_t size) {
  return precision == Precision::kBf16 ? time_product_of<BFloat16>(at::kBFloat16, rows, size)
                                       : time_product_of<float>(at::kFloat, rows, size);
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
