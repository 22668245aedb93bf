#pragma once

#include "app/align/symmetrization.h"
#include "app/cli_options.h"

namespace heed {

/// The methods by the names that a user types.
inline Choices<Symmetrization> symmetrizations() {
  return {{"intersect", Symmetrization::kIntersect},
          {"union", Symmetrization::kUnion},
          {"grow-diag", Symmetrization::kGrowDiag},
          {"grow-diag-final", Symmetrization::kGrowDiagFinal},
          {"grow-diag-final-and", Symmetrization::kGrowDiagFinalAnd}};
}

}  // namespace heed
