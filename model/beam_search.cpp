#include "model/beam_search.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "model/candidate_list.h"
#include "model/coverage.h"
#include "model/row_scan.h"

namespace heed {
namespace {

/// A hypothesis that goes on.
struct Beam {
  std::vector<std::int32_t> tokens;
  double log_prob = kImpossible;  // kImpossible marks a place that no hypothesis fills
  std::vector<float> coverage;    // see add_attention; empty without a coverage penalty
};

/// The search of one sentence of the batch.
struct SentenceSearch {
  SentenceSearch(std::size_t index_in_batch, const SentenceLimits& own_limits,
                 std::size_t most_candidates)
      : index(index_in_batch),
        limits(own_limits),
        beams{{{}, 0.0, {}}},
        candidates(most_candidates) {}

  std::size_t index;  // in the batch
  SentenceLimits limits;
  bool top_finished = false;  // the first-ranked candidate of some step ended in eos
  std::vector<Beam> beams;
  std::vector<Hypothesis> finished;
  CandidateList candidates;
  std::int32_t first_row = 0;         // its first row in the step before
  std::vector<std::int32_t> origins;  // rows of the step before that `beams` continue
};

class BeamSearch {
 public:
  BeamSearch(NextTokenScorer& scorer, std::span<const std::vector<std::int32_t>> sources,
             const SearchOptions& options, std::vector<SearchTrace>* traces,
             std::span<const std::vector<std::int32_t>> prefixes);

  std::vector<std::vector<Hypothesis>> run();

 private:
  void expand();
  void expand_row(std::int64_t row, std::span<float> scores);
  void cover(SentenceSearch& sentence) const;
  void select(SentenceSearch& sentence);
  bool finish(SentenceSearch& sentence);
  bool nothing_better_can_come(const SentenceSearch& sentence) const;
  bool is_done_as_in_ctranslate2(SentenceSearch& sentence) const;
  void cut(SentenceSearch& sentence) const;
  void reorder();

  void add_finished(SentenceSearch& sentence, const Candidate& candidate);
  void insert_finished(SentenceSearch& sentence, Beam beam, std::int64_t length) const;
  std::vector<SearchCandidate>* begin_record(const SentenceSearch& sentence) const;

