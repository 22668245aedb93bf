#include "model/candidate_list.h"

#include <algorithm>

namespace heed {
namespace {

bool ranks_before(const Candidate& a, const Candidate& b) {
  if (a.log_prob != b.log_prob) return a.log_prob > b.log_prob;
  return a.beam != b.beam ? a.beam < b.beam : a.token < b.token;
}

}  // namespace

void CandidateList::add(const Candidate& candidate) {
  if (!(candidate.log_prob > kImpossible)) return;  // nor a NaN, which has no rank
  if (best_.size() == most_) {
    if (!ranks_before(candidate, best_.front())) return;
    std::pop_heap(best_.begin(), best_.end(), ranks_before);
    best_.pop_back();
  }
  best_.push_back(candidate);
  std::push_heap(best_.begin(), best_.end(), ranks_before);
}

void CandidateList::add_all(const CandidateRow& row, std::span<const float> scores, RowScan& scan,
                            std::size_t banned) {
  const float bound = best_.size() < most_
                          ? scan.bound(most_ + banned)
                          : just_below(best_.front().log_prob - row.log_prob + row.log_sum);
  for (const std::int32_t token : scan.collect(scores, bound)) add(row.by(token, scores));
}

void CandidateList::rank() {
  std::sort_heap(best_.begin(), best_.end(), ranks_before);
}

}  // namespace heed
