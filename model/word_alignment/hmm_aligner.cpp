#include "model/word_alignment/hmm_aligner.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "model/word_alignment/pair_model.h"

namespace heed {

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

HmmAligner::HmmAligner(std::span<const SegmentedText> views, const HmmOptions& options,
                       std::size_t shards, const ParallelRunner& run,
                       const std::function<void()>& on_iteration)
    : options_(options), views_(views.begin(), views.end()) {
  std::vector<std::vector<Counts>> counts(std::max<std::size_t>(1, shards),
                                          {views_.begin(), views_.end()});
  for (int i = 0; i < options.model1_iterations + options.hmm_iterations; ++i) {
    const bool is_hmm = i >= options.model1_iterations;
    run(counts.size(), [&](std::size_t shard) {
      Pass pass(*this);
      for (std::size_t pair = shard; pair < views.front().src.size(); pair += counts.size()) {
        for (std::size_t v = 0; v < views.size(); ++v) {
          Counts& own = counts[shard][v];
          const auto& src = views[v].src[pair];
          const auto& tgt = views[v].tgt[pair];
          if (is_hmm)
            pass.model(v).run_hmm(src, tgt, &own.tgt_jumps, &own.src_jumps);
          else
            pass.model(v).run_model1(src, tgt);
        }
        const SegmentedText& first = views.front();
        LinkPosteriors mean;
        if (is_hmm) mean = pass.mean(first.src[pair].num_words(), first.tgt[pair].num_words());
        for (std::size_t v = 0; v < views.size(); ++v)
          pass.model(v).count(is_hmm ? &mean : nullptr, counts[shard][v].lexical);
      }
    });
    for (std::size_t v = 0; v < views_.size(); ++v) {
      Counts& sum = counts.front()[v];
      for (std::size_t shard = 1; shard < counts.size(); ++shard) sum.take(counts[shard][v]);
      views_[v].table.set_from(sum.lexical);
      if (is_hmm) {
        views_[v].tgt_jumps = JumpTable(sum.tgt_jumps);
        views_[v].src_jumps = JumpTable(sum.src_jumps);
      }
      sum = Counts(views_[v]);
    }
    if (on_iteration) on_iteration();
  }
}

HmmAligner::HmmAligner(HmmAligner&&) noexcept = default;
HmmAligner::~HmmAligner() = default;

LinkPosteriors HmmAligner::align(std::span<const SegmentedSentence> src,
                                 std::span<const SegmentedSentence> tgt) const {
  Pass pass(*this);
  for (std::size_t v = 0; v < views_.size(); ++v)
    pass.model(v).run_hmm(src[v], tgt[v], nullptr, nullptr);
  return pass.mean(src.front().num_words(), tgt.front().num_words());
}

}  // namespace heed
