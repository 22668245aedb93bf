#include "app/check/corpus_check.h"

#include <algorithm>
#include <deque>

namespace heed {

std::vector<TextFindings> check_corpus(const CheckInput& input, const CheckOptions& options,
                                       const TrainConsumer& consume) {
  WorkerPool workers(0);
  std::deque<TextCheck> checks;
  std::vector<const KnownPairs*> known;
  std::vector<TextFindings> findings;
  for (const CheckedText* text : {&input.test, &input.dev, &input.train}) {
    if (text->is_empty()) continue;
    TextCheck& check = checks.emplace_back(text->role, options, workers, known);
    std::size_t number = 0;
    for (const auto& files : sources_of(text->files)) {
      PairSource source(files);
      TextCheck::Consumer consume_pair;
      if (consume && text->role == TextRole::kTrain)
        consume_pair = [&](const PairOutcome& outcome) { consume(number, outcome); };
      check.add(source, consume_pair);
      ++number;
    }
    known.push_back(&check.known());
    findings.push_back(check.findings());
  }
  std::reverse(findings.begin(), findings.end());
  return findings;
}

}  // namespace heed
