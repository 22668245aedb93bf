#include "app/train/checkpoint.h"

#include "app/config/config_file.h"
#include "data/atomic_file.h"
#include "data/checksums.h"
#include "model/aten_ops.h"
#include "model/atomic_folder.h"

namespace heed {

namespace fs = std::filesystem;

namespace {

constexpr const char* kMomentsFile = "training.safetensors";
constexpr const char* kWeightsTensor = "weights";

void swap_average(const at::Tensor& values, const at::Tensor& average) {
  if (!average.defined()) return;
  const at::Tensor kept = values.detach().clone();
  values.copy_(average);
  average.copy_(kept);
}

}  // namespace

AveragedWeights::AveragedWeights(const TransformerModel& model, Adam& optimizer)
    : model_(model), optimizer_(optimizer) {
  swap_average(model_.values(), optimizer_.average);
}

AveragedWeights::~AveragedWeights() {
  swap_average(model_.values(), optimizer_.average);
}

void save_checkpoint(const Checkpoint& checkpoint, const RunConfig& config,
                     const Tokenizers& tokenizers, const TransformerModel& model, Adam& optimizer) {
  const AveragedWeights averaged(model, optimizer);
  AtomicFolder folder(checkpoint.folder);
  write_file_atomically(folder.path() / kConfigFile, format_config(config));
  tokenizers.save(folder.path());
  model.save(folder.path() / kWeightsFile);
  std::vector<std::pair<std::string, at::Tensor>> tensors = {
      {"first_moment", optimizer.first_moment}, {"second_moment", optimizer.second_moment}};
  if (optimizer.average.defined()) tensors.emplace_back(kWeightsTensor, optimizer.average);
  write_safetensors(folder.path() / kMomentsFile, tensors, {{"format", "heed"}});
  checkpoint.state.save(folder.path() / kStateFile);
  write_checksums(folder.path());
  folder.commit();
}

void set_length_penalty(const fs::path& folder, double length_penalty) {
  RunConfig config = read_config(folder / kConfigFile);
  if (config.search.length_penalty == length_penalty) return;
  config.search.length_penalty = length_penalty;
  AtomicFolder changed(folder);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    fs::copy_file(entry.path(), changed.path() / entry.path().filename());
  write_file_atomically(changed.path() / kConfigFile, format_config(config));
  write_checksums(changed.path());
  changed.commit();
}

void load_checkpoint(const fs::path& folder, TransformerModel& model, Adam& optimizer) {
  model.load(SafetensorsFile(folder / kWeightsFile));
  const SafetensorsFile moments(folder / kMomentsFile);
  optimizer.first_moment.copy_(
      read_tensor(moments, "first_moment", optimizer.first_moment.sizes()));
  optimizer.second_moment.copy_(
      read_tensor(moments, "second_moment", optimizer.second_moment.sizes()));
  if (!optimizer.average.defined()) return;
  optimizer.average.copy_(model.values());
  model.values().copy_(read_tensor(moments, kWeightsTensor, model.values().sizes()));
}

}  // namespace heed
