#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "app/check/finding.h"

namespace heed {

/// For people: of each text its counts and first places, or one line that nothing was found.
std::string check_report_as_text(std::span<const TextFindings> texts);

/// {"faults": N, "texts": [{"text", "files", "pairs", "bad_pairs", "looks_parallel", "findings":
/// [{"kind", "count", "is_fault", "remedy", "places": [...]}], "slips": [...]}]}
nlohmann::ordered_json check_report_as_json(std::span<const TextFindings> texts);

/// "train.en:12", with a note and where it stands as well.
std::string describe(const Place& place);

}  // namespace heed
