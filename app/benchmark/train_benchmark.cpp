#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "app/benchmark/benchmarks.h"
#include "app/benchmark/measures.h"
#include "app/config/config_file.h"
#include "app/device.h"
#include "app/progress.h"
#include "app/scratch_folder.h"
#include "app/train/precision.h"
#include "app/train/prepare.h"
#include "app/train/updater.h"

namespace heed {
namespace {

constexpr std::int64_t kWarmUp = 5;  // updates, before anything is timed

struct Speed {
  std::vector<double> rates;  // target tokens a second, of each window
  double seconds = 0.0;       // of all windows
  std::int64_t updates = 0;
  PhaseSeconds phases;  // of an update
};

PhaseSeconds difference(const PhaseSeconds& after, const PhaseSeconds& before, double updates) {
  return {(after.forward - before.forward) / updates, (after.loss - before.loss) / updates,
          (after.backward - before.backward) / updates, (after.reduce - before.reduce) / updates,
          (after.optimizer - before.optimizer) / updates};
}

Speed measure(Updater& updater, const ScheduleOptions& schedule,
              const TrainBenchmarkOptions& options) {
  std::int64_t update = 0;
  const auto next = [&] {
    ++update;
    return updater.run(update, learning_rate(schedule, update));
  };
  while (update < kWarmUp) next().loss.sum().item<double>();
  Speed speed;
  const PhaseSeconds before = updater.replicas().phases();
  Progress progress("training", "updates",
                    static_cast<std::size_t>(options.windows * options.updates));
  for (std::int64_t window = 0; window < options.windows; ++window) {
    const Stopwatch watch;
    std::int64_t tokens = 0;
    UpdateResult result;
    for (std::int64_t i = 0; i < options.updates; ++i) {
      result = next();
      tokens += result.tgt_tokens;
      progress.update(static_cast<std::size_t>(update - kWarmUp));
    }
    result.loss.sum().item<double>();  // waits for a GPU
    speed.rates.push_back(static_cast<double>(tokens) / watch.seconds());
    speed.seconds += watch.seconds();
    speed.updates += options.updates;
  }
  speed.phases =
      difference(updater.replicas().phases(), before, static_cast<double>(speed.updates));
  return speed;
}

/// Name and milliseconds an update.
std::vector<std::pair<const char*, double>> list_phases(const Speed& speed) {
  const PhaseSeconds& p = speed.phases;
  const double whole = speed.seconds / static_cast<double>(speed.updates);
  const double known = p.forward + p.loss + p.backward + p.reduce + p.optimizer;
  return {{"forward", 1e3 * p.forward},     {"loss", 1e3 * p.loss},
          {"backward", 1e3 * p.backward},   {"reduce", 1e3 * p.reduce},
          {"optimizer", 1e3 * p.optimizer}, {"waiting", 1e3 * (whole - known)}};
}

/// Of all processes.
struct Machine {
  double gemm_peak = 0.0;  // operations a second; 0: not measured
  double memory = 0.0;     // bytes at the peak
};

/// All processes measure at the same time, as they trained.
Machine measure_machine(ProcessGroup& group, WorkerPool& pool, Precision precision,
                        at::Device device) {
  std::array<double, 2> sums{0.0, static_cast<double>(peak_memory())};
  group.wait_for_all();
  if (device.is_cpu()) sums[0] = measure_gemm_peak(pool, precision);
  group.all_reduce(sums);
  return {sums[0], sums[1]};
}

void print_text(const Speed& speed, double flops_rate, const Machine& machine,
                Precision precision) {
  const auto [low, high] = std::minmax_element(speed.rates.begin(), speed.rates.end());
  fmt::print("target tokens/s   {:.0f} (median of {} windows, {:.0f} to {:.0f})\n",
             median(speed.rates), speed.rates.size(), *low, *high);
  fmt::print("matrix products   {:.1f} GFLOP/s", flops_rate * 1e-9);
  if (machine.gemm_peak > 0)
    fmt::print(", {:.1f} % of the {} peak of {:.1f} measured here",
               100.0 * flops_rate / machine.gemm_peak, describe_precision(precision),
               machine.gemm_peak * 1e-9);
  fmt::print("\nms an update      {:.1f}",
             1e3 * speed.seconds / static_cast<double>(speed.updates));
  const char* separator = ": ";
  for (const auto& [name, ms] : list_phases(speed)) {
    fmt::print("{}{} {:.1f}", separator, name, ms);
    separator = ", ";
  }
  fmt::print("\npeak memory       {:.2f} GB\n", machine.memory * 1e-9);
}

void print_json(const Speed& speed, double flops_rate, const Machine& machine,
                Precision precision) {
  nlohmann::ordered_json json{{"tgt_tokens_per_second", median(speed.rates)},
                              {"windows", speed.rates},
                              {"flops_per_second", flops_rate},
                              {"gemm_peak", machine.gemm_peak},
                              {"precision", describe_precision(precision)}};
  for (const auto& [name, ms] : list_phases(speed)) json["milliseconds"][name] = ms;
  json["peak_memory_bytes"] = static_cast<std::int64_t>(machine.memory);
  fmt::print("{}\n", json.dump());
}

}  // namespace

void benchmark_training(const TrainBenchmarkOptions& options) {
  RunConfig config = read_config(options.config, options.settings);
  const auto group = join_process_group(config.training.process_timeout);
  const ScratchFolder scratch;
  const RunFolder folder(scratch.path());
  config.data.dev_src.clear();
  config.data.dev_tgt.clear();
  config.data.dev_tsv.clear();
  config.data.check = false;
  const TrainingData data = prepare_training_data(config, folder);
  const at::Device device = choose_device(config.training.device, local_rank());
  WorkerPool pool(replica_count(config, device));
  TransformerModel model(config.model, device);
  model.layout().initialize(model.values(), static_cast<std::uint64_t>(config.training.seed));
  Optimizer optimizer(optimizer_options(config.optimizer), model.layout(), model.values());
  UpdaterStart start;
  start.precision = agree_on_precision(config.training.precision, model, config.model, *group);
  Updater updater(config, data.train, data.guide, data.tokenizers, model, optimizer, pool, *group,
                  start);
  spdlog::info("model: {} parameters; {} replicas on {}, {}", model.layout().num_parameters(),
               pool.size(), describe_device(device), describe_precision(start.precision));
  const Speed speed = measure(updater, config.optimizer.schedule, options);
  const Machine machine = measure_machine(*group, pool, start.precision, device);
  if (!group->is_first()) return;
  const std::size_t tgt_tokens = data.train.report().tgt_tokens + data.train.size();
  const double passes = config.regularization.consistency > 0 ? 2.0 : 1.0;
  const double flops_rate = passes * median(speed.rates) *
                            training_flops(config.model, data.train.lengths()) /
                            static_cast<double>(tgt_tokens);
  if (options.json)
    print_json(speed, flops_rate, machine, start.precision);
  else
    print_text(speed, flops_rate, machine, start.precision);
}

}  // namespace heed
