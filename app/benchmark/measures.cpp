#include "app/benchmark/measures.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

#include "app/progress.h"
#include "model/aten_ops.h"
#include "model/flops.h"
#include "model/kernel_calls.h"

namespace heed {
namespace {

constexpr std::int64_t kSize = 1024;  // of the square matrices of the peak's products
constexpr double kOperations = 2.0 * static_cast<double>(kSize * kSize * kSize);

/// Of heed's kernels, laying out the right matrix included.
template <typename T>
double time_heed(const at::Tensor& a, const at::Tensor& b) {
  at::Tensor product = at::empty_like(a);
  const Stopwatch watch;
  kernels<T>().multiply(read<T>(a), kSize, kSize, pack_transposed<T>(b), nullptr, write<T>(product),
                        kSize);
  return watch.seconds();
}

double time_libtorch(const at::Tensor& a, const at::Tensor& b) {
  const Stopwatch watch;
  at::linear(a, b);
  return watch.seconds();
}

/// Operations a second of the calling thread.
double measure_one(Precision precision) {
  const at::NoGradGuard no_grad;
  const at::ScalarType type = precision == Precision::kBf16 ? at::kBFloat16 : at::kFloat;
  const at::Tensor a = at::full({kSize, kSize}, 0.5, type);
  const at::Tensor b = at::full({kSize, kSize}, 0.5, type);
  double best = std::numeric_limits<double>::max();
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double own =
        precision == Precision::kBf16 ? time_heed<BFloat16>(a, b) : time_heed<float>(a, b);
    best = std::min({best, own, time_libtorch(a, b)});
  }
  return kOperations / best;
}

}  // namespace

double training_flops(const TransformerConfig& model, std::span<const PairLength> lengths) {
  const PassProducts products(model);
  double forward = 0.0;
  for (const PairLength& length : lengths) {
    const double src = length.src + 1.0;
    const double tgt = length.tgt + 1.0;
    forward +=
        src * products.src_token + tgt * products.tgt_token + attention_products(model, src, tgt);
  }
  return 3.0 * 2.0 * forward;
}

double measure_gemm_peak(WorkerPool& pool, Precision precision) {
  std::vector<double> rates(pool.size());
  pool.run(pool.size(),
           [&](std::size_t task, std::size_t) { rates[task] = measure_one(precision); });
  double total = 0.0;
  for (const double rate : rates) total += rate;
  return total;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::int64_t peak_memory() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
#if defined(__APPLE__)
  return usage.ru_maxrss;
#else
  return usage.ru_maxrss * 1024;
#endif
}

}  // namespace heed
