#include "model/word_alignment/pair_model.h"

#include <algorithm>

namespace heed {
namespace {

void resize(Emissions& emissions, std::size_t words, std::size_t states) {
  emissions.words = words;
  emissions.states = states;
  emissions.of_state.resize(words * states);
  emissions.of_null.resize(words);
}

void apply_model1(const Emissions& emissions, std::vector<float>& posteriors) {
  posteriors.resize(emissions.of_state.size());
  for (std::size_t word = 0; word < emissions.words; ++word) {
    const float* emission = emissions.of_state.data() + word * emissions.states;
    float sum = emissions.of_null[word];
    for (std::size_t state = 0; state < emissions.states; ++state) sum += emission[state];
    for (std::size_t state = 0; state < emissions.states; ++state)
      posteriors[word * emissions.states + state] = sum > 0.0F ? emission[state] / sum : 0.0F;
  }
}

/// What the rows lack of 1.
void count_null(const std::vector<float>& posteriors, const WordIds& ids,
                std::vector<float>& counts) {
  const std::size_t states = ids.empty() ? 0 : posteriors.size() / ids.size();
  for (std::size_t unit = 0; unit < ids.size(); ++unit) {
    float linked = 0.0F;
    for (std::size_t s = 0; s < states; ++s) linked += posteriors[unit * states + s];
    counts[static_cast<std::size_t>(ids[unit])] += std::max(0.0F, 1.0F - linked);
  }
}

/// For each unit `factor` over the number of units of its word.
std::vector<float> shares(const SegmentedSentence& sentence, float factor) {
  std::vector<float> units(sentence.num_words(), 0.0F);
  for (const std::int32_t word : sentence.word_of) units[static_cast<std::size_t>(word)] += 1.0F;
  std::vector<float> result;
  result.reserve(sentence.ids.size());
  for (const std::int32_t word : sentence.word_of)
    result.push_back(factor / units[static_cast<std::size_t>(word)]);
  return result;
}

}  // namespace

void PairModel::start(const SegmentedSentence& src, const SegmentedSentence& tgt,
                      std::span<const std::uint32_t> places) {
  src_ = &src;
  tgt_ = &tgt;
  given_ = places;
  if (places.empty()) table_.find_all(src.ids, tgt.ids, looked_up_);
  read_table();
}

void PairModel::read_table() {
  const std::span<const std::uint32_t> places = this->places();
  const std::size_t src_units = src_->ids.size();
  const std::size_t tgt_units = tgt_->ids.size();
  resize(tgt_emissions_, tgt_units, src_units);
  resize(src_emissions_, src_units, tgt_units);
  for (std::size_t s = 0; s < src_units; ++s) {
    src_emissions_.of_null[s] = table_.src_given_null(src_->ids[s]);
    for (std::size_t t = 0; t < tgt_units; ++t) {
      const std::uint32_t place = places[t * src_units + s];
      tgt_emissions_.of_state[t * src_units + s] = table_.tgt_given_src(place);
      src_emissions_.of_state[s * tgt_units + t] = table_.src_given_tgt(place);
    }
  }
  for (std::size_t t = 0; t < tgt_units; ++t)
    tgt_emissions_.of_null[t] = table_.tgt_given_null(tgt_->ids[t]);
}

void PairModel::run_hmm(std::vector<double>* tgt_jump_counts,
                        std::vector<double>* src_jump_counts) {
  tgt_chain_.run(tgt_emissions_, src_of_tgt_, tgt_jump_counts);
  src_chain_.run(src_emissions_, tgt_of_src_, src_jump_counts);
}

void PairModel::run_model1() {
  apply_model1(tgt_emissions_, src_of_tgt_);
  apply_model1(src_emissions_, tgt_of_src_);
}

void PairModel::add_words(LinkPosteriors& words, float factor) const {
  const std::vector<float> tgt_shares = shares(*tgt_, factor);
  const std::vector<float> src_shares = shares(*src_, factor);
  const std::size_t src_units = src_->ids.size();
  const std::size_t tgt_units = tgt_->ids.size();
  for (std::size_t t = 0; t < tgt_units; ++t) {
    const auto tgt_word = static_cast<std::size_t>(tgt_->word_of[t]);
    for (std::size_t s = 0; s < src_units; ++s) {
      const auto src_word = static_cast<std::size_t>(src_->word_of[s]);
      words.src_of_tgt[tgt_word * words.src_len + src_word] +=
          tgt_shares[t] * src_of_tgt_[t * src_units + s];
      words.tgt_of_src[src_word * words.tgt_len + tgt_word] +=
          src_shares[s] * tgt_of_src_[s * tgt_units + t];
    }
  }
}

void PairModel::count(const LinkPosteriors* agreed, LexicalTable::Counts& counts) const {
  count_null(src_of_tgt_, tgt_->ids, counts.tgt_of_null);
  count_null(tgt_of_src_, src_->ids, counts.src_of_null);
  const std::span<const std::uint32_t> places = this->places();
  const std::size_t src_units = src_->ids.size();
  const std::size_t tgt_units = tgt_->ids.size();
  for (std::size_t t = 0; t < tgt_units; ++t) {
    for (std::size_t s = 0; s < src_units; ++s) {
      float forward = src_of_tgt_[t * src_units + s];
      float back = tgt_of_src_[s * tgt_units + t];
      if (agreed != nullptr) {
        const auto tgt_word = static_cast<std::size_t>(tgt_->word_of[t]);
        const auto src_word = static_cast<std::size_t>(src_->word_of[s]);
        forward *= agreed->tgt_of_src[src_word * agreed->tgt_len + tgt_word];
        back *= agreed->src_of_tgt[tgt_word * agreed->src_len + src_word];
      }
      const std::uint32_t place = places[t * src_units + s];
      counts.tgt_of_src[place] += forward;
      counts.src_of_tgt[place] += back;
    }
  }
}

}  // namespace heed
