#include "model/token_distribution.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "model/kernels/inference_kernels.h"
#include "model/kernels/kernels.h"

namespace heed {
namespace {

constexpr std::size_t kBlock = 256;    // tokens whose weights are summed at once
constexpr std::size_t kBuckets = 256;  // of scores
constexpr double kSlack = 1e-6;        // of top_p, see TokenDistribution

/// Within what a float holds, which a temperature may take values beyond.
float as_float(double value) {
  constexpr double kLargest = 1e30;
  return static_cast<float>(std::clamp(value, -kLargest, kLargest));
}

/// u * total, and below the total even where that is rounded up to it.
double target_of(double u, double total) {
  return std::min(u * total, std::nextafter(total, 0.0));
}

}  // namespace

TokenDistribution::TokenDistribution(const DrawOptions& options) : options_(options) {
  if (!(options.temperature > 0.0) || !std::isfinite(options.temperature))
    throw std::invalid_argument("the temperature must be above 0");
  if (options.top_k < 0) throw std::invalid_argument("top-k must be at least 0");
  if (!(options.top_p > 0.0 && options.top_p <= 1.0))
    throw std::invalid_argument("top-p must be above 0 and at most 1");
}

bool TokenDistribution::ranks_before(const Token& a, const Token& b) {
  return a.score != b.score ? a.score > b.score : a.id < b.id;
}

bool TokenDistribution::read(std::span<const float> scores) {
  const auto most = static_cast<std::size_t>(options_.top_k);
  const bool is_limited = most > 0 && most < scores.size();
  scores_ = scores;
  scan_.read(scores, is_limited ? most : 1);
  if (!std::isfinite(scan_.largest())) return false;
  draws_of_all_ = !is_limited && options_.top_p == 1.0;
  double total = 0.0;
  if (is_limited) {
    take(scan_.bound(most));
    keep_first();
    for (const Token& token : kept_) total += token.weight;
  } else {
    total = sum_blocks();
    if (draws_of_all_) return total > 0.0;
    // Tokens of smaller weight are, together, too few to be missed by what reaches top_p.
    const double weight = (1.0 - options_.top_p) * total / static_cast<double>(scores.size());
    take(just_below(as_float(scan_.largest() + options_.temperature * std::log(weight))));
  }
  if (options_.top_p < 1.0) keep_nucleus(total);
  double sum = 0.0;
  for (Token& token : kept_) token.weight = sum += token.weight;
  return !kept_.empty();
}

double TokenDistribution::weight_of(float score) const {
  const double difference = static_cast<double>(score) - static_cast<double>(scan_.largest());
  return std::exp(as_float(difference / options_.temperature));
}

/// Those whose scores are at least `bound`.
void TokenDistribution::take(float bound) {
  kept_.clear();
  for (const std::int32_t id : scan_.collect(scores_, bound)) {
    const float score = scores_[static_cast<std::size_t>(id)];
    if (std::isfinite(score)) kept_.push_back({id, score, weight_of(score)});
  }
}

void TokenDistribution::keep_first() {
  const auto most = static_cast<std::size_t>(options_.top_k);
  if (kept_.size() <= most) return;
  ranking_ = kept_;
  const auto last = ranking_.begin() + static_cast<std::ptrdiff_t>(most) - 1;
  std::nth_element(ranking_.begin(), last, ranking_.end(), ranks_before);
  keep_up_to(*last);
}

/// Which bucket of scores reaches top_p is found by adding, and only that one's tokens are sorted:
/// a flat distribution has thousands that stay.
void TokenDistribution::keep_nucleus(double total) {
  const auto lowest = std::min_element(
      kept_.begin(), kept_.end(), [](const Token& a, const Token& b) { return a.score < b.score; });
  if (lowest == kept_.end()) return;
  const float range = std::max(scan_.largest() - lowest->score, std::numeric_limits<float>::min());
  const auto bucket_of = [&](const Token& token) {
    return static_cast<std::size_t>((scan_.largest() - token.score) / range * (kBuckets - 1));
  };
  std::array<double, kBuckets> sums{};
  for (const Token& token : kept_) sums[bucket_of(token)] += token.weight;
  const double enough = (options_.top_p - kSlack) * total;
  std::size_t bucket = 0;
  double sum = 0.0;
  while (bucket < kBuckets && sum + sums[bucket] < enough) sum += sums[bucket++];
  ranking_.clear();
  for (const Token& token : kept_)
    if (bucket_of(token) == bucket) ranking_.push_back(token);
  std::sort(ranking_.begin(), ranking_.end(), ranks_before);
  for (const Token& token : ranking_)
    if ((sum += token.weight) >= enough) return keep_up_to(token);
  if (!ranking_.empty()) keep_up_to(ranking_.back());
}

void TokenDistribution::keep_up_to(const Token& last) {
  std::erase_if(kept_, [&](const Token& token) { return ranks_before(last, token); });
}

/// The sum of all weights.
double TokenDistribution::sum_blocks() {
  const float temperature =
      std::max(as_float(options_.temperature), std::numeric_limits<float>::min());
  tempered_.resize(scores_.size());
  for (std::size_t i = 0; i < scores_.size(); ++i)
    tempered_[i] = (scores_[i] - scan_.largest()) / temperature;
  sums_.clear();
  double sum = 0.0;
  for (std::size_t begin = 0; begin < tempered_.size(); begin += kBlock) {
    const std::size_t size = std::min(kBlock, tempered_.size() - begin);
    sum += std::exp(inference_kernels().rows.log_sum_exp(
        tempered_.data() + begin, static_cast<std::int64_t>(size), /*largest=*/0.0F));
    sums_.push_back(sum);
  }
  return sum;
}

std::int32_t TokenDistribution::draw(double u) const {
  if (draws_of_all_) return draw_of_all(target_of(u, sums_.back()));
  const double target = target_of(u, kept_.back().weight);
  return std::upper_bound(kept_.begin(), kept_.end(), target,
                          [](double value, const Token& token) { return value < token.weight; })
      ->id;
}

std::int32_t TokenDistribution::draw_of_all(double target) const {
  const auto block = std::upper_bound(sums_.begin(), sums_.end(), target) - sums_.begin();
  double sum = block == 0 ? 0.0 : sums_[static_cast<std::size_t>(block) - 1];
  const std::size_t begin = static_cast<std::size_t>(block) * kBlock;
  const std::size_t end = std::min(begin + kBlock, scores_.size());
  std::size_t last = begin;  // the block's sum may be rounded to more than its tokens have
  for (std::size_t id = begin; id < end && sum <= target; ++id) {
    const double weight = weight_of(scores_[id]);
    if (weight > 0.0) last = id;
    sum += weight;
  }
  return static_cast<std::int32_t>(last);
}

}  // namespace heed
