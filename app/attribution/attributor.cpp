#include "app/attribution/attributor.h"

#include <utility>

#include "app/attribution/gradient.h"
#include "app/attribution/occlusion.h"

namespace heed {

Attributor::Attributor(const ModelBundle& bundle, WorkerPool& pool, AttributorOptions options)
    : bundle_(bundle), pool_(pool), options_(std::move(options)) {
  options_.methods.erase(AttributionMethod::kAttention);
}

void Attributor::attribute(std::span<const AlignmentInput> inputs,
                           std::span<AttentionRecord> records,
                           const std::function<void(std::size_t)>& on_progress) const {
  std::vector<AttributionInput> pairs;
  for (const AlignmentInput& input : inputs)
    pairs.push_back(make_attribution_input(input, bundle_.direction));
  std::size_t methods_done = 0;
  const auto report = [&](std::size_t done, std::size_t steps) {
    if (on_progress)
      on_progress((methods_done * steps + done) * inputs.size() /
                  (steps * options_.methods.size()));
  };
  for (const AttributionMethod method : options_.methods) {
    const auto compute = method == AttributionMethod::kOcclusion ? occlude : attribute_by_gradient;
    auto matrices = compute(bundle_.model->transformer(), bundle_.model->device(), pairs,
                            options_.max_tokens, pool_, report);
    for (std::size_t i = 0; i < records.size(); ++i)
      records[i].attributions.push_back(std::move(matrices[i]));
    ++methods_done;
  }
  if (on_progress) on_progress(inputs.size());
}

}  // namespace heed
