#pragma once

#include <filesystem>
#include <vector>

namespace heed {

/// Makes the new model folder `target` of the mean of the weights of `models`, which are folders of
/// one run (Vaswani et al. 2017, section 6.1, take the mean of the last checkpoints). Throws
/// UsageError where `target` is there already or `models` is empty, std::runtime_error where the
/// models differ in their shape or vocabulary, or are damaged.
void average_models(const std::vector<std::filesystem::path>& models,
                    const std::filesystem::path& target);

/// Which checkpoints of a run to take.
enum class AverageOf { kLast, kBest };

/// The `count` last validated checkpoints of the run in `run`, newest first, or those of the
/// best scores. Throws UsageError where it has fewer.
std::vector<std::filesystem::path> choose_checkpoints(const std::filesystem::path& run,
                                                      AverageOf which, std::size_t count);

}  // namespace heed
