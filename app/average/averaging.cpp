#include "app/average/averaging.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "app/derived_model.h"
#include "app/errors.h"
#include "app/model_folder.h"
#include "app/new_folder.h"
#include "app/train/run_folder.h"
#include "model/safetensors_file.h"
#include "model/safetensors_writer.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

/// Sums of one tensor's values over several files.
class Mean {
 public:
  explicit Mean(std::size_t size) : sums_(size, 0.0) {}

  void add(const float* values) {
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += static_cast<double>(values[i]);
    ++count_;
  }

  std::vector<float> values() const {
    std::vector<float> means(sums_.size());
    for (std::size_t i = 0; i < means.size(); ++i)
      means[i] = static_cast<float>(sums_[i] / static_cast<double>(count_));
    return means;
  }

 private:
  std::vector<double> sums_;
  int count_ = 0;
};

void require_like(const ModelFolder& first, const ModelFolder& other) {
  if (first.tokenizers.src.hash() == other.tokenizers.src.hash() &&
      first.tokenizers.tgt.hash() == other.tokenizers.tgt.hash())
    return;
  throw std::runtime_error(fmt::format("{} and {} have different vocabularies",
                                       first.folder.string(), other.folder.string()));
}

void write_mean(const std::vector<ModelFolder>& models, const fs::path& target) {
  std::vector<SafetensorsFile> files;
  for (const ModelFolder& model : models) files.emplace_back(model.weights());
  std::vector<std::vector<float>> values;
  std::vector<NamedValues> tensors;
  values.reserve(files.front().names().size());
  for (const std::string& name : files.front().names()) {
    const auto shape = files.front().shape(name);
    std::size_t size = 1;
    for (const std::int64_t extent : shape) size *= static_cast<std::size_t>(extent);
    Mean mean(size);
    for (const SafetensorsFile& file : files) mean.add(file.values(name, shape).get());
    values.push_back(mean.values());
    tensors.push_back({name, {shape.begin(), shape.end()}, values.back().data(), TensorType::kF32});
  }
  write_safetensors(target, tensors, files.front().metadata());
}

}  // namespace

void average_models(const std::vector<fs::path>& models, const fs::path& target) {
  if (models.empty()) throw UsageError("there are no models to take the mean of");
  require_new(target);
  std::vector<ModelFolder> folders;
  for (const fs::path& model : models) {
    folders.push_back(ModelFolder::load(model));
    require_like(folders.front(), folders.back());
  }
  write_derived_model(folders.front(), target, WeightPrecision::kFp32,
                      [&](const fs::path& weights) { write_mean(folders, weights); });
}

std::vector<fs::path> choose_checkpoints(const fs::path& run, AverageOf which, std::size_t count) {
  std::vector<Checkpoint> checkpoints = validated_checkpoints(run);
  if (checkpoints.size() < count)
    throw UsageError(fmt::format(
        "{} has {} validated checkpoints, not {}; a run keeps as many as training.{} says",
        run.string(), checkpoints.size(), count,
        which == AverageOf::kLast ? "keep_recent" : "keep_best"));
  if (which == AverageOf::kBest) checkpoints = best_checkpoints(std::move(checkpoints), count);
  std::vector<fs::path> folders;
  for (std::size_t i = 0; i < count; ++i) folders.push_back(checkpoints[i].folder);
  return folders;
}

}  // namespace heed
