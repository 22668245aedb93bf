#include "app/align/statistical_aligner.h"

#include "app/progress.h"

namespace heed {
namespace {

constexpr Segmentation kSegmentations[] = {Segmentation::kWords, Segmentation::kPieces,
                                           Segmentation::kFinePieces};
constexpr double kSegmentationShare = 0.1;  // of the time

}  // namespace

StatisticalAligner::StatisticalAligner(std::span<const UnitPair> pairs, WorkerPool& pool,
                                       const std::function<void(double)>& on_progress) {
  const auto report = [&](double share) {
    if (on_progress) on_progress(share);
  };
  for (const UnitPair& pair : pairs) {
    // A pair with an empty side says nothing about words.
    if (pair.src.empty() || pair.tgt.empty()) continue;
    src_text_.add(pair.src);
    tgt_text_.add(pair.tgt);
  }
  if (src_text_.lines().empty()) return;
  std::vector<SegmentedText> texts;
  for (const Segmentation segmentation : kSegmentations) {
    const View& view = views_.emplace_back(
        View{WordSegmenter(segmentation, src_text_), WordSegmenter(segmentation, tgt_text_)});
    SegmentedText& text = texts.emplace_back();
    for (const WordIds& line : src_text_.lines()) text.src.push_back(view.src.segment(line));
    for (const WordIds& line : tgt_text_.lines()) text.tgt.push_back(view.tgt.segment(line));
    text.src_vocab = view.src.vocab_size() + 1;
    text.tgt_vocab = view.tgt.vocab_size() + 1;
    report(kSegmentationShare * static_cast<double>(texts.size()) / std::size(kSegmentations));
  }
  const HmmOptions options;
  int done = 0;
  aligner_.emplace(
      texts, options, pool.size(),
      [&](std::size_t tasks, const std::function<void(std::size_t)>& body) {
        pool.run(tasks, [&](std::size_t task, std::size_t) { body(task); });
      },
      [&] {
        const int iterations = options.model1_iterations + options.hmm_iterations;
        report(kSegmentationShare + (1.0 - kSegmentationShare) * ++done / iterations);
      });
}

StatisticalAligner learn_links(std::span<const UnitPair> pairs, WorkerPool& pool,
                               const std::string& what) {
  constexpr std::size_t kSteps = 100;
  Progress progress(what, "%", kSteps);
  return StatisticalAligner(pairs, pool, [&](double share) {
    progress.update(static_cast<std::size_t>(share * kSteps));
  });
}

LinkPosteriors StatisticalAligner::align(const UnitPair& pair) const {
  if (!aligner_ || pair.src.empty() || pair.tgt.empty()) return {pair.src.size(), pair.tgt.size()};
  std::vector<SegmentedSentence> src;
  std::vector<SegmentedSentence> tgt;
  for (const View& view : views_) {
    src.push_back(view.src.segment(pair.src));
    tgt.push_back(view.tgt.segment(pair.tgt));
  }
  return aligner_->align(src, tgt);
}

}  // namespace heed
