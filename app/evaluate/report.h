#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/evaluate/evaluation.h"

namespace heed {

/// One line a metric: score, interval, details as sacreBLEU words them, signature. With two systems
/// a block for each, and the paired tests below them.
std::string report_as_text(std::span<const SystemOutput> systems,
                           std::span<const MetricReport> metrics);

/// One JSON object, scores unrounded: "systems", each with "name" and "metrics", and, with two
/// systems, "paired".
std::string report_as_json(std::span<const SystemOutput> systems,
                           std::span<const MetricReport> metrics);

}  // namespace heed
