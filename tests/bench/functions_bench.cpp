#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

#include <functional>
#include <string>
#include <vector>

#include "model/reference_functions.h"
#include "tests/support/aten_ops.h"

namespace heed {
namespace {

// Each function of the network forward and backward on one thread, `heed` by the kernels and `aten`
// by what they replace. Items are rows (tokens).
constexpr std::int64_t kRows = 2048;
constexpr std::int64_t kVocabSize = 8000;
constexpr std::int64_t kHeads = 4;
constexpr Dropout kDropout{0.3, 5};

/// Tensors of a benchmark; they take part in gradients as those of training do.
class Inputs {
 public:
  explicit Inputs(at::ScalarType type) : type_(type) {}

  at::Tensor activations(at::IntArrayRef shape) {
    return at::randn(shape, generator_).to(type_).requires_grad_();
  }
  at::Tensor matrix(std::int64_t rows, std::int64_t columns) {
    return parameter((at::randn({rows, columns}, generator_) * 0.1).to(type_));
  }
  at::Tensor vector(std::int64_t size) { return parameter(at::randn({size}, generator_)); }
  at::Tensor targets() { return at::randint(0, kVocabSize, {kRows}, generator_, at::kLong); }

 private:
  static at::Tensor parameter(at::Tensor values) {
    values.requires_grad_();
    values.mutable_grad() = at::zeros(values.sizes(), at::kFloat);
    return values;
  }

  at::Generator generator_ = at::make_generator<at::CPUGeneratorImpl>(1);
  at::ScalarType type_;
};

struct Call {
  std::function<at::Tensor()> run;
  at::Tensor input;  // its gradient is thrown away, as that of activations is
};

void time_call(benchmark::State& state, const Call& call) {
  at::set_num_threads(1);
  const at::Tensor incoming = at::ones_like(call.run().detach());
  for (auto _ : state) {
    call.run().backward(incoming);
    call.input.mutable_grad() = at::Tensor();
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}

/// A benchmark's numbers: element type, d_model and whatever `make` wants to know.
struct Shape {
  at::ScalarType type;
  std::int64_t d_model;
  std::int64_t sentence = 0;
  bool is_causal = false;
};

using Make = std::function<Call(const Shape& shape, bool is_heed)>;

Call make_linear(const Shape& shape, bool is_heed) {
  Inputs inputs(shape.type);
  const at::Tensor x = inputs.activations({kRows, shape.d_model});
  const at::Tensor w = inputs.matrix(shape.d_model, shape.d_model);
  const at::Tensor b = inputs.vector(shape.d_model);
  const auto function = is_heed ? linear : reference::linear;
  return {[=] { return function(x, w, b); }, x};
}

Call make_add_and_norm(const Shape& shape, bool is_heed) {
  Inputs inputs(shape.type);
  const at::Tensor x = inputs.activations({kRows, shape.d_model});
  const at::Tensor y = inputs.activations({kRows, shape.d_model}).detach();
  const at::Tensor w = inputs.vector(shape.d_model), b = inputs.vector(shape.d_model);
  const auto function = is_heed ? add_and_norm : reference::add_and_norm;
  return {[=] {
            const SumAndNorm both = function(x, y, kDropout, w, b);
            return both.sum + both.normed;
          },
          x};
}

Call make_activate(const Shape& shape, bool is_heed) {
  Inputs inputs(shape.type);
  const at::Tensor x = inputs.activations({kRows, 4 * shape.d_model});
  const auto function = is_heed ? activate : reference::activate;
  return {[=] { return function(x, Activation::kRelu, kDropout); }, x};
}

Call make_attend(const Shape& shape, bool is_heed) {
  const std::int64_t count = kRows / shape.sentence;
  std::vector<std::int32_t> lengths(static_cast<std::size_t>(count),
                                    static_cast<std::int32_t>(shape.sentence));
  lengths.push_back(static_cast<std::int32_t>(kRows - count * shape.sentence));
  const Packing packing(lengths);
  Inputs inputs(shape.type);
  const at::Tensor x = inputs.activations({kRows, 3 * shape.d_model});
  const AttentionInput input{x, {}, packing, packing, kHeads, shape.is_causal};
  const auto function = is_heed ? attend : reference::attend;
  return {[=] { return function(input, kDropout); }, x};
}

void time_loss(benchmark::State& state, const Shape& shape, bool is_heed) {
  at::set_num_threads(1);
  Inputs inputs(shape.type);
  const at::Tensor hidden = inputs.activations({kRows, shape.d_model});
  const at::Tensor weight = inputs.matrix(kVocabSize, shape.d_model);
  const at::Tensor targets = inputs.targets();
  const auto function = is_heed ? projected_loss : reference::projected_loss;
  for (auto _ : state) benchmark::DoNotOptimize(function(hidden, weight, targets, 0.1, {}));
  state.SetItemsProcessed(state.iterations() * kRows);
}

using Time = std::function<void(benchmark::State&, const Shape&, bool is_heed)>;

Time timed(const Make& make) {
  return [make](benchmark::State& state, const Shape& shape, bool is_heed) {
    time_call(state, make(shape, is_heed));
  };
}

/// Both implementations, one after the other.
void add(const std::string& name, const Shape& shape, const Time& time) {
  const std::string type = shape.type == at::kFloat ? "fp32" : "bf16";
  for (const bool is_heed : {true, false})
    benchmark::RegisterBenchmark(
        (name + "/" + type + "/" + std::to_string(shape.d_model) + (is_heed ? "/heed" : "/aten"))
            .c_str(),
        [=](benchmark::State& state) { time(state, shape, is_heed); })
        ->Unit(benchmark::kMillisecond);
}

const bool kAdded = [] {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16})
    for (const std::int64_t d_model : {128, 256}) {
      const Shape shape{type, d_model};
      add("linear", shape, timed(make_linear));
      add("add_and_norm", shape, timed(make_add_and_norm));
      add("activate", shape, timed(make_activate));
      for (const std::int64_t sentence : {15, 60})
        for (const bool is_causal : {false, true})
          add("attend_" + std::to_string(sentence) + (is_causal ? "_causal" : ""),
              {type, d_model, sentence, is_causal}, timed(make_attend));
      add("projected_loss", shape, time_loss);
    }
  return true;
}();

}  // namespace
}  // namespace heed
