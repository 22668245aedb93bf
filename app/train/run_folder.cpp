#include "app/train/run_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <vector>

#include "app/config/config_file.h"
#include "data/atomic_file.h"
#include "model/aten_ops.h"
#include "model/atomic_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMomentsFile = "training.safetensors";
constexpr const char* kStateFile = "training.json";

fs::path checkpoint_name(std::int64_t update) {
  return fmt::format("update-{:08}", update);
}

}  // namespace

RunFolder::RunFolder(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  fs::create_directories(path_ / "checkpoints", error);
  if (!error) fs::create_directories(cache(), error);
  if (error)
    throw std::runtime_error(
        fmt::format("{}: can't be created: {}", path_.string(), error.message()));
}

bool RunFolder::has_checkpoint() const {
  return fs::exists(path_ / "last" / kStateFile);
}

void RunFolder::save_checkpoint(const RunConfig& config, const Tokenizers& tokenizers,
                                const TransformerModel& model, const Adam& optimizer,
                                const TrainingState& state, std::int64_t keep_recent) const {
  const fs::path name = fs::path("checkpoints") / checkpoint_name(state.update);
  AtomicFolder folder(path_ / name);
  write_file_atomically(folder.path() / kConfigFile, format_config(config));
  tokenizers.save(folder.path());
  model.save(folder.path() / kWeightsFile);
  write_safetensors(
      folder.path() / kMomentsFile,
      {{"first_moment", optimizer.first_moment}, {"second_moment", optimizer.second_moment}},
      {{"format", "heed"}});
  state.save(folder.path() / kStateFile);
  folder.commit();
  replace_symlink(path_ / "last", name);
  if (state.best_update == state.update) replace_symlink(path_ / "best", name);
  remove_old(keep_recent);
}

TrainingState RunFolder::load_checkpoint(TransformerModel& model, Adam& optimizer) const {
  const fs::path folder = path_ / "last";
  model.load(SafetensorsFile(folder / kWeightsFile));
  const SafetensorsFile moments(folder / kMomentsFile);
  optimizer.first_moment.copy_(
      read_tensor(moments, "first_moment", optimizer.first_moment.sizes()));
  optimizer.second_moment.copy_(
      read_tensor(moments, "second_moment", optimizer.second_moment.sizes()));
  return TrainingState::load(folder / kStateFile);
}

void RunFolder::remove_old(std::int64_t keep_recent) const {
  std::vector<fs::path> checkpoints;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_ / "checkpoints"))
    if (entry.is_directory() && entry.path().filename().string().starts_with("update-"))
      checkpoints.push_back(entry.path());
  std::sort(checkpoints.begin(), checkpoints.end(), std::greater<>());
  std::set<fs::path> kept;
  for (const char* link : {"last", "best"})
    if (fs::exists(path_ / link)) kept.insert(fs::canonical(path_ / link));
  std::error_code ignored;
  for (std::size_t i = static_cast<std::size_t>(keep_recent); i < checkpoints.size(); ++i)
    if (!kept.contains(fs::canonical(checkpoints[i]))) fs::remove_all(checkpoints[i], ignored);
}

}  // namespace heed
