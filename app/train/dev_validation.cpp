#include "app/train/dev_validation.h"

#include <utility>

#include "app/train/length_choice.h"

namespace heed {
namespace {

// Below so many pairs scores of length penalties differ by chance.
constexpr std::size_t kFewestToChooseBy = 100;

std::vector<SentencePair> turned(std::vector<SentencePair> pairs) {
  for (SentencePair& pair : pairs) std::swap(pair.src, pair.tgt);
  return pairs;
}

ExpectedF1 judge_links(const std::vector<ValidationResult>& directions) {
  ThresholdSearch search;
  const std::vector<LinkPosteriors>& forward = directions.front().links;
  const std::vector<LinkPosteriors>& last = directions.back().links;
  for (std::size_t i = 0; i < forward.size(); ++i)
    search.add(directions.size() == 1 ? forward[i] : mean_of_directions(forward[i], last[i]));
  return search.best();
}

std::optional<AttentionChoice> choose_attention(const std::vector<ValidationResult>& directions) {
  const std::vector<StrongestUnits>& forward = directions.front().attention;
  if (forward.empty()) return std::nullopt;
  if (directions.size() > 1) return choose_by_agreement(forward, directions.back().attention);
  return choose_by_head(forward, directions.front().links);
}

}  // namespace

double DevResult::score(ValidationMetric metric) const {
  double sum = 0.0;
  for (const ValidationResult& direction : directions) sum += direction.score(metric);
  return sum / static_cast<double>(directions.size());
}

DevValidation::DevValidation(const RunConfig& config, const Tokenizers& tokenizers,
                             const TransformerModel& model, WorkerPool& pool,
                             const std::vector<SentencePair>& dev) {
  validators_.emplace_back(config, tokenizers, model, pool, dev, Direction::kForward);
  if (config.data.bidirectional)
    validators_.emplace_back(config, tokenizers, model, pool, turned(dev), Direction::kReverse);
}

DevResult DevValidation::run() const {
  DevResult result;
  for (const Validator& validator : validators_) result.directions.push_back(validator.run());
  result.links = judge_links(result.directions);
  result.attention = choose_attention(result.directions);
  return result;
}

bool DevValidation::can_choose_length_penalty() const {
  return validators_.front().dev().size() >= kFewestToChooseBy;
}

std::vector<double> DevValidation::score_length_penalties() const {
  std::vector<double> mean(kLengthPenalties.size(), 0.0);
  for (const Validator& validator : validators_) {
    const std::vector<double> scores = validator.score_length_penalties();
    for (std::size_t i = 0; i < mean.size(); ++i)
      mean[i] += scores[i] / static_cast<double>(validators_.size());
  }
  return mean;
}

}  // namespace heed
