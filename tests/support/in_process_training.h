#pragma once

#include <cmath>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/config/config_file.h"
#include "app/train/trainer.h"
#include "tests/support/run_events.h"
#include "tests/support/toy_run.h"

namespace heed {

/// One process, whose gradients are spoilt at some updates, as by numbers too large for them.
class SpoiltGradients : public ProcessGroup {
 public:
  /// `calls` counts all updates from 1, those made again included.
  explicit SpoiltGradients(std::set<int> calls) : calls_(std::move(calls)) {}

  std::size_t rank() const override { return 0; }
  std::size_t size() const override { return 1; }
  void all_reduce(const at::Tensor& buffer) override {
    const bool is_gradient = buffer.scalar_type() == at::kFloat;
    if (is_gradient && calls_.contains(++call_))
      buffer.mutable_data_ptr<float>()[buffer.numel() / 2] = std::numeric_limits<float>::infinity();
  }
  void broadcast(const at::Tensor&) override {}
  void wait_for_all() override {}
  int calls() const { return call_; }

 private:
  std::set<int> calls_;
  int call_ = 0;
};

/// Trains the toy corpus in this process.
class InProcessTraining {
 public:
  explicit InProcessTraining(const std::vector<std::string>& settings = {})
      : config_(read_config(toy_.path() / "toy.toml", settings)) {
    DataConfig& data = config_.data;
    for (auto* files : {&data.train_src, &data.train_tgt, &data.dev_src, &data.dev_tgt})
      for (std::string& file : *files) file = (toy_.path() / file).string();
  }

  std::filesystem::path run(const std::string& name) const { return toy_.path() / name; }
  const ToyRun& toy() const { return toy_; }

  /// Into the folder `name`, going on with what is there.
  void train(const std::string& name, ProcessGroup& group) const {
    RunConfig config = config_;
    const RunFolder folder(run(name));
    const std::optional<Checkpoint> start = folder.find_checkpoint();
    TrainingData data =
        prepare_training_data(config, folder, start ? start->folder : std::filesystem::path());
    Trainer(std::move(config), folder, std::move(data), group, start).run();
  }

  nlohmann::json state(const std::string& name) const {
    return nlohmann::json::parse(read_file(run(name) / "last" / "training.json"));
  }

  std::vector<nlohmann::json> events(const std::string& name, const std::string& kind) const {
    return events_of(run(name), kind);
  }

 private:
  ToyRun toy_;
  RunConfig config_;
};

}  // namespace heed
