#include "model/beam_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "model/kernels/inference_kernels.h"
#include "model/kernels/kernels.h"

namespace heed {
namespace {

constexpr double kImpossible = -std::numeric_limits<double>::infinity();

/// A hypothesis extended by one token, not yet accepted.
struct Candidate {
  double log_prob = kImpossible;
  std::int32_t beam = 0;  // which of the sentence's rows it extends
  std::int32_t token = 0;
};

bool ranks_before(const Candidate& a, const Candidate& b) {
  if (a.log_prob != b.log_prob) return a.log_prob > b.log_prob;
  return a.beam != b.beam ? a.beam < b.beam : a.token < b.token;
}

/// A hypothesis that goes on.
struct Beam {
  std::vector<std::int32_t> tokens;
  double log_prob = kImpossible;  // kImpossible marks a place that no hypothesis fills
};

/// The search of one sentence of the batch.
struct SentenceSearch {
  std::size_t index = 0;  // in the batch
  std::int64_t max_length = 0;
  std::span<const std::int32_t> prefix;
  bool top_finished = false;  // the first-ranked candidate of some step ended in eos
  std::vector<Beam> beams;
  std::vector<Hypothesis> finished;
  std::vector<Candidate> candidates;
  std::int32_t first_row = 0;         // its first row in the step before
  std::vector<std::int32_t> origins;  // rows of the step before that `beams` continue
};

std::int64_t max_length_of(std::size_t src_len, const SearchOptions& options) {
  const double relative = options.max_length_ratio * static_cast<double>(src_len) +
                          static_cast<double>(options.max_length_offset);
  const double limit = std::min(relative, static_cast<double>(options.max_length));
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(limit));
}

/// Keeps in `best` the `count` first-ranked of what it holds and the candidate.
void keep(const Candidate& candidate, std::size_t count, std::vector<Candidate>& best) {
  if (!(candidate.log_prob > kImpossible)) return;  // nor a NaN, which has no rank
  if (best.size() == count) {
    if (!ranks_before(candidate, best.front())) return;
    std::pop_heap(best.begin(), best.end(), ranks_before);
    best.pop_back();
  }
  best.push_back(candidate);
  std::push_heap(best.begin(), best.end(), ranks_before);  // front: the last-ranked
}

/// The largest scores of groups of a row: lower bounds of its largest scores.
struct GroupMaxima {
  explicit GroupMaxima(std::span<const float> scores) {
    inference_kernels().rows.maxima(scores.data(), std::ssize(scores), values.data());
    largest = *std::max_element(values.begin(), values.end());
  }
  /// Something that the n-th largest score is not below.
  float bound(std::size_t n) {
    if (n > values.size()) return -std::numeric_limits<float>::infinity();
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(n) - 1;
    std::nth_element(values.begin(), nth, values.end(), std::greater<>());
    return *nth;
  }

  std::array<float, 64> values;
  float largest;
};

/// A float below `value`, and below whatever rounding may make of it.
float just_below(double value) {
  return static_cast<float>(value - 1e-5 * (1.0 + std::abs(value)));
}

class BeamSearch {
 public:
  BeamSearch(NextTokenScorer& scorer, std::span<const std::vector<std::int32_t>> sources,
             const SearchOptions& options, std::vector<SearchTrace>* traces,
             std::span<const std::vector<std::int32_t>> prefixes);

  std::vector<std::vector<Hypothesis>> run();

