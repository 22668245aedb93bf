#pragma once

#include <span>
#include <vector>

namespace heed {

/// Adds what one step attended to, a weight a source position, to the sum over the steps before it;
/// an empty sum is one of no step.
void add_attention(std::span<const float> weights, std::vector<float>& coverage);

/// The coverage penalty of Wu et al. 2016 ("Google's Neural Machine Translation System", equation
/// 14) for beta 1: the sum over the source positions of log(min(coverage, 1)). At most 0. Coverage
/// counts as no less than the smallest normal float, so a position that nothing attended to costs
/// 87.3, not infinity.
double coverage_penalty(std::span<const float> coverage);

}  // namespace heed
