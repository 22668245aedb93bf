#pragma once

#include <string>

#include "app/evaluate/alignment_evaluation.h"

namespace heed {

/// A table with a line for each file (there is at least one), in percent.
std::string alignment_report_as_text(const AlignmentEvaluation& evaluation);

/// One JSON object, rates unrounded from 0 to 1: "gold", and "alignments", one for each file.
std::string alignment_report_as_json(const AlignmentEvaluation& evaluation);

}  // namespace heed
