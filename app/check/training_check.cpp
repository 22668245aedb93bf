#include "app/check/training_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>

#include "app/check/check_report.h"
#include "app/check/corpus_check.h"
#include "app/check/slips.h"
#include "app/progress.h"

namespace heed {
namespace {

using Paths = std::vector<std::filesystem::path>;

bool can_be_read_twice(const ParallelFiles& files) {
  for (const Paths* paths : {&files.src, &files.tgt, &files.tsv})
    for (const auto& path : *paths)
      if (!std::filesystem::is_regular_file(path)) return false;
  return files.src.size() == files.tgt.size();
}

/// As `heed check` takes them.
std::string arguments_of(const ParallelFiles& files) {
  const auto join = [](const Paths& paths) {
    std::vector<std::string> names;
    for (const auto& path : paths) names.push_back(path.string());
    return fmt::format("{}", fmt::join(names, ","));
  };
  std::string arguments;
  if (!files.src.empty())
    arguments += fmt::format(" --src {} --tgt {}", join(files.src), join(files.tgt));
  if (!files.tsv.empty()) arguments += fmt::format(" --tsv {}", join(files.tsv));
  return arguments;
}

void warn_of_slips(const TextFindings& text) {
  for (const Slip& slip : text.slips)
    spdlog::warn("{} text is MISALIGNED, and training on it is in vain: {}", role_name(text.role),
                 describe(slip));
}

/// How many kinds of faults it told of.
std::size_t warn_of_text(const TextFindings& text) {
  warn_of_slips(text);
  std::size_t kinds = text.slips.size();
  for (std::size_t i = 0; i < kNumFindingKinds; ++i) {
    const auto kind = static_cast<FindingKind>(i);
    const FindingGroup& group = text.groups[i];
    const FindingTraits& traits = traits_of(kind);
    if (group.count == 0 || !is_fault(kind, text.role) || traits.training_copes) continue;
    if (traits.remedy == Remedy::kByHand) continue;
    spdlog::warn("{} text: {} {}; the first is {}", role_name(text.role), group.count, traits.title,
                 describe(group.places.front()));
    ++kinds;
  }
  return kinds;
}

}  // namespace

void warn_of_faults(const ParallelFiles& train, const ParallelFiles& dev) {
  if (!can_be_read_twice(train) || !can_be_read_twice(dev)) return;
  const Stopwatch watch;
  CheckInput input;
  input.train.files = train;
  input.dev.files = dev;
  std::size_t kinds = 0;
  for (const TextFindings& text : check_corpus(input, {.ignored = {}, .max_examples = 1}))
    kinds += warn_of_text(text);
  if (kinds > 0)
    spdlog::warn(
        "heed check{} shows more, --fix DIR writes clean text; data.check = false skips "
        "this look at the text",
        arguments_of(train));
  constexpr double kNoticeable = 2;
  if (watch.seconds() > kNoticeable) spdlog::info("checked the text in {:.1f} s", watch.seconds());
}

}  // namespace heed
