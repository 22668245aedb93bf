#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "app/train/checkpoint.h"
#include "app/train/process_group.h"

namespace heed {

/// How many checkpoints stay, beside the last one and the one to go back to.
struct KeptCheckpoints {
  std::size_t recent = 0;  // the newest that were validated
  std::size_t best = 1;    // of the highest scores
};

/// A run's folder:
///   config.toml, log.jsonl, lock, the tokenizers, cache/
///   checkpoints/update-00000500/   see Checkpoint
///   last, best                     links to checkpoints
class RunFolder {
 public:
  /// Created where missing.
  explicit RunFolder(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path log() const { return path_ / "log.jsonl"; }
  std::filesystem::path cache() const { return path_ / "cache"; }
  /// Of the checkpoint at `update`, which need not be there.
  std::filesystem::path checkpoint(std::int64_t update) const;

  /// Removes what a run that was killed has left half made. For the holder of the lock.
  void sweep() const;

  /// The newest checkpoint whose files are all as they were written; those that aren't are left out
  /// with a warning. Nothing where there are none; std::runtime_error where all are damaged.
  std::optional<Checkpoint> find_checkpoint() const;
  /// The newest one that was validated with no update skipped just ahead of it: its place depends
  /// on the configuration alone, never on when somebody interrupted the run.
  std::optional<Checkpoint> find_good_checkpoint() const;

  /// After a checkpoint was written: points `last` at it, and `best` at the best of its run, then
  /// removes all that are neither these, nor the newest good one, nor among those to be kept.
  void settle(const TrainingState& state, const KeptCheckpoints& kept) const;
  /// Points `best` at the checkpoint of `update`, until the next `settle`.
  void point_best_at(std::int64_t update) const;
  /// Removes the checkpoints of updates after `update`.
  void remove_after(std::int64_t update) const;

 private:
  void point_links(const TrainingState& state) const;

  std::filesystem::path path_;
};

/// The checkpoints of the run in `run` that were validated, newest first, by their states alone;
/// none where it is no run folder.
std::vector<Checkpoint> validated_checkpoints(const std::filesystem::path& run);

/// Those of the `count` highest scores, the best first; of equals the oldest, as for `best`.
std::vector<Checkpoint> best_checkpoints(std::vector<Checkpoint> validated, std::size_t count);

/// The first process's `checkpoint` of the run in `folder`, or nothing, for all of the group. What
/// the others give does not count.
std::optional<Checkpoint> share_checkpoint(std::optional<Checkpoint> checkpoint,
                                           const RunFolder& folder, ProcessGroup& group);

}  // namespace heed
