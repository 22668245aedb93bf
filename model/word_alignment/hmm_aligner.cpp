#include "model/word_alignment/hmm_aligner.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "model/word_alignment/pair_model.h"

namespace heed {
namespace {

/// Bytes of the places of all pairs in the tables.
std::size_t memory_of_places(std::span<const SegmentedText> texts) {
  std::size_t places = 0;
  for (const SegmentedText& text : texts)
    for (std::size_t pair = 0; pair < text.src.size(); ++pair)
      places += text.src[pair].ids.size() * text.tgt[pair].ids.size();
  return places * sizeof(std::uint32_t);
}

}  // namespace

LinkPosteriors::LinkPosteriors(std::size_t src_words, std::size_t tgt_words)
    : src_len(src_words),
      tgt_len(tgt_words),
      src_of_tgt(src_words * tgt_words, 0.0F),
      tgt_of_src(src_words * tgt_words, 0.0F) {}

struct HmmAligner::View {
  explicit View(const SegmentedText& text)
      : table(text.src, text.tgt, text.src_vocab, text.tgt_vocab) {}

  LexicalTable table;
  JumpTable tgt_jumps;  // between the source units of neighbouring target units
  JumpTable src_jumps;  // between the target units of neighbouring source units
};

struct HmmAligner::Counts {
  explicit Counts(const View& view)
      : lexical(view.table), tgt_jumps(JumpTable::kSize, 0.0), src_jumps(JumpTable::kSize, 0.0) {}

  void take(Counts& other) {
    lexical.take(other.lexical);
    for (std::size_t i = 0; i < JumpTable::kSize; ++i) {
      tgt_jumps[i] += std::exchange(other.tgt_jumps[i], 0.0);
      src_jumps[i] += std::exchange(other.src_jumps[i], 0.0);
    }
  }

  LexicalTable::Counts lexical;
  std::vector<double> tgt_jumps, src_jumps;
};

/// Posteriors of one pair after another, in all views, with memory that is used again.
class HmmAligner::Pass {
 public:
  explicit Pass(const HmmAligner& aligner) {
    const double null_probability = aligner.options_.null_probability;
    for (const View& view : aligner.views_)
      models_.push_back(std::make_unique<PairModel>(view.table, view.tgt_jumps, view.src_jumps,
                                                    null_probability));
  }

  PairModel& model(std::size_t view) { return *models_[view]; }

  LinkPosteriors mean(std::size_t src_words, std::size_t tgt_words) const {
    LinkPosteriors words(src_words, tgt_words);
    for (const auto& model : models_)
      model->add_words(words, 1.0F / static_cast<float>(models_.size()));
    return words;
  }

 private:
  std::vector<std::unique_ptr<PairModel>> models_;
};

/// EM, an iteration after another. The shards of the text are counted apart: pair p belongs to
/// shard p modulo their number.
class HmmAligner::Training {
 public:
  Training(HmmAligner& aligner, std::span<const SegmentedText> texts, std::size_t shards,
           const ParallelRunner& run)
      : aligner_(aligner),
        texts_(texts),
        counts_(std::max<std::size_t>(1, shards), {aligner.views_.begin(), aligner.views_.end()}),
        places_(texts.size(), std::vector<std::vector<std::uint32_t>>(texts.front().src.size())) {
    if (memory_of_places(texts) <= aligner.options_.most_kept_memory) keep_places(run);
  }

  void iterate(bool is_hmm, const ParallelRunner& run) {
    run(counts_.size(), [&](std::size_t shard) {
      Pass pass(aligner_);
      for (std::size_t pair = shard; pair < texts_.front().src.size(); pair += counts_.size())
        if (is_hmm)
          count_by_hmm(pair, pass, counts_[shard]);
        else
          count_by_model1(pair, pass, counts_[shard]);
    });
    for (std::size_t v = 0; v < texts_.size(); ++v) update(v, is_hmm);
  }

 private:
  // To search for them takes about as long as all else that an iteration does.
  void keep_places(const ParallelRunner& run) {
    const std::size_t pairs = texts_.front().src.size();
    run(counts_.size(), [&](std::size_t shard) {
      for (std::size_t pair = shard; pair < pairs; pair += counts_.size())
        for (std::size_t v = 0; v < texts_.size(); ++v)
          aligner_.views_[v].table.find_all(texts_[v].src[pair].ids, texts_[v].tgt[pair].ids,
                                            places_[v][pair]);
    });
  }

  void start(std::size_t pair, Pass& pass) const {
    for (std::size_t v = 0; v < texts_.size(); ++v)
      pass.model(v).start(texts_[v].src[pair], texts_[v].tgt[pair], places_[v][pair]);
  }

  void count_by_model1(std::size_t pair, Pass& pass, std::vector<Counts>& counts) const {
    start(pair, pass);
    for (std::size_t v = 0; v < texts_.size(); ++v) {
      pass.model(v).run_model1();
      pass.model(v).count(nullptr, counts[v].lexical);
    }
  }

  void count_by_hmm(std::size_t pair, Pass& pass, std::vector<Counts>& counts) const {
    start(pair, pass);
    for (std::size_t v = 0; v < texts_.size(); ++v)
      pass.model(v).run_hmm(&counts[v].tgt_jumps, &counts[v].src_jumps);
    const SegmentedText& first = texts_.front();
    const LinkPosteriors mean = pass.mean(first.src[pair].num_words(), first.tgt[pair].num_words());
    for (std::size_t v = 0; v < texts_.size(); ++v) pass.model(v).count(&mean, counts[v].lexical);
  }

  // The M-step, which leaves all counts zero.
  void update(std::size_t v, bool is_hmm) {
    Counts& sum = counts_.front()[v];
    for (std::size_t shard = 1; shard < counts_.size(); ++shard) sum.take(counts_[shard][v]);
    View& view = aligner_.views_[v];
    view.table.set_from(sum.lexical);
    if (is_hmm) {
      view.tgt_jumps = JumpTable(sum.tgt_jumps);
      view.src_jumps = JumpTable(sum.src_jumps);
    }
    sum = Counts(view);
  }

  HmmAligner& aligner_;
  std::span<const SegmentedText> texts_;     // by view
  std::vector<std::vector<Counts>> counts_;  // by shard and view
  /// `find_all` by view and pair; empty where they are not kept.
  std::vector<std::vector<std::vector<std::uint32_t>>> places_;
};

HmmAligner::HmmAligner(std::span<const SegmentedText> views, const HmmOptions& options,
                       std::size_t shards, const ParallelRunner& run,
                       const std::function<void()>& on_iteration)
    : options_(options), views_(views.begin(), views.end()) {
  Training training(*this, views, shards, run);
  for (int i = 0; i < options.model1_iterations + options.hmm_iterations; ++i) {
    training.iterate(i >= options.model1_iterations, run);
    if (on_iteration) on_iteration();
  }
}

HmmAligner::HmmAligner(HmmAligner&&) noexcept = default;
HmmAligner::~HmmAligner() = default;

LinkPosteriors HmmAligner::align(std::span<const SegmentedSentence> src,
                                 std::span<const SegmentedSentence> tgt) const {
  Pass pass(*this);
  for (std::size_t v = 0; v < views_.size(); ++v) {
    pass.model(v).start(src[v], tgt[v]);
    pass.model(v).run_hmm(nullptr, nullptr);
  }
  return pass.mean(src.front().num_words(), tgt.front().num_words());
}

}  // namespace heed
