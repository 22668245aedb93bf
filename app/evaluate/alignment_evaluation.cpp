#include "app/evaluate/alignment_evaluation.h"

#include <stdexcept>
#include <utility>

#include "app/align/pharaoh.h"
#include "app/line_count.h"
#include "data/text_io.h"

namespace heed {
namespace {

struct LinkFile {
  std::string name;
  std::vector<std::vector<Link>> pairs;
};

LinkFile read_links(const std::string& path, const IndexConvention& convention) {
  LineReader reader(path);
  LinkFile file{reader.name(), {}};
  for (std::string line; reader.next(line);)
    file.pairs.push_back(parse_pharaoh(line, {reader.name(), reader.line_number()}, convention));
  return file;
}

double error_rate(const AlignmentCounts& counts) {
  return counts.alignment_error_rate();
}

/// Compares files one after another with the same gold links.
class Comparison {
 public:
  Comparison(std::string gold_name, std::vector<GoldAlignment> gold,
             const AlignmentEvaluationOptions& options)
      : gold_name_(std::move(gold_name)), gold_(std::move(gold)), options_(options) {
    if (gold_.empty()) throw std::runtime_error(gold_name_ + ": no lines to evaluate");
  }

  AlignmentResult compare(const LinkFile& file) {
    require_same_lines({file.name, file.pairs.size()}, {gold_name_, gold_.size()});
    std::vector<AlignmentCounts> counts;
    ReadingCheck check;
    for (std::size_t i = 0; i < gold_.size(); ++i) {
      counts.push_back(count_alignment(file.pairs[i], gold_[i]));
      check.add(file.pairs[i], gold_[i].possible);
    }
    AlignmentResult result{file.name, sum_of(counts), {}, {}, check.better()};
    if (options_.bootstrap_samples > 0) resample(counts, result);
    return result;
  }

 private:
  void resample(const std::vector<AlignmentCounts>& counts, AlignmentResult& result) {
    std::vector<double> rates =
        bootstrap_scores(counts, error_rate, options_.bootstrap_samples, options_.seed);
    result.interval = confidence_interval(rates);
    const double rate = error_rate(result.counts);
    if (first_rates_.empty()) {
      first_rate_ = rate;
      first_rates_ = std::move(rates);
    } else {
      result.bootstrap_p = paired_bootstrap_p_value(first_rates_, rates, first_rate_ - rate);
    }
  }

  std::string gold_name_;
  std::vector<GoldAlignment> gold_;
  AlignmentEvaluationOptions options_;
  double first_rate_ = 0.0;
  std::vector<double> first_rates_;  // of the first file's samples
};

}  // namespace

AlignmentEvaluation evaluate_alignments(std::span<const std::string> files, const std::string& gold,
                                        const AlignmentEvaluationOptions& options) {
  AlignmentEvaluation evaluation;
  evaluation.gold_name = gold == "-" ? "stdin" : gold;
  std::vector<GoldAlignment> alignments = read_gold(gold, options.gold);
  evaluation.num_pairs = alignments.size();
  Comparison comparison(evaluation.gold_name, std::move(alignments), options);
  for (const std::string& path : files)
    evaluation.files.push_back(comparison.compare(read_links(path, options.links)));
  return evaluation;
}

}  // namespace heed
