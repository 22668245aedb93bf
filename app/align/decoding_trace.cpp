#include "app/align/decoding_trace.h"

#include <stdexcept>

namespace heed {
namespace {

std::string spell(TokenId id, const Tokenizer& tokenizer) {
  return id == kEosId ? std::string(kEndOfSentence) : tokenizer.piece_text(id);
}

StepCandidate::Fate fate_of(const SearchCandidate& candidate) {
  switch (candidate.fate) {
    case SearchCandidate::Fate::kKept:
      return StepCandidate::Fate::kKept;
    case SearchCandidate::Fate::kFinished:
      return StepCandidate::Fate::kFinished;
    case SearchCandidate::Fate::kDropped:
      break;
  }
  return StepCandidate::Fate::kDropped;
}

}  // namespace

DecodingTrace describe_search(const SearchTrace& trace, std::span<const TokenId> output,
                              const SearchOptions& options, const Tokenizer& tokenizer) {
  DecodingTrace decoding{static_cast<int>(options.beam_size), options.length_penalty, {}};
  std::int32_t hypothesis = 0;  // that the output continues
  for (std::size_t i = 0; i <= output.size(); ++i) {
    const TokenId token = i < output.size() ? output[i] : kEosId;
    if (i >= trace.size() || hypothesis < 0)
      throw std::invalid_argument("the trace of the search does not lead to its output");
    std::int32_t next = -1;
    std::vector<StepCandidate>& step = decoding.steps.emplace_back();
    for (const SearchCandidate& candidate : trace[i]) {
      const bool is_output = candidate.token == token && candidate.origin == hypothesis &&
                             candidate.fate != SearchCandidate::Fate::kDropped;
      if (is_output) next = candidate.place;
      step.push_back({spell(candidate.token, tokenizer), candidate.token_log_prob,
                      candidate.log_prob, static_cast<int>(step.size()) + 1, candidate.origin,
                      fate_of(candidate), candidate.place, is_output});
    }
    hypothesis = next;
  }
  return decoding;
}

DecodingTrace describe_forced(std::span<const StepScores> steps, std::span<const TokenId> output,
                              const Tokenizer& tokenizer) {
  DecodingTrace decoding;
  double total = 0.0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const TokenId given = i < output.size() ? output[i] : kEosId;
    std::vector<StepCandidate>& step = decoding.steps.emplace_back();
    const auto add = [&](TokenId id, double log_prob, int rank) {
      StepCandidate candidate{spell(id, tokenizer), log_prob, total + log_prob, rank};
      candidate.is_output = id == given;
      if (candidate.is_output) {
        candidate.fate =
            given == kEosId ? StepCandidate::Fate::kFinished : StepCandidate::Fate::kKept;
        candidate.place = given == kEosId ? -1 : 0;
      }
      step.push_back(std::move(candidate));
    };
    bool is_among = false;
    for (const TokenScore& score : steps[i].best) {
      add(score.token, score.log_prob, static_cast<int>(step.size()) + 1);
      is_among = is_among || score.token == given;
    }
    if (!is_among) add(given, steps[i].given_log_prob, steps[i].given_rank);
    total += steps[i].given_log_prob;
  }
  return decoding;
}

}  // namespace heed
