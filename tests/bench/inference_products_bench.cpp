#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "model/inference/aligned_buffer.h"
#include "model/kernels/inference_kernels.h"
#include "model/kernels/kernels.h"

/// Products of a few rows by packed weights, as decoding has them, in every precision; arguments
/// are rows, k and columns. Several weights take turns, as many as fill 16 MiB, since a step of a
/// model comes back to one only after all others.
namespace heed {
namespace {

constexpr std::int64_t kWeightBytes = 16 << 20;

struct Weight {
  AlignedBuffer<std::uint32_t> words;
  std::vector<float> scales;
  PackedWeight packed;
};

std::vector<Weight> make_weights(const InferenceProducts& run, std::int64_t k,
                                 std::int64_t columns) {
  const std::vector<float> values(static_cast<std::size_t>(k * columns), 0.5F);
  const std::int64_t words = run.pack_size(k, columns);
  std::vector<Weight> weights(static_cast<std::size_t>(1 + kWeightBytes / (4 * words)));
  for (Weight& weight : weights) {
    weight.scales.resize(static_cast<std::size_t>(columns));
    weight.packed =
        run.pack(values.data(), k, columns, weight.words.reserve(words), weight.scales.data());
  }
  return weights;
}

void multiply(benchmark::State& state, const InferenceProducts& run) {
  const std::int64_t rows = state.range(0);
  const std::int64_t k = state.range(1);
  const std::int64_t columns = state.range(2);
  const std::vector<Weight> weights = make_weights(run, k, columns);
  const std::vector<float> x(static_cast<std::size_t>(rows * k), 0.25F);
  std::vector<float> out(static_cast<std::size_t>(rows * columns));
  const std::int64_t row_words = (k + run.per_word - 1) / run.per_word;
  AlignedBuffer<std::uint32_t> words;
  std::vector<float> scales(static_cast<std::size_t>(rows));
  std::vector<std::int32_t> sums(static_cast<std::size_t>(rows));
  const Operand a{words.reserve(rows * row_words), row_words, scales.data(), sums.data()};
  std::size_t next = 0;
  for (auto _ : state) {
    run.convert(x.data(), k, rows, k, a);
    run.multiply(a, rows, weights[next].packed, {out.data(), columns, nullptr, nullptr, false});
    next = (next + 1) % weights.size();
    benchmark::DoNotOptimize(out.data());
  }
  const auto flops = 2.0 * static_cast<double>(rows * k * columns);
  state.counters["GFLOP/s"] =
      benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

void register_all() {
  const InferenceKernels& kernels = inference_kernels();
  const std::pair<const char*, const InferenceProducts*> precisions[] = {
      {"fp32", &kernels.fp32}, {"bf16", &kernels.bf16}, {"int8", &kernels.int8}};
  for (const auto& [name, run] : precisions) {
    auto* bench = benchmark::RegisterBenchmark(
        fmt::format("inference_product/{}", name).c_str(),
        [run = run](benchmark::State& state) { multiply(state, *run); });
    for (const std::int64_t rows : {5, 36, 180})
      for (const auto& [k, columns] : {std::pair<std::int64_t, std::int64_t>{128, 384},
                                       {128, 8000},
                                       {256, 768},
                                       {256, 1024},
                                       {1024, 256},
                                       {256, 8000}})
        bench->Args({rows, k, columns});
  }
}

[[maybe_unused]] const bool kRegistered = [] {
  register_all();
  return true;
}();

}  // namespace
}  // namespace heed
