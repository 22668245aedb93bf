#include "app/train/run_folder.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "data/checksums.h"
#include "model/atomic_folder.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCheckpoints = "checkpoints";
constexpr std::string_view kPrefix = "update-";

fs::path checkpoint_name(std::int64_t update) {
  return fs::path(kCheckpoints) / fmt::format("{}{:08}", kPrefix, update);
}

bool is_good(const TrainingState& state) {
  return state.is_validated() && state.skipped_in_a_row == 0;
}

/// The first step hides it, so that one half removed is never taken for one that is damaged.
void remove_checkpoint(const fs::path& folder) {
  const fs::path hidden = folder.parent_path() / fmt::format(".{}.tmp", folder.filename().string());
  std::error_code ignored;
  fs::remove_all(hidden, ignored);
  fs::rename(folder, hidden, ignored);
  fs::remove_all(hidden, ignored);
}

/// Why training can't go on from a checkpoint, or empty; fills in its state.
std::string read_state(Checkpoint& checkpoint) {
  try {
    checkpoint.state = TrainingState::load(checkpoint.folder / kStateFile);
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

/// The same after a look at every byte of it.
std::string verify(Checkpoint& checkpoint) {
  const std::string damage = find_damage(checkpoint.folder);
  return damage.empty() ? read_state(checkpoint) : damage;
}

/// The update that a checkpoint's folder is named after; nothing of another name.
std::optional<std::int64_t> update_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  std::int64_t update = 0;
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + kPrefix.size(), end, update);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(update) : std::nullopt;
}

/// Newest first, without their states.
std::vector<Checkpoint> list_checkpoints(const fs::path& run) {
  std::vector<Checkpoint> checkpoints;
  for (const fs::directory_entry& entry : fs::directory_iterator(run / kCheckpoints))
    if (const auto update = update_of(entry.path()); update && entry.is_directory()) {
      checkpoints.push_back({entry.path(), {}});
      checkpoints.back().state.update = *update;
    }
  std::sort(checkpoints.begin(), checkpoints.end(), [](const Checkpoint& a, const Checkpoint& b) {
    return a.state.update > b.state.update;
  });
  return checkpoints;
}

/// Those whose states can be read, newest first.
std::vector<Checkpoint> readable_checkpoints(const fs::path& run) {
  std::vector<Checkpoint> checkpoints = list_checkpoints(run);
  std::erase_if(checkpoints,
                [](Checkpoint& checkpoint) { return !read_state(checkpoint).empty(); });
  return checkpoints;
}

std::vector<Checkpoint> only_validated(std::vector<Checkpoint> checkpoints) {
  std::erase_if(checkpoints,
                [](const Checkpoint& checkpoint) { return !checkpoint.state.is_validated(); });
  return checkpoints;
}

}  // namespace

RunFolder::RunFolder(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  fs::create_directories(path_ / kCheckpoints, error);
  if (!error) fs::create_directories(cache(), error);
  if (error)
    throw std::runtime_error(
        fmt::format("{}: can't be created: {}", path_.string(), error.message()));
  sync_to_disk(path_);
  sync_to_disk(path_.has_parent_path() ? path_.parent_path() : fs::path("."));
}

fs::path RunFolder::checkpoint(std::int64_t update) const {
  return path_ / checkpoint_name(update);
}

void RunFolder::sweep() const {
  std::error_code ignored;
  for (const fs::path& folder : {path_, path_ / kCheckpoints, cache()})
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      const fs::path suffix = entry.path().extension();
      if (name.starts_with('.') && (suffix == ".tmp" || suffix == ".old" || suffix == ".link"))
        fs::remove_all(entry.path(), ignored);
    }
}

std::optional<Checkpoint> RunFolder::find_checkpoint() const {
  std::vector<Checkpoint> checkpoints = list_checkpoints(path_);
  std::string first_fault;
  for (Checkpoint& checkpoint : checkpoints) {
    const std::string fault = verify(checkpoint);
    if (fault.empty()) return std::move(checkpoint);
    spdlog::warn("{}: {}; taking the checkpoint before it", checkpoint.folder.string(), fault);
    if (first_fault.empty()) first_fault = fault;
  }
  if (checkpoints.empty()) return std::nullopt;
  throw std::runtime_error(fmt::format(
      "{}: none of its checkpoints is whole ({} has this fault: {}); remove the folder to train "
      "anew",
      path_.string(), checkpoints.front().folder.filename().string(), first_fault));
}

std::optional<Checkpoint> RunFolder::find_good_checkpoint() const {
  for (Checkpoint& checkpoint : list_checkpoints(path_))
    if (verify(checkpoint).empty() && is_good(checkpoint.state)) return std::move(checkpoint);
  return std::nullopt;
}

void RunFolder::point_links(const TrainingState& state) const {
  replace_symlink(path_ / "last", checkpoint_name(state.update));
  if (fs::exists(checkpoint(state.best_update)))
    point_best_at(state.best_update);
  else
    fs::remove(path_ / "best");  // its checkpoint was damaged, or there is none yet
}

void RunFolder::point_best_at(std::int64_t update) const {
  replace_symlink(path_ / "best", checkpoint_name(update));
}

void RunFolder::settle(const TrainingState& state, const KeptCheckpoints& kept) const {
  point_links(state);
  const std::vector<Checkpoint> all = readable_checkpoints(path_);
  const std::vector<Checkpoint> validated = only_validated(all);
  std::set<fs::path> keeps{checkpoint(state.update), checkpoint(state.best_update)};
  if (state.best_update > 0)  // else nothing tells which is good
    for (const Checkpoint& best : best_checkpoints(validated, kept.best)) keeps.insert(best.folder);
  bool has_good = false;
  for (std::size_t i = 0; i < validated.size(); ++i) {
    const bool is_newest_good = !has_good && is_good(validated[i].state);
    has_good = has_good || is_newest_good;
    if (i < kept.recent || is_newest_good) keeps.insert(validated[i].folder);
  }
  for (const Checkpoint& other : all)
    if (!keeps.contains(other.folder)) remove_checkpoint(other.folder);
}

std::vector<Checkpoint> validated_checkpoints(const fs::path& run) {
  if (!fs::is_directory(run / kCheckpoints)) return {};
  return only_validated(readable_checkpoints(run));
}

std::vector<Checkpoint> best_checkpoints(std::vector<Checkpoint> validated, std::size_t count) {
  std::stable_sort(validated.begin(), validated.end(),
                   [](const Checkpoint& a, const Checkpoint& b) {
                     return a.state.score != b.state.score ? a.state.score > b.state.score
                                                           : a.state.update < b.state.update;
                   });
  validated.resize(std::min(count, validated.size()));
  return validated;
}

void RunFolder::remove_after(std::int64_t update) const {
  for (const Checkpoint& other : list_checkpoints(path_))
    if (other.state.update > update) remove_checkpoint(other.folder);
}

std::optional<Checkpoint> share_checkpoint(std::optional<Checkpoint> checkpoint,
                                           const RunFolder& folder, ProcessGroup& group) {
  double update = checkpoint ? static_cast<double>(checkpoint->state.update) : -1.0;
  group.broadcast(std::span(&update, 1));
  if (group.is_first()) return checkpoint;
  if (update < 0.0) return std::nullopt;
  const fs::path path = folder.checkpoint(static_cast<std::int64_t>(update));
  return Checkpoint{path, TrainingState::load(path / kStateFile)};
}

}  // namespace heed
