#include "app/train/checkpoint.h"

#include "app/config/config_file.h"
#include "data/atomic_file.h"
#include "data/checksums.h"
#include "model/aten_ops.h"
#include "model/atomic_folder.h"

namespace heed {
namespace {

constexpr const char* kMomentsFile = "training.safetensors";

}  // namespace

void save_checkpoint(const Checkpoint& checkpoint, const RunConfig& config,
                     const Tokenizers& tokenizers, const TransformerModel& model,
                     const Adam& optimizer) {
  AtomicFolder folder(checkpoint.folder);
  write_file_atomically(folder.path() / kConfigFile, format_config(config));
  tokenizers.save(folder.path());
  model.save(folder.path() / kWeightsFile);
  write_safetensors(
      folder.path() / kMomentsFile,
      {{"first_moment", optimizer.first_moment}, {"second_moment", optimizer.second_moment}},
      {{"format", "heed"}});
  checkpoint.state.save(folder.path() / kStateFile);
  write_checksums(folder.path());
  folder.commit();
}

void load_checkpoint(const std::filesystem::path& folder, TransformerModel& model,
                     Adam& optimizer) {
  model.load(SafetensorsFile(folder / kWeightsFile));
  const SafetensorsFile moments(folder / kMomentsFile);
  optimizer.first_moment.copy_(
      read_tensor(moments, "first_moment", optimizer.first_moment.sizes()));
  optimizer.second_moment.copy_(
      read_tensor(moments, "second_moment", optimizer.second_moment.sizes()));
}

}  // namespace heed
