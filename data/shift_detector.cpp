#include "data/shift_detector.h"

#include <algorithm>
#include <array>

namespace heed {
namespace {

constexpr std::size_t kBlock = 1024;   // lines
constexpr std::size_t kContext = 8;    // lines on either side that a length is compared with
constexpr double kPriceOfChange = 30;  // nats: odds of 10^13 to one
constexpr double kPriceOfOddStart = 25;
constexpr double kNoise = 4;           // standard deviations
constexpr double kLeastAffinity = 15;  // of the best offset over the median, nats
// Where lengths go more against each other at some offset than they go together at any, the lines
// are in an order (by both lengths, say), of which offsets tell nothing.
constexpr double kLeastOrder = 0.3;
constexpr double kMemory = 0.5;  // of what earlier blocks showed, a block

}  // namespace

void ShiftDetector::Side::add(const LineTraits& line) {
  lines_.push_back({line, 0});
  if (first_ + lines_.size() > ready_ + kContext) make_ready();
}

void ShiftDetector::Side::finish() {
  while (ready_ < first_ + lines_.size()) make_ready();
}

void ShiftDetector::Side::make_ready() {
  const std::size_t at = ready_ - first_;
  const std::size_t begin = at < kContext ? 0 : at - kContext;
  const std::size_t end = std::min(lines_.size(), at + kContext + 1);
  float sum = 0;
  for (std::size_t i = begin; i < end; ++i) sum += lines_[i].traits.log_length;
  lines_[at].deviation = lines_[at].traits.log_length - sum / static_cast<float>(end - begin);
  ++ready_;
}

const LineInContext* ShiftDetector::Side::at(std::ptrdiff_t line) const {
  if (line < static_cast<std::ptrdiff_t>(first_)) return nullptr;
  if (line >= static_cast<std::ptrdiff_t>(ready_)) return nullptr;
  return &lines_[static_cast<std::size_t>(line) - first_];
}

void ShiftDetector::Side::drop_before(std::size_t line) {
  while (first_ < line && !lines_.empty()) {
    lines_.pop_front();
    ++first_;
  }
}

OffsetStretch ShiftDetector::stretch_of(std::size_t state, std::size_t begin) {
  if (state == kUnrelated) return {begin, 0, false};
  return {begin, offset_of(state), true};
}

void ShiftDetector::advance() {
  const std::size_t end = next_ + kBlock;
  if (src_.ready() >= end && tgt_.ready() >= end + kReach) take_block(end);
}

std::vector<OffsetStretch> ShiftDetector::finish() {
  src_.finish();
  tgt_.finish();
  advance();
  if (next_ < src_.ready()) take_block(src_.ready());
  std::vector<OffsetStretch> stretches;
  if (ways_.empty()) return {{}};
  const auto best = std::max_element(ways_.begin(), ways_.end(),
                                     [](const Way& a, const Way& b) { return a.score < b.score; });
  stretches.push_back(stretch_of(static_cast<std::size_t>(best - ways_.begin()), best->begin));
  for (std::size_t at = best->ahead; at != kNone; at = past_[at].ahead)
    stretches.push_back(past_[at].stretch);
  std::reverse(stretches.begin(), stretches.end());
  return stretches;
}

void ShiftDetector::take_block(std::size_t end) {
  fit(end);
  if (ways_.empty()) {
    ways_.resize(kStates);
    for (std::size_t state = 0; state < kStates; ++state)
      if (state == kUnrelated || offset_of(state) != 0) ways_[state].score = -kPriceOfOddStart;
  }
  for (; next_ < end; ++next_)
    if (has_evidence_ && !is_ordered_) step(next_);
  constexpr std::size_t kKept = kReach + kContext;
  if (next_ < kKept) return;
  src_.drop_before(next_ - kKept);
  tgt_.drop_before(next_ - kKept);
}

void ShiftDetector::fit(std::size_t end) {
  std::array<PairStatistics, kOffsets> by_offset;
  std::array<double, kOffsets> affinities;
  double most_against = 0;
  for (std::size_t state = 0; state < kOffsets; ++state) {
    for (std::size_t line = next_; line < end; ++line) {
      const auto at = static_cast<std::ptrdiff_t>(line);
      const LineInContext* tgt = tgt_.at(at + offset_of(state));
      if (tgt != nullptr) by_offset[state].add(*src_.at(at), *tgt);
    }
    affinities[state] = by_offset[state].affinity();
    most_against = std::max(most_against, -by_offset[state].correlation());
  }
  const auto best = static_cast<std::size_t>(
      std::max_element(affinities.begin(), affinities.end()) - affinities.begin());
  const double most = affinities[best];
  is_ordered_ = most_against > std::max(kLeastOrder, by_offset[best].correlation());
  std::nth_element(affinities.begin(), affinities.begin() + kReach, affinities.end());
  if (is_ordered_ || most - affinities[kReach] < kLeastAffinity + kNoise * by_offset[best].noise())
    return;
  has_evidence_ = true;
  translations_.scale(kMemory);
  neighbours_.scale(kMemory);
  for (std::size_t state = 0; state < kOffsets; ++state)
    state == best ? translations_.add(by_offset[state], 1)
                  : neighbours_.add(by_offset[state], 1.0 / (kOffsets - 1));
  evidence_.fit(translations_, neighbours_);
}

void ShiftDetector::step(std::size_t line) {
  const auto at = static_cast<std::ptrdiff_t>(line);
  const auto best = std::max_element(ways_.begin(), ways_.end(),
                                     [](const Way& a, const Way& b) { return a.score < b.score; });
  const double changed = best->score - kPriceOfChange;
  const auto best_state = static_cast<std::size_t>(best - ways_.begin());
  for (std::size_t state = 0; state < kStates; ++state) {
    Way& way = ways_[state];
    if (way.score < changed) {
      if (best->kept == kNone) {
        best->kept = past_.size();
        past_.push_back({stretch_of(best_state, best->begin), best->ahead});
      }
      way = {changed, line, best->kept, kNone};
    }
    if (state == kUnrelated) continue;
    const LineInContext* tgt = tgt_.at(at + offset_of(state));
    if (tgt != nullptr) way.score += evidence_.of(*src_.at(at), *tgt);
  }
}

}  // namespace heed
