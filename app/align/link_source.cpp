#include "app/align/link_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/align/symmetrization_options.h"

namespace heed {
namespace {

std::string describe_indices(const std::string& noun, const std::vector<int>& indices,
                             std::int64_t count) {
  const auto chosen = static_cast<std::int64_t>(indices.size());
  if (chosen == count && count > 1) return fmt::format("all {}s", noun);
  return fmt::format("{}{} {}", noun, chosen == 1 ? "" : "s", fmt::join(indices, " "));
}

}  // namespace

std::string describe_reading(const AttentionReading& reading, const TransformerConfig& config) {
  const HeadSelection& selection = reading.selection;
  const std::size_t chosen = selection.layers.size() * selection.heads.size();
  return fmt::format("{}{} of {}{}", chosen == 1 ? "" : "mean of ",
                     describe_indices("head", selection.heads, config.num_heads),
                     describe_indices("layer", selection.layers, config.decoder_layers),
                     reading.step == LinkStep::kConsume ? ", one step later" : "");
}

std::string with_symmetrization(const std::string& source,
                                const std::optional<Symmetrization>& symmetrization) {
  for (const auto& [name, method] : symmetrizations())
    if (method == symmetrization) return fmt::format("{}, {}", source, name);
  return source;
}

std::string describe_link_source(const AlignerOptions& options,
                                 std::span<const AttentionReading> readings,
                                 const TransformerConfig& config) {
  const bool both = readings.size() > 1;
  std::string source = options.source == LinkSource::kHead ? "alignment head" : "attention";
  if (both) source += " of both directions";
  if (options.source == LinkSource::kAttention)
    source += ", " + describe_reading(readings.front(), config);
  if (options.source == LinkSource::kAttention && both)
    source += "; back: " + describe_reading(readings.back(), config);
  return with_symmetrization(source, options.symmetrization);
}

}  // namespace heed