  NextTokenScorer& scorer_;
  const SearchOptions& options_;
  const bool covers_;                 // whether there is a coverage penalty
  std::vector<SearchTrace>* traces_;  // null when nobody asks
  std::vector<SentenceSearch> active_;
  std::vector<std::vector<Hypothesis>> results_;
  std::vector<std::int32_t> tokens_;        // of each row
  std::vector<std::int32_t> beam_origins_;  // of each row
  RowScan scan_;
  std::int64_t length_ = 0;  // tokens of the hypotheses that go on
};

BeamSearch::BeamSearch(NextTokenScorer& scorer, std::span<const std::vector<std::int32_t>> sources,
                       const SearchOptions& options, std::vector<SearchTrace>* traces,
                       std::span<const std::vector<std::int32_t>> prefixes)
    : scorer_(scorer),
      options_(options),
      covers_(options.coverage_penalty > 0.0 && options.with_scores),
      traces_(traces),
      results_(sources.size()) {
  if (traces_ != nullptr) traces_->assign(sources.size(), {});
  // That beam_size can go on even when all the others end.
  const auto most = static_cast<std::size_t>(2 * options.beam_size);
  for (const SentenceLimits& limits : limits_of_each(sources, prefixes, options))
    active_.emplace_back(active_.size(), limits, most);
  scorer_.want_attention(covers_);
  scorer_.start(sources);
  tokens_.assign(sources.size(), options.bos_id);
  beam_origins_.resize(sources.size());
  std::iota(beam_origins_.begin(), beam_origins_.end(), 0);
}

std::vector<std::vector<Hypothesis>> BeamSearch::run() {
  while (!active_.empty()) {
    expand();
    for (SentenceSearch& sentence : active_) {
      if (covers_) cover(sentence);
      select(sentence);
    }
    ++length_;
    std::erase_if(active_, [this](SentenceSearch& sentence) { return finish(sentence); });
    reorder();
  }
  return std::move(results_);
}

/// Every hypothesis by every token.
void BeamSearch::expand() {
  std::int32_t row = 0;
  for (SentenceSearch& sentence : active_) {
    sentence.candidates.clear();
    sentence.first_row = row;
    row += static_cast<std::int32_t>(sentence.beams.size());
  }
  scorer_.step(tokens_, beam_origins_,
               [this](std::int64_t of, std::span<float> scores) { expand_row(of, scores); });
  for (SentenceSearch& sentence : active_) sentence.candidates.rank();
}

void BeamSearch::expand_row(std::int64_t row, std::span<float> scores) {
  const auto rows_of_each = static_cast<std::int64_t>(active_.front().beams.size());
  SentenceSearch& sentence = active_[static_cast<std::size_t>(row / rows_of_each)];
  const auto place = static_cast<std::int32_t>(row % rows_of_each);
  const Beam& beam = sentence.beams[static_cast<std::size_t>(place)];
  scan_.read(scores, static_cast<std::size_t>(2 * options_.beam_size));
  if (beam.log_prob == kImpossible || !std::isfinite(scan_.largest())) return;
  CandidateRow expanded{place, beam.log_prob, 0.0};
  if (options_.with_scores) expanded.log_sum = log_sum_of(scorer_, scores, scan_.largest());
  if (const auto token = only_token(sentence.limits, length_, options_))
    return sentence.candidates.add(expanded.by(*token, scores));
  const std::size_t banned = ban(beam.tokens, options_, scores);
  sentence.candidates.add_all(expanded, scores, scan_, banned);
}

/// A new step of the sentence's trace, in which every candidate is dropped as yet; null when nobody
/// asks for traces.
std::vector<SearchCandidate>* BeamSearch::begin_record(const SentenceSearch& sentence) const {
  if (traces_ == nullptr) return nullptr;
  std::vector<SearchCandidate>& step = (*traces_)[sentence.index].emplace_back();
  for (const Candidate& candidate : sentence.candidates.ranked()) {
    const double prefix = sentence.beams[static_cast<std::size_t>(candidate.beam)].log_prob;
    step.push_back(
        {candidate.token, candidate.beam, candidate.log_prob - prefix, candidate.log_prob});
  }
  return &step;
}

/// Adds the attention of the newest step, which all expansions of a hypothesis share.
void BeamSearch::cover(SentenceSearch& sentence) const {
  std::int64_t row = sentence.first_row;
  for (Beam& beam : sentence.beams) {
    if (beam.log_prob > kImpossible) add_attention(scorer_.attention(row), beam.coverage);
    ++row;
  }
}

/// Splits the candidates into those that are finished and those that go on.
void BeamSearch::select(SentenceSearch& sentence) {
  const auto beam_size = static_cast<std::size_t>(options_.beam_size);
  std::vector<SearchCandidate>* const record = begin_record(sentence);
  const std::span<const Candidate> candidates = sentence.candidates.ranked();
  std::vector<Beam> next;
  sentence.origins.clear();
  for (std::size_t rank = 0; rank < candidates.size() && next.size() < beam_size; ++rank) {
    const Candidate& candidate = candidates[rank];
    if (candidate.token == options_.eos_id) {
      if (rank >= beam_size) continue;
      add_finished(sentence, candidate);
      if (record != nullptr) (*record)[rank].fate = SearchCandidate::Fate::kFinished;
      continue;
    }
    if (record != nullptr) {
      (*record)[rank].fate = SearchCandidate::Fate::kKept;
      (*record)[rank].place = static_cast<std::int32_t>(next.size());
    }
    const Beam& origin = sentence.beams[static_cast<std::size_t>(candidate.beam)];
    next.push_back({origin.tokens, candidate.log_prob, origin.coverage});
    next.back().tokens.push_back(candidate.token);
    sentence.origins.push_back(sentence.first_row + candidate.beam);
  }
  const bool goes_on = !next.empty();
  next.resize(goes_on ? beam_size : 0);  // places left over are kImpossible
  sentence.origins.resize(next.size(), sentence.first_row);
  sentence.beams = std::move(next);
}

void BeamSearch::add_finished(SentenceSearch& sentence, const Candidate& candidate) {
  const Beam& beam = sentence.beams[static_cast<std::size_t>(candidate.beam)];
  insert_finished(sentence, {beam.tokens, candidate.log_prob, beam.coverage},
                  std::ssize(beam.tokens) + 1);
}

/// `length` is what the length penalty counts.
void BeamSearch::insert_finished(SentenceSearch& sentence, Beam beam, std::int64_t length) const {
  if (!options_.with_scores) beam.log_prob = 0.0;
  double score = beam.log_prob / length_penalty(length, options_.length_penalty);
  if (covers_) score += options_.coverage_penalty * coverage_penalty(beam.coverage);
  const auto place =
      std::upper_bound(sentence.finished.begin(), sentence.finished.end(), score,
                       [](double value, const Hypothesis& other) { return value > other.score; });
  sentence.finished.insert(place, {std::move(beam.tokens), beam.log_prob, score});
}

/// True when the sentence is done; its result is then in place.
bool BeamSearch::finish(SentenceSearch& sentence) {
  const auto n_best = static_cast<std::size_t>(options_.n_best);
  const bool done = sentence.beams.empty() ||
                    (options_.stopping == Stopping::kBound ? nothing_better_can_come(sentence)
                                                           : is_done_as_in_ctranslate2(sentence));
  if (!done) return false;
  if (!options_.with_surplus) sentence.finished.resize(std::min(sentence.finished.size(), n_best));
  results_[sentence.index] = std::move(sentence.finished);
  return true;
}

bool BeamSearch::nothing_better_can_come(const SentenceSearch& sentence) const {
  const auto n_best = static_cast<std::size_t>(options_.n_best);
  if (std::ssize(sentence.finished) >= options_.beam_size) return true;
  if (sentence.finished.size() < n_best) return false;
  // A log-probability only falls as a hypothesis grows, and no divisor is larger than the one at
  // the maximum length (alpha >= 0); coverage adds nothing above 0: this is the best score still to
  // be had.
  const std::int64_t longest =
      options_.length_penalty > 0.0 ? sentence.limits.max_length + 1 : length_ + 1;
  const double best_to_come =
      sentence.beams.front().log_prob / length_penalty(longest, options_.length_penalty);
  return sentence.finished[n_best - 1].score >= best_to_come;
}

bool BeamSearch::is_done_as_in_ctranslate2(SentenceSearch& sentence) const {
  sentence.top_finished |= sentence.candidates.ranked().front().token == options_.eos_id;
  if (length_ == sentence.limits.max_length) {
    cut(sentence);
    return true;
  }
  const auto finished = std::ssize(sentence.finished);
  const bool first_decides = options_.length_penalty == 0.0 && !covers_;
  return first_decides ? sentence.top_finished && finished >= options_.n_best
                       : finished >= options_.beam_size;
}

/// Ends those that go on and were, with the ones that this step finished, among its `beam_size`
/// first-ranked candidates.
void BeamSearch::cut(SentenceSearch& sentence) const {
  const auto ended = std::count_if(
      sentence.finished.begin(), sentence.finished.end(),
      [this](const Hypothesis& one) { return std::ssize(one.tokens) == length_ - 1; });
  for (std::int64_t place = 0; place < options_.beam_size - ended; ++place) {
    Beam& beam = sentence.beams[static_cast<std::size_t>(place)];
    if (beam.log_prob > kImpossible) insert_finished(sentence, std::move(beam), length_);
  }
}

/// Lays out the rows of the next step; a place that no hypothesis fills gets a harmless eos.
void BeamSearch::reorder() {
  tokens_.clear();
  beam_origins_.clear();
  for (const SentenceSearch& sentence : active_) {
    for (const Beam& beam : sentence.beams)
      tokens_.push_back(beam.tokens.empty() ? options_.eos_id : beam.tokens.back());
    beam_origins_.insert(beam_origins_.end(), sentence.origins.begin(), sentence.origins.end());
  }
}

void validate(const SearchOptions& options, const NextTokenScorer& scorer) {
  if (options.beam_size < 1) throw std::invalid_argument("beam size must be at least 1");
  if (!options.with_scores && options.beam_size > 1)
    throw std::invalid_argument("without scores there is greedy search only");
  if (options.n_best < 1 || options.n_best > options.beam_size)
    throw std::invalid_argument("n-best must be between 1 and the beam size");
  if (!(options.coverage_penalty >= 0.0))
    throw std::invalid_argument("the coverage penalty must be at least 0");
  if (options.coverage_penalty > 0.0 && !scorer.gives_attention())
    throw std::invalid_argument(
        "a coverage penalty needs a scorer that gives attention, this one gives none");
}

}  // namespace

std::vector<std::vector<Hypothesis>> beam_search(
    NextTokenScorer& scorer, std::span<const std::vector<std::int32_t>> sources,
    const SearchOptions& options, std::vector<SearchTrace>* traces,
    std::span<const std::vector<std::int32_t>> prefixes) {
  validate(options, scorer);
  if (traces != nullptr) traces->clear();
  if (sources.empty()) return {};
  return BeamSearch(scorer, sources, options, traces, prefixes).run();
}

}  // namespace heed