 private:
  void expand();
  void expand_row(std::int64_t row, std::span<float> scores);
  std::optional<std::int32_t> only_token(const SentenceSearch& sentence) const;
  std::size_t ban(const std::vector<std::int32_t>& hypothesis, std::span<float> scores) const;
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
  std::vector<SearchTrace>* traces_;  // null when nobody asks
  std::vector<SentenceSearch> active_;
  std::vector<std::vector<Hypothesis>> results_;
  std::vector<std::int32_t> tokens_;        // of each row
  std::vector<std::int32_t> beam_origins_;  // of each row
  std::vector<std::int32_t> places_;        // room for those of a row's best scores
  std::int64_t length_ = 0;                 // tokens of the hypotheses that go on
};

BeamSearch::BeamSearch(NextTokenScorer& scorer, std::span<const std::vector<std::int32_t>> sources,
                       const SearchOptions& options, std::vector<SearchTrace>* traces,
                       std::span<const std::vector<std::int32_t>> prefixes)
    : scorer_(scorer), options_(options), traces_(traces), results_(sources.size()) {
  if (traces_ != nullptr) traces_->assign(sources.size(), {});
  scorer_.start(sources);
  for (std::size_t index = 0; index < sources.size(); ++index) {
    SentenceSearch sentence;
    sentence.index = index;
    if (!prefixes.empty()) sentence.prefix = prefixes[index];
    sentence.max_length = std::max<std::int64_t>(max_length_of(sources[index].size(), options),
                                                 std::ssize(sentence.prefix));
    sentence.beams.push_back({{}, 0.0});
    active_.push_back(std::move(sentence));
  }
  tokens_.assign(sources.size(), options.bos_id);
  beam_origins_.resize(sources.size());
  std::iota(beam_origins_.begin(), beam_origins_.end(), 0);
}

std::vector<std::vector<Hypothesis>> BeamSearch::run() {
  while (!active_.empty()) {
    expand();
    for (SentenceSearch& sentence : active_) select(sentence);
    ++length_;
    std::erase_if(active_, [this](SentenceSearch& sentence) { return finish(sentence); });
    reorder();
  }
  return std::move(results_);
}

/// Every hypothesis by every token; the best 2 * beam_size of each sentence, first-ranked first, so
/// that beam_size can go on even when all the others end.
void BeamSearch::expand() {
  std::int32_t row = 0;
  for (SentenceSearch& sentence : active_) {
    sentence.candidates.clear();
    sentence.first_row = row;
    row += static_cast<std::int32_t>(sentence.beams.size());
  }
  scorer_.step(tokens_, beam_origins_,
               [this](std::int64_t of, std::span<float> scores) { expand_row(of, scores); });
  for (SentenceSearch& sentence : active_)
    std::sort_heap(sentence.candidates.begin(), sentence.candidates.end(), ranks_before);
}

void BeamSearch::expand_row(std::int64_t row, std::span<float> scores) {
  const auto rows_of_each = static_cast<std::int64_t>(active_.front().beams.size());
  SentenceSearch& sentence = active_[static_cast<std::size_t>(row / rows_of_each)];
  const auto beam = static_cast<std::int32_t>(row % rows_of_each);
  const double prefix = sentence.beams[static_cast<std::size_t>(beam)].log_prob;
  GroupMaxima maxima(scores);
  if (prefix == kImpossible || !std::isfinite(maxima.largest)) return;
  double log_sum = 0.0;
  if (options_.with_scores && !scorer_.is_normalized())
    log_sum =
        inference_kernels().rows.log_sum_exp(scores.data(), std::ssize(scores), maxima.largest);
  const auto candidate = [&](std::int32_t token) {
    const double score = scores[static_cast<std::size_t>(token)];
    return Candidate{prefix + (score - log_sum), beam, token};
  };
  const auto count = static_cast<std::size_t>(2 * options_.beam_size);
  if (const auto token = only_token(sentence))
    return keep(candidate(*token), count, sentence.candidates);
  const std::size_t banned = ban(sentence.beams[static_cast<std::size_t>(beam)].tokens, scores);
  const float bound = sentence.candidates.size() < count
                          ? maxima.bound(count + banned)
                          : just_below(sentence.candidates.front().log_prob - prefix + log_sum);
  places_.resize(scores.size());
  const std::int64_t found =
      inference_kernels().rows.collect(scores.data(), std::ssize(scores), bound, places_.data());
  for (std::int64_t i = 0; i < found; ++i)
    keep(candidate(places_[static_cast<std::size_t>(i)]), count, sentence.candidates);
}

/// The one token that may come next, if there is but one.
std::optional<std::int32_t> BeamSearch::only_token(const SentenceSearch& sentence) const {
  if (length_ < std::ssize(sentence.prefix))
    return sentence.prefix[static_cast<std::size_t>(length_)];
  if (length_ == sentence.max_length) return options_.eos_id;
  return std::nullopt;
}

/// Takes their scores from the tokens that must not follow; returns how many they are at most.
std::size_t BeamSearch::ban(const std::vector<std::int32_t>& hypothesis,
                            std::span<float> scores) const {
  std::size_t banned = 0;
  const auto take_score = [&](std::int32_t id) {
    if (id < 0 || id >= std::ssize(scores)) return;
    scores[static_cast<std::size_t>(id)] = -std::numeric_limits<float>::infinity();
    ++banned;
  };
  for (const std::int32_t id : options_.forbidden_ids) take_score(id);
  if (length_ < options_.min_length) take_score(options_.eos_id);
  const std::int64_t known =
      options_.no_repeat_ngram - 1;  // the last tokens, that begin the n-gram
  if (known >= 0 && length_ > known) {
    for (auto end = hypothesis.begin() + known; end != hypothesis.end(); ++end)
      if (std::equal(end - known, end, hypothesis.end() - known)) take_score(*end);
  }
  return banned;
}

/// A new step of the sentence's trace, in which every candidate is dropped as yet; null when nobody
/// asks for traces.
std::vector<SearchCandidate>* BeamSearch::begin_record(const SentenceSearch& sentence) const {
  if (traces_ == nullptr) return nullptr;
  std::vector<SearchCandidate>& step = (*traces_)[sentence.index].emplace_back();
  for (const Candidate& candidate : sentence.candidates) {
    const double prefix = sentence.beams[static_cast<std::size_t>(candidate.beam)].log_prob;
    step.push_back(
        {candidate.token, candidate.beam, candidate.log_prob - prefix, candidate.log_prob});
  }
  return &step;
}

/// Splits the candidates into those that are finished and those that go on.
void BeamSearch::select(SentenceSearch& sentence) {
  const auto beam_size = static_cast<std::size_t>(options_.beam_size);
  std::vector<SearchCandidate>* const record = begin_record(sentence);
  std::vector<Beam> next;
  sentence.origins.clear();
  for (std::size_t rank = 0; rank < sentence.candidates.size() && next.size() < beam_size; ++rank) {
    const Candidate& candidate = sentence.candidates[rank];
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
    next.push_back({origin.tokens, candidate.log_prob});
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
  insert_finished(sentence, {beam.tokens, candidate.log_prob}, std::ssize(beam.tokens) + 1);
}

/// `length` is what the length penalty counts.
void BeamSearch::insert_finished(SentenceSearch& sentence, Beam beam, std::int64_t length) const {
  if (!options_.with_scores) beam.log_prob = 0.0;
  const double score = beam.log_prob / length_penalty(length, options_.length_penalty);
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
  sentence.finished.resize(std::min(sentence.finished.size(), n_best));
  results_[sentence.index] = std::move(sentence.finished);
  return true;
}

bool BeamSearch::nothing_better_can_come(const SentenceSearch& sentence) const {
  const auto n_best = static_cast<std::size_t>(options_.n_best);
  if (std::ssize(sentence.finished) >= options_.beam_size) return true;
  if (sentence.finished.size() < n_best) return false;
  // A log-probability only falls as a hypothesis grows, and no divisor is larger than the one at
  // the maximum length (alpha >= 0): this is the best score still to be had.
  const std::int64_t longest =
      options_.length_penalty > 0.0 ? sentence.max_length + 1 : length_ + 1;
  const double best_to_come =
      sentence.beams.front().log_prob / length_penalty(longest, options_.length_penalty);
  return sentence.finished[n_best - 1].score >= best_to_come;
}

bool BeamSearch::is_done_as_in_ctranslate2(SentenceSearch& sentence) const {
  sentence.top_finished |= sentence.candidates.front().token == options_.eos_id;
  if (length_ == sentence.max_length) {
    cut(sentence);
    return true;
  }
  const auto finished = std::ssize(sentence.finished);
  return options_.length_penalty == 0.0 ? sentence.top_finished && finished >= options_.n_best
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

void validate(const SearchOptions& options) {
  if (options.beam_size < 1) throw std::invalid_argument("beam size must be at least 1");
  if (!options.with_scores && options.beam_size > 1)
    throw std::invalid_argument("without scores there is greedy search only");
  if (options.n_best < 1 || options.n_best > options.beam_size)
    throw std::invalid_argument("n-best must be between 1 and the beam size");
}

}  // namespace

double length_penalty(std::int64_t length, double alpha) {
  return std::pow(static_cast<double>(length), alpha);
}

std::vector<std::vector<Hypothesis>> beam_search(
    NextTokenScorer& scorer, std::span<const std::vector<std::int32_t>> sources,
    const SearchOptions& options, std::vector<SearchTrace>* traces,
    std::span<const std::vector<std::int32_t>> prefixes) {
  validate(options);
  if (traces != nullptr) traces->clear();
  if (sources.empty()) return {};
  if (!prefixes.empty() && prefixes.size() != sources.size())
    throw std::invalid_argument("as many prefixes as sources, or none");
  return BeamSearch(scorer, sources, options, traces, prefixes).run();
}

}  // namespace heed
